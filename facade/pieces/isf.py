"""The ISF dialect, v2 and v1: header to parameters and passes, IMG_ functions as overloads, vertex shaders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facade.config.piece import Parameter, PieceManifest
from facade.core.errors import PieceError
from facade.pieces import glsl
from facade.pieces.dialect import Artwork, called, common_reason, manifest_of, read_shader, translated, vertex_file
from facade.pieces.includes import LineMap, expand
from facade.pieces.isf_header import IsfHeader, IsfInput, read_header
from facade.pieces.isf_inputs import GLSL, parameters_of, rest_of
from facade.pieces.program import Automatic, Domain, Pass, PieceProgram, Sampler, Source, Uniform
from facade.pieces.repairs import REPAIRS, VERTEX_REPAIRS, renamed_safely, repair, safe_name
from facade.pieces.varyings import fed_varyings, own_output, without_uniforms

AUTOMATIC = (
    Automatic("TIME", "time", 1),
    Automatic("TIMEDELTA", "delta", 1),
    Automatic("FRAMEINDEX", "frame", 1, whole=True),
    Automatic("PASSINDEX", "pass", 1, whole=True),
    Automatic("RENDERSIZE", "size", 2),
    Automatic("DATE", "date", 4),
    Automatic("facade_size", "size", 2),
)

_UNIFORMS = """uniform float TIME;
uniform float TIMEDELTA;
uniform int FRAMEINDEX;
uniform int PASSINDEX;
uniform vec2 RENDERSIZE;
uniform vec4 DATE;
"""
_OURS = frozenset(("TIME", "TIMEDELTA", "FRAMEINDEX", "PASSINDEX", "RENDERSIZE", "DATE"))

_PLACE = """#ifdef FACADE_PIXEL
#define isf_FragNormCoord facade_uv()
#else
in vec2 isf_FragNormCoord;
#endif
"""

_SIZES = """vec2 IMG_SIZE(sampler2D image) { return vec2(textureSize(image, 0)); }
vec2 IMG_SIZE(samplerCube image) { return vec2(textureSize(image, 0)); }
#define TEX_DIMENSIONS(image) textureSize(image, 0)
#define IMG_TEXEL(image, at) texelFetch(image, ivec2(at), 0)
#define IMG_CUBE(image, to) texture(image, to)
"""

# One function for every image there is: each divides by the size of the image it is given.
_FRAGMENT = """#define isf_FragCoord facade_coord()
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at) { return texture(image, at); }
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at, float bias) { return texture(image, at, bias); }
vec4 IMG_PIXEL(sampler2D image, vec2 at) { return texture(image, at / IMG_SIZE(image)); }
vec4 IMG_PIXEL(sampler2D image, vec2 at, float bias) { return texture(image, at / IMG_SIZE(image), bias); }
vec4 IMG_THIS_PIXEL(sampler2D image) { return texture(image, isf_FragNormCoord); }
vec4 IMG_THIS_NORM_PIXEL(sampler2D image) { return texture(image, isf_FragNormCoord); }
"""

_VERTEX = """out vec2 isf_FragNormCoord;
vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at) { return textureLod(image, at, 0.0); }
vec4 IMG_PIXEL(sampler2D image, vec2 at) { return textureLod(image, at / IMG_SIZE(image), 0.0); }
vec4 IMG_THIS_PIXEL(sampler2D image) { return textureLod(image, isf_FragNormCoord, 0.0); }
vec4 IMG_THIS_NORM_PIXEL(sampler2D image) { return textureLod(image, isf_FragNormCoord, 0.0); }
void isf_vertShaderInit() {
    // Four corners as a strip: artists move each corner, and what they interpolate must end at the edges.
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
    isf_FragNormCoord = corner;
}
"""

_MATERIAL, _EFFECT = "materialColorForPixel", "fxColorForPixel"
"""What MadMapper's own kinds of such files answer in instead of main: a colour for a place, and one for another's."""

_PLAIN_VERTEX = "void main() { isf_vertShaderInit(); }\n"


def isf_manifest(art: Artwork) -> PieceManifest:
    """Return the manifest an ISF header declares. Raises PieceError with file and line."""
    header = read_header(read_shader(art.shader), file=art.shader)
    parameters: dict[str, Parameter] = {}
    for each in header.inputs:
        parameters |= {name: made for name, made in parameters_of(each).items() if name not in parameters}
    return manifest_of(art, parameters, author=header.credit, terms=header.license, description=header.description)


def isf_program(art: Artwork, manifest: PieceManifest, *, include_paths: Sequence[Path]) -> PieceProgram:
    """Translate an ISF piece. Raises PieceError with file and line where known."""
    text = read_shader(art.shader)
    header = read_header(text, file=art.shader)
    expanded = expand(art.shader, folder=art.folder, include_paths=include_paths, text=text)
    material = _is_material(expanded.text, art.shader)
    uniforms = tuple(_uniform(i, manifest) for i in header.inputs if not GLSL[i.type].startswith("sampler"))
    pictures = _pictures(header, art, _undeclared(header, expanded.text))
    corners = vertex_file(art.shader)
    vertex, lines, more = _vertex(art, corners, header, expanded.lines, include_paths)
    prelude = _UNIFORMS + _declarations(uniforms, pictures.samplers)
    prelude += _image_facts(pictures.samplers, expanded.text + vertex)
    prelude += "".join(f"#define {name} (TIME * {speed})\n" for name, speed in header.clocks.items())
    body, entry, repairs = _body(expanded.text, header, fed=corners is None)
    domain, reason = _domain(manifest, header, body, corners)
    return PieceProgram(
        slug=art.slug,
        manifest=manifest,
        dialect="isf",
        domain=domain,
        sources=(Source(body, prelude + _PLACE + _SIZES + _FRAGMENT, entry, prelude + _SIZES + _VERTEX + vertex),),
        passes=tuple(Pass(0, p.target, pictures.samplers) for p in header.passes),
        uniforms=uniforms,
        lines=lines,
        discards="discard" in glsl.words(body) or corners is not None,
        targets=header.targets,
        automatic=AUTOMATIC,
        files_read=pictures.files,
        cubes=pictures.cubes,
        repairs=repairs + tuple(r for r in more if r not in repairs) + pictures.notes + material,
        reason=reason,
    )


def _uniform(given: IsfInput, manifest: PieceManifest) -> Uniform:
    rest = rest_of(given)
    return Uniform(_glsl_name(given.name), GLSL[given.type], given.name, rest if rest in manifest.parameter else "")


def _is_material(text: str, file: Path) -> tuple[str, ...]:
    """Return the note that a shader is a MadMapper material, nothing for ISF. Raises PieceError if it draws nothing."""
    if glsl.defines_function(text, "main", returns="void"):
        return ()
    if glsl.defines_function(text, _MATERIAL, returns="vec4"):
        return ("a MadMapper material: its own clocks run at one speed",)
    if glsl.defines_function(text, _EFFECT, returns="vec4"):
        raise PieceError(
            f"{file.name} is a MadMapper surface effect: it answers in {_EFFECT}(), which facade does not ask. "
            "Give it an inputImage and a void main().",
            file=file,
        )
    raise PieceError(f"{file.name} has no void main(). An ISF shader draws in it.", file=file)


def _body(text: str, header: IsfHeader, *, fed: bool) -> tuple[str, str, tuple[str, ...]]:
    """Return the artist's text as GLSL 3.30, what calls it, and the repairs it took.

    fed: it has no vertex shader of its own.
    """
    text = _renamed(text, header)
    points = [_glsl_name(i.name) for i in header.inputs if i.type == "point2d"]
    text, flat = _flat_points(text, points)
    ours = _OURS | {i.name for i in header.inputs} | set(header.imported) | {t.name for t in header.targets}
    text, repairs = repair(text, REPAIRS)
    made = [*repairs, *(["points of two numbers read as four"] if flat else [])]
    for name, changed in (
        ("uniforms of the header declared once", without_uniforms(text, ours)),
        ("varyings without a vertex shader fed", None),
    ):
        after = changed if changed is not None else fed_varyings(text, keep=not fed)
        if after != text:
            made.append(name)
        text = after
    text, output, components = own_output(text)
    main = glsl.defines_function(text, "main", returns="void")
    entry = called(output, components) if main else f"facade_color = {_MATERIAL}(facade_uv());"
    return translated(text), entry, tuple(made)


def _flat_points(text: str, names: Sequence[str]) -> tuple[str, bool]:
    """Let a point be read as what it was before it was converted: a mouse of four numbers, the last two 0."""
    found = text
    for name in names:
        found = re.sub(rf"\b{name}\.(?=[xyzw]*[zw])(?=[xyzw]{{1,4}}\b)", f"vec4({name}, 0.0, 0.0).", found)
    return found, found != text


def _renamed(text: str, header: IsfHeader) -> str:
    """Return text with the header's names replaced that the language keeps for itself."""
    for name in (*(i.name for i in header.inputs), *header.imported, *(t.name for t in header.targets)):
        if _glsl_name(name) != name:
            text = renamed_safely(text, name)
    return text


