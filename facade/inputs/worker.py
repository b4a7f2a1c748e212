"""The thread of one input: started, stopped within bounds, and never ended by bad data or a bad driver."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import numpy as np

from facade.core.health import State
from facade.inputs.contract import STOP_S
from facade.inputs.status import Status

_log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 10.0


class Backoff:
    """Pauses between attempts: 0.25 s, doubling to 10 s, each shortened by up to a quarter to spread them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._next_s = FIRST_PAUSE_S

    def reset(self) -> None:
        """After a success."""
        self._next_s = FIRST_PAUSE_S

    def next_s(self) -> float:
        """Return how long to wait before the next attempt, in seconds."""
        pause_s = self._next_s * (1.0 - 0.25 * float(self._rng.random()))
        self._next_s = min(2.0 * self._next_s, LONGEST_PAUSE_S)
        return pause_s


class Worker:
    """Runs ``work`` again and again until stopped. work: one attempt; returns the pause before the next, in seconds."""

    def __init__(self, name: str, work: Callable[[], float], *, status: Status, backoff: Backoff) -> None:
        self._name, self._work = name, work
        self._status, self._backoff = status, backoff
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def pause(self, seconds: float) -> bool:
        """Wait; True as soon as the worker is to stop."""
        return self._stop.wait(seconds)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=f"input-{self._name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, waiting for it at most STOP_S."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        while not self.stopping:
            try:
                pause_s = self._work()
            except Exception as error:  # noqa: BLE001  seam: a driver may raise anything, and the show goes on
                _log.debug("input %s", self._name, exc_info=error)
                self._status.closed(State.FAILED, f"{type(error).__name__}: {error}")
                pause_s = self._backoff.next_s()
            self.pause(pause_s)
