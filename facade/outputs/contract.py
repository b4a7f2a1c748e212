"""What delivery asks of an output, and what an output asks of a network.

Delivery knows Senders: one a controller, which may fail only into its own health. A Sender that talks to a network
does so through a Wire; the wire reports errors as numbers and the sender judges them (``sender.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, overload, runtime_checkable

from facade.core.health import OutputHealth

if TYPE_CHECKING:
    from facade.outputs.batch import Batch

Address = tuple[str, int]
"""IPv4 address as text, and UDP port."""

Datagram = tuple[memoryview, Address]
"""One packet and where it goes. The bytes belong to the slab and change with the next frame: copy to keep them."""

TURN = 16
"""Packets a controller gets before the next one has its turn: bursts drown 100 Mbit ports behind small switches."""


class Burst(Sequence[Datagram]):
    """One turn's packets of one controller, made once and sent every frame.

    memory: all of them in one piece where they lie one behind the other, else None. pieces: the burst in the fewest.
    done: what a wire returns when all of it has left.
    size: bytes of every packet (the last may have fewer), or 0 where they differ. Both let a wire hand over the burst
    in one system call; a wire that cannot takes it as a sequence of datagrams.
    lasting: whether it will be sent again, so that preparing it is worth while.
    """

    def __init__(
        self, datagrams: Sequence[Datagram], memory: memoryview | None = None, *, lasting: bool = False
    ) -> None:
        self.datagrams = tuple(datagrams)
        self.memory = memory
        self.lasting = lasting
        sizes = [len(packet) for packet, _ in self.datagrams]
        self.n_packets = len(sizes)
        self.n_bytes = sum(sizes)
        even = bool(sizes) and all(size == sizes[0] for size in sizes[:-1]) and sizes[-1] <= sizes[0]
        self.size = sizes[0] if even else 0
        self.packets = tuple(packet for packet, _ in self.datagrams)
        self.pieces = self.packets if memory is None else (memory,)
        self.done = (self.n_packets, self.n_bytes, 0)

    def __len__(self) -> int:
        return len(self.datagrams)

    @overload
    def __getitem__(self, index: int) -> Datagram: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Datagram, ...]: ...
    def __getitem__(self, index: int | slice) -> Datagram | tuple[Datagram, ...]:
        return self.datagrams[index]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A burst as the kernel takes it in one system call: through which descriptor, and the messages."""

    fileno: int
    batch: Batch


@runtime_checkable
class Lane(Protocol):
    """A wire whose bursts can leave without passing through Python, as long as nothing is to be found out."""

    def prepared(self, burst: Burst) -> Prepared | None:
        """Return the burst as the kernel takes it now, for as long as the wire is not closed; None where it cannot."""
        ...


class Sender(Protocol):
    """One controller's way out. A frame is begin, put any number of times, end; none of them raises or waits.

    Frames may also leave by its lane, after a begin that says there is one; then ``took`` and ``met`` tell what
    happened, and begin is called again once there has been trouble.
    """

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

    @property
    def lane(self) -> Lane | None:
        """The wire for frames that leave by themselves; None while there is anything to judge about this one."""
        ...

    @property
    def witness(self) -> Sender | None:
        """A second sender that must see what leaves by the lane, or None."""
        ...

    def took(self, packets: int, n_bytes: int) -> None:
        """Count what has left by the lane."""
        ...

    def met(self, error: int) -> None:
        """Take an error that the network reported about earlier packets, while a frame left by the lane."""
        ...

    def hush(self, on: bool) -> None:
        """While on, send nothing and judge nothing: another machine has the controller."""
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