def _glsl_name(name: str) -> str:
    return safe_name(name) if name in glsl.RESERVED or name in glsl.BUILT_IN else name


@dataclass(frozen=True, slots=True)
class _Pictures:
    """What a shader samples. notes: what stands in for files that are not there."""

    samplers: tuple[Sampler, ...]
    files: tuple[Path, ...]
    cubes: tuple[tuple[Path, ...], ...]
    notes: tuple[str, ...]


def _undeclared(header: IsfHeader, text: str) -> list[str]:
    """Return the channels of a converted Shadertoy that are sampled and connected to nothing."""
    known = {i.name for i in header.inputs} | set(header.imported) | {t.name for t in header.targets}
    names = glsl.words(text) & {f"iChannel{i}" for i in range(4)}
    return sorted(
        n for n in names - known if not re.search(rf"\bsampler\w+\s[^;(){{}}]*\b{n}\b|#\s*define\s+{n}\b", text)
    )


def _pictures(header: IsfHeader, art: Artwork, undeclared: Sequence[str]) -> _Pictures:
    found: list[Sampler] = []
    files: list[Path] = []
    cubes: list[tuple[Path, ...]] = []
    notes: list[str] = []
    for each in header.inputs:
        if each.type == "cube":
            found.append(Sampler(_glsl_name(each.name), "cube", str(len(cubes))))
            cubes.append(())
        elif GLSL[each.type] == "sampler2D":
            found.append(Sampler(_glsl_name(each.name), "input" if each.type == "image" else "audio", each.name))
    for name, given in header.imported.items():
        paths = tuple(_beside(art, name, path) for path in given.paths)
        missing = [given.paths[i] for i, path in enumerate(paths) if not path.is_file()]
        if missing or (given.cube and len(paths) != 6):
            lost = f"{missing[0]} is not there" if missing else f"a cube map has six faces, not {len(paths)}"
            notes.append(f"IMPORTED {name}: {lost}; {'a sky' if given.cube else 'noise'} stands in for it")
        if given.cube:
            found.append(Sampler(_glsl_name(name), "cube", str(len(cubes))))
            cubes.append(() if notes and notes[-1].startswith(f"IMPORTED {name}:") else paths)
        elif missing:
            found.append(Sampler(_glsl_name(name), "noise"))
        else:
            found.append(Sampler(_glsl_name(name), "file", str(len(files))))
            files.append(paths[0])
    for name in undeclared:
        found.append(Sampler(name, "noise", repeat=True))
        notes.append(f"{name} is connected to nothing; noise stands in for it")
    for target in header.targets:
        nearest = target.name in header.nearest
        found.append(Sampler(_glsl_name(target.name), "target", target.name, filter="nearest" if nearest else "linear"))
    return _Pictures(tuple(found), tuple(files), tuple(cubes), tuple(notes))


