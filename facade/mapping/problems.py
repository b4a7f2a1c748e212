"""A list of what is wrong with one venue, gathered while it is compiled."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from facade.config.loader import Read
from facade.config.report import shown
from facade.config.text import locate
from facade.config.venue import Venue
from facade.core.errors import ConfigError, Problem, did_you_mean

MOST_OF_A_KIND = 20
"""Of a problem that repeats per pixel or per channel no more than this many are told one by one."""


class VenueProblems:
    """Collects problems; ``raise_any`` raises them all as one ConfigError.

    read: how the venue was read, if not all of it was sound: these problems come first.
    """

    def __init__(self, venue: Venue, read: Read[Venue] | None = None) -> None:
        self._file = venue.path
        self._problems: list[Problem] = [] if read is None else list(read.problems)
        self._without = frozenset() if read is None else read.without

    def __len__(self) -> int:
        return len(self._problems)

    def add(self, key: str, rule: str, *, fix: str, value: str = "") -> None:
        """Note that the venue's key breaks a rule."""
        self._problems.append(Problem(self._file, key, rule, fix, value))

    def add_unknown(self, key: str, table: str, name: str, known: Collection[str]) -> None:
        """Note that the venue's key names nothing in a table of names, unless that one was left out for its faults."""
        if not self.left_out(f"{table}.{name}"):
            fix = f"Name a {table} of this venue.{did_you_mean(name, known)}"
            self.add(key, f"there is no {table} of this name", fix=fix, value=shown(name))

    def left_out(self, key: str) -> bool:
        """Whether a table of the venue could not be read, so that it may not be missed."""
        return key in self._without or key.partition(".")[0] in self._without

    def add_in(self, file: Path, line: int | None, key: str, rule: str, *, fix: str, value: str = "") -> None:
        """Note that a file the venue names breaks a rule. line: 1-based, None where unknown."""
        self._problems.append(Problem(file, key, rule, fix, value, line))

    def extend(self, error: ConfigError) -> None:
        self._problems.extend(error.problems)

    def raise_any(self) -> None:
        if self._problems:
            raise ConfigError(sorted(locate(self._problems), key=self._place))

    def _place(self, problem: Problem) -> tuple[bool, int]:
        """The venue from top to bottom, then its other files as they were read."""
        elsewhere = problem.file != self._file
        return elsewhere, 0 if elsewhere else problem.line or 0
