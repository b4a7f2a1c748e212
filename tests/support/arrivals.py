"""What an input has posted, and waiting for it without guessing how long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from facade.control.events import Arg, InputEvent
from facade.core.health import InputHealth, State
from facade.inputs.contract import Input

PATIENCE_S = 15.0
"""Longest wait for something that must come; a fast machine never notices."""


class Arrivals:
    """The events of an input, in order. ``post`` is what the input is started with."""

    def __init__(self) -> None:
        self.events: list[InputEvent] = []
        self._changed = threading.Condition()

    def post(self, event: InputEvent) -> bool:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()
        return True

    def wait_for(self, wanted: Callable[[InputEvent], bool], what: str) -> InputEvent:
        """Return the first event, of all so far and to come, that is wanted."""
        found: list[InputEvent] = []

        def is_there() -> bool:
            found.extend(e for e in self.events if wanted(e))
            return bool(found)

        with self._changed:
            if not self._changed.wait_for(is_there, PATIENCE_S):
                raise AssertionError(f"{what} did not arrive; what did: {self.events[-5:]}")
        return found[0]

    def wait_for_address(self, address: str) -> InputEvent:
        return self.wait_for(lambda e: e.address == address, address)

    def wait_for_args(self, *args: Arg) -> InputEvent:
        return self.wait_for(lambda e: e.args == args, str(args))


@contextmanager
def running(each: Input) -> Iterator[Arrivals]:
    """Start an input for the length of a with block."""
    arrivals = Arrivals()
    each.start(arrivals.post)
    try:
        yield arrivals
    finally:
        each.stop()


def wait_for_state(each: Input, *states: State) -> InputHealth:
    """Return the health of an input as soon as it is in one of these states."""
    return wait_for_health(each, lambda h: h.state in states, " or ".join(states))


def wait_for_health(each: Input, wanted: Callable[[InputHealth], bool], what: str) -> InputHealth:
    """Return the health of an input as soon as it is as wanted."""
    end = time.monotonic() + PATIENCE_S
    while not wanted(each.health()):
        if time.monotonic() > end:
            raise AssertionError(f"{each.name} never became {what}: {each.health()}")
        time.sleep(0.005)
    return each.health()
