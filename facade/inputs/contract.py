"""What every input is to the rest of facade: started, stopped, asked how it is; messages come out of its own thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from facade.control.events import InputEvent
from facade.core.health import InputHealth

Post = Callable[[InputEvent], object]
"""Takes an event from any thread, never blocks, never raises; what it returns does not matter to an input."""

STOP_S = 0.9
"""``stop`` returns within this, whatever the device does; a thread that hangs in a driver is a daemon and is left."""


class Input(Protocol):
    """One source of messages.

    A missing, vanished or broken device is a state, never an exception, and each input tries again by itself.
    """

    @property
    def name(self) -> str:
        """Its name in the show; the ``input`` of its events."""
        ...

    def start(self, post: Post) -> None:
        """Begin; returns at once. Call once."""
        ...

    def stop(self) -> None:
        """End the thread and close the device, within STOP_S. Harmless before start and when repeated."""
        ...

    def health(self) -> InputHealth:
        """How it is now. Any thread."""
        ...
