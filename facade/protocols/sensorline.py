"""Lines of text as microcontrollers print them, to frozen messages; no ports.

CSV     ``12,0.5,3``                     -> /0 12  /1 0.5  /2 3      separated by comma, semicolon, tab or spaces
pairs   ``distance=12.5 light:300``      -> /distance 12.5  /light 300
JSON    ``{"pir": {"door": true}}``      -> /pir/door True           one level deep; a list is several arguments

Values are finite numbers, true or false; in JSON short texts too. A line with one bad value is refused whole, since a
line damaged in one place is not to be trusted in another.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from facade.core.errors import InputError

Format = Literal["auto", "csv", "pairs", "json"]
Number = int | float | bool

MAX_LINE = 1024
"""Bytes, without the newline."""
MAX_VALUES = 64
"""In one line."""
MAX_LIST = 16
MAX_TEXT = 64

_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_INTEGER = re.compile(r"[+-]?\d{1,15}")
_FLOAT = re.compile(r"[+-]?(\d{1,30}\.?\d{0,30}|\.\d{1,30})([eE][+-]?\d{1,3})?")
_PAIR = re.compile(r"\s*([^\s=:,;]+)\s*[=:]\s*([^\s=:,;]+)\s*(?:[,;\s]|$)\s*")
_SEPARATOR = re.compile(r"\s*[,;]\s*|\s+")


@dataclass(frozen=True, slots=True)
class SensorMessage:
    address: str
    args: tuple[Number | str, ...]


def decode(line: bytes, format: Format = "auto") -> tuple[SensorMessage, ...]:  # noqa: A002  the document's word
    """Read one line without its newline; () for an empty one. auto: each line by its own look.

    Raises InputError saying what is wrong with the line.
    """
    if len(line) > MAX_LINE:
        raise InputError(f"line of {len(line)} bytes: at most {MAX_LINE} are read.")
    try:
        text = line.decode("utf-8").strip("\r\n\t \0")
    except UnicodeDecodeError:
        raise InputError(f"line {line[:16]!r}: is not text; compare the baud rate with the sensor's.") from None
    if not text:
        return ()
    match _look(text) if format == "auto" else format:
        case "json":
            return _json(text)
        case "pairs":
            return _pairs(text)
        case _:
            return _csv(text)


class LineSplitter:
    """Cuts a stream of bytes into lines. ``dropped`` counts lines longer than MAX_LINE, of which nothing is kept."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False
        self.dropped = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that data completes, without newline. A newline is LF, or CR LF."""
        *lines, rest = data.split(b"\n")
        whole: list[bytes] = []
        for line in lines:
            if self._skipping:
                self._skipping = False
            elif len(self._rest) + len(line) > MAX_LINE:
                self.dropped += 1
            else:
                whole.append((self._rest + line).rstrip(b"\r"))
            self._rest = b""
        if not self._skipping:
            self._rest += rest
            if len(self._rest) > MAX_LINE:
                # Counted once, however long the babble goes on, and not kept: memory stays flat.
                self.dropped += 1
                self._rest, self._skipping = b"", True
        return whole


def _look(text: str) -> Format:
    if text[0] in "{[":
        return "json"
    return "pairs" if "=" in text or ":" in text else "csv"


def _csv(text: str) -> tuple[SensorMessage, ...]:
    values = _SEPARATOR.split(text)
    _check_count(len(values), text)
    return tuple(SensorMessage(f"/{i}", (_number(value, text),)) for i, value in enumerate(values))


def _pairs(text: str) -> tuple[SensorMessage, ...]:
    found: dict[str, Number] = {}
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            raise _wrong(text, 'is not a row of NAME=NUMBER, such as "distance=12.5 light=300"')
        found[_key(pair[1], text)] = _number(pair[2], text)
        at = pair.end()
    _check_count(len(found), text)
    return tuple(SensorMessage(f"/{key}", (value,)) for key, value in found.items())


def _json(text: str) -> tuple[SensorMessage, ...]:
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise _wrong(text, "is not JSON") from None
    if isinstance(data, list):
        data = {str(i): value for i, value in enumerate(data)}
    if not isinstance(data, dict):
        raise _wrong(text, 'is not a JSON object, such as {"distance": 12.5}')
    flat: dict[str, Any] = {}
    for key, value in data.items():
        inner = value.items() if isinstance(value, dict) else None
        if inner is None:
            flat[f"/{_key(key, text)}"] = value
        else:
            flat.update((f"/{_key(key, text)}/{_key(k, text)}", v) for k, v in inner)
    _check_count(len(flat), text)
    return tuple(SensorMessage(address, _json_args(value, text)) for address, value in flat.items())


def _json_args(value: Any, text: str) -> tuple[Number | str, ...]:
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_LIST:
        raise _wrong(text, f"holds a list of {len(items)}; at most {MAX_LIST} values are read")
    for item in items:
        if isinstance(item, str) and len(item) <= MAX_TEXT:
            continue
        # 2**53: beyond this an integer from a sensor is damage, and floats are not exact.
        if not isinstance(item, bool | int | float) or (isinstance(item, int) and abs(item) > 2**53):
            raise _wrong(text, "values must be numbers, true, false or short texts")
        if not math.isfinite(item):
            raise _wrong(text, "numbers must be finite")
    return tuple(items)


def _number(text: str, line: str) -> Number:
    if _INTEGER.fullmatch(text):
        return int(text)
    if text in ("true", "false"):
        return text == "true"
    number = float(text) if _FLOAT.fullmatch(text) else math.nan
    if not math.isfinite(number):
        raise _wrong(line, f'"{text[:20]}" is not a finite number')
    return number


def _key(name: str, line: str) -> str:
    if not _KEY.fullmatch(name):
        raise _wrong(line, f'"{name[:20]}" is no name of letters, digits, _ . and -')
    return name


def _check_count(count: int, line: str) -> None:
    if count > MAX_VALUES:
        raise _wrong(line, f"holds {count} values; at most {MAX_VALUES} are read")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _wrong(line: str, rule: str) -> InputError:
    return InputError(f"line {line[:60]!r}: {rule}.")
