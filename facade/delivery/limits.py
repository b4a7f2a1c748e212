"""Keeps the limits up to date and says what they do: the brightness cap once a second, a line in the log a change.

Nothing here can lift a limit: the schedule comes from the venue's document, a sensor's reading only chooses within it,
and an edit while the show plays only counts where it is darker than what the show began with.
"""

from __future__ import annotations

import logging
import math

from facade.config.venue import Venue
from facade.core.clock import Clock
from facade.core.frame import Rgb
from facade.light.caps import CapSchedule, darkest
from facade.light.pipeline import LightPipeline
from facade.mapping.model import PixelMap

EVERY_S = 1.0
QUIET_S = 10.0
"""A limit that comes and goes is logged no more often than this."""

_log = logging.getLogger(__name__)


class LimitWatch:
    """safe: the safe look, (P, 3). safe_share: the master at which it keeps the cap in force."""

    def __init__(self, pixels: PixelMap, pipeline: LightPipeline, safe: Rgb, clock: Clock) -> None:
        self._schedules = [CapSchedule(pixels.venue)]
        self._sensor = pixels.venue.light_sensor
        self._pipeline = pipeline
        self._safe = safe
        self._clock = clock
        self._due_at = -math.inf
        self._lux: tuple[float, float] | None = None
        self._said_at: dict[str, float] = {}
        self._was: dict[str, str] = {"cap": "", "flash": "", "power": ""}
        self.safe_share = 1.0

    def sense(self, lux: float) -> None:
        """Take a reading of the light sensor."""
        self._lux = (lux, self._clock.now())

    def tighten(self, venue: Venue) -> None:
        """Let the caps of an edited venue count too, where they are darker; a later edit takes this one's place."""
        self._schedules[1:] = [CapSchedule(venue)]
        self._due_at = -math.inf

    def look(self, now: float) -> None:
        """Once a second: bring the cap up to date, and log what changed."""
        if now < self._due_at:
            return
        self._due_at = now + EVERY_S
        if any(schedule.any for schedule in self._schedules):
            wall, lux = self._clock.wall(), self._fresh_lux(now)
            self._pipeline.set_cap(darkest([schedule.at(wall, lux=lux) for schedule in self._schedules]))
            self.safe_share = self._pipeline.share_allowed(self._safe)
        self._say(now)

    def _fresh_lux(self, now: float) -> float | None:
        if self._lux is None or self._sensor is None or now - self._lux[1] > self._sensor.stale_s:
            return None
        return self._lux[0]

    def _say(self, now: float) -> None:
        counters = self._pipeline.counters
        flash, cap = counters.flash, counters.cap
        # Numbers stay out of what is compared, or every second would be a change.
        found = {
            "cap": cap.why.split(",")[0],
            "power": "a supply is at its limit" if counters.power_scale < 0.995 else "",
            "flash": f"light is held back that would flash too often ({flash.rule})" if flash.held_s > 0 else "",
        }
        for limit, says in found.items():
            if says == self._was[limit] or now - self._said_at.get(limit, -math.inf) < QUIET_S:
                continue
            self._said_at[limit], self._was[limit] = now, says
            _log.info("%s limit: %s", limit, says or "nothing is held back any more")
