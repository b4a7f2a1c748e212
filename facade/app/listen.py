"""Inputs without a show on the building: for looking at them (``monitor``) and for logging them (``record``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from facade.config.input import Input, OscInput
from facade.control.events import InputEvent
from facade.core.clock import Clock
from facade.core.health import InputHealth
from facade.inputs.build import build_inputs
from facade.inputs.queue import EventQueue

DEFAULT_INPUTS: dict[str, Input] = {"osc": OscInput(type="osc")}


class Listener:
    """Running inputs and what they say."""

    def __init__(self, inputs: Mapping[str, Input], clock: Clock) -> None:
        self._queue = EventQueue()
        self._inputs = build_inputs(inputs, clock)
        for each in self._inputs:
            each.start(self._queue.post)

    def events(self, timeout_s: float) -> list[InputEvent]:
        """What has arrived since the last call; waits at most timeout_s for something."""
        return self._queue.drain(timeout_s)

    def health(self) -> tuple[InputHealth, ...]:
        return tuple(each.health() for each in self._inputs)

    def close(self) -> None:
        for each in self._inputs:
            each.stop()


@contextmanager
def listening(inputs: Mapping[str, Input], clock: Clock) -> Iterator[Listener]:
    """Run inputs for the length of a with block."""
    listener = Listener(inputs, clock)
    try:
        yield listener
    finally:
        listener.close()


def each_until(
    listener: Listener, clock: Clock, *, duration_s: float | None, until: Callable[[], bool]
) -> Iterator[list[InputEvent]]:
    """Yield batches of events, empty ones too, about twenty times a second."""
    start = clock.now()
    while not until() and (duration_s is None or clock.now() - start < duration_s):
        yield listener.events(0.05)
