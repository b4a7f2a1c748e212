"""The Shadertoy dialect: ``mainImage``, a folder of tabs, or the site's JSON export. Buffers are float and remember."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facade.config.piece import AudioParameter, ImageParameter, Parameter, PieceManifest
from facade.core.errors import PieceError
from facade.pieces import glsl
from facade.pieces.dialect import Artwork, common_reason, manifest_of, read_shader, translated
from facade.pieces.includes import LineMap, expand
from facade.pieces.pictures import picture_beside
from facade.pieces.program import Automatic, Domain, Pass, PieceProgram, Sampler, Source, Target
from facade.pieces.repairs import REPAIRS, repair

BUFFERS = ("A", "B", "C", "D")
CHANNELS = 4

AUTOMATIC = (
    Automatic("iResolution", "size", 3),
    Automatic("iTime", "time", 1),
    Automatic("iGlobalTime", "time", 1),
    Automatic("iTimeDelta", "delta", 1),
    Automatic("iFrame", "frame", 1, whole=True),
    Automatic("iFrameRate", "rate", 1),
    Automatic("iMouse", "mouse", 4),
    Automatic("iDate", "date0", 4),
    Automatic("facade_size", "size", 2),
)

_PRELUDE = """#define HW_PERFORMANCE 1
uniform vec3 iResolution;
uniform float iTime;
uniform float iGlobalTime;
uniform float iTimeDelta;
uniform int iFrame;
uniform float iFrameRate;
uniform vec4 iMouse;
uniform vec4 iDate;
const float iSampleRate = 44100.0;
uniform sampler2D iChannel0;
uniform sampler2D iChannel1;
uniform sampler2D iChannel2;
uniform sampler2D iChannel3;
#define iChannelTime float[4](iTime, iTime, iTime, iTime)
#define facade_channel_size(c) vec3(vec2(textureSize(c, 0)), 1.0)
#define iChannelResolution vec3[4](facade_channel_size(iChannel0), facade_channel_size(iChannel1), \\
    facade_channel_size(iChannel2), facade_channel_size(iChannel3))
