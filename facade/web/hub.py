"""What the page needs from the control process, and the exact JSON it receives.

A Hub answers from the web server's thread: every method must be safe to call from there, return within a few
milliseconds and never wait for another process. All JSON values are finite. See docs/page.md for the wire.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

from facade.config.piece import AudioParameter, ImageParameter, Parameter, PieceManifest, PointsParameter, Value
from facade.config.show import Cue, Playlist
from facade.control.events import Arg

JsonValue = bool | int | float | str | list[float]
"""A parameter's value on the page: color and point are lists of numbers 0..1; points four numbers each, as over OSC."""


class ParameterInfo(TypedDict):
    """One control. address: where a change is posted. Only the keys that the type uses are there."""

    name: str
    address: str
    type: Literal["float", "int", "bool", "trigger", "color", "choice", "point", "points", "text"]
    label: str
    help: str
    default: NotRequired[JsonValue]
    min: NotRequired[float]
    max: NotRequired[float]
    unit: NotRequired[str]
    choices: NotRequired[list[str]]
    max_length: NotRequired[int]


class PieceInfo(TypedDict):
    slug: str
    title: str
    author: str
    description: str
    parameters: list[ParameterInfo]


class CueInfo(TypedDict):
    """hold_s None: waits for go. pieces: slugs of all it shows, bottom first, each layer followed by its filters.

    transition: the slug of the piece that leads into it, "" for a crossfade. filters: those of pieces that are filters.
    """

    name: str
    title: str
    crossfade_s: float
    hold_s: float | None
    pieces: list[str]
    transition: str
    filters: list[str]


class PlaylistInfo(TypedDict):
    name: str
    cues: list[str]
    loop: bool


class Description(TypedDict):
    """What stays the same while a show runs. Sent when a page connects, and again whenever it changes.

    scene: the street view's numbers (simulator.scene.Scene.as_json), {} where there is none.
    """

    version: str
    show: str
    venue: str
    place: str
    n_pixels: int
    scene: dict[str, Any]
    pieces: list[PieceInfo]
    cues: list[CueInfo]
    playlists: list[PlaylistInfo]


class Message(TypedDict):
    """The last thing worth telling the operator. age_s: whole seconds since, so that the state settles."""

    level: Literal["info", "warning", "error"]
    text: str
    age_s: int


class OnAir(TypedDict):
    """cue, next_cue: names, "" if none. progress: of the crossfade into cue, 0..1. pieces: slugs, bottom first."""

    cue: str
    next_cue: str
    progress: float
    holding: bool
    playlist: str
    pieces: list[str]


class State(TypedDict):
    """What changes. values: parameter address -> current value, for the pieces on air at least.

    render, delivery: core.health records as JSON, None until that process has reported.
    inputs, processes: lists of such records. Outputs are inside delivery.
    quarantined: slug -> what a piece did to be in quarantine.
    Round what jitters (rates to 0.1) so that an idle page stays silent.
    """

    values: dict[str, JsonValue]
    master: float
    blackout: bool
    on_air: OnAir
    render: dict[str, Any] | None
    delivery: dict[str, Any] | None
    inputs: list[dict[str, Any]]
    processes: list[dict[str, Any]]
    quarantined: dict[str, str]
    message: Message | None


class Hub(Protocol):
    """The control process, as the page sees it."""

    def describe(self) -> Description:
        """Called when a page connects and about once a second after that; the page rebuilds when it differs."""
        ...

    def quads(self) -> bytes:
        """Little-endian float32 (P, 6): x, y, z, width, height in metres and yaw in radians (Scene.quads)."""
        ...

    def state(self) -> State:
        """Called at most ten times a second however many pages look."""
        ...

    def lit(self) -> tuple[int, NDArray[np.uint8]] | None:
        """The newest light that left, as (number that grows, uint8 (P, 3) sRGB-encoded), or None before the first.

        The array may be reused after the next call. Called at most 25 times a second.
        """
        ...

    def post(self, address: str, args: tuple[Arg, ...]) -> None:
        """Hand one change to the control process. Raises InputError, in words for the person who moved the control."""
        ...


def parameter_infos(slug: str, manifest: PieceManifest) -> list[ParameterInfo]:
    """Return the controls of one piece, in the manifest's order."""
    infos: list[ParameterInfo] = []
    for name, parameter in manifest.parameter.items():
        info = ParameterInfo(
            name=name,
            address=f"/piece/{slug}/{name}",
            # What a picture or sound shows is chosen from what is there.
            type="choice" if isinstance(parameter, ImageParameter | AudioParameter) else parameter.type,
            label=parameter.label or _label(name, parameter),
            help=parameter.help,
        )
        if parameter.type == "float":
            info |= {"min": parameter.min, "max": parameter.max, "unit": parameter.unit}
        elif parameter.type == "int":
            info |= {"min": parameter.min, "max": parameter.max}
        elif parameter.type == "text":
            info["max_length"] = parameter.max_length
        elif parameter.type == "choice":
            info["choices"] = list(parameter.choices)
        elif isinstance(parameter, PointsParameter):
            info["max"] = parameter.max  # shown, not moved: that is a tracker's part
        elif isinstance(parameter, ImageParameter | AudioParameter):
            info["choices"] = list(parameter.choices)
        if parameter.type == "choice":
            info["default"] = parameter.default or parameter.choices[0]
        elif isinstance(parameter, AudioParameter):
            info["default"] = parameter.first
        elif parameter.type != "trigger":
            info["default"] = json_value(parameter.default)
        infos.append(info)
    return infos


def piece_info(slug: str, manifest: PieceManifest) -> PieceInfo:
    """Return one piece as the page shows it."""
    return PieceInfo(
        slug=slug,
        title=manifest.title,
        author=manifest.author,
        description=manifest.description,
        parameters=parameter_infos(slug, manifest),
    )


def cue_info(name: str, cue: Cue) -> CueInfo:
    """Return one cue as the page shows it."""
    return CueInfo(
        name=name,
        title=cue.title or _words(name),
        crossfade_s=cue.crossfade_s,
        hold_s=cue.hold_s,
        pieces=list(dict.fromkeys(part.piece for _, part in cue.parts())),
        transition="" if cue.transition is None else cue.transition.piece,
        filters=list(dict.fromkeys(part.piece for _, part in cue.parts() if part.ROLE == "filter")),
    )


def playlist_info(name: str, playlist: Playlist) -> PlaylistInfo:
    """Return one playlist as the page shows it."""
    return PlaylistInfo(name=name, cues=list(playlist.cues), loop=playlist.loop)


def _label(name: str, parameter: Parameter) -> str:
    """A parameter's name as a person would write it, without the unit that its value shows anyway."""
    unit = getattr(parameter, "unit", "")
    return _words(name.removesuffix(f"_{unit}") if unit else name)


def _words(name: str) -> str:
    """A key as a person would write it."""
    return name.replace("_", " ").replace("-", " ").capitalize()


def json_value(value: Value) -> JsonValue:
    """Return a parameter's value as JSON: tuples become lists."""
    return list(value) if isinstance(value, tuple) else value
