"""Show time that can stand still, for whoever is working on a piece: stopped, one frame further, on again."""

from __future__ import annotations

from facade.core.frame import Tick


class Pause:
    """Turns the ticks of the clock into those of the show. What was missed while it stood is never made up for."""

    def __init__(self) -> None:
        self.on = False
        self._steps = 0
        self._last: Tick | None = None
        self._held_frames = 0
        self._held_s = 0.0

    def step(self) -> None:
        """Stop, and go one frame further."""
        self.on = True
        self._steps += 1

    def shown(self, tick: Tick) -> Tick:
        """Return the show's tick for one of the clock. Called once a frame; clock ticks only grow."""
        before, self._last = self._last, tick
        if before is None:
            return tick
        delta_s = tick.delta_s
        if self.on:
            frames, passed_s = tick.frame - before.frame, tick.time_s - before.time_s
            kept = min(1, self._steps)
            self._steps -= kept
            self._held_frames += frames - kept
            self._held_s += passed_s * (frames - kept) / frames
            delta_s = passed_s * kept / frames
        else:
            self._steps = 0
        return Tick(tick.frame - self._held_frames, tick.time_s - self._held_s, delta_s)
