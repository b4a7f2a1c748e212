"""The tabs of a Shadertoy and what is connected to them: a folder, files that name each other, or the site's export."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from facade.config.piece import FILMS
from facade.core.errors import PieceError
from facade.pieces.dialect import Artwork, read_shader
from facade.pieces.glsl import blank_comments
from facade.pieces.pictures import picture_beside
from facade.pieces.program import MAX_PASSES, Filter

BUFFERS = ("A", "B", "C", "D")
IMAGE = "Image"
CHANNELS = 4
"""Of the site. Editors that read the same files number on, up to MORE_CHANNELS."""

MORE_CHANNELS = 10

Kind = Literal["buffer", "picture", "file", "video", "audio", "keyboard", "noise"]

_SHADERS = (".glsl", ".frag", ".fs")
_SOUNDS = (".mp3", ".wav", ".ogg", ".flac", ".m4a")
_ANIMATED = (".gif", ".webp")
_UNSUPPORTED = {"cubemap": "a cube map", "volume": "a volume texture"}

_DIRECTIVE = re.compile(r"(?m)^[ \t]*#[ \t]*(i[A-Z]\w*|StrictCompatibility)\b(.*)$")
_CHANNEL = re.compile(r"iChannel(\d)")
_UNIFORM = re.compile(r"\s*(\w+)\s+(\w+)\s*=\s*([^;{}]*?)\s*(?:in\s*\{([^}]*)\}.*)?$")


@dataclass(frozen=True, slots=True)
class Channel:
    """What is connected to iChannelN. ref: the tab of a buffer, the file of an image, the name of a picture."""

    kind: Kind
    ref: str = ""
    repeat: bool = False
    filter: Filter = "linear"


@dataclass(slots=True)
class Tab:
    """One shader of a Shadertoy. file: for its lines; need not exist. channels: index -> what is connected."""

    name: str
    file: Path
    text: str
    channels: dict[int, Channel] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tabs:
    """All of them in drawing order, the image last. info: what an export says of itself. notes: what was left out."""

    tabs: tuple[Tab, ...]
    common: Tab | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_tabs(art: Artwork) -> Tabs:
    """Read a Shadertoy's tabs. Raises PieceError."""
    if art.shader.suffix == ".json":
        return _exported(art.shader)
    reading = _Reading()
    named = _tab_files(art.shader) if tab_of(art.shader) == IMAGE else {}
    for name in BUFFERS:
        if name in named:
            reading.read(name, named[name])
    reading.read(IMAGE, art.shader)
    present = {t.name for t in reading.tabs}
    for tab in reading.tabs:
        for index, name in enumerate(BUFFERS):
            # Without a word about it, channel 0 is Buffer A, and so on.
            if name in present and index not in tab.channels:
                tab.channels[index] = Channel("buffer", name)
    common = named.get("Common")
    return Tabs(tuple(reading.tabs), None if common is None else Tab("Common", common, read_shader(common)))


def tab_of(file: Path) -> str:
    """Return the tab a file is by its name: Image, Common, A to D, "" for none.

    However people write them: BufferA, buffer-a, Buffer A, Buf A, and as savers number them: 03_buffer_buffer_a.
    """
    bare = re.sub(r"[ _-]", "", file.stem.lower())
    match = re.fullmatch(r"\d*(?:(?:image){1,2}|(?:buffer)?buf(?:fer)?([a-d])|(common){1,2})", bare)
    if match is None:
        return ""
    return match[1].upper() if match[1] else "Common" if match[2] else IMAGE


def image_tab(folder: Path) -> Path | None:
    """Return the Image tab in a folder of tabs, None if it is no such folder."""
    files = (file for end in (".glsl", ".frag") for file in sorted(folder.glob(f"*{end}")))
    return next((file for file in files if tab_of(file) == IMAGE and file.is_file()), None)


