"""The whole error tree, on one page. Each class says whose fault it is.

FacadeError            anything facade reports in plain words
├── ConfigError        a document is wrong: carries every problem at once
├── PieceError         an artist's piece cannot be used; may carry file and line
├── MappingError       fixtures, pixels and patch do not fit together
├── InputError         a sensor, controller or port on the way in
├── OutputError        a controller, socket or file on the way out
└── MachineError       this computer lacks something (GL, a program, disk space)

A message names the thing, the value, the rule and the fix, in that order.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class FacadeError(Exception):
    """Anything facade reports in plain words; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in one document.

    file: the document. line: 1-based line there, or None where unknown.
    key: dotted path such as ``fixture.windows.columns``. value: what stands there, as text, or "" if absent.
    rule: what must hold. fix: what to do about it.
    """

    file: Path | None
    key: str
    rule: str
    fix: str
    value: str = ""
    line: int | None = None

    def __str__(self) -> str:
        where = "" if self.file is None else f"{self.file}{'' if self.line is None else f':{self.line}'}: "
        value = f" = {self.value}" if self.value else ""
        fix = f" {self.fix}" if self.fix else ""
        return f"{where}{self.key}{value}: {self.rule}.{fix}"


class ConfigError(FacadeError):
    """One or more documents cannot be used. ``problems`` holds all of them, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class PieceError(FacadeError):
    """A piece cannot be used. ``file`` and ``line`` (1-based) point into the artist's own source where known."""

    def __init__(self, message: str, *, file: Path | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.file = file
        self.line = line


class MappingError(FacadeError):
    """Fixtures, pixels and patch do not fit together."""


class InputError(FacadeError):
    """A sensor, controller or port on the way in cannot be used."""


class OutputError(FacadeError):
    """A controller, socket or file on the way out cannot be used."""


class MachineError(FacadeError):
    """This computer lacks something facade needs; the message says how to get it."""


def located(error: FacadeError) -> str:
    """Return an error in one text, with the artist's own file and line in front where they are known."""
    if isinstance(error, PieceError) and error.file is not None:
        return f"{error.file}{'' if error.line is None else f':{error.line}'}: {error}"
    return str(error)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``' Did you mean "x"?'`` for the known name nearest to name, else ``' Known: a, b, c.'`` (8 at most)."""
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return f' Did you mean "{near[0]}"?'
    if not names:
        return ""
    more = ", …" if len(names) > 8 else ""
    return f" Known: {', '.join(names[:8])}{more}."