"""

_ENTRY = "vec4 facade_image = vec4(0.0); mainImage(facade_image, facade_coord().xy); facade_color = "
_IMAGE_ENTRY = _ENTRY + "vec4(facade_image.rgb, 1.0);"
_BUFFER_ENTRY = _ENTRY + "facade_image;"

_DIRECTIVE = re.compile(r'(?m)^[ \t]*#[ \t]*iChannel([0-3])[ \t]+"([^"\n]*)"[^\n]*$')
_UNSUPPORTED = {"cubemap": "a cube map", "volume": "a volume texture", "sound": "sound it makes itself"}


@dataclass(slots=True)
class _Tab:
    """One shader of a Shadertoy. file: for its lines; need not exist. channels: index -> what is connected.

    A channel is "buffer A", "audio", "keyboard", "noise", or "picture" or "video", with the file's name if it is there.
    """

    name: str
    file: Path
    text: str
    channels: dict[int, str] = field(default_factory=dict)


def shadertoy_manifest(art: Artwork) -> PieceManifest:
    """Return the manifest: every channel that takes a picture or sound is a parameter. Raises PieceError."""
    tabs, _, info = _tabs(art)
    parameters: dict[str, Parameter] = {}
    for tab in tabs:
        for index, kind in sorted(tab.channels.items()):
            name = _parameter_name(tab, index)
            if _is_picture(kind):
                what, _, file = kind.partition(" ")
                made = "noise" if what == "picture" else "gradient"
                parameters[name] = ImageParameter(type="image", default=file or made)
            elif kind == "audio":
                parameters[name] = AudioParameter(type="audio", form="both", samples=512)
    author, text = str(info.get("username", "")), str(info.get("description", ""))
    return manifest_of(art, parameters, author=author, description=text)


def shadertoy_program(art: Artwork, manifest: PieceManifest, *, include_paths: Sequence[Path]) -> PieceProgram:
    """Translate a Shadertoy. Raises PieceError with file and line where known."""
    tabs, common, _ = _tabs(art)
    lines: LineMap | None = None
    shared = ""
    if common is not None:
        expanded = expand(common.file, folder=art.folder, include_paths=include_paths, text=common.text)
        shared, lines = expanded.text + "\n", expanded.lines
    sources, passes, repairs = [], [], dict[str, None]()
    for index, tab in enumerate(tabs):
        expanded = expand(tab.file, folder=art.folder, include_paths=include_paths, after=lines, text=tab.text)
        lines = expanded.lines
        if not glsl.defines_function(shared + expanded.text, "mainImage", returns="void"):
            raise PieceError(f"{tab.file.name} has no mainImage(). A Shadertoy draws in it.", file=tab.file)
        text, made = repair(shared + expanded.text, REPAIRS)
        repairs |= dict.fromkeys(made)
        entry = _IMAGE_ENTRY if tab.name == "Image" else _BUFFER_ENTRY
        sources.append(Source(translated(text), _PRELUDE, entry))
        target = None if tab.name == "Image" else f"Buffer{tab.name}"
        passes.append(Pass(index, target, tuple(_sampler(tab, i, tabs) for i in range(CHANNELS))))
    assert lines is not None
    domain, reason = _domain(manifest, sources, tabs)
    return PieceProgram(
        slug=art.slug,
        manifest=manifest,
        dialect="shadertoy",
        domain=domain,
        sources=tuple(sources),
        passes=tuple(passes),
        uniforms=(),
        lines=lines,
        discards=any("discard" in glsl.words(s.text) for s in sources),
        targets=tuple(Target(f"Buffer{t.name}", persistent=True, float32=True) for t in tabs if t.name != "Image"),
        automatic=AUTOMATIC,
        repairs=tuple(repairs),
        reason=reason,
    )


def _parameter_name(tab: _Tab, index: int) -> str:
    return f"iChannel{index}" if tab.name == "Image" else f"Buffer{tab.name}_iChannel{index}"


def _is_picture(kind: str) -> bool:
    return kind.partition(" ")[0] in ("picture", "video")


def _sampler(tab: _Tab, index: int, tabs: Sequence[_Tab]) -> Sampler:
    name, kind = f"iChannel{index}", tab.channels.get(index, "")
    if kind.startswith("buffer ") and any(t.name == kind[7:] for t in tabs):
        return Sampler(name, "target", f"Buffer{kind[7:]}")
    if _is_picture(kind):
        return Sampler(name, "input", _parameter_name(tab, index), repeat=True)
    if kind == "audio":
        return Sampler(name, "audio", _parameter_name(tab, index))
    return Sampler(name, "keyboard") if kind == "keyboard" else Sampler(name, "noise", repeat=True)


def _domain(manifest: PieceManifest, sources: Sequence[Source], tabs: Sequence[_Tab]) -> tuple[Domain, str]:
    if len(sources) > 1:
        return "canvas", f"it draws {len(sources)} passes"
    if any(_is_picture(kind) for kind in tabs[0].channels.values()):
        return "canvas", "it reads pictures"
    return common_reason(manifest, sources[0].text)


def _tabs(art: Artwork) -> tuple[list[_Tab], _Tab | None, Mapping[str, Any]]:
    """Return the tabs in drawing order, Common if there is one, and what an export says about itself."""
    if art.shader.suffix == ".json":
        return _exported(art.shader)
    tabs = []
    common = None
    if art.shader.stem.lower() == "image":
        for name in BUFFERS:
            file = _beside(art.shader, f"Buffer{name}", f"Buffer {name}", f"buffer{name}", f"buffer_{name.lower()}")
            if file is not None:
                tabs.append(_tab(name, file))
        found = _beside(art.shader, "Common", "common")
        common = None if found is None else _Tab("Common", found, read_shader(found))
    tabs.append(_tab("Image", art.shader))
    present = {t.name for t in tabs}
    for tab in tabs:
        for index, name in enumerate(BUFFERS):
            # Without a word about it, channel 0 is Buffer A, and so on.
            if name in present and index not in tab.channels:
                tab.channels[index] = f"buffer {name}"
    return tabs, common, {}


def _beside(shader: Path, *stems: str) -> Path | None:
    names = [shader.with_name(f"{stem}{shader.suffix}") for stem in stems]
    return next((n for n in names if n.is_file()), None)


def _tab(name: str, file: Path) -> _Tab:
    """Read one tab; ``#iChannel0 "self"`` and its like say what is connected."""
    text = read_shader(file)
    channels = {}
    for match in _DIRECTIVE.finditer(text):
        given = match[2].removeprefix("file://").removeprefix("buf://").strip()
        buffer = re.fullmatch(r"(?i)(?:.*/)?buffer[ _]?([a-d])(?:\.\w+)?", given)
        if given == "self":
            channels[int(match[1])] = f"buffer {name}"
        elif buffer is not None:
            channels[int(match[1])] = f"buffer {buffer[1].upper()}"
        elif given in ("keyboard", "noise", "audio"):
            channels[int(match[1])] = given
        else:
            kind = "video" if given in ("camera", "video", "webcam") else "picture"
            channels[int(match[1])] = f"{kind} {picture_beside(file, given)}".strip()
    for index in range(CHANNELS):
        found = picture_beside(file, f"iChannel{index}")
        if found and index not in channels:
            channels[index] = f"picture {found}"
    return _Tab(name, file, _DIRECTIVE.sub("", text), channels)


