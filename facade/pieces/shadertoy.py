"""The Shadertoy dialect: ``mainImage``, a folder of tabs, or the site's JSON export. Buffers are float and remember."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from facade.config.piece import AudioParameter, FloatParameter, ImageParameter, Parameter, PieceManifest
from facade.core.errors import PieceError
from facade.pieces import glsl
from facade.pieces.dialect import Artwork, common_reason, manifest_of, translated
from facade.pieces.includes import LineMap, expand
from facade.pieces.mouse import mouse_parameter
from facade.pieces.own_uniforms import stays_as_written, uniform_parameter
from facade.pieces.program import Domain, Pass, PieceProgram, Sampler, Source, Target, Uniform
from facade.pieces.repairs import REPAIRS, rename, repair
from facade.pieces.shadertoy_names import AUTOMATIC, OURS, PRELUDE, borrowed, channels_of
from facade.pieces.shadertoy_tabs import IMAGE, Tab, Tabs, read_tabs
from facade.pieces.varyings import (
    declared_uniforms,
    fed_varyings,
    own_output,
    picture_arrays,
    split_uniforms,
    without_uniforms,
)

# Words of facade's own alone: any other may be a macro of the artist's, and mainImage itself may be one.
_ENTRY = "facade_image = facade_nothing; facade_at = facade_here(); mainImage(facade_image, facade_at); "
# Editors that know channels let a file draw in main() as well.
_MAIN_ENTRY = "facade_artist_main(); facade_image = facade_color; "
_IMAGE_END = "facade_color = facade_opaque(facade_image);"
_BUFFER_END = "facade_color = facade_image;"
_DRAWS = re.compile(r"\bmainImage\s*\(")

_TYPES = {"float", "int", "bool", "vec2", "vec3", "vec4"}


@dataclass(frozen=True, slots=True)
class _Shaders:
    """Every tab's text, repaired, with the uniforms the artist declares beside the site's: (type, name, value)."""

    texts: tuple[str, ...]
    lines: LineMap
    repairs: tuple[str, ...]
    uniforms: tuple[tuple[str, str, str], ...]


def shadertoy_manifest(art: Artwork, *, include_paths: Sequence[Path]) -> PieceManifest:
    """Return the manifest: every channel that takes a picture or sound is a parameter. Raises PieceError."""
    read = read_tabs(art)
    parameters: dict[str, Parameter] = {}
    for tab in read.tabs:
        for index, channel in sorted(tab.channels.items()):
            name = _parameter_name(tab, index)
            if channel.kind in ("picture", "video"):
                made_up = "noise" if channel.kind == "picture" else "gradient"
                parameters[name] = ImageParameter(type="image", default=channel.ref or made_up)
            elif channel.kind == "audio":
                parameters[name] = AudioParameter(type="audio", form="both", samples=512)
    ranges = {name: ends for tab in read.tabs for name, ends in tab.ranges.items()}
    shaders = _shaders(art, read, include_paths)
    for kind, name, initial in shaders.uniforms:
        made = uniform_parameter(kind, name, initial) if kind in _TYPES else None
        if isinstance(made, FloatParameter) and name in ranges:
            low, high = ranges[name]
            made = FloatParameter(type="float", min=low, max=high, default=min(max(made.default, low), high))
        if made is not None:
            parameters.setdefault(name, made)
    parameters = mouse_parameter(glsl.words("\n".join(shaders.texts)), ["iMouse"]) | parameters
    author, text = str(read.info.get("username", "")), str(read.info.get("description", ""))
    return manifest_of(art, parameters, author=author, description=text)


def shadertoy_program(art: Artwork, manifest: PieceManifest, *, include_paths: Sequence[Path]) -> PieceProgram:
    """Translate a Shadertoy. Raises PieceError with file and line where known."""
    read = read_tabs(art)
    shaders = _shaders(art, read, include_paths)
    files: list[Path] = []
    sources, passes = [], []
    # An image that somebody reads, itself perhaps, is kept like a buffer.
    recalled = {c.ref for tab in read.tabs for c in tab.channels.values() if c.kind == "buffer"}
    kept = [t.name for t in read.tabs if t.name != IMAGE or IMAGE in recalled]
    for index, (tab, text) in enumerate(zip(read.tabs, shaders.texts, strict=True)):
        is_image = tab.name == IMAGE
        prelude = PRELUDE + "".join(f"uniform {kind} {name};\n" for kind, name, _ in shaders.uniforms)
        channels = channels_of(text)
        prelude += borrowed(text, connected=tab.channels)
        entry = (_ENTRY if _DRAWS.search(text) else _MAIN_ENTRY) + (_IMAGE_END if is_image else _BUFFER_END)
        sources.append(Source(translated(text), prelude, entry))
        samplers = tuple(_sampler(tab, i, read, files) for i in channels)
        samplers += _own_pictures(text, tab, read, files)
        passes.append(Pass(index, f"Buffer{tab.name}" if tab.name in kept else None, samplers))
    domain, reason = _domain(manifest, sources, read.tabs, remembers=bool(kept))
    declared = [(kind, name) for kind, name, _ in shaders.uniforms if name in manifest.parameter]
    return PieceProgram(
        slug=art.slug,
        manifest=manifest,
        dialect="shadertoy",
        domain=domain,
        sources=tuple(sources),
        passes=tuple(passes),
        uniforms=tuple(Uniform(name, kind, name) for kind, name in declared),  # type: ignore[arg-type]  # of _TYPES
        lines=shaders.lines,
        discards=any("discard" in glsl.words(s.text) for s in sources),
        targets=tuple(Target(f"Buffer{name}", persistent=True, float32=True) for name in kept),
        automatic=AUTOMATIC,
        files_read=tuple(files),
        repairs=shaders.repairs + read.notes,
        reason=reason,
    )


def _shaders(art: Artwork, read: Tabs, include_paths: Sequence[Path]) -> _Shaders:
    """Put includes and the Common tab in place, and repair. Raises PieceError."""
    lines: LineMap | None = None
    shared = ""
    if read.common is not None:
        common = read.common
        expanded = expand(common.file, folder=art.folder, include_paths=include_paths, text=common.text)
        shared, lines = expanded.text + "\n", expanded.lines
    texts, repairs = [], dict[str, None]()
    uniforms: dict[tuple[str, str, str], None] = {}
    for tab in read.tabs:
        expanded = expand(tab.file, folder=art.folder, include_paths=include_paths, after=lines, text=tab.text)
        lines = expanded.lines
        # A tab that asks for the Common tab itself has it already.
        before = "" if read.common is not None and _includes(tab.text, read.common.file) else shared
        drawn = _DRAWS.search(before + expanded.text) or glsl.defines_function(expanded.text, "main")
        if not drawn:
            raise PieceError(f"{tab.file.name} has no mainImage(). A Shadertoy draws in it.", file=tab.file)
        # The site's language is that of OpenGL ES, and a desktop's compiler lets nobody define this.
        told = rename(before + expanded.text, "GL_ES", "facade_es")
        text, made = repair(split_uniforms(told), REPAIRS)
        repairs |= dict.fromkeys(made)
        own = [u for u in declared_uniforms(text) if u[1] not in OURS and u[0] in _TYPES and not stays_as_written(*u)]
        uniforms |= dict.fromkeys(own)
        text = without_uniforms(text, OURS | {name for _, name, _ in own})
        text, _, _ = own_output(fed_varyings(text))
        texts.append(text)
    assert lines is not None
    return _Shaders(tuple(texts), lines, tuple(repairs), tuple(uniforms))


def _includes(text: str, file: Path) -> bool:
    """Whether a text includes a file of this name outside every #if."""
    bare = glsl.blank_comments(text)
    unsure = glsl.in_branch(bare)
    asked = re.finditer(rf"(?m)^[ \t]*#[ \t]*include\b[^\n]*\b{re.escape(file.name)}\b", bare)
    return any(not unsure(match.start()) for match in asked)


