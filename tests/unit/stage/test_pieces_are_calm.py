"""Shipped pieces do not flash, even while somebody hammers on their triggers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.config.piece import TriggerParameter
from facade.core import places
from facade.core.color import LUMINANCE_WEIGHTS
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, windows

RATE_HZ = 30.0
SECONDS = 6.0
FLASH = 0.10
"""A change of relative luminance that counts (WCAG 2.2, general flash), without the allowance for bright scenes."""

LIBRARY = PieceLibrary([places.pieces()])


def swings(series: NDArray[np.float32]) -> int:
    """Count how often a series turns and then goes at least FLASH the other way."""
    count, direction = 0, 0
    low = high = float(series[0])
    for value in map(float, series):
        low, high = min(low, value), max(high, value)
        if value - low >= FLASH and direction <= 0:
            count, direction, high = count + 1, 1, value
        elif high - value >= FLASH and direction >= 0:
            count, direction, low = count + 1, -1, value
        if direction > 0:
            low = value if value >= high else low
        elif direction < 0:
            high = value if value <= low else high
    return count


def hammers(slug: str) -> tuple[float, ...]:
    """How often its triggers are hit; a piece that has none is looked at once."""
    has_triggers = any(isinstance(p, TriggerParameter) for p in LIBRARY.get(slug).manifest.parameter.values())
    return (0.8, 2.5, 8.0) if has_triggers else (0.8,)


def hammered(hits_hz: float) -> Iterator[tuple[Tick, float]]:
    for frame in range(int(SECONDS * RATE_HZ)):
        time_s = frame / RATE_HZ
        since = 1e6 if time_s < 1.0 else (time_s - 1.0) % (1.0 / hits_hz)
        yield Tick(frame, time_s, 1.0 / RATE_HZ), since


def test_swings_are_counted() -> None:
    time_s = np.arange(0.0, 4.0, 1 / 60)
    assert swings((0.5 + 0.2 * np.sin(2 * np.pi * 3 * time_s)).astype(np.float32)) in range(22, 26)
    assert swings((0.5 + 0.04 * np.sin(2 * np.pi * 3 * time_s)).astype(np.float32)) == 0
    assert swings(time_s.astype(np.float32)) == 1


@pytest.mark.parametrize(("slug", "hits_hz"), [(slug, hz) for slug in LIBRARY.names() for hz in hammers(slug)])
def test_hammering_a_trigger_does_not_make_a_piece_flash(gpu: GpuContext, slug: str, hits_hz: float) -> None:
    parameters = LIBRARY.get(slug).manifest.parameter
    triggers = [name for name, p in parameters.items() if isinstance(p, TriggerParameter)]
    for pixels in (windows(), pixel_grid(24, 16, pitch_m=(0.5, 0.5))):
        stage = Stage(gpu, pixels, LIBRARY, budget_ms=None)
        light = [
            stage.frame(tick, look(slug), snapshot({("cue", 0): dict.fromkeys(triggers, since)})) @ LUMINANCE_WEIGHTS
            for tick, since in hammered(hits_hz)
        ]
        stage.release()
        worst = max(swings(series) for series in np.array(light).T)
        # Three flashes a second are six swings; a piece stays below half of that.
        assert worst / SECONDS <= 3.0, f"{worst} swings in {SECONDS} s"
