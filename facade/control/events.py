"""What comes in from outside, and what it becomes: frozen events, safe to record and to send between processes."""

from __future__ import annotations

from dataclasses import dataclass

Arg = int | float | bool | str | bytes | None
"""One argument of a message. None is OSC's N; the infinitum I arrives as math.inf."""


@dataclass(frozen=True, slots=True)
class InputEvent:
    """One message from one input.

    at_s: time of arrival on the clock all processes share. input: its name in the show ("osc", "knobs", "page").
    address: within that input ("/fader/1", "/cc/1/7", "/distance"). args: at most 64, four for each of many points.
    trigger: order matters and none may be lost to coalescing (notes, /show/go); otherwise the newest value wins.
    """

    at_s: float
    input: str
    address: str
    args: tuple[Arg, ...]
    trigger: bool = False


@dataclass(frozen=True, slots=True)
class ControlEvent:
    """One change for the show, after decoding, conditioning and binding.

    address: /piece/SLUG/NAME, /show/go, /show/back, /show/cue, /show/hold, /master, /blackout, /input/NAME/sound,
    /light_sensor.
    value: already valid for its parameter (see config.piece.Value); None for go and back.
    seq: counts up from 1 in the control process, so that the renderer can say what it has applied.
    """

    seq: int
    at_s: float
    address: str
    value: bool | int | float | str | tuple[float, ...] | None
