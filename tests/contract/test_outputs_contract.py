"""What every wire and the sender over it promise, whatever the medium: run against UDP on loopback and in memory."""

from __future__ import annotations

import socket

import pytest

from facade.core.clock import StepClock
from facade.core.health import OutputHealth, State
from facade.outputs.sender import NetworkSender, TeeSender
from facade.outputs.udp import UdpWire
from facade.outputs.virtual import VirtualNetwork


class UdpRig:
    """A UDP wire to a socket here."""

    def __init__(self):
        self.clock = StepClock()
        self._link = self._listen(0)
        self.address = self._link.getsockname()
        self.wire = UdpWire(self.address)

    def _listen(self, port):
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.bind(("127.0.0.1", port))
        link.settimeout(5)
        return link

    def received(self, n):
        return [self._link.recv(2000) for _ in range(n)]

    def break_it(self):
        self._link.close()

    def mend_it(self):
        self._link = self._listen(self.address[1])

    def close(self):
        self.wire.close()
        self._link.close()


class MemoryRig:
    """A virtual wire to a device in memory."""

    def __init__(self):
        self.clock = StepClock()
        self.address = ("10.0.0.9", 6454)
        self._network = VirtualNetwork()
        self._got = []
        self._network.listen(lambda packet, host, port: self._got.append(bytes(packet)), host="10.0.0.9", port=6454)
        self.wire = self._network.wire("east", "10.0.0.9:6454")

    def received(self, n):
        got, self._got = self._got[:n], self._got[n:]
        return got

    def break_it(self):
        self._network.unplug("east")

    def mend_it(self):
        self._network.plug("east")
        self._got.clear()

    def close(self):
        self.wire.close()


class TeeRig(UdpRig):
    """UDP with a watcher in memory beside it."""

    def sender(self):
        watcher = NetworkSender(
            "east", VirtualNetwork().wire("east", "-"), kind="artnet", universes=1, clock=self.clock
        )
        return TeeSender(plain_sender(self), watcher)


@pytest.fixture(params=[UdpRig, MemoryRig, TeeRig])
def rig(request):
    made = request.param()
    yield made
    made.close()


def plain_sender(rig):
    return NetworkSender("east", rig.wire, kind="artnet", universes=1, clock=rig.clock)


def sender_of(rig):
    return rig.sender() if hasattr(rig, "sender") else plain_sender(rig)


def frame(rig, sender, *payloads):
    sender.begin()
    left = sum(sender.put([(memoryview(p), rig.address)]) for p in payloads)
    sender.end()
    rig.clock.advance(0.025)
    return left


def test_packets_arrive_whole_and_in_order(rig):
    payloads = [bytes([i]) * 638 for i in range(40)]

    assert frame(rig, sender_of(rig), *payloads) == 40

    assert rig.received(40) == payloads


def test_packets_are_what_they_are_when_they_are_sent(rig):
    sender, memory = sender_of(rig), bytearray(b"before")

    for text in (b"first.", b"second"):
        memory[:] = text
        frame(rig, sender, bytes(memory))

    assert rig.received(2) == [b"first.", b"second"]


def test_failure_never_raises_and_shows_in_health(rig):
    sender = sender_of(rig)
    frame(rig, sender, b"x")
    rig.break_it()

    for _ in range(100):
        frame(rig, sender, b"x", b"y")

    health = sender.health()
    assert isinstance(health, OutputHealth)
    assert health.state in (State.FAILED, State.CONNECTING)
    assert health.problem
    assert health.errors > 2
    assert health.skipped > 100


def test_mended_road_is_found_again_without_help(rig):
    sender = sender_of(rig)
    rig.break_it()
    for _ in range(100):
        frame(rig, sender, b"x")
    rig.mend_it()

    for _ in range(140):
        frame(rig, sender, b"back")

    assert sender.health().state is State.LIVE
    assert rig.received(1) == [b"back"]


def test_closing_twice_is_harmless(rig):
    sender = sender_of(rig)
    frame(rig, sender, b"x")

    sender.close()
    sender.close()


def test_reading_health_changes_nothing(rig):
    sender = sender_of(rig)
    frame(rig, sender, b"x")

    assert sender.health() == sender.health()