def _tab_files(image: Path) -> dict[str, Path]:
    """Return the tabs beside an image."""
    beside = {file: tab_of(file) for file in sorted(image.parent.glob(f"*{image.suffix}"))}
    return {tab: file for file, tab in beside.items() if tab not in ("", IMAGE)}


class _Reading:
    """Reads shader files and those they name, each once, so that what is read comes before who reads it."""

    def __init__(self) -> None:
        self.tabs: list[Tab] = []
        self._names: dict[Path, str] = {}

    def read(self, name: str, file: Path) -> None:
        if file in self._names:
            return
        if len(self._names) >= MAX_PASSES:
            raise PieceError(f"{file.name} is one shader too many: a piece may draw {MAX_PASSES} passes.", file=file)
        self._names[file] = name
        tab = Tab(name, file, read_shader(file))
        bare = blank_comments(tab.text)
        given: dict[int, str] = {}
        settings: dict[int, dict[str, str]] = {}
        for match in _DIRECTIVE.finditer(bare):
            channel = _CHANNEL.fullmatch(match[1])
            if channel is None:
                continue
            setting = re.match(r'::(\w+)\s+"([^"]*)"', match[2])
            path = re.match(r'\s+"([^"]*)"', match[2])
            if setting is not None:
                settings.setdefault(int(channel[1]), {})[setting[1].lower()] = setting[2].lower()
            elif path is not None:
                given[int(channel[1])] = path[1]
        for index, what in given.items():
            tab.channels[index] = self._channel(tab, what, settings.get(index, {}))
        for index in range(MORE_CHANNELS):
            picture = picture_beside(file, f"iChannel{index}")
            if picture and index not in given:
                tab.channels[index] = Channel("picture", picture, repeat=True)
        tab.text = _DIRECTIVE.sub(lambda m: _as_glsl(m, tab), tab.text)
        self.tabs.append(tab)

    def _channel(self, tab: Tab, given: str, settings: Mapping[str, str]) -> Channel:
        if settings.get("type") == "cubemap":
            raise PieceError(f"{tab.file.name} reads a cube map, which facade has none of.", file=tab.file)
        filtered: Filter = "nearest" if settings.get("magfilter", settings.get("minfilter")) == "nearest" else "linear"
        if "mipmap" in settings.get("minfilter", ""):
            filtered = "mipmap"
        wraps = settings.get("wrapmode")
        bare = given.removeprefix("file://").removeprefix("buf://").strip()
        buffer = re.fullmatch(r"(?i)(?:.*/)?buffer[ _-]?([a-d])(?:\.\w+)?", bare)
        file = (tab.file.parent / bare).resolve()
        if bare == "self":
            return Channel("buffer", tab.name, wraps == "repeat", filtered)
        if buffer is not None and not file.is_file():
            return Channel("buffer", buffer[1].upper(), wraps == "repeat", filtered)
        if file.suffix in _SHADERS and file.is_file() and file.is_relative_to(tab.file.parent.resolve()):
            self.read(buffer[1].upper() if buffer is not None else file.stem, file)
            return Channel("buffer", self._names[file], wraps == "repeat", filtered)
        if bare in ("keyboard", "noise", "audio"):
            kinds: dict[str, Kind] = {"keyboard": "keyboard", "noise": "noise", "audio": "audio"}
            return Channel(kinds[bare], repeat=bare == "noise")
        if file.suffix.lower() in _SOUNDS:
            return Channel("audio")
        if bare in ("camera", "video", "webcam") or file.suffix.lower() in (*FILMS, *_ANIMATED):
            return Channel("video", picture_beside(tab.file, bare), wraps != "clamp", filtered)
        if file.is_file() and file.is_relative_to(tab.file.parent.resolve()):
            return Channel("file", str(file), wraps != "clamp", filtered)
        return Channel("picture", repeat=wraps != "clamp", filter=filtered)


