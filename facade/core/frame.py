"""What travels once per frame: the tick that starts it and the light that comes out of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.core.clock import MAX_DELTA_S

Rgb = NDArray[np.float32]
"""float32 (P, 3): linear light 0..1, red green blue, venue pixel order."""

Levels = NDArray[np.uint8]
"""uint8 (L,): the channel bytes of every pixel, one pixel after the other, in its profile's channel order."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One engine step.

    frame: number on the show's frame grid, from 0; a late engine skips numbers, it never renumbers.
    time_s: show time, frame / rate. delta_s: since the previous tick that was rendered, at most 0.1.
    """

    frame: int
    time_s: float
    delta_s: float


@dataclass(frozen=True, slots=True)
class PixelFrame:
    """The light of one tick. ``rgb`` belongs to whoever made it, who leaves it as it is until the next frame."""

    tick: Tick
    rgb: Rgb


def not_a_number(rgb: Rgb) -> int:
    """Return how many pixels have a channel that is NaN or infinite; each is sent black."""
    return int((~np.isfinite(rgb)).any(axis=1).sum())


def tick_at(frame: int, *, rate_hz: float, previous: int | None) -> Tick:
    """Return the tick of a frame number; previous is the frame rendered before it, None for the first."""
    step = 1 if previous is None else frame - previous
    return Tick(frame=frame, time_s=frame / rate_hz, delta_s=min(step / rate_hz, MAX_DELTA_S))