def _parameter_name(tab: Tab, index: int) -> str:
    if tab.name == IMAGE:
        return f"iChannel{index}"
    return f"Buffer{re.sub(r'[^A-Za-z0-9]+', '_', tab.name)}_iChannel{index}"


def _own_pictures(text: str, tab: Tab, read: Tabs, files: list[Path]) -> tuple[Sampler, ...]:
    """Return what a tab declares to read beside the channels: ``iChannel[2]`` is channel 2, anything else noise."""
    single = [name for kind, name, _ in declared_uniforms(text) if kind == "sampler2D" and name not in OURS]
    found = [Sampler(name, "noise", repeat=True) for name in single]
    for name, count in picture_arrays(text):
        for i in range(count):
            channel = _sampler(tab, i, read, files) if name == "iChannel" else Sampler("", "noise", repeat=True)
            found.append(replace(channel, name=f"{name}[{i}]"))
    return tuple(found)


def _sampler(tab: Tab, index: int, read: Tabs, files: list[Path]) -> Sampler:
    name, channel = f"iChannel{index}", tab.channels.get(index)
    if channel is None:
        return Sampler(name, "noise", repeat=True)
    match channel.kind:
        case "buffer" if not any(t.name == channel.ref for t in read.tabs):
            return Sampler(name, "noise", repeat=True)
        case "buffer":
            return Sampler(name, "target", f"Buffer{channel.ref}", channel.repeat, channel.filter)
        case "file":
            files.append(Path(channel.ref))
            return Sampler(name, "file", str(len(files) - 1), channel.repeat, channel.filter)
        case "audio":
            return Sampler(name, "audio", _parameter_name(tab, index))
        case "keyboard":
            return Sampler(name, "keyboard")
        case "noise":
            return Sampler(name, "noise", repeat=True)
    return Sampler(name, "input", _parameter_name(tab, index), channel.repeat, channel.filter)


def _domain(
    manifest: PieceManifest, sources: Sequence[Source], tabs: Sequence[Tab], *, remembers: bool
) -> tuple[Domain, str]:
    if len(sources) > 1:
        return "canvas", f"it draws {len(sources)} passes"
    if remembers:
        return "canvas", "it keeps pictures of its own"
    if {c.kind for c in tabs[0].channels.values()} & {"picture", "video", "file"}:
        return "canvas", "it reads pictures"
    return common_reason(manifest, sources[0].text)
