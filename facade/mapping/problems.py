"""A list of what is wrong with one venue, gathered while it is compiled."""

from __future__ import annotations

from pathlib import Path

from facade.config.text import locate
from facade.config.venue import Venue
from facade.core.errors import ConfigError, Problem

MOST_OF_A_KIND = 20
"""Of a problem that repeats per pixel or per channel no more than this many are told one by one."""


class VenueProblems:
    """Collects problems; ``raise_any`` raises them all as one ConfigError."""

    def __init__(self, venue: Venue) -> None:
        self._file = venue.path
        self._problems: list[Problem] = []

    def __len__(self) -> int:
        return len(self._problems)

    def add(self, key: str, rule: str, *, fix: str, value: str = "") -> None:
        """Note that the venue's key breaks a rule."""
        self._problems.append(Problem(self._file, key, rule, fix, value))

    def add_in(self, file: Path, line: int | None, key: str, rule: str, *, fix: str, value: str = "") -> None:
        """Note that a file the venue names breaks a rule. line: 1-based, None where unknown."""
        self._problems.append(Problem(file, key, rule, fix, value, line))

    def extend(self, error: ConfigError) -> None:
        self._problems.extend(error.problems)

    def raise_any(self) -> None:
        if self._problems:
            raise ConfigError(locate(self._problems))
