"""What clocks on walls show: civil time from show time, so that the same show tells the same time on every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from facade.config.piece import Value
from facade.config.piece_media import PieceClock
from facade.config.venue import Venue

NOON = datetime(2000, 1, 1, 12)  # noqa: DTZ001  noon of whichever zone the venue has
"""Local time of show time 0 where nobody says another, so that what is rendered does not depend on the day."""

_SET_S = 3.0
_DAY_S = 86_400.0


@dataclass(slots=True)
class CivilTime:
    """at_0: civil time of show time 0, UTC. zone: of the venue's clocks."""

    at_0: datetime
    zone: ZoneInfo

    @classmethod
    def of(cls, venue: Venue) -> CivilTime:
        """Return noon of the first day of 2000 at a venue; UTC where it does not say where it is."""
        zone = ZoneInfo("UTC" if venue.site is None else venue.site.zone)
        return cls(NOON.replace(tzinfo=zone).astimezone(UTC), zone)

    def start_at(self, local: datetime) -> None:
        """Let show time 0 be this time of the venue's clocks; a time with a zone of its own is taken as it is."""
        self.at_0 = (local.replace(tzinfo=self.zone) if local.tzinfo is None else local).astimezone(UTC)

    def follow(self, wall: datetime, time_s: float) -> None:
        """Take the wall's clock as it is now, if somebody has set it: small machines start without the time.

        A replay knows nothing of that, so a second or two, a leap or a late frame, changes nothing.
        """
        if abs((wall - self.at_0).total_seconds() - time_s) > _SET_S:
            self.at_0 = wall - timedelta(seconds=time_s)

    def at(self, time_s: float) -> datetime:
        """Return the time of the venue's clocks at a show time."""
        return (self.at_0 + timedelta(seconds=time_s)).astimezone(self.zone)


def in_city(clock: PieceClock, civil: datetime, values: Mapping[str, Value]) -> datetime:
    """Return the time that a piece's clock shows. values: of the piece's parameters."""
    zone = clock.zone if clock.city is None else clock.zones.get(str(values.get(clock.city)), clock.zone)
    return civil if zone is None else civil.astimezone(ZoneInfo(zone))


def clock_numbers(now: datetime) -> tuple[float, float, float, float]:
    """Return hour 0..24, minute 0..60, second 0..60 and day of the year 0..366, each running on smoothly."""
    second = now.second + now.microsecond / 1e6
    minute = now.minute + second / 60.0
    hour = now.hour + minute / 60.0
    return hour, minute, second, now.timetuple().tm_yday - 1.0 + hour * 3600.0 / _DAY_S
