"""The delivery loop: one frame a period on absolute deadlines, whatever happens to the frame.

If a step raises, the safe frame goes out instead; if that happens many times in a row, the loop ends with a failure and
whoever supervises this process starts it anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from facade.core.clock import Clock
from facade.core.frame import PixelFrame
from facade.delivery.engine import DeliveryEngine

FAILURES_IN_A_ROW = 40
"""One second at 40 Hz: longer than any hiccup, shorter than anyone's patience."""

LATE_SHARE = 0.5
"""A deadline is missed when the frame starts later than this share of a period."""

_log = logging.getLogger(__name__)


class DeliveryLoop:
    """Runs an engine at its rate.

    source: returns the newest frame, or None when there is no new one; if it raises, there is none.
    each_frame: called after every frame, for commands and health; if it raises, light leaves all the same.
    """

    def __init__(
        self,
        engine: DeliveryEngine,
        *,
        source: Callable[[], PixelFrame | None],
        clock: Clock,
        each_frame: Callable[[], None] | None = None,
        failures_in_a_row: int = FAILURES_IN_A_ROW,
    ) -> None:
        self._engine = engine
        self._source = source
        self._clock = clock
        self._each_frame = each_frame
        self._limit = failures_in_a_row
        self._failures = 0
        self._said: set[str] = set()

    def run(self, until: Callable[[], bool]) -> int:
        """Deliver until until() is true. Return the exit status: 0, or 1 after too many failures in a row."""
        period_s = 1.0 / self._engine.rate_hz
        deadline = self._clock.now()
        while not until():
            self._clock.wait_until(deadline)
            late_s = self._clock.now() - deadline
            if late_s > LATE_SHARE * period_s:
                self._engine.note_late()
            self.once()
            if self._failures >= self._limit:
                _log.critical("delivery failed %d times in a row; giving up, to be started anew", self._failures)
                return 1
            deadline = self._next(deadline, period_s)
        return 0

    def once(self) -> None:
        """Deliver one frame now."""
        self._guard(self._take_frame, "taking a frame failed; there is none")
        if self._guard(self._engine.step, "delivery step failed; the safe look is sent instead"):
            self._failures = 0
        else:
            self._failures += 1
            self._guard(self._engine.send_safe, "sending the safe look failed")
        if self._each_frame is not None:
            self._guard(self._each_frame, "commands or health failed; light leaves all the same")

    def _next(self, deadline: float, period_s: float) -> float:
        """Return the next deadline on the grid; one that is long past is missed, never hurried after."""
        deadline += period_s
        while self._clock.now() - deadline > LATE_SHARE * period_s:
            self._engine.note_late()
            deadline += period_s
        return deadline

    def _take_frame(self) -> None:
        self._engine.offer(self._source())

    def _guard(self, call: Callable[[], None], complaint: str) -> bool:
        """Call; log the first failure of a row with its traceback and return false, else true."""
        try:
            call()
        except Exception:  # noqa: BLE001 - the last seam: whatever is wrong, light must go on leaving
            if complaint not in self._said:
                self._said.add(complaint)
                _log.exception(complaint)
            return False
        self._said.discard(complaint)
        return True
