"""The state and counters of one input, written by its thread and read by any other."""

from __future__ import annotations

import logging
import threading

from facade.control.events import InputEvent
from facade.core.clock import Clock
from facade.core.health import InputHealth, State

_log = logging.getLogger(__name__)


class Status:
    """kind and where are for people. stale_s: silence after which a live input is stale. Absent until opened."""

    def __init__(self, name: str, kind: str, where: str, *, clock: Clock, stale_s: float) -> None:
        self._name, self._kind = name, kind
        self._clock, self._stale_s = clock, stale_s
        self._lock = threading.Lock()
        self._where = where
        self._open = False
        self._down = State.ABSENT
        self._problem = ""
        self._received = self._rejected = self._overflow = 0
        self._good_at: float | None = None
        self._last: InputEvent | None = None

    def opened(self, where: str | None = None) -> None:
        """The device is there. It counts as live from its first message on."""
        with self._lock:
            self._open, self._problem = True, ""
            self._good_at = None
            self._where = self._where if where is None else where
        _log.info("input %s: open on %s", self._name, self._where)

    def closed(self, state: State, problem: str) -> None:
        """The device is not there (ABSENT) or refuses (FAILED)."""
        with self._lock:
            is_news = self._open or self._problem != problem
            self._open, self._down, self._problem = False, state, problem
        if is_news:
            _log.info("input %s: %s: %s", self._name, state.value, problem)

    def received(self, event: InputEvent) -> None:
        """One good message."""
        with self._lock:
            self._received += 1
            self._good_at = event.at_s
            self._last = event

    def rejected(self, problem: str, *, count: int = 1) -> None:
        """Messages that could not be read."""
        with self._lock:
            self._rejected += count
            self._problem = problem

    def overflowed(self, count: int = 1) -> None:
        """Messages dropped unread: too many."""
        with self._lock:
            self._overflow += count

    def health(self) -> InputHealth:
        with self._lock:
            age_s = None if self._good_at is None else max(0.0, self._clock.now() - self._good_at)
            return InputHealth(
                name=self._name,
                kind=self._kind,
                where=self._where,
                state=self._state(age_s),
                received=self._received,
                rejected=self._rejected,
                overflow=self._overflow,
                age_s=age_s,
                problem=self._problem,
                last=_shown(self._last),
            )

    def _state(self, age_s: float | None) -> State:
        if not self._open:
            return self._down
        if age_s is None:
            return State.CONNECTING
        return State.STALE if age_s > self._stale_s else State.LIVE


def _shown(event: InputEvent | None) -> str:
    if event is None:
        return ""
    return " ".join([event.address[:80], *(repr(a)[:40] for a in event.args[:8])])
