"""Plain GLSL: ``main()`` with the uniforms of The Book of Shaders, glslViewer and GLSL Sandbox, any version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facade.config.piece import Parameter, PieceManifest
from facade.core.errors import PieceError
from facade.pieces import glsl
from facade.pieces.dialect import Artwork, called, common_reason, manifest_of, read_shader, translated
from facade.pieces.flat_scene import flat_scene, in_flat_scene, texture_place
from facade.pieces.includes import LineMap, expand
from facade.pieces.mouse import SANDBOX, mouse_parameter
from facade.pieces.own_uniforms import stays_as_written, uniform_parameter
from facade.pieces.pictures import picture_beside
from facade.pieces.plain_vertex import PlainVertex, plain_vertex
from facade.pieces.program import (
    Automatic,
    Domain,
    GlslType,
    Pass,
    PieceProgram,
    Quantity,
    Sampler,
    Source,
    Target,
    Uniform,
)
from facade.pieces.repairs import repair
from facade.pieces.varyings import (
    declared_uniforms,
    fed_varyings,
    own_output,
    picture_arrays,
    split_uniforms,
    without_uniforms,
)

KNOWN: dict[str, tuple[Quantity, str]] = {
    "u_time": ("time", "float"),
    "u_delta": ("delta", "float"),
    "u_frame": ("frame", "int"),
    "u_resolution": ("size", "vec2"),
    "u_mouse": ("mouse", "vec2"),
    "u_date": ("date0", "vec4"),
    "u_fps": ("rate", "float"),
    "u_seed": ("seed", "float"),
    "uTime": ("time", "float"),
    "uResolution": ("size", "vec2"),
    "uMouse": ("mouse", "vec2"),
    "time": ("time", "float"),
    "resolution": ("size", "vec2"),
    SANDBOX: ("mouse01", "vec2"),
    "iTime": ("time", "float"),
    "iGlobalTime": ("time", "float"),
    "iTimeDelta": ("delta", "float"),
    "iFrame": ("frame", "int"),
    "iFrameRate": ("rate", "float"),
    "iResolution": ("size", "vec3"),
    "iMouse": ("mouse", "vec4"),
    "iDate": ("date0", "vec4"),
}
"""Uniform name -> what it tells, and its type where the artist does not declare it."""

_MOUSES = frozenset(name for name, (quantity, _) in KNOWN.items() if quantity.startswith("mouse"))
_NUMBERS = "float int uint bool vec2 vec3 vec4 ivec2 ivec3 ivec4 bvec2 bvec3 bvec4 mat2 mat3 mat4"
_KINDS = frozenset((*_NUMBERS.split(), "sampler2D", "samplerCube"))
"""Types that need no declaration of their own before a uniform can have them."""

_PICTURE = re.compile(r"(?:iChannel[0-3]|u_tex\d)\Z")
_SIZES = {"float": 1, "int": 1, "vec2": 2, "vec3": 3, "vec4": 4}
_NAMED = re.compile(r"(?m)^[ \t]*uniform[ \t]+sampler2D[ \t]+(\w+)[ \t]*;[ \t]*//[ \t]*([^\s]+)")
"""A picture's file behind the uniform that shows it: ``uniform sampler2D u_tex0; // rain.jpg``."""

_PREVIOUS = frozenset(("backbuffer", "u_backbuffer", "bb", "u_previous", "prevFrame"))
_BUFFER = re.compile(r"u_(double)?[bB]uffer(\d)\Z")
_BLOCK = re.compile(r"\b(DOUBLE_)?BUFFER_(\d)\b")
_FACT = re.compile(r"(u_\w+)Resolution\Z")
_SURFACE = "surfaceSize"
"""GLSL Sandbox's plane: one unit high, the middle at 0, where ``surfacePosition`` runs."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the source of a plain shader says about itself. drawn: the text that its own vertex shader feeds."""

    text: str
    lines: LineMap
    repairs: tuple[str, ...]
    uniforms: tuple[tuple[str, str, str], ...]
    drawn: str
    vertex: PlainVertex | None = None


def plain_manifest(art: Artwork, *, include_paths: Sequence[Path]) -> PieceManifest:
    """Return the manifest of a plain shader: uniforms facade does not know are its parameters. Raises PieceError."""
    reading = _read(art, include_paths)
    parameters: dict[str, Parameter] = {}
    named = dict(_NAMED.findall(read_shader(art.shader)))
    for kind, name, initial in reading.uniforms:
        file = picture_beside(art.shader, named.get(name, ""), _parameter_name(name)) if kind == "sampler2D" else ""
        known = _is_known(name) or in_flat_scene(kind, name, initial)
        parameter = None if known else uniform_parameter(kind, name, initial, file)
        if parameter is not None:
            parameters[_parameter_name(name)] = parameter
    body = without_uniforms(reading.text, KNOWN)
    parameters |= mouse_parameter(glsl.words(body), _MOUSES)
    return manifest_of(art, parameters)


