"""A network in memory. Devices listen on it and receive the very bytes that would have left by UDP.

It can lose a controller (``unplug``) and get it back (``plug``), which is how tests and rehearsals meet a bad cable.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence

from facade.outputs.contract import Address, Burst, Datagram

Receive = Callable[[memoryview, str, int], None]
"""Called with packet, host and port for every packet. The bytes change with the next frame: copy to keep them."""

ReceiveBurst = Callable[[Burst], None]
"""Called with packets that follow each other. The bytes change with the next frame: copy to keep them."""


class VirtualNetwork:
    """Controllers by name, devices by the address they listen on."""

    def __init__(self) -> None:
        self._listeners: list[tuple[Receive, str | None, int | None]] = []
        self._attached: list[ReceiveBurst] = []
        self._routes: dict[Address, tuple[Receive, ...]] = {}
        self._unplugged: dict[str, int] = {}
        self._received: dict[str, int] = {}

    def listen(self, receive: Receive, *, host: str | None = None, port: int | None = None) -> None:
        """Register a device. host, port: what it listens on; None means all (multicast groups too)."""
        self._listeners.append((receive, host, port))
        self._routes.clear()

    def attach(self, receive: ReceiveBurst) -> None:
        """Register a device that hears everything, whoever it is for, as it leaves: in bursts."""
        self._attached.append(receive)

    def wire(self, name: str, where: str) -> VirtualWire:
        """Return the road to the controller called name. where: shown in its health."""
        return VirtualWire(self, name, where)

    def unplug(self, name: str, *, error: int = errno.EHOSTUNREACH) -> None:
        """Take a controller off the network. error: what senders are told; 0 means packets vanish silently."""
        self._unplugged[name] = error

    def plug(self, name: str) -> None:
        """Put a controller back."""
        self._unplugged.pop(name, None)

    def received(self, name: str) -> int:
        """How many packets have arrived at a controller."""
        return self._received.get(name, 0)

    def carry(self, name: str, datagrams: Sequence[Datagram]) -> tuple[int, int, int]:
        """Deliver to every listener of each address; see Wire.send for what comes back."""
        error = self._unplugged.get(name)
        if error:
            return 0, 0, error
        burst = datagrams if isinstance(datagrams, Burst) else Burst(datagrams)
        if error is None:
            self._received[name] = self._received.get(name, 0) + burst.n_packets
            for take in self._attached:
                take(burst)
            if self._listeners:
                self._tell(burst)
        return burst.done

    def _tell(self, burst: Burst) -> None:
        for packet, address in burst.datagrams:
            for receive in self._route(address):
                receive(packet, *address)

    def _route(self, address: Address) -> tuple[Receive, ...]:
        route = self._routes.get(address)
        if route is None:
            host, port = address
            route = tuple(r for r, h, p in self._listeners if h in (None, host) and p in (None, port))
            self._routes[address] = route
        return route


class VirtualWire:
    """A Wire on a VirtualNetwork."""

    def __init__(self, network: VirtualNetwork, name: str, where: str) -> None:
        self._network = network
        self._name = name
        self._where = where

    @property
    def where(self) -> str:
        return self._where

    @property
    def local(self) -> bool:
        return True

    def open(self) -> int:
        return 0

    def pending(self) -> int:
        return 0

    def send(self, datagrams: Sequence[Datagram]) -> tuple[int, int, int]:
        return self._network.carry(self._name, datagrams)

    def close(self) -> None:
        return None
