"""The thread of one input: started, stopped within bounds, and never ended by bad data or a bad driver.

Every input of this package is a ThreadedInput: one attempt to open its device and to listen until that is gone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import numpy as np

from facade.control.events import InputEvent
from facade.core.clock import Clock
from facade.core.health import InputHealth, State
from facade.inputs.contract import STOP_S, Post
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


class ThreadedInput:
    """What inputs share. kind, where: for health. stale_s: after so long a silence it counts as stale.

    Subclasses say what one attempt is; before start there is nobody to hand events to.
    """

    def __init__(self, name: str, kind: str, where: str, *, stale_s: float, clock: Clock, backoff: Backoff) -> None:
        self._name = name
        self._clock = clock
        self._backoff = backoff
        self._status = Status(name, kind, where, clock=clock, stale_s=stale_s)
        self._worker = Worker(name, self._attempt, status=self._status, backoff=backoff)
        self._post: Post = lambda event: None

    @property
    def name(self) -> str:
        return self._name

    def start(self, post: Post) -> None:
        self._post = post
        self._worker.start()

    def stop(self) -> None:
        self._worker.stop()

    def health(self) -> InputHealth:
        return self._status.health()

    def _attempt(self) -> float:
        """Open and listen until it ends; returns the pause before the next attempt, in seconds."""
        raise NotImplementedError

    def _refuse(self, state: State, problem: str) -> float:
        """Note why an attempt failed, and return the pause before the next."""
        self._status.closed(state, problem)
        return self._backoff.next_s()

    def _hand_on(self, event: InputEvent) -> None:
        self._status.received(event)
        self._post(event)
