"""When the sun rises and sets, and what the clocks of a venue show. All instants are datetimes in UTC.

Not every evening has every kind of dusk: in Brussels the sun stays above -18 degrees on 55 nights of 2026. The next
lighter kind takes its place then, which makes a curfew longer, never shorter, and the answer says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import dawn, dusk, noon, sunrise, sunset

from facade.config.limits import Site

_DEPRESSION = {"civil": 6.0, "nautical": 12.0, "astronomical": 18.0}
_LIGHTER = {"astronomical": "nautical", "nautical": "civil"}


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment. note: what had to take the place of what was asked for, "" mostly."""

    at: datetime
    note: str = ""


def instant_of(name: str, day: date, site: Site, *, ends: bool) -> Instant:
    """Return when a time of the day, "HH:MM" or of the sun, comes on a local date.

    ends: whether a limit ends then: of two moments with the same clock time (the repeated hour in autumn) the later one
    is taken then, otherwise the earlier. A time that the clocks skip in spring is the moment at which they skip it.
    """
    if ":" in name:
        return Instant(_clock(time.fromisoformat(name), day, ZoneInfo(site.zone), later=ends))
    return _sun(name, day, site)


def _clock(at: time, day: date, zone: ZoneInfo, *, later: bool) -> datetime:
    both = [datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    if both[1] < both[0]:
        return _skip(both[1], both[0], zone)
    return both[1] if later else both[0]


def _skip(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second after a change of the clocks that lies between two instants."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    return after.replace(microsecond=0)


def _sun(name: str, day: date, site: Site) -> Instant:
    observer = Observer(site.latitude, site.longitude)
    zone = ZoneInfo(site.zone)
    kind, _, what = name.rpartition(" ")
    asked = name
    while kind:
        try:
            find = dusk if what == "dusk" else dawn
            at = find(observer, day, _DEPRESSION[kind], tzinfo=zone)
            return Instant(at.astimezone(UTC), _instead(asked, f"{kind} {what}", day))
        except ValueError:
            kind = _LIGHTER.get(kind, "")
    setting = what in ("dusk", "sunset")
    try:
        at = (sunset if setting else sunrise)(observer, day, tzinfo=zone)
        return Instant(at.astimezone(UTC), _instead(asked, "sunset" if setting else "sunrise", day))
    except ValueError:
        # Neither rises nor sets: from noon to noon, so that a curfew by the sun is in force all day.
        return Instant(noon(observer, day, tzinfo=zone).astimezone(UTC), _instead(asked, "noon", day))


def _instead(asked: str, taken: str, day: date) -> str:
    return "" if asked == taken else f"no {asked} on {day.isoformat()}, {taken} instead"
