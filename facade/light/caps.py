"""Which brightness is allowed now, and why: permit, curfews and the light sensor, whichever is darkest.

Asked about once a second with the civil time; enforced on every frame by brightness.py. A cap can only ever be one of
those that the venue's document names: a sensor reading chooses between them, and none, or nonsense, means the dark one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from facade.config.limits import Curfew, LightSensor, Site
from facade.config.venue import Venue
from facade.light.sun import Instant, instant_of


@dataclass(frozen=True, slots=True)
class Cap:
    """level: share of all light that may leave, 0..1. cd_m2: mean luminance of the facade, inf if not capped.

    why: in words, for the health table; "" if nothing is capped.
    """

    level: float = 1.0
    cd_m2: float = math.inf
    why: str = ""


class CapSchedule:
    """The caps of a venue. Raises nothing at run time: what is missing was refused at load."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._windows: dict[tuple[str, date], tuple[Instant, Instant]] = {}

    @property
    def any(self) -> bool:
        """Whether this venue caps anything, ever."""
        venue = self._venue
        return bool(venue.permit or venue.curfew or venue.light_sensor)

    def at(self, wall: datetime, *, lux: float | None = None) -> Cap:
        """Return the cap at a civil time (with zone). lux: the sensor's reading if it is fresh, else None."""
        venue, found = self._venue, []
        if venue.permit is not None:
            found.append(Cap(cd_m2=venue.permit.max_cd_m2, why="permit"))
        if venue.site is not None:
            for name, curfew in venue.curfew.items():
                if (why := self._in_force(name, curfew, venue.site, wall)) is not None:
                    found.append(_of_curfew(curfew, why))
        if venue.light_sensor is not None:
            found.append(_of_sensor(venue.light_sensor, lux))
        return darkest(found)

    def window(self, name: str, day: date) -> tuple[Instant, Instant]:
        """Return from when until when the curfew that begins on a local date is in force."""
        curfew, site = self._venue.curfew[name], self._venue.site
        if site is None:
            raise ValueError(f"curfew.{name} without a site")
        key = (name, day)
        if key not in self._windows:
            if len(self._windows) > 64:
                self._windows.clear()
            self._windows[key] = _window(curfew, day, site)
        return self._windows[key]

    def _in_force(self, name: str, curfew: Curfew, site: Site, wall: datetime) -> str | None:
        today = wall.astimezone(ZoneInfo(site.zone)).date()
        # One that began yesterday may still last, and near the date line the sun's "today" may be tomorrow.
        for day in (today - timedelta(days=2), today - timedelta(days=1), today, today + timedelta(days=1)):
            start, end = self.window(name, day)
            if start.at <= wall < end.at:
                notes = "; ".join(dict.fromkeys(n for n in (start.note, end.note) if n))
                return f"curfew {name}" + (f" ({notes})" if notes else "")
        return None


def _window(curfew: Curfew, day: date, site: Site) -> tuple[Instant, Instant]:
    start = instant_of(curfew.start, day, site, ends=False)
    by_clock = ":" in curfew.start and ":" in curfew.until and curfew.start != curfew.until
    if by_clock and instant_of(curfew.until, day, site, ends=True).at == start.at:
        # Both lie in the hour that the clocks skip: on that night there is nothing between them.
        return start, start
    for later in range(3):
        end = instant_of(curfew.until, day + timedelta(days=later), site, ends=True)
        if end.at > start.at:
            return start, end
    return start, replace(start, at=start.at + timedelta(days=1))


def _of_curfew(curfew: Curfew, why: str) -> Cap:
    if curfew.level is not None:
        return Cap(level=curfew.level, why=why)
    return Cap(cd_m2=curfew.max_cd_m2 or 0.0, why=why)


def _of_sensor(sensor: LightSensor, lux: float | None) -> Cap:
    if lux is None or not math.isfinite(lux) or lux < 0:
        return Cap(cd_m2=sensor.dark_cd_m2, why="light sensor silent, taken as dark")
    low, high = math.log(sensor.dark_lux), math.log(sensor.bright_lux)
    share = (math.log(max(lux, sensor.dark_lux)) - low) / (high - low)
    share = min(max(share, 0.0), 1.0)
    dark, bright = math.log(sensor.dark_cd_m2), math.log(sensor.bright_cd_m2)
    return Cap(cd_m2=math.exp(dark + share * (bright - dark)), why=f"light sensor, {lux:.3g} lux")


def darkest(caps: list[Cap]) -> Cap:
    """Return the darkest of some caps; without any, no cap."""
    if not caps:
        return Cap()
    by_level = min(caps, key=lambda c: c.level)
    by_light = min(caps, key=lambda c: c.cd_m2)
    reasons = [by_level.why] * (by_level.level < 1.0) + [by_light.why] * (by_light.cd_m2 < math.inf)
    return Cap(by_level.level, by_light.cd_m2, " and ".join(dict.fromkeys(reasons)))