def _beside(art: Artwork, name: str, path: str) -> Path:
    file = (art.folder / path).resolve()
    if not file.is_relative_to(art.folder.resolve()):
        raise PieceError(f"IMPORTED {name} lies outside the piece's folder. Put it beside.", file=art.shader)
    return file


def _declarations(uniforms: Sequence[Uniform], samplers: Sequence[Sampler]) -> str:
    lines = [f"uniform {u.type} {u.name};\n" for u in uniforms]
    kinds = {s.name: "samplerCube" if s.kind == "cube" else "sampler2D" for s in samplers}
    return "".join(lines + [f"uniform {kind} {name};\n" for name, kind in kinds.items()])


def _image_facts(samplers: Sequence[Sampler], text: str) -> str:
    """The three facts VVISF tells of every image, for the shaders that read them."""
    used = glsl.words(text)
    facts = []
    for sampler in samplers:
        name = sampler.name
        for fact, value in (
            (f"_{name}_imgRect", "vec4(0.0, 0.0, 1.0, 1.0)"),
            (f"_{name}_imgSize", f"vec2(textureSize({name}, 0))"),
            (f"_{name}_flip", "false"),
        ):
            if fact in used:
                facts.append(f"#define {fact} {value}\n")
    return "".join(facts)


def _vertex(
    art: Artwork, file: Path | None, header: IsfHeader, lines: LineMap, include_paths: Sequence[Path]
) -> tuple[str, LineMap, tuple[str, ...]]:
    if file is None:
        return _PLAIN_VERTEX, lines, ()
    text = read_shader(file)
    expanded = expand(file, folder=art.folder, include_paths=include_paths, after=lines, text=text)
    body, repairs = repair(_renamed(expanded.text, header), VERTEX_REPAIRS)
    ours = _OURS | {i.name for i in header.inputs} | {"isf_FragNormCoord"}
    return without_uniforms(body, ours) + "\n", expanded.lines, repairs


def _domain(manifest: PieceManifest, header: IsfHeader, body: str, vertex: Path | None) -> tuple[Domain, str]:
    images = [i.name for i in header.inputs if i.type in ("image", "cube")]
    for holds, reason in (
        (header.kind != "generator", f"it is a {header.kind}"),
        (bool(images), "it reads pictures"),
        (len(header.passes) > 1, f"it draws {len(header.passes)} passes"),
        (bool(header.targets), "it keeps pictures of its own"),
        (vertex is not None, "it has a vertex shader"),
    ):
        if holds:
            return "canvas", reason
    return common_reason(manifest, body)
