"""How a measurement is summed up: spreads, lines through samples, and aims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """n samples: median, 99th percentile and largest, in the unit of their field's name."""

    n: int
    p50: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Aim:
    """One thing this machine is asked for. figure: what was measured, in the words of aim.

    met: None where this run was too short to tell.
    """

    what: str
    aim: str
    figure: str
    met: bool | None


def spread(values: Sequence[float]) -> Spread:
    """Return the spread of at least one value; percentiles are nearest-rank from above, never interpolated away."""
    array = np.asarray(values, dtype=np.float64)
    p50, p99 = (float(v) for v in np.percentile(array, (50, 99), method="higher"))
    return Spread(n=len(array), p50=p50, p99=p99, max=float(array.max()))


def slope(times: Sequence[float], values: Sequence[float]) -> float:
    """Return how much values rise per unit of time (least squares); 0 for fewer than two samples."""
    if len(times) < 2:
        return 0.0
    t = np.asarray(times, dtype=np.float64)
    t = t - t.mean()
    return float(t @ np.asarray(values, dtype=np.float64) / (t @ t))
