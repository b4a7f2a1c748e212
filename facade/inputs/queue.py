"""The one door between input threads and the control loop: bounded, fair between inputs, never blocking the sender.

Continuous values coalesce: the newest of one address takes the place of the one that waits. Triggers, and addresses
declared as ordered, keep every message and their order. An input that fills its share loses its own newest messages,
counted; it cannot take another's place.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

from facade.control.events import InputEvent

CAPACITY = 2048
"""Messages of one input that may wait. At 60 drains a second: 120,000 different ones a second."""


class EventQueue:
    """ordered: addresses none of whose messages may be lost to coalescing (``bindings.ordered_addresses``)."""

    def __init__(self, *, capacity: int = CAPACITY, ordered: frozenset[str] = frozenset()) -> None:
        self._capacity = capacity
        self._ordered = ordered
        self._ready = threading.Condition()
        self._waiting: dict[int, InputEvent] = {}
        self._places: dict[tuple[str, str], int] = {}
        self._next_place = 0
        self._n_waiting: Counter[str] = Counter()
        self._overflow: Counter[str] = Counter()

    def post(self, event: InputEvent) -> bool:
        """Add an event, from any thread; at once. False if its input's share was full and it is lost."""
        with self._ready:
            key = (event.input, event.address)
            must_stay = event.trigger or event.address in self._ordered
            place = None if must_stay else self._places.get(key)
            if place is None:
                if self._n_waiting[event.input] >= self._capacity:
                    self._overflow[event.input] += 1
                    return False
                place = self._next_place
                self._next_place += 1
                self._n_waiting[event.input] += 1
                if not must_stay:
                    self._places[key] = place
            self._waiting[place] = event
            self._ready.notify()
            return True

    def drain(self, timeout_s: float) -> list[InputEvent]:
        """Return all that waits, in order of arrival; if nothing does, wait at most timeout_s for something."""
        with self._ready:
            if not self._waiting and timeout_s > 0.0:
                self._ready.wait(timeout_s)
            events = list(self._waiting.values())
            self._waiting.clear()
            self._places.clear()
            self._n_waiting.clear()
            return events

    @property
    def overflow(self) -> Mapping[str, int]:
        """Input name -> messages lost since start because too many waited."""
        with self._ready:
            return dict(self._overflow)
