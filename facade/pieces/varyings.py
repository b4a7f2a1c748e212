"""Declarations that the artist makes of things facade provides: uniforms told twice, varyings nobody feeds."""

from __future__ import annotations

import re
from collections.abc import Collection

from facade.pieces import glsl

_PRECISION = r"(?:(?:lowp|mediump|highp)\s+)?"
_VALUE = r"=(?:[^;,()]|\((?:[^;()]|\([^;()]*\))*\))*"
_UNIFORM = re.compile(rf"\buniform\s+{_PRECISION}(\w+)\s+(\w+)\s*(\[\s*\d*\s*\])?\s*({_VALUE})?;")
_PICTURES = re.compile(rf"\buniform\s+{_PRECISION}sampler2D\s+(\w+)\s*\[\s*(\w+)\s*\]\s*;")
_MANY = re.compile(rf"\buniform\s+{_PRECISION}(\w+)\s+(\w+(?:\s*,\s*\w+)+)\s*;")
_VARYING = re.compile(
    rf"(?m)^([ \t]*)(?:(?:flat|smooth|noperspective|centroid)\s+)?(?:varying|in)\s+{_PRECISION}"
    r"(float|int|vec2|vec3|vec4)\s+(\w+(?:\s*,\s*\w+)*)\s*;"
)
_OUTPUT = re.compile(rf"(?m)^([ \t]*)(?:layout\s*\([^)]*\)\s*)?out\s+{_PRECISION}vec([34])\s+(\w+)\s*;")

_VALUES = {
    "float": "facade_uv().x",
    "int": "0",
    "vec2": "facade_uv()",
    "vec3": "vec3(facade_uv(), 0.0)",
    "vec4": "vec4(facade_uv(), 0.0, 1.0)",
}
_NAMED = {
    ("vec2", "surfacePosition"): "(facade_uv() - 0.5) * vec2(facade_size.x / facade_size.y, 1.0)",
    ("vec4", "v_position"): "vec4(facade_uv() * 2.0 - 1.0, 0.0, 1.0)",
}
"""Places that a host gives in a unit of its own: GLSL Sandbox's plane, and glslViewer's corners."""

_COLOURS = {"vec3": "vec3(1.0)", "vec4": "vec4(1.0)"}
_NORMALS = {"vec3": "vec3(0.0, 0.0, 1.0)"}


def _same_lines(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def without_uniforms(source: str, names: Collection[str]) -> str:
    """Return source without its own declarations of these uniforms (varyings of ISF's included); lines stay."""
    source = split_uniforms(source)

    def drop(match: re.Match[str]) -> str:
        return _same_lines(match.group()) if match[2] in names else match.group()

    source = _UNIFORM.sub(drop, source)
    return re.sub(
        rf"(?m)^[ \t]*(?:in|out|varying)\s+{_PRECISION}vec2\s+isf_FragNormCoord\s*;",
        lambda m: _same_lines(m.group()),
        source,
    )


def split_uniforms(source: str) -> str:
    """Return source with one declaration a uniform: ``uniform vec2 a, b;`` becomes two on the same line."""

    def split(match: re.Match[str]) -> str:
        names = [n.strip() for n in match[2].split(",")]
        return " ".join(f"uniform {match[1]} {n};" for n in names) + "\n" * match.group().count("\n")

    return _MANY.sub(split, source)


def declared_uniforms(source: str) -> list[tuple[str, str, str]]:
    """Return (type, name, initial value or "") of every single uniform; arrays are left out.

    So is one within #if that the text declares otherwise as well: only the compiler knows which of the two is there.
    """
    found = [m for m in _UNIFORM.finditer(source) if not m[3]]
    unsure = glsl.in_branch(source)
    maybe = {m[2] for m in found if unsure(m.start())}
    rest = _UNIFORM.sub(" ", source) if maybe else ""
    twice = {name for name in maybe if glsl.declares(rest, name)}
    return [(m[1], m[2], (m[4] or "").lstrip("= ").strip()) for m in found if m[2] not in twice]


def picture_arrays(source: str) -> list[tuple[str, int]]:
    """Return (name, how many) of every array of pictures whose length is a number, or the name of one."""
    found = []
    for match in _PICTURES.finditer(source):
        length = match[2]
        if not length.isdigit():
            told = re.search(rf"(?:#[ \t]*define|\bconst\s+u?int)\s+{length}\s*=?\s*\(?\s*(\d+)\b", source)
            length = "0" if told is None else told[1]
        found += [(match[1], int(length))] if int(length) else []
    return found


def fed_varyings(source: str, *, keep: bool = False, given: Collection[str] = ()) -> str:
    """Return source with varyings that no vertex shader feeds as variables: places run 0..1, colours are white.

    keep: a vertex shader feeds them; nothing is changed. given: those it feeds, which are left as they are.
    """
    if keep:
        return source

    def feed(match: re.Match[str]) -> str:
        names = [n.strip() for n in match[3].split(",")]
        if set(names) & set(given):
            return match.group()
        parts = []
        for name in names:
            if name == "isf_FragNormCoord":
                continue
            low = name.lower()
            table = _COLOURS if "col" in low else _NORMALS if "normal" in low else {}
            value = _NAMED.get((match[2], name)) or table.get(match[2], _VALUES[match[2]])
            parts.append(f"{match[2]} {name} = {value};")
        return match[1] + " ".join(parts) + "\n" * match.group().count("\n")

    return _VARYING.sub(feed, source)


def own_output(source: str) -> tuple[str, str, int]:
    """Return source with its declared output as a plain variable, that variable's name, and its components.

    The name is "" if the source declares none.
    """
    match = _OUTPUT.search(source)
    if match is None:
        return source, "", 4
    variable = f"{match[1]}vec{match[2]} {match[3]};" + "\n" * match.group().count("\n")
    return source[: match.start()] + variable + source[match.end() :], match[3], int(match[2])