def _exported(file: Path) -> tuple[list[_Tab], _Tab | None, Mapping[str, Any]]:
    """Read the site's JSON export. Raises PieceError for anything else."""
    try:
        data = json.loads(read_shader(file))
        shader = data[0] if isinstance(data, list) else data
        shader = shader.get("Shader", shader)
        rendered = list(shader["renderpass"])
        ids = {str(o["id"]): _buffer_of(p) for p in rendered for o in p.get("outputs") or ()}
        tabs, common = [], None
        for each in rendered:
            kind = str(each.get("type", "image"))
            if kind in _UNSUPPORTED:
                if kind == "cubemap":
                    raise PieceError(f"{file.name} draws a cube map, which facade has none of.", file=file)
                continue
            name = "Common" if kind == "common" else _buffer_of(each)
            tab = _Tab(name, file / name, str(each["code"]), _channels(each, ids, file))
            if kind == "common":
                common = tab
            else:
                tabs.append(tab)
        info = dict(shader.get("info") or {})
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise PieceError(f"{file.name} is no Shadertoy export ({type(error).__name__}: {error}).", file=file) from None
    if not tabs:
        raise PieceError(f"{file.name} has no image to draw.", file=file)
    return sorted(tabs, key=lambda t: (t.name == "Image", t.name)), common, info


def _buffer_of(given: Mapping[str, Any]) -> str:
    match = re.search(r"\b([A-D])\s*$", str(given.get("name", "")).strip(), re.IGNORECASE)
    return match[1].upper() if given.get("type") == "buffer" and match is not None else "Image"


def _channels(given: Mapping[str, Any], ids: Mapping[str, str], file: Path) -> dict[int, str]:
    found = {}
    for each in given.get("inputs") or ():
        kind = str(each.get("ctype") or each.get("type"))
        if kind in _UNSUPPORTED:
            raise PieceError(f"{file.name} reads {_UNSUPPORTED[kind]}, which facade has none of.", file=file)
        if kind == "buffer":
            at = re.search(r"buffer0([0-3])", str(each.get("src") or each.get("filepath") or ""))
            kind = f"buffer {BUFFERS[int(at[1])] if at else ids.get(str(each.get('id')), 'A')}"
        elif kind in ("music", "musicstream", "mic"):
            kind = "audio"
        elif kind != "keyboard":
            kind = "video" if kind in ("video", "webcam") else "picture"
            source = str(each.get("src") or each.get("filepath") or "").rpartition("/")[2]
            kind = f"{kind} {picture_beside(file, source)}".strip()
        found[int(each.get("channel", 0))] = kind
    return found
