"""Test patterns: light made here instead of by a renderer, sent through the very same delivery."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from facade.app.engines import live_engine
from facade.core.clock import RealClock
from facade.core.frame import PixelFrame, Rgb, Tick
from facade.core.health import DeliveryHealth
from facade.mapping.model import Patch, PixelMap
from facade.outputs.virtual import VirtualNetwork

STEP_S = 0.5
"""A moving pattern changes twice a second: under the three flashes a second of WCAG 2.2 SC 2.3.1."""

UNLOCKED_S = 600.0
"""The longest that one fixture may be tested without the brightness caps."""

_log = logging.getLogger(__name__)

_FLAT = {"white": (1.0, 1.0, 1.0), "red": (1.0, 0.0, 0.0), "green": (0.0, 1.0, 0.0), "blue": (0.0, 0.0, 1.0)}


@dataclass(frozen=True, slots=True)
class TestPattern:
    """name: white red green blue black ramp walk rows columns corners. level: brightness, linear 0..1.

    fixture: the only one that is lit, by name; "" for all.
    """

    __test__ = False

    name: str
    level: float
    fixture: str = ""

    def draw_into(self, rgb: Rgb, pixels: PixelMap, time_s: float) -> None:
        """Write the pattern at a time into rgb (P, 3)."""
        step = int(time_s / STEP_S)
        rgb[:] = 0.0
        if self.name in _FLAT:
            rgb[:] = _FLAT[self.name]
        elif self.name == "ramp":
            rgb[:] = pixels.uv[:, :1]
        elif self.name == "walk":
            rgb[step % pixels.n_pixels] = 1.0
        elif self.name in ("rows", "columns"):
            axis = 1 if self.name == "rows" else 0
            lines = np.unique(pixels.uv[:, axis].round(4))
            at = lines[:: -1 if axis else 1][step % len(lines)]
            rgb[np.abs(pixels.uv[:, axis] - at) < 1e-3] = 1.0
        elif self.name == "corners":
            # Bottom left red, bottom right green, top left blue, top right white.
            colors = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1))
            for corner, color in zip(((0, 0), (1, 0), (0, 1), (1, 1)), colors, strict=True):
                rgb[np.argmin(((pixels.uv - corner) ** 2).sum(axis=1))] = color
        rgb *= self.level
        if self.fixture:
            rgb[pixels.fixture != pixels.fixtures.index(self.fixture)] = 0.0


def play_pattern(
    pixels: PixelMap,
    patch: Patch,
    pattern: TestPattern,
    *,
    until: Callable[[], bool],
    duration_s: float | None,
    unlocked: bool = False,
) -> DeliveryHealth:
    """Send a pattern until asked to end or the time is over; ends black. Returns the delivery's health.

    unlocked: the brightness caps rest, for UNLOCKED_S at most; the test ends then.
    """
    clock = RealClock()
    unlocked_s = UNLOCKED_S if unlocked else 0.0
    engine = live_engine(pixels, patch, clock, network=VirtualNetwork(), real=True, unlocked_s=unlocked_s)
    if unlocked:
        _log.info("unlocked for %.0f s: fixture %s, pattern %s", unlocked_s, pattern.fixture, pattern.name)
        duration_s = min(unlocked_s, unlocked_s if duration_s is None else duration_s)
    rgb = np.zeros((pixels.n_pixels, 3), dtype=np.float32)
    start = deadline = clock.now()
    frame = 0
    while not until() and (duration_s is None or deadline - start < duration_s):
        pattern.draw_into(rgb, pixels, deadline - start)
        engine.offer(PixelFrame(Tick(frame, deadline - start, 0.0), rgb))
        engine.step()
        frame += 1
        deadline += 1.0 / pixels.venue.venue.rate_hz
        clock.wait_until(deadline)
    health = engine.health()
    engine.close(fade_s=0.3)
    return health