def _as_glsl(match: re.Match[str], tab: Tab) -> str:
    """An editor's directive as the uniform it means, or as nothing."""
    declared = _UNIFORM.match(match[2].partition("//")[0]) if match[1] == "iUniform" else None
    if match[1] == "iVertex":
        raise PieceError(
            f"{tab.file.name} asks for a vertex shader of its own, which a Shadertoy has not.", file=tab.file
        )
    if declared is None:
        return ""
    kind, name, value, limits = declared.groups()
    ends = [float(n) for n in re.findall(r"-?\d+\.?\d*", limits or "")]
    if len(ends) == 2 and ends[0] < ends[1]:
        tab.ranges[name] = (ends[0], ends[1])
    types = {"color3": "vec3", "color4": "vec4"}
    initial = re.sub(r"\bcolor([34])\b", r"vec\1", value)
    return f"uniform {types.get(kind, kind)} {name} = {initial};"


def _exported(file: Path) -> Tabs:
    """Read the site's JSON export. Raises PieceError for anything else."""
    try:
        data = json.loads(read_shader(file))
        shader = data[0] if isinstance(data, list) else data
        shader = shader.get("Shader", shader)
        rendered = list(shader["renderpass"])
        ids = {str(o["id"]): _exported_as(p) for p in rendered for o in p.get("outputs") or ()}
        tabs, common, notes = [], None, []
        for each in rendered:
            kind = str(each.get("type", "image"))
            if kind == "cubemap":
                raise PieceError(f"{file.name} draws a cube map, which facade has none of.", file=file)
            if kind == "sound":
                notes.append("the Sound tab is left out: facade plays no sound of a shader's")
                continue
            name = "Common" if kind == "common" else _exported_as(each)
            tab = Tab(name, file / name, str(each["code"]), _channels(each, ids, file))
            if kind == "common":
                common = tab
            else:
                tabs.append(tab)
        info = dict(shader.get("info") or {})
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise PieceError(f"{file.name} is no Shadertoy export ({type(error).__name__}: {error}).", file=file) from None
    if not tabs:
        raise PieceError(f"{file.name} has no image to draw.", file=file)
    ordered = tuple(sorted(tabs, key=lambda t: (t.name == IMAGE, t.name)))
    return Tabs(ordered, common, info, tuple(notes))


def _exported_as(given: Mapping[str, Any]) -> str:
    match = re.search(r"\b([A-D])\s*$", str(given.get("name", "")).strip(), re.IGNORECASE)
    return match[1].upper() if given.get("type") == "buffer" and match is not None else IMAGE


def _channels(given: Mapping[str, Any], ids: Mapping[str, str], file: Path) -> dict[int, Channel]:
    found = {}
    for each in given.get("inputs") or ():
        kind = str(each.get("ctype") or each.get("type"))
        if kind in _UNSUPPORTED:
            raise PieceError(f"{file.name} reads {_UNSUPPORTED[kind]}, which facade has none of.", file=file)
        sampler = each.get("sampler") or {}
        filters: dict[str, Filter] = {"nearest": "nearest", "mipmap": "mipmap"}
        filtered = filters.get(str(sampler.get("filter")), "linear")
        repeat = sampler.get("wrap", "clamp" if kind == "buffer" else "repeat") == "repeat"
        index = int(each.get("channel", 0))
        shown = picture_beside(file, str(each.get("src") or each.get("filepath") or "").rpartition("/")[2])
        if kind == "buffer":
            at = re.search(r"buffer0([0-3])", str(each.get("src") or each.get("filepath") or ""))
            name = BUFFERS[int(at[1])] if at else ids.get(str(each.get("id")), "A")
            found[index] = Channel("buffer", name, repeat, filtered)
        elif kind in ("music", "musicstream", "mic"):
            found[index] = Channel("audio")
        elif kind in ("video", "webcam"):
            found[index] = Channel("video", shown, repeat, filtered)
        elif kind == "keyboard":
            found[index] = Channel("keyboard")
        else:
            found[index] = Channel("picture", shown, repeat, filtered)
    return found
