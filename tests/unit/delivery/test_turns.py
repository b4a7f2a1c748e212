"""Frames that leave by lanes: the same packets in the same order, and senders take over where anything is wrong."""

from __future__ import annotations

import ctypes
import errno
import socket
from uuid import UUID

import numpy as np
import pytest

from facade.core.clock import StepClock
from facade.core.health import State
from facade.delivery.dispatch import Dispatch
from facade.outputs import express
from facade.outputs.sender import NetworkSender, TeeSender
from facade.outputs.slab import PacketSlab
from facade.outputs.udp import UdpWire
from facade.outputs.virtual import VirtualNetwork
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

LANES = pytest.mark.skipif(not express.IS_AVAILABLE, reason="lanes are Linux's, with Numba")
PERIOD_S = 0.025


class Rig:
    """Two controllers of 40 universes at one receiver, so that what arrives has the order in which it left."""

    def __init__(self, *, seen=False, paced=False, hosts=None, **fields):
        self.receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.receiver.bind(("127.0.0.1", 0))
        self.receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.receiver.settimeout(0.3)
        pixels = pixel_map([RGB_LINEAR], [80 * 170], rate_hz=40.0)
        port = self.receiver.getsockname()[1]
        own = {"host": "127.0.0.1", "protocol": "artnet", "sync": True, "max_rate_hz": 1000.0, "max_mbit": 0.0}
        ports = {"a": port, "b": port} | (hosts or {})
        patch = patch_of(pixels, controllers={name: {**own, "port": at, **fields} for name, at in ports.items()})
        self.clock, self.slab, self.network = StepClock(), PacketSlab(patch, cid=UUID(int=1)), VirtualNetwork()
        self.seen = []
        self.network.listen(lambda packet, host, port: self.seen.append(bytes(packet)))
        self.wires = [UdpWire(block.address) for block in self.slab.blocks]
        self.senders = [self._sender(b.name, w) for b, w in zip(self.slab.blocks, self.wires, strict=True)]
        if seen:
            self.senders = [
                TeeSender(first, self._sender(first.name, self.network.wire(first.name, "-"))) for first in self.senders
            ]
        self.dispatch = Dispatch(
            self.slab, self.senders, rate_hz=40.0, always_send=True, clock=self.clock if paced else None
        )
        self._rng, self._n_levels, self.frame = np.random.default_rng(9), pixels.n_levels + 256, 0

    def _sender(self, name, wire):
        return NetworkSender(name, wire, kind="artnet", universes=40, clock=self.clock)

    def send(self, frames=1):
        for _ in range(frames):
            self.dispatch.send(self._rng.integers(0, 256, self._n_levels, np.uint8), now=0.0, frame=self.frame)
            self.frame += 1
            self.clock.advance(PERIOD_S)

    def arrived(self):
        found = []
        self.receiver.setblocking(False)
        while True:
            try:
                found.append(self.receiver.recv(2000))
            except BlockingIOError:
                return found

    def close(self):
        self.dispatch.close()
        self.receiver.close()

    @property
    def on_lanes(self):
        return 2 - len(self.dispatch._turns._out)


