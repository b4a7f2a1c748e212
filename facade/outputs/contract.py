"""What delivery asks of an output, and what an output asks of a network.

Delivery knows Senders: one a controller, which may fail only into its own health. A Sender that talks to a network
does so through a Wire; the wire reports errors as numbers and the sender judges them (``sender.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from facade.core.health import OutputHealth

Address = tuple[str, int]
"""IPv4 address as text, and UDP port."""

Datagram = tuple[memoryview, Address]
"""One packet and where it goes. The bytes belong to the slab and change with the next frame: copy to keep them."""


class Sender(Protocol):
    """One controller's way out. A frame is begin, put any number of times, end; none of them raises or waits."""

    @property
    def name(self) -> str: ...

    def begin(self) -> bool:
        """Start a frame; false while the sender holds back, and then put only counts."""
        ...

    def put(self, datagrams: Sequence[Datagram]) -> int:
        """Send now, in order; return how many left. After a failure the rest of the frame is dropped and counted."""
        ...

    def end(self) -> None:
        """Close the frame: judge it."""
        ...

    def urge(self) -> None:
        """Forget any pause, so that the next frame is tried: for the last, black one."""
        ...

    def health(self) -> OutputHealth: ...

    def close(self) -> None: ...


class Wire(Protocol):
    """A road to one controller. Errors come back as errno numbers, never as exceptions; 0 is success."""

    @property
    def where(self) -> str:
        """The far end as a person would write it."""
        ...

    @property
    def local(self) -> bool:
        """Whether the far end is this machine."""
        ...

    def open(self) -> int:
        """Get ready, again after a close; cheap when open already."""
        ...

    def pending(self) -> int:
        """Take the error that the network has reported about earlier packets."""
        ...

    def send(self, datagrams: Sequence[Datagram]) -> tuple[int, int, int]:
        """Send in order until the first error: how many packets and bytes left, and the errno that stopped it."""
        ...

    def close(self) -> None: ...
