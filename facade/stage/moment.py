"""The moment a layer is drawn at, as every dialect's automatic uniforms tell it."""

from __future__ import annotations

from dataclasses import dataclass

from facade.core.frame import Tick
from facade.pieces.program import Quantity

_DAY_S = 86_400.0
_NOON_S = 43_200.0
Date = tuple[int, int, int, float]


@dataclass(frozen=True, slots=True)
class Moment:
    """time_s: since the cue started, from 0 again after hours. frame: since the layer came on.

    date: year, month, day, seconds of the day. start_s: show time of the cue's start. age_s: all seconds since then.
    """

    time_s: float
    delta_s: float
    frame: int
    seed: float
    date: Date
    start_s: float = 0.0
    age_s: float = 0.0

    def numbers(self, quantity: Quantity, *, size_px: tuple[int, int], index: int) -> tuple[float, ...]:
        """Return a quantity for a pass: index of it, size_px of its target."""
        match quantity:
            case "time":
                return (self.time_s,)
            case "delta":
                return (self.delta_s if self.frame else 0.0,)
            case "frame":
                return (float(self.frame),)
            case "size":
                return (float(size_px[0]), float(size_px[1]), 1.0)
            case "pass":
                return (float(index),)
            case "date":
                return tuple(float(v) for v in self.date)
            case "date0":
                year, month, day, seconds = self.date
                return (float(year), month - 1.0, float(day), seconds)
            case "rate":
                return (1.0 / self.delta_s if self.delta_s > 0.0 else 60.0,)
            case "seed":
                return (self.seed,)
            case "mouse":
                return (0.0, 0.0, 0.0, 0.0)


def show_date(tick: Tick) -> Date:
    """Return a date that is the same on every run: the show's first second is noon of the first day of 2000."""
    return (2000, 1, 1, (_NOON_S + tick.time_s) % _DAY_S)


START = Moment(0.0, 1.0 / 60.0, 0, 0.0, (2000, 1, 1, _NOON_S))
"""What a piece is warmed with."""
