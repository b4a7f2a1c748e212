"""Every change of a parameter, told to the controllers that asked for it, over OSC.

Values coalesce per address while they wait, and what waits leaves at a bounded rate, so that a fast sensor bound to a
parameter cannot flood a tablet. Sending never waits: what the network does not take now is sent when it next changes
or on /show/resync.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping, Sequence

from facade.config.input import Input, OscInput
from facade.config.piece import Value
from facade.core.clock import Clock
from facade.inputs.budget import TokenBucket
from facade.protocols import osc

MESSAGES_PER_S = 1000.0
"""To each destination."""

MAX_BUNDLE_BYTES = 1200
"""Fits one Ethernet frame with room for tunnels."""


class Feedback:
    """Sends to the ``feedback`` destinations of all OSC inputs.

    ``sent`` counts messages, ``errors`` packets the network refused; ``problem`` says why the last one was refused, or
    which destination has no address. A destination that cannot be resolved is left out.
    """

    def __init__(self, inputs: Mapping[str, Input], clock: Clock) -> None:
        self._clock = clock
        self.sent = 0
        self.errors = 0
        self.problem = ""
        self._waiting: dict[str, Value] = {}
        self._sockets: list[socket.socket] = []
        names = dict.fromkeys(d for i in inputs.values() if isinstance(i, OscInput) for d in i.feedback)
        for name in names:
            self._open(name)
        self._bucket = TokenBucket(rate_per_s=MESSAGES_PER_S, burst=MESSAGES_PER_S / 4, now_s=clock.now())

    def send(self, changes: Mapping[str, Value]) -> None:
        """Take new values and send what the rate allows now. Call often; {} sends what still waits."""
        if not self._sockets:
            return
        self._waiting.update(changes)
        now = self._clock.now()
        leaving: list[bytes] = []
        for address in list(self._waiting):
            if not self._bucket.take(1.0, now):
                break
            leaving.append(message_of(address, self._waiting.pop(address)))
        for packet in packed(leaving):
            for destination in self._sockets:
                self._send(destination, packet)
        self.sent += len(leaving)

    def close(self) -> None:
        for destination in self._sockets:
            destination.close()
        self._sockets.clear()

    def _open(self, name: str) -> None:
        host, _, port = name.rpartition(":")
        try:
            if not 0 < int(port) < 65536:
                raise ValueError(f"port {port} is not 1..65535")
            found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)
            family, _, _, _, address = found[0]
            destination = socket.socket(family, socket.SOCK_DGRAM)
            destination.setblocking(False)
            destination.connect(address)
        except (OSError, ValueError) as error:
            self.problem = f'feedback "{name}": {error}. Write it as "host:port", such as "192.168.1.20:9001".'
            return
        self._sockets.append(destination)

    def _send(self, destination: socket.socket, packet: bytes) -> None:
        try:
            destination.send(packet)
        except OSError as error:
            # A tablet that sleeps answers with ECONNREFUSED; the next change finds it awake or not.
            self.errors += 1
            self.problem = f"feedback: {error}"


def message_of(address: str, value: Value) -> bytes:
    """Encode one value: color as three floats, point as two; never type r, which makes liblo refuse the bundle."""
    return osc.encode(address, value if isinstance(value, tuple) else (value,))


def packed(leaving: Sequence[bytes]) -> Iterable[bytes]:
    """Yield packets: a message alone as it is, several as bundles of at most MAX_BUNDLE_BYTES."""
    group: list[bytes] = []
    size = 16
    for message in leaving:
        if group and size + len(message) + 4 > MAX_BUNDLE_BYTES:
            yield osc.encode_bundle(group) if len(group) > 1 else group[0]
            group, size = [], 16
        group.append(message)
        size += len(message) + 4
    if group:
        yield osc.encode_bundle(group) if len(group) > 1 else group[0]
