"""A show: inputs, bindings, cues and playlists."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from facade.config.document import Document, Ratio, Slug, Table
from facade.config.piece import Value


class OscInput(Table):
    """OSC over UDP."""

    type: Literal["osc"]
    port: int = Field(default=9000, ge=1, le=65535)
    bind: str = Field(default="127.0.0.1", description="Address of the interface to listen on; 0.0.0.0 listens on all.")
    feedback: tuple[str, ...] = Field(default=(), description='"host:port" that receives every change of a parameter.')
    stale_s: float = Field(default=10.0, gt=0.0)


class MidiInput(Table):
    """MIDI by port name: the first port whose name contains ``port``, upper or lower case."""

    type: Literal["midi"]
    port: str = Field(min_length=1)
    stale_s: float = Field(default=3600.0, gt=0.0)


class SerialInput(Table):
    """Lines of text from a serial port: CSV, key=value pairs or one JSON object a line."""

    type: Literal["serial"]
    port: str = Field(min_length=1, description="Device path; prefer /dev/serial/by-id/… which survives replugging.")
    baud: int = Field(default=115200, ge=9600, le=921600)
    format: Literal["auto", "csv", "pairs", "json"] = "auto"
    stale_s: float = Field(default=5.0, gt=0.0)


Input = Annotated[OscInput | MidiInput | SerialInput, Field(discriminator="type")]


class Binding(Table):
    """Input address -> parameter.

    source: "INPUT/ADDRESS", such as osc/fader/1, knobs/cc/1/7, sensor/distance.
    to: address of a parameter: /piece/SLUG/NAME, /master, /blackout, /show/go, /show/cue.
    in_range: input values mapped onto out_range; absent means 0..1 (MIDI 0..127, bend -8192..8191).
    """

    source: str = Field(alias="from", min_length=3)
    to: str = Field(min_length=2, pattern=r"^/")
    in_range: tuple[float, float] | None = None
    out_range: tuple[float, float] | None = Field(default=None, description="Absent means the parameter's own range.")
    curve: Literal["linear", "square", "sqrt", "s"] = "linear"
    invert: bool = False
    smooth_s: float = Field(default=0.0, ge=0.0, le=60.0)
    stale: Literal["hold", "default"] = "hold"


class Layer(Table):
    piece: Slug
    preset: Slug | None = None
    opacity: Ratio = 1.0
    blend: Literal["normal", "add", "multiply", "screen", "lighten", "darken"] = "normal"
    values: dict[Slug, Value] = {}


class Cue(Table):
    """What is on. hold_s: in a playlist, seconds from the start of this cue to the next one; absent waits for go."""

    title: str = ""
    crossfade_s: float = Field(default=2.0, ge=0.0, le=600.0)
    hold_s: float | None = Field(default=None, gt=0.0)
    layer: tuple[Layer, ...] = Field(min_length=1, max_length=8)


class Playlist(Table):
    cues: tuple[Slug, ...] = Field(min_length=1)
    loop: bool = True


class Show(Document):
    KIND: ClassVar[str] = "show"

    title: str = Field(min_length=1)
    seed: int = Field(default=1, ge=0, le=2**31 - 1)
    rate_hz: float = Field(default=60.0, ge=1.0, le=240.0, description="Render rate.")
    start: Slug | None = Field(default=None, description="Playlist to start with; absent means the first.")
    input: dict[Slug, Input] = {}
    binding: tuple[Binding, ...] = ()
    cue: dict[Slug, Cue] = Field(min_length=1)
    playlist: dict[Slug, Playlist] = {}
