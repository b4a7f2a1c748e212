"""Document files as text and as TOML data, with the faults of the file itself in plain words."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from facade.config.lines import KeyPath, key_lines, line_of
from facade.core.errors import ConfigError, Problem

MAX_BYTES = 8 * 1024 * 1024
"""A document larger than this is a mistake, or an attack on memory."""

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
_KEY_PART = re.compile(r"[^.\[\]]+|\[\d+\]")


def read_text(file: Path) -> str:
    """Read a text file made by a person. Raises ConfigError if it is absent, not a file, too large or not UTF-8."""
    try:
        mode = file.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _fault(file, "is a folder, not a file", "Name the file inside it.")
        if not stat.S_ISREG(mode):
            raise _fault(file, "is a device or a pipe, not a file", "Name a plain file.")
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _fault(file, "there is no such file", "Check the path.") from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise _fault(file, f"cannot be read: {reason}", "Check the path and its permissions.") from None
    if len(raw) > MAX_BYTES:
        raise _fault(file, f"is larger than {MAX_BYTES // 1024 // 1024} MB", "Check that this is the file you mean.")
    try:
        # Some editors on Windows start a file with a byte order mark.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{raw[error.start]:02x}"
        raise _fault(file, "is not UTF-8 text", "Save it as UTF-8.", value=byte, line=line) from None


def parse_toml(text: str, file: Path) -> dict[str, Any]:
    """Return the data of a TOML text, arrays as tuples. Raises ConfigError with the line of a syntax error."""
    try:
        frozen: dict[str, Any] = _frozen(tomllib.loads(text))
    except RecursionError:
        raise _fault(file, "is nested too deeply", "Use fewer brackets inside one another.") from None
    except ValueError as error:
        # tomllib says where in its message; a number of thousands of digits is a plain ValueError without a place.
        message = str(error)
        place = _PLACE.search(message)
        line = int(place.group(1)) if place and place.group(1) else text.count("\n") + 1 if place else None
        rule = f"is not valid TOML: {_PLACE.sub('', message)}"
        raise _fault(file, rule, "Correct this line or the one before it.", line=line) from None
    return frozen


def locate(problems: Iterable[Problem]) -> list[Problem]:
    """Add its line to every problem that has a TOML file and a key but no line. Nothing happens to the others."""
    lines: dict[Path, dict[KeyPath, int]] = {}
    located = []
    for problem in problems:
        file = problem.file
        if problem.line is None and file is not None and file.suffix == ".toml":
            if file not in lines:
                try:
                    lines[file] = key_lines(read_text(file))
                except ConfigError:  # gone since it was read: the problem still stands, without a line
                    lines[file] = {}
            problem = replace(problem, line=line_of(lines[file], key_path(problem.key)))
        located.append(problem)
    return located


def key_path(dotted: str) -> KeyPath:
    """Read ``fixture.windows.segment[0]`` back into its parts."""
    return tuple(int(part[1:-1]) if part[0] == "[" else part for part in _KEY_PART.findall(dotted))


def _frozen(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _frozen(value) for key, value in data.items()}
    if isinstance(data, list):
        return tuple(_frozen(value) for value in data)
    return data


def _fault(file: Path, rule: str, fix: str, *, value: str = "", line: int | None = None) -> ConfigError:
    return ConfigError([Problem(file, key=file.name or str(file), rule=rule, fix=fix, value=value, line=line)])
