"""The moment a layer is drawn at, as every dialect's automatic uniforms tell it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from facade.control.snapshot import ControlSnapshot
from facade.core.frame import Tick
from facade.pieces.mouse import mouse_numbers
from facade.pieces.program import Quantity

TIME_WRAP_S = 16_384.0
"""u_time starts again after this long (4.5 hours): a float of that size still tells milliseconds apart."""


@dataclass(frozen=True, slots=True)
class Moment:
    """time_s: since the cue started, from 0 again after hours. frame: since the layer came on.

    civil: the time of the venue's clocks. start_s: show time of the cue's start. age_s: all seconds since then.
    """

    time_s: float
    delta_s: float
    frame: int
    seed: float
    civil: datetime
    start_s: float = 0.0
    age_s: float = 0.0

    def numbers(
        self, quantity: Quantity, *, size_px: tuple[int, int], index: int, mouse: tuple[float, float] = (0.0, 0.0)
    ) -> tuple[float, ...]:
        """Return a quantity for a pass: index of it, size_px of its target. mouse: 0..1 of it."""
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
                return self._date
            case "date0":
                year, month, day, seconds = self._date
                return (year, month - 1.0, day, seconds)
            case "rate":
                return (1.0 / self.delta_s if self.delta_s > 0.0 else 60.0,)
            case "seed":
                return (self.seed,)
            case "mouse":
                return mouse_numbers(mouse, size_px)
            case "mouse01":
                return mouse

    @property
    def _date(self) -> tuple[float, float, float, float]:
        """Year, month from 1, day, seconds of the day."""
        now = self.civil
        seconds = now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6
        return float(now.year), float(now.month), float(now.day), seconds


@dataclass(frozen=True, slots=True)
class Scene:
    """One tick and the control values that go with it. civil: the time of the venue's clocks then."""

    tick: Tick
    snapshot: ControlSnapshot
    civil: datetime


def moment_of(scene: Scene, started_at_s: float, *, first_frame: int | None, seed: int) -> Moment:
    """Return the moment of a layer that started then. first_frame: tick of its first draw, None if this is it."""
    tick = scene.tick
    first = tick.frame if first_frame is None else first_frame
    age_s = max(0.0, tick.time_s - started_at_s)
    return Moment(
        time_s=age_s % TIME_WRAP_S,
        delta_s=tick.delta_s,
        frame=(tick.frame - first) & 0x7FFFFFFF,
        seed=_unit_seed(seed),
        civil=scene.civil,
        start_s=started_at_s,
        age_s=age_s,
    )


def _unit_seed(seed: int) -> float:
    """Spread a whole number over 0..1 (Knuth's multiplicative hash), so that neighbouring seeds look unrelated."""
    return ((seed * 2_654_435_761) & 0xFFFFFFFF) / 4_294_967_296.0


START = Moment(0.0, 1.0 / 60.0, 0, 0.0, datetime(2000, 1, 1, 12, tzinfo=UTC))
"""What a piece is warmed with."""
