"""A value that glides to its target at a limited speed, for everything that must not jump."""

from __future__ import annotations


class Ramp:
    """now moves to target by at most delta / seconds per step. Reaches it exactly."""

    def __init__(self, now: float, *, seconds: float) -> None:
        self.now = now
        self.target = now
        self._seconds = seconds

    def step(self, delta_s: float, *, seconds: float | None = None) -> float:
        """Move on by delta_s and return where it is. seconds: time for the way from 0 to 1, if not the usual one."""
        whole = self._seconds if seconds is None else seconds
        reach = delta_s / whole if whole > 0 else 1.0
        self.now += max(-reach, min(reach, self.target - self.now))
        return self.now
