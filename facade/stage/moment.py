"""The moment a layer is drawn at, as every dialect's automatic uniforms tell it."""

from __future__ import annotations

from dataclasses import dataclass

from facade.control.snapshot import ControlSnapshot
from facade.core.frame import Tick
from facade.pieces.program import Quantity

TIME_WRAP_S = 16_384.0
"""u_time starts again after this long (4.5 hours): a float of that size still tells milliseconds apart."""

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


@dataclass(frozen=True, slots=True)
class Scene:
    """One tick and the control values that go with it."""

    tick: Tick
    snapshot: ControlSnapshot


def moment_of(tick: Tick, started_at_s: float, *, first_frame: int | None, seed: int) -> Moment:
    """Return the moment of a layer that started then. first_frame: tick of its first draw, None if this is it."""
    first = tick.frame if first_frame is None else first_frame
    age_s = max(0.0, tick.time_s - started_at_s)
    return Moment(
        time_s=age_s % TIME_WRAP_S,
        delta_s=tick.delta_s,
        frame=(tick.frame - first) & 0x7FFFFFFF,
        seed=_unit_seed(seed),
        date=show_date(tick),
        start_s=started_at_s,
        age_s=age_s,
    )


def _unit_seed(seed: int) -> float:
    """Spread a whole number over 0..1 (Knuth's multiplicative hash), so that neighbouring seeds look unrelated."""
    return ((seed * 2_654_435_761) & 0xFFFFFFFF) / 4_294_967_296.0


def show_date(tick: Tick) -> Date:
    """Return a date that is the same on every run: the show's first second is noon of the first day of 2000."""
    return (2000, 1, 1, (_NOON_S + tick.time_s) % _DAY_S)


START = Moment(0.0, 1.0 / 60.0, 0, 0.0, (2000, 1, 1, _NOON_S))
"""What a piece is warmed with."""