def plain_program(art: Artwork, manifest: PieceManifest, *, include_paths: Sequence[Path]) -> PieceProgram:
    """Translate a plain shader. Raises PieceError with file and line where known."""
    reading = _read(art, include_paths)
    text, output, components = own_output(reading.text)
    uniforms, automatic, declarations = _uniforms(reading, manifest)
    samplers, targets, passes, buffers = _pictures(reading, text)
    kinds = {s.name: "samplerCube" if s.kind == "cube" else "sampler2D" for s in samplers}
    # Arrays stay as they are declared.
    facts = "".join(f"uniform {kind} {name};\n" for name, kind in kinds.items() if "[" not in name)
    facts += _facts(reading, samplers)
    names = {name for kind, name, initial in reading.uniforms if kind in _KINDS and not _stays(kind, name, initial)}
    body = translated(without_uniforms(text, names))
    prelude = declarations + facts
    entry = called(output, components)
    sources = [Source(body, f"#define {name}\n{prelude}", entry) for name in buffers]
    last = translated(without_uniforms(own_output(reading.drawn)[0], names))
    corners = None if reading.vertex is None else prelude + reading.vertex.text
    sources.append(Source(last, f"{texture_place(last)}\n{prelude}", entry, corners))
    domain, reason = _domain(manifest, body, samplers, passes)
    if reading.vertex is not None:
        domain, reason = "canvas", "it has a vertex shader"
    return PieceProgram(
        slug=art.slug,
        manifest=manifest,
        dialect="plain",
        domain=domain,
        sources=tuple(sources),
        passes=passes,
        uniforms=uniforms,
        lines=reading.lines,
        discards="discard" in glsl.words(body) or reading.vertex is not None,
        targets=targets,
        cubes=((),) if "samplerCube" in kinds.values() else (),
        automatic=(*automatic, Automatic("facade_size", "size", 2)),
        repairs=reading.repairs,
        reason=reason,
    )


def _read(art: Artwork, include_paths: Sequence[Path]) -> _Reading:
    expanded = expand(art.shader, folder=art.folder, include_paths=include_paths, text=read_shader(art.shader))
    if not glsl.defines_function(expanded.text, "main", returns="void"):
        raise PieceError(f"{art.shader.name} has no void main(). A plain shader draws in it.", file=art.shader)
    text, repairs = repair(split_uniforms(expanded.text))
    vertex = plain_vertex(art, expanded.lines, include_paths)
    fed = fed_varyings(text)
    drawn = fed if vertex is None else fed_varyings(text, given=vertex.feeds)
    made = (*repairs, "varyings without a vertex shader fed") if drawn != text else repairs
    declared = dict.fromkeys(declared_uniforms(fed))
    if vertex is not None:
        made += tuple(r for r in vertex.repairs if r not in made)
        known = {name for _, name, _ in declared}
        declared |= dict.fromkeys(u for u in vertex.uniforms if u[1] not in known)
    declared |= {("sampler2D", f"{name}[{i}]", ""): None for name, count in picture_arrays(fed) for i in range(count)}
    told = {name for _, name, _ in declared}
    for name in sorted(glsl.words(fed) - told):
        # Editors such as KodeLife and glslViewer declare these by themselves.
        if _PICTURE.match(name) and not glsl.declares(fed, name):
            declared["sampler2D", name, ""] = None
    lines = expanded.lines if vertex is None else vertex.lines
    return _Reading(fed, lines, made, tuple(declared), drawn, vertex)


