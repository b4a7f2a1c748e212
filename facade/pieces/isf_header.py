"""The JSON header of an ISF file, v2 and v1, as typed facts. Lenient where public files are.

Source: the ISF v2.0 specification and what VVISF-GL makes of it; v1 is told by PERSISTENT_BUFFERS and a missing ISFVSN.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facade.core.errors import PieceError
from facade.pieces.program import MAX_PASSES, Target
from facade.pieces.size import SizeExpression, parse_size

MAX_HEADER = 262_144
"""Characters of a header; the longest public one has 40,000."""

MAX_INPUTS = 256

_COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|,(?=\s*[\]}])', re.DOTALL)
_NAME = re.compile(r"[A-Za-z_]\w*")
_KEYS = re.compile(r'"(?:ISFVSN|INPUTS|PASSES|PERSISTENT_BUFFERS|IMPORTED)"\s*:')


@dataclass(frozen=True, slots=True)
class IsfInput:
    """One of INPUTS: its name, its type in lower case, and its other keys as they stand."""

    name: str
    type: str
    keys: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IsfPass:
    """One of PASSES. target: None draws the picture."""

    target: str | None


@dataclass(frozen=True, slots=True)
class IsfImport:
    """One of IMPORTED. paths: beside the file; of a cube map six, +x -x +y -y +z -z."""

    paths: tuple[str, ...]
    cube: bool = False


@dataclass(frozen=True, slots=True)
class IsfHeader:
    """A whole header. imported: by the sampler's name. skipped: inputs of unknown types.

    nearest: targets that are read without a filter. clocks: of MadMapper's generators the times that run at a speed:
    name -> the input that says how fast, or a number.
    """

    description: str
    credit: str
    license: str
    inputs: tuple[IsfInput, ...]
    passes: tuple[IsfPass, ...]
    targets: tuple[Target, ...]
    imported: Mapping[str, IsfImport]
    skipped: tuple[str, ...]
    nearest: frozenset[str] = frozenset()
    clocks: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """generator, filter or transition, by the inputs it has."""
        names = {i.name: i.type for i in self.inputs}
        if names.get("inputImage") == "image":
            return "filter"
        if names.get("startImage") == names.get("endImage") == "image" and names.get("progress") == "float":
            return "transition"
        return "generator"


def has_header(text: str, *, surely: bool = False) -> bool:
    """Whether a shader's text carries an ISF header. surely: with one of the keys that only ISF has."""
    match = _header_comment(text)
    return match is not None and (not surely or _KEYS.search(match[1]) is not None)


def _header_comment(text: str) -> re.Match[str] | None:
    for match in _COMMENT.finditer(text):
        if match[1].lstrip("*! \t\r\n").startswith("{"):
            return match
    return None


def read_header(text: str, *, file: Path) -> IsfHeader:
    """Read the header of an ISF shader's text. Raises PieceError with file and line."""
    match = _header_comment(text)
    if match is None:
        raise PieceError(
            f"{file.name} has no ISF header: a first comment that holds one JSON object.", file=file, line=1
        )
    first_line = text.count("\n", 0, match.start(1)) + 1
    body = match[1]
    if len(body) > MAX_HEADER:
        raise PieceError(f"the header of {file.name} is longer than {MAX_HEADER:,} characters. Shorten it.", file=file)
    # What stands around the object is kept as space, so that lines stay where they are.
    opening, closing = body.index("{"), body.rfind("}") + 1
    body = re.sub(r"[^\n]", " ", body[:opening]) + body[opening : closing or None]
    body = _TOKENS.sub(lambda m: m.group() if m.group().startswith('"') else " ", body)
    try:
        data = json.loads(body, strict=False)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        raise PieceError(
            f"the header of {file.name} is not JSON: line {line}: {error.msg}. Mend that line.", file=file, line=line
        ) from None
    except RecursionError:
        raise PieceError(f"the header of {file.name} nests too deep. Flatten it.", file=file, line=first_line) from None
    if not isinstance(data, dict):
        raise PieceError(f"the header of {file.name} must be a JSON object.", file=file, line=first_line)
    return _header(data, file=file, line=first_line)


def _header(data: Mapping[str, Any], *, file: Path, line: int) -> IsfHeader:
    def refuse(rule: str) -> PieceError:
        return PieceError(f"the header of {file.name}: {rule}.", file=file, line=line)

    keys = upper(data)
    mode = str(keys.get("MODE") or "ISF")
    if mode.upper() not in ("ISF", "FRAGMENT"):
        raise refuse(f'MODE "{mode}" is no fragment shader, and facade draws nothing else')
    inputs, skipped = _inputs(keys.get("INPUTS"), refuse)
    passes, targets = _passes(keys.get("PASSES"), keys.get("PERSISTENT_BUFFERS"), refuse)
    return IsfHeader(
        description=str(keys.get("DESCRIPTION") or ""),
        credit=str(keys.get("CREDIT") or ""),
        license=str(keys.get("LICENSE") or ""),
        inputs=inputs,
        passes=passes,
        targets=targets,
        imported=_imported(keys.get("IMPORTED")),
        skipped=skipped,
        nearest=frozenset(_nearest(keys.get("PASSES"))),
        clocks=_clocks(keys.get("GENERATORS"), {i.name for i in inputs}, refuse),
    )


