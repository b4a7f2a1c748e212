"""Keeps the limits up to date and says what they do: the brightness cap once a second, a line in the log a change.

Nothing from outside can lift a limit: the schedule comes from the venue's document, a sensor's reading only chooses
within it, and an edit while the show plays only counts where it is darker than what the show began with. The one
exception is made where this is built: for unlocked_s from then on the brightness caps rest, so that a person on site
can test a fixture. Power and flash limits know no exception.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

from facade.config.venue import Venue
from facade.core.clock import Clock
from facade.core.frame import Rgb
from facade.light.caps import Cap, CapSchedule, darkest
from facade.light.pipeline import LightPipeline
from facade.light.ratings import Ratings, rated, ratings_of, stricter, stricter_words
from facade.mapping.model import PixelMap

EVERY_S = 1.0
QUIET_S = 10.0
"""A limit that comes and goes is logged no more often than this."""

UNLOCKED = "unlocked on site to test fixtures"

_FULL = 0.995
"""A supply that gives this much is not at its limit."""

_log = logging.getLogger(__name__)


class LimitWatch:
    """safe: the safe look, (P, 3). safe_share: the master at which it keeps the limits in force.

    tightened: what is rated more strictly than at the start, in words.
    unlocked_s: for so long from now the brightness caps rest.
    """

    def __init__(
        self, pixels: PixelMap, pipeline: LightPipeline, safe: Rgb, clock: Clock, *, unlocked_s: float = 0.0
    ) -> None:
        self._schedules = [CapSchedule(pixels.venue)]
        self._pixels = pixels
        self._ratings = ratings_of(pixels)
        self.tightened: tuple[str, ...] = ()
        self._sensor = pixels.venue.light_sensor
        self._pipeline = pipeline
        self._safe = safe
        self._clock = clock
        self._due_at = -math.inf
        self._lux: tuple[float, float] | None = None
        self._unlocked_until = clock.now() + unlocked_s
        self._cap = _Episode("brightness cap")
        self._power = _Episode("power limit")
        self._flash = _Episode("flash guard")
        self._flash_frames = 0
        self.safe_share = 1.0

    def sense(self, lux: float) -> None:
        """Take a reading of the light sensor."""
        self._lux = (lux, self._clock.now())

    def tighten(self, venue: Venue) -> None:
        """Let the caps of an edited venue count too, where they are darker; a later edit takes this one's place."""
        self._schedules[1:] = [CapSchedule(venue)]
        self._due_at = -math.inf

    def rate(self, ratings: Ratings) -> None:
        """Let the ratings of an edited venue count too, where they are stricter; a later edit takes this one's place.

        Raises MappingError if a supply could not even feed its black pixels; then nothing has changed.
        """
        now = stricter(self._ratings, ratings)
        self._pipeline.tighten(rated(self._pixels, now), area_m2=now.area_m2)
        self.tightened = tuple(stricter_words(self._ratings, now))
        self._due_at = -math.inf

    def look(self, now: float) -> None:
        """Once a second: bring the cap up to date, and log what changed."""
        if now < self._due_at:
            return
        self._due_at = now + EVERY_S
        if any(schedule.any for schedule in self._schedules):
            wall, lux = self._clock.wall(), self._fresh_lux(now)
            in_force = darkest([schedule.at(wall, lux=lux) for schedule in self._schedules])
            self._pipeline.set_cap(Cap(why=UNLOCKED) if now < self._unlocked_until else in_force)
        if self.tightened or any(schedule.any for schedule in self._schedules):
            self.safe_share = self._pipeline.share_allowed(self._safe)
        self._say(now)

    def _fresh_lux(self, now: float) -> float | None:
        if self._lux is None or self._sensor is None or now - self._lux[1] > self._sensor.stale_s:
            return None
        return self._lux[0]

    def _say(self, now: float) -> None:
        counters = self._pipeline.counters
        flash, cap = counters.flash, counters.cap
        # A hold may be shorter than a second: frames are counted since the last look.
        new_frames, self._flash_frames = flash.frames - self._flash_frames, flash.frames
        allowed = f"{cap.cd_m2:.3g} cd/m2" if math.isfinite(cap.cd_m2) else f"{100 * cap.level:.3g} % of all light"
        # What changes all the time stays out of the reason, or every second would be news.
        self._cap.look(cap.why.split(",")[0], f"allows {allowed}", 1.0 - cap.level, now)
        scale = counters.power_scale
        short = min(counters.power, key=lambda name: counters.power[name]) if scale < _FULL else ""
        self._power.look(f'supply "{short}"' if short else "", f"lets {scale:.0%} through", 1.0 - scale, now)
        amount = f"holds back light in {new_frames} frames of a second"
        self._flash.look(flash.rule if new_frames > 0 else "", amount, float(new_frames), now)


@dataclass(slots=True)
class _Episode:
    """A limit at work, in the log: a line when it begins, for which reason and how much, and one when it ends.

    No more often than every QUIET_S; what was left out is counted. The end is always said where the beginning was.
    """

    limit: str
    reason: str = ""
    since: float = 0.0
    said_at: float = -math.inf
    said: bool = False
    quiet: int = 0
    most: float = 0.0
    amount: str = ""

    def look(self, reason: str, amount: str, size: float, now: float) -> None:
        """reason: why it holds light back now, "" if it does not. amount: how much, in words; size: as a number."""
        if reason and reason == self.reason:
            if size > self.most:
                self.most, self.amount = size, amount
            return
        if reason == self.reason:
            return
        if self.reason and self.said:
            _log.info("%s ended after %.0f s: %s, at most: %s", self.limit, now - self.since, self.reason, self.amount)
        self.reason, self.since, self.most, self.amount, self.said = reason, now, size, amount, False
        if not reason:
            return
        if now - self.said_at < QUIET_S:
            self.quiet += 1
            return
        more = f" ({self.quiet} more times since the last line)" if self.quiet else ""
        _log.info("%s began: %s, %s%s", self.limit, reason, amount, more)
        self.said, self.said_at, self.quiet = True, now, 0
