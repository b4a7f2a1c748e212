"""A plain shader's own vertex shader, drawn as glslViewer does it without a model: on a plane that fills the picture.

The plane has four corners. What a model would have beside them is given the plane's: places from -1 to 1, texture
places from 0 to 1, a normal towards the viewer, white; and every matrix leaves things where they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facade.pieces import glsl
from facade.pieces.dialect import Artwork, read_shader, vertex_file
from facade.pieces.includes import LineMap, expand
from facade.pieces.repairs import VERTEX_REPAIRS, rename, repair
from facade.pieces.varyings import declared_uniforms, split_uniforms, without_uniforms

CORNER = "vec2 facade_corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);\n"

_PRECISION = r"(?:(?:lowp|mediump|highp)\s+)?"
_ATTRIBUTE = re.compile(
    rf"(?m)^([ \t]*)(?:layout\s*\([^)]*\)\s*)?in\s+{_PRECISION}(float|vec[234])\s+(\w+(?:\s*,\s*\w+)*)\s*;"
)
_OUT = re.compile(rf"\bout\s+{_PRECISION}\w+\s+(\w+(?:\s*,\s*\w+)*)\s*;")
_MATRIX = re.compile(r"mat[234]\Z")

_GIVEN = {
    "position": ("vec3", "position"),
    "uv": ("vec2", "uv"),
    "normal": ("vec3", "normal"),
    "projectionMatrix": ("mat4", ""),
    "modelViewMatrix": ("mat4", ""),
    "modelMatrix": ("mat4", ""),
    "viewMatrix": ("mat4", ""),
    "normalMatrix": ("mat3", ""),
    "facade_gl_vertex": ("vec4", "position"),
    "facade_gl_normal": ("vec3", "normal"),
    "facade_gl_color": ("vec4", "color"),
    "facade_gl_texture": ("vec4", "uv"),
    "facade_gl_matrix": ("mat4", ""),
}
"""What three.js, and GL before 3.0, let a vertex shader use without a declaration: its type, and what it is."""

_OLD = {
    "gl_Vertex": "facade_gl_vertex",
    "gl_Normal": "facade_gl_normal",
    "gl_Color": "facade_gl_color",
    "gl_MultiTexCoord0": "facade_gl_texture",
    "gl_ModelViewProjectionMatrix": "facade_gl_matrix",
    "gl_ModelViewMatrix": "facade_gl_matrix",
    "gl_ProjectionMatrix": "facade_gl_matrix",
}


@dataclass(frozen=True, slots=True)
class PlainVertex:
    """A vertex shader, ready but for the uniforms it shares. uniforms: its own, as (type, name, initial value).

    feeds: the varyings it writes.
    """

    text: str
    lines: LineMap
    repairs: tuple[str, ...]
    uniforms: tuple[tuple[str, str, str], ...]
    feeds: frozenset[str]


def plain_vertex(art: Artwork, lines: LineMap, include_paths: Sequence[Path]) -> PlainVertex | None:
    """Read the vertex shader beside a plain shader, None if there is none. Raises PieceError.

    lines: line ranges already given away.
    """
    file = vertex_file(art.shader)
    if file is None:
        return None
    expanded = expand(file, folder=art.folder, include_paths=include_paths, after=lines, text=read_shader(file))
    text = re.sub(r"\bftransform\s*\(\s*\)", "facade_gl_vertex", expanded.text)
    for old, new in _OLD.items():
        text = rename(text, old, new)
    text, made = repair(split_uniforms(text), VERTEX_REPAIRS)
    feeds = {name.strip() for match in _OUT.finditer(text) for name in match[1].split(",")}
    declared = declared_uniforms(text)
    matrices = {name: kind for kind, name, _ in declared if _MATRIX.match(kind)}
    text = without_uniforms(text, {name for _, name, _ in declared})
    told = matrices | {
        name: kind for name, (kind, what) in _GIVEN.items() if not what and _is_given(text, name, matrices)
    }
    prelude = CORNER + "".join(f"#define {name} {kind}(1.0)\n" for name, kind in told.items())
    for name, (kind, what) in _GIVEN.items():
        if what and _is_given(text, name, matrices):
            prelude += f"{kind} {name} = {_value(kind, what)};\n"
    # p5.js places its plane from 0 to 1, and a shader without matrices moves it.
    text = _ATTRIBUTE.sub(lambda m: _as_variables(m, moved=bool(told)), text)
    uniforms = tuple(u for u in declared if u[1] not in matrices)
    return PlainVertex(prelude + text + "\n", expanded.lines, made, uniforms, frozenset(feeds))


def _is_given(text: str, name: str, matrices: dict[str, str]) -> bool:
    declared = name in matrices or any(name in re.split(r"\W+", m[3]) for m in _ATTRIBUTE.finditer(text))
    return name in glsl.words(text) and not declared and not glsl.declares(text, name)


def _as_variables(match: re.Match[str], *, moved: bool) -> str:
    parts = []
    for name in (n.strip() for n in match[3].split(",")):
        what = _what(name)
        if name == "aPosition" and not moved:
            what = "uv"
        parts.append(f"{match[2]} {name} = {_value(match[2], what)};")
    return match[1] + " ".join(parts) + "\n" * match.group().count("\n")


def _what(name: str) -> str:
    """Return what an attribute is, by its name; "" for what a plane has not."""
    low = name.lower()
    for what, words in (
        ("color", ("col",)),
        ("normal", ("normal",)),
        ("uv", ("tex", "uv", "st")),
        ("position", ("pos", "vert")),
    ):
        if any(word in low for word in words):
            return what
    return ""


def _value(kind: str, what: str) -> str:
    place = {"position": "facade_corner * 2.0 - 1.0", "uv": "facade_corner"}.get(what, "")
    if place:
        return {
            "float": f"({place}).x",
            "vec2": place,
            "vec3": f"vec3({place}, 0.0)",
            "vec4": f"vec4({place}, 0.0, 1.0)",
        }[kind]
    if what == "normal":
        return {"float": "1.0", "vec2": "vec2(0.0)", "vec3": "vec3(0.0, 0.0, 1.0)", "vec4": "vec4(0.0, 0.0, 1.0, 0.0)"}[
            kind
        ]
    return f"{kind}({'1.0' if what == 'color' else '0.0'})"