@pytest.fixture
def rig(request):
    made = []

    def make(**options):
        made.append(Rig(**options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def in_turns(rig):
    """The packets of the frame that lies in the slab, in the order in which they must leave."""
    a, b = rig.slab.blocks
    bursts = [turn for pair in zip(a.all_turns, b.all_turns, strict=True) for turn in pair]
    return [bytes(packet) for burst in [*bursts, a.sync.datagrams] for packet, _ in burst]


def closed_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        return link.getsockname()[1]


@pytest.fixture
def refusing(monkeypatch):
    """The plain function instead of machine code, with calls that fail: set ``at`` to the number of the one that does.

    ``takes``: how many messages it takes before.
    """

    class Refusing:
        at, takes, error, calls = -1, 0, errno.EAGAIN, 0

        def sendmmsg(self, fd, at, n, flags):
            self.calls += 1
            since = self.calls - 1 - self.at
            if self.takes and since == 0:
                return self.takes
            # Twice: the first error may be about earlier packets.
            if 0 <= since - (self.takes > 0) < 2:
                return -1
            return real(int(fd), ctypes.c_void_p(int(at)), int(n), 0)

        def memcpy(self, to, source, n):
            ctypes.c_int32.from_address(to).value = self.error

    made, real = Refusing(), ctypes.CDLL(None).sendmmsg
    monkeypatch.setattr(express, "_send", express._send.py_func)
    monkeypatch.setattr(express, "_sendmmsg", made.sendmmsg)
    monkeypatch.setattr(express, "_memcpy", made.memcpy)
    monkeypatch.setattr(express, "_errno_at", lambda: 0)
    return made


@pytest.mark.parametrize("available", [pytest.param(True, marks=LANES), False])
def test_every_packet_of_every_frame_arrives_in_turns(rig, monkeypatch, available):
    monkeypatch.setattr(express, "IS_AVAILABLE", available)
    rig = rig()

    for _ in range(4):
        rig.send()
        assert rig.arrived() == in_turns(rig)

    assert rig.on_lanes == (2 if available else 0)
    assert [health.packets for health in rig.dispatch.health()] == [4 * 41, 4 * 40]
    assert {health.state for health in rig.dispatch.health()} == {State.LIVE}


@LANES
def test_a_lane_is_taken_once_a_frame_has_left_whole(rig):
    rig = rig()

    rig.send()
    before = rig.on_lanes
    rig.send()

    assert (before, rig.on_lanes) == (0, 2)


@LANES
def test_what_watches_sees_all_that_leaves_by_lanes_once(rig):
    rig = rig(seen=True)

    for _ in range(3):
        rig.seen.clear()
        rig.send()
        assert sorted(rig.seen) == sorted(in_turns(rig)) == sorted(rig.arrived())

    assert rig.on_lanes == 2


@LANES
@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize("at", [0, 3, 5, 6])
def test_what_a_lane_could_not_send_its_sender_does(rig, refusing, seen, at):
    rig = rig(seen=seen)
    rig.send(2)
    rig.arrived()
    refusing.at, refusing.calls = at, 0
    rig.seen.clear()

    rig.send()

    assert sorted(rig.arrived()) == sorted(in_turns(rig))
    assert rig.on_lanes == 1
    if seen:
        assert sorted(rig.seen) == sorted(in_turns(rig))
    rig.send()
    assert rig.on_lanes == 2
    assert sum(health.packets for health in rig.dispatch.health()) == 4 * 81


@LANES
def test_packets_that_had_left_are_not_sent_again(rig, refusing):
    rig = rig(sync=False)
    for wire in rig.wires:
        wire._segments = False
    rig.send(2)
    rig.arrived()
    refusing.at, refusing.takes, refusing.calls = 2, 5, 0

    rig.send()

    # The five that were said to have left never did, so they are missing and nothing else is.
    assert len(rig.arrived()) == 80 - 5
    assert sum(health.packets for health in rig.dispatch.health()) == 3 * 80


@LANES
def test_a_port_that_closes_is_noticed_and_costs_the_other_nothing(rig):
    late = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    late.bind(("127.0.0.1", 0))
    rig = rig(hosts={"b": late.getsockname()[1]})
    rig.send(3)
    joined = rig.on_lanes
    rig.arrived()

    late.close()
    rig.send(8)

    first, second = rig.dispatch.health()
    assert (joined, rig.on_lanes) == (2, 1)
    assert len(rig.arrived()) == 8 * 41
    assert (first.state, first.errors) == (State.LIVE, 0)
    assert second.problem.startswith("nobody listens on 127.0.0.1")


@LANES
def test_a_port_that_opens_again_is_back_on_its_lane(rig):
    port = closed_port()
    rig = rig(hosts={"b": port})
    rig.send(8)
    assert rig.on_lanes == 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
        late.bind(("127.0.0.1", port))

        rig.send(100)

        assert rig.on_lanes == 2


@LANES
def test_nothing_goes_by_a_lane_while_another_machine_sends(rig):
    rig = rig(seen=True)
    rig.send(3)
    rig.arrived()

    rig.dispatch.hush(True, rig.dispatch.blocks[0]._rows.reshape(-1))
    rig.seen.clear()
    rig.send(2)
    silent = (rig.on_lanes, rig.arrived(), len(rig.seen))
    rig.dispatch.hush(False, rig.dispatch.blocks[0]._rows.reshape(-1))
    rig.send(2)

    assert silent == (0, [], 2 * 81)
    assert rig.on_lanes == 2
    assert len(rig.arrived()) == 2 * 81


@LANES
def test_after_closing_a_descriptor_that_is_given_to_others_gets_nothing(rig):
    rig = rig()
    rig.send(3)
    rig.arrived()
    fds = [wire._socket.fileno() for wire in rig.wires]

    for sender in rig.senders:
        sender.close()
    rig.dispatch._turns.leave()
    others = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in fds]
    for other in others:
        other.connect(rig.receiver.getsockname())
    assert {other.fileno() for other in others} == set(fds)
    rig.dispatch._turns._express.start(np.ones(2, np.bool_))
    rig.dispatch._turns._express.send(0, 6)

    assert rig.arrived() == []
    for other in others:
        other.close()


@LANES
def test_slow_controllers_get_every_second_frame_by_lanes_too(rig):
    rig = rig(max_rate_hz=20.0, sync=False)
    rig.send(4)
    rig.arrived()

    counts = []
    for _ in range(4):
        rig.send()
        counts.append(len(rig.arrived()))

    assert rig.on_lanes == 2
    assert counts == [80, 0, 80, 0]


@LANES
def test_lanes_wait_for_slow_ports(rig, monkeypatch):
    rig = rig(max_mbit=100.0, paced=True)
    # Loopback is never paced: these controllers are said to be elsewhere.
    monkeypatch.setattr(type(rig.slab.blocks[0]), "on_this_machine", False)
    rig.dispatch._plan()
    rig.send(2)
    at, sent = [], rig.dispatch._turns._express.send
    monkeypatch.setattr(express.Express, "send", lambda self, *given: (at.append(rig.clock.now()), sent(*given))[1])

    rig.send()

    turn_s = 16 * (18 + 510 + 66) * 8 / 100e6
    assert rig.on_lanes == 2
    assert np.diff(at)[:2] == pytest.approx([turn_s, turn_s])