def upper(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table with its keys in capitals; one file of the public collection writes them small."""
    return {str(k).upper(): v for k, v in table.items()}


_TYPE_WORDS = "float image color bool long point2d point3d event audio audiofft audiohistogram cube"
_TYPES = frozenset(_TYPE_WORDS.split(" "))
_OTHER_NAMES = {
    "int": "long",
    "texture": "image",
    "cubemap": "cube",
    "audiofloathistogram": "audiohistogram",
}
"""What other hosts call a type."""


def _inputs(given: object, refuse: Any) -> tuple[tuple[IsfInput, ...], tuple[str, ...]]:
    found: dict[str, IsfInput] = {}
    skipped: list[str] = []
    tables = given if isinstance(given, list) else []
    if len(tables) > MAX_INPUTS:
        raise refuse(f"a piece may have {MAX_INPUTS} inputs, not {len(tables)}")
    for table in tables:
        keys = upper(table) if isinstance(table, dict) else {}
        name, kind = str(keys.get("NAME", "")), str(keys.get("TYPE", "")).lower()
        kind = _OTHER_NAMES.get(kind, kind)
        if not _NAME.fullmatch(name) or len(name) > 63:
            skipped.append(name or "(without a name)")
        elif kind not in _TYPES:
            skipped.append(f"{name} ({keys.get('TYPE', 'no type')})")
        else:
            found.setdefault(name, IsfInput(name, kind, keys))
    return tuple(found.values()), tuple(skipped)


def _passes(given: object, buffers: object, refuse: Any) -> tuple[tuple[IsfPass, ...], tuple[Target, ...]]:
    targets: dict[str, Target] = {}
    # v1 keeps them apart: a list of names, or name -> {WIDTH, HEIGHT, FLOAT}.
    named = (
        buffers if isinstance(buffers, dict) else {n: {} for n in buffers or []} if isinstance(buffers, list) else {}
    )
    for name, table in named.items():
        if isinstance(name, str) and _NAME.fullmatch(name):
            targets[name] = _target(name, upper(table) if isinstance(table, dict) else {}, refuse, persistent=True)
    passes = []
    tables = given if isinstance(given, list) else []
    if len(tables) > MAX_PASSES:
        raise refuse(f"a piece may have {MAX_PASSES} passes, not {len(tables)}")
    for table in tables:
        keys = upper(table) if isinstance(table, dict) else {}
        name = str(keys.get("TARGET") or "")
        if name and not _NAME.fullmatch(name):
            raise refuse(f'TARGET "{name}" is not a name a shader can use')
        if name and name not in targets:
            targets[name] = _target(name, keys, refuse, persistent=truth(keys.get("PERSISTENT")))
        passes.append(IsfPass(name or None))
    return tuple(passes) or (IsfPass(None),), tuple(targets.values())


def _target(name: str, keys: Mapping[str, Any], refuse: Any, *, persistent: bool) -> Target:
    def size(key: str) -> SizeExpression | None:
        given = keys.get(key)
        if given is None or isinstance(given, bool) or str(given).strip() == "":
            return None
        try:
            return parse_size(str(given))
        except ValueError as error:
            raise refuse(f'{key} "{given}" of target {name}: {error}') from None

    return Target(name, persistent, truth(keys.get("FLOAT")), size("WIDTH"), size("HEIGHT"))


def _nearest(given: object) -> list[str]:
    tables = [upper(t) for t in given if isinstance(t, dict)] if isinstance(given, list) else []
    return [str(t.get("TARGET")) for t in tables if str(t.get("FILTER")).upper() == "NEAREST"]


def _clocks(given: object, inputs: Collection[str], refuse: Any) -> dict[str, str]:
    found = {}
    for table in given if isinstance(given, list) else []:
        keys = upper(table) if isinstance(table, dict) else {}
        name, kind = str(keys.get("NAME") or ""), str(keys.get("TYPE") or "")
        if kind != "time_base" or not _NAME.fullmatch(name):
            raise refuse(f'GENERATORS "{name}" has the TYPE "{kind}", and facade has a time_base only')
        given_params = keys.get("PARAMS")
        speed = upper(given_params).get("SPEED", 1.0) if isinstance(given_params, dict) else 1.0
        rate = number(speed)
        if rate is None and speed not in inputs:
            raise refuse(f'the speed "{speed}" of GENERATORS "{name}" is neither a number nor one of INPUTS')
        found[name] = str(speed) if rate is None else repr(rate)
    return found


def _imported(given: object) -> dict[str, IsfImport]:
    tables: dict[str, Any] = {}
    if isinstance(given, dict):
        tables = given
    elif isinstance(given, list):
        tables = {str(upper(t).get("NAME", "")): t for t in given if isinstance(t, dict)}
    found = {}
    for name, table in tables.items():
        keys = upper(table) if isinstance(table, dict) else {"PATH": table}
        path = keys.get("PATH")
        paths = tuple(str(p) for p in (path if isinstance(path, list) else [path]) if isinstance(p, str))
        cube = str(keys.get("TYPE", "")).lower() in ("cube", "cubemap") or len(paths) == 6
        if paths and _NAME.fullmatch(name):
            found[name] = IsfImport(paths if cube else paths[:1], cube)
    return found


def truth(value: object, *, absent: bool = False) -> bool:
    """Return what a header means by true: a bool, a number, or a word."""
    if value is None:
        return absent
    if isinstance(value, str):
        return value.strip().lower() in ("true", "yes", "1", "1.0", "on")
    return bool(value)


def number(value: object) -> float | None:
    """Return a finite number from a number or a text, None from anything else."""
    if isinstance(value, str | int | float):
        try:
            found = float(value)
        except (ValueError, OverflowError):
            return None
        return found if math.isfinite(found) else None
    return None


def numbers(value: object, count: int) -> tuple[float, ...] | None:
    """Return count numbers from an array; missing ones are 0. None if there is no array."""
    if not isinstance(value, list):
        return None
    found = [number(v) or 0.0 for v in value[:count]]
    return tuple(found + [0.0] * (count - len(found)))