def _uniforms(reading: _Reading, manifest: PieceManifest) -> tuple[tuple[Uniform, ...], tuple[Automatic, ...], str]:
    """Return the parameters' uniforms, facade's own, and the declarations of all of them."""
    declared = {name: kind for kind, name, _ in reading.uniforms}
    used = glsl.words(reading.text) | glsl.words("" if reading.vertex is None else reading.vertex.text)
    lines, automatic, uniforms = [], [], []
    for name, (quantity, usual) in KNOWN.items():
        kind = declared.get(name, usual if name in used and not glsl.declares(reading.text, name) else "")
        if kind in _SIZES:
            automatic.append(Automatic(name, quantity, _SIZES[kind], kind == "int"))
            lines.append(f"uniform {kind} {name};\n")
        elif re.search(rf"\buniform\s+{usual}\s+{name}\b", reading.text):
            # Told twice, in an #if: the compiler knows whether it is there.
            automatic.append(Automatic(name, quantity, _SIZES[usual], usual == "int"))
    types: dict[str, GlslType] = {"float": "float", "int": "int", "bool": "bool", "vec2": "vec2"}
    types |= {"vec3": "vec3", "vec4": "vec4"}
    told = {name for kind, name, initial in reading.uniforms if in_flat_scene(kind, name, initial)}
    told |= {name for kind, name, initial in reading.uniforms if _stays(kind, name, initial)}
    for name, kind in declared.items():
        if name in KNOWN and kind in _SIZES:
            continue
        if name in manifest.parameter and kind in types:
            uniforms.append(Uniform(name, types[kind], name))
        ours = name == _SURFACE or _FACT.match(name) is not None or name in told
        if kind in _KINDS and not kind.startswith("sampler") and not ours:
            lines.append(f"uniform {kind} {name};\n")
    return tuple(uniforms), tuple(automatic), "".join(lines) + flat_scene(reading.uniforms)


def _parameter_name(name: str) -> str:
    """Return what the parameter of a uniform is called: ``tex[2]``, of an array of pictures, is ``tex2``."""
    return re.sub(r"\[(\d+)\]", r"\1", name)


def _stays(kind: str, name: str, initial: str) -> bool:
    """Whether a uniform keeps its declaration and first value, because it is neither a parameter nor facade's own."""
    return not _is_known(name) and stays_as_written(kind, name, initial)


def _is_known(name: str) -> bool:
    kept = name in KNOWN or name in _PREVIOUS or name == _SURFACE or name.startswith("gl_")
    return kept or _BUFFER.match(name) is not None or _FACT.match(name) is not None


def _pictures(
    reading: _Reading, text: str
) -> tuple[tuple[Sampler, ...], tuple[Target, ...], tuple[Pass, ...], tuple[str, ...]]:
    """Return samplers, targets, passes and the macro of each buffer's pass."""
    blocks = sorted({(m[1] or "", m[2]) for m in _BLOCK.finditer(text)})
    buffers = tuple(f"{double}BUFFER_{n}" for double, n in blocks)
    targets = [Target(name.lower(), persistent=True, float32=True) for name in buffers]
    samplers: list[Sampler] = []
    remembers = False
    for kind, name, _ in reading.uniforms:
        if kind == "samplerCube":
            samplers.append(Sampler(name, "cube", "0"))
        if kind != "sampler2D":
            continue
        buffer = _BUFFER.match(name)
        target = f"{'double_' if buffer and buffer[1] else ''}buffer_{buffer[2]}" if buffer else ""
        if target and any(t.name == target for t in targets):
            samplers.append(Sampler(name, "target", target))
        elif name in _PREVIOUS:
            samplers.append(Sampler(name, "target", "facade_picture"))
            remembers = True
        else:
            samplers.append(Sampler(name, "input", _parameter_name(name), repeat=True))
    if remembers:
        targets.append(Target("facade_picture", persistent=True))
    given = tuple(samplers)
    passes = [Pass(i, t.name, given) for i, t in enumerate(targets[: len(buffers)])]
    passes.append(Pass(len(buffers), "facade_picture" if remembers else None, given))
    return given, tuple(targets), tuple(passes), buffers


def _facts(reading: _Reading, samplers: Sequence[Sampler]) -> str:
    """u_tex0Resolution and its like, from the picture itself."""
    declared = {name for _, name, _ in reading.uniforms}
    lines = [f"#define {_SURFACE} vec2(facade_size.x / facade_size.y, 1.0)\n"] if _SURFACE in declared else []
    names = {s.name for s in samplers}
    for kind, name, _ in reading.uniforms:
        fact = _FACT.match(name)
        if fact is not None:
            size = f"vec2(textureSize({fact[1]}, 0))" if fact[1] in names else "facade_size"
            lines.append(f"#define {name} {size if kind == 'vec2' else f'vec3({size}, 1.0)'}\n")
    return "".join(lines)


def _domain(
    manifest: PieceManifest, body: str, samplers: Sequence[Sampler], passes: Sequence[Pass]
) -> tuple[Domain, str]:
    if len(passes) > 1:
        return "canvas", f"it draws {len(passes)} passes"
    if samplers:
        return "canvas", "it reads pictures"
    return common_reason(manifest, body)
