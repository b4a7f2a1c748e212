"""The only sources of time. Nothing else in facade reads a clock.

RealClock    the machine's monotonic clock, for shows
StepClock    time that moves only when asked, for tests and offline rendering

``now`` is in seconds from an arbitrary start and never steps back. On one machine every process's RealClock
reads the same clock, so a time stamp taken in one process may be compared in another.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

MAX_DELTA_S = 0.100
"""A tick's delta never exceeds this, so that a stall does not make every movement jump."""


class Clock(Protocol):
    """What the rest of facade may ask about time."""

    def now(self) -> float:
        """Seconds, monotonic."""
        ...

    def wait_until(self, deadline: float) -> None:
        """Return at or after deadline (seconds on this clock); at once if it has passed."""
        ...

    def wall(self) -> datetime:
        """The civil time with zone UTC; for the scheduler and for time stamps people read, nothing else."""
        ...


class RealClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        return time.monotonic()

    def wait_until(self, deadline: float) -> None:
        remaining = deadline - time.monotonic()
        if remaining > 0:
            time.sleep(remaining)

    def wall(self) -> datetime:
        return datetime.now(UTC)


class StepClock:
    """Time that moves only when waited for or advanced; starts at 0.

    wall_at: the civil time at now() == 0.
    """

    def __init__(self, *, wall_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = 0.0
        self._wall_at = wall_at

    def now(self) -> float:
        return self._now

    def wait_until(self, deadline: float) -> None:
        self._now = max(self._now, deadline)

    def advance(self, seconds: float) -> None:
        """Move time forward by seconds >= 0."""
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} s")
        self._now += seconds

    def wall(self) -> datetime:
        return self._wall_at + timedelta(seconds=self._now)
