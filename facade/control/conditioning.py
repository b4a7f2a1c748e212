"""What happens to a number on its way from a sensor to a parameter. Pure functions of numbers and seconds.

The order is: input range to 0..1 and clamped, invert, curve, output range. Smoothing comes last and elsewhere: on the
render side, once a frame, because a knob that stops turning sends nothing more while its value must still arrive.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Curve = Literal["linear", "square", "sqrt", "s"]

CURVES: dict[Curve, Callable[[float], float]] = {
    "linear": lambda x: x,
    "square": lambda x: x * x,
    "sqrt": math.sqrt,
    "s": lambda x: x * x * (3.0 - 2.0 * x),
}
"""Each maps 0..1 onto 0..1, rises everywhere and keeps both ends. "s" is flat at both ends (3x² - 2x³)."""


@dataclass(frozen=True, slots=True)
class Conditioning:
    """in_range: two different numbers, either way round; out_range: any two numbers, either way round."""

    in_range: tuple[float, float]
    out_range: tuple[float, float]
    curve: Curve = "linear"
    invert: bool = False

    def ratio(self, raw: float) -> float:
        """Return where a finite raw number lies, 0..1, after clamp, invert and curve."""
        low, high = self.in_range
        ratio = min(max((raw - low) / (high - low), 0.0), 1.0)
        return CURVES[self.curve](1.0 - ratio if self.invert else ratio)

    def apply(self, raw: float) -> float:
        """Return the conditioned number, within out_range."""
        low, high = self.out_range
        ratio = self.ratio(raw)
        # Both ends exact: low + (high - low) * 1 may miss high by a rounding.
        return low * (1.0 - ratio) + high * ratio


def approach(current: float, target: float, *, delta_s: float, time_constant_s: float) -> float:
    """Return current moved towards target for delta_s: 63 % of the way after one time constant (a one-pole low pass).

    The same whatever the frame rate: two steps of 10 ms end where one of 20 ms does. No time constant arrives at once.
    """
    if time_constant_s <= 0.0:
        return target
    return target + (current - target) * math.exp(-delta_s / time_constant_s)
