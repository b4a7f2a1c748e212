"""Three strikes, growing pauses, recovery by itself, one line a change. The network is in memory, time is stepped."""

from __future__ import annotations

import errno
import itertools
import logging

import pytest

from facade.core.clock import StepClock
from facade.core.health import State
from facade.outputs.sender import LONGEST_PAUSE_S, NetworkSender, TeeSender
from facade.outputs.virtual import VirtualNetwork

PERIOD_S = 0.025
PACKETS = [(memoryview(b"one"), ("10.0.0.1", 6454)), (memoryview(b"two"), ("10.0.0.1", 6454))]


@pytest.fixture
def clock():
    return StepClock()


@pytest.fixture
def network():
    return VirtualNetwork()


def sender_on(network, clock, name="east"):
    return NetworkSender(name, network.wire(name, "10.0.0.1:6454"), kind="artnet", universes=2, clock=clock)


def send_frames(sender, clock, n):
    """Send n frames a period apart; return the times at which packets were really tried."""
    tried = []
    for _ in range(n):
        if sender.begin():
            tried.append(round(clock.now(), 3))
        sender.put(PACKETS)
        sender.end()
        clock.advance(PERIOD_S)
    return tried


def test_sender_is_connecting_until_a_frame_has_left(network, clock):
    sender = sender_on(network, clock)

    states = [sender.health().state]
    send_frames(sender, clock, 2)
    states.append(sender.health().state)

    assert states == [State.CONNECTING, State.LIVE]


def test_packets_and_bytes_are_counted(network, clock):
    sender = sender_on(network, clock)

    send_frames(sender, clock, 5)

    health = sender.health()
    assert (health.packets, health.bytes, health.errors, health.skipped) == (10, 30, 0, 0)
    assert network.received("east") == 10


def test_two_failures_are_forgiven(network, clock):
    sender = sender_on(network, clock)
    send_frames(sender, clock, 2)
    network.unplug("east")
    send_frames(sender, clock, 2)
    network.plug("east")

    assert len(send_frames(sender, clock, 10)) == 10
    assert sender.health().state is State.LIVE


def test_third_failure_pauses_and_pauses_double_up_to_a_limit(network, clock):
    sender = sender_on(network, clock)
    network.unplug("east")

    tried = send_frames(sender, clock, 400)

    gaps = [b - a for a, b in itertools.pairwise(tried)]
    assert gaps[:2] == pytest.approx([PERIOD_S, PERIOD_S])
    for gap, pause in zip(gaps[2:], [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 1.6, 1.6], strict=False):
        # A pause ends with the first frame after it.
        assert pause - 1e-6 <= gap <= pause + PERIOD_S + 1e-6
    assert max(gaps) <= LONGEST_PAUSE_S + PERIOD_S + 1e-6
    assert sender.health().state is State.FAILED
    assert "check its power" in sender.health().problem


def test_controller_that_comes_back_is_served_again_by_itself(network, clock):
    sender = sender_on(network, clock)
    network.unplug("east")
    send_frames(sender, clock, 200)
    network.plug("east")
    send_frames(sender, clock, int(LONGEST_PAUSE_S / PERIOD_S) + 2)

    before = network.received("east")
    send_frames(sender, clock, 10)

    assert network.received("east") - before == 20
    assert sender.health().state is State.LIVE
    assert sender.health().problem == ""


def test_packets_held_back_are_counted_as_skipped(network, clock):
    sender = sender_on(network, clock)
    network.unplug("east")

    send_frames(sender, clock, 100)

    assert sender.health().skipped == 200
    assert sender.health().packets == 0


def test_error_that_the_network_reports_late_counts_as_a_strike(network, clock):
    class Reporting:
        where, local = "127.0.0.1:6454", True

        def open(self):
            return 0

        def pending(self):
            return errno.ECONNREFUSED

        def send(self, datagrams):
            return len(datagrams), 6, 0

        def close(self):
            return None

    sender = NetworkSender("east", Reporting(), kind="artnet", universes=2, clock=clock)

    send_frames(sender, clock, 4)

    assert sender.health().state is State.CONNECTING
    assert sender.health().problem == "nobody listens on 127.0.0.1:6454"


def test_urged_sender_tries_at_once(network, clock):
    sender = sender_on(network, clock)
    network.unplug("east")
    send_frames(sender, clock, 200)
    network.plug("east")

    sender.urge()
    send_frames(sender, clock, 1)

    assert network.received("east") == 2


def test_first_failure_and_recovery_are_logged_once_each(network, clock, caplog):
    sender = sender_on(network, clock)
    with caplog.at_level(logging.INFO):
        network.unplug("east")
        send_frames(sender, clock, 400)
        network.plug("east")
        send_frames(sender, clock, 100)

    assert [(r.levelname, r.getMessage().split(":")[0]) for r in caplog.records] == [
        ("WARNING", "output east to 10.0.0.1"),
        ("INFO", "output east to 10.0.0.1"),
    ]
    assert "check its power" in caplog.records[0].getMessage()
    assert "sending again" in caplog.records[1].getMessage()


def test_flapping_controller_does_not_flood_the_log(network, clock, caplog):
    sender = sender_on(network, clock)
    with caplog.at_level(logging.INFO):
        for _ in range(20):
            network.unplug("east")
            send_frames(sender, clock, 8)
            network.plug("east")
            send_frames(sender, clock, 8)

    assert len(caplog.records) == 2


def test_tee_shows_the_second_everything_though_the_first_holds_back(network, clock):
    watched = VirtualNetwork()
    first = sender_on(network, clock)
    tee = TeeSender(first, sender_on(watched, clock))
    network.unplug("east")

    send_frames(tee, clock, 50)

    assert watched.received("east") == 100
    assert tee.health() == first.health()
    assert tee.health().state is State.FAILED


class Answering:
    """A wire to a host on the network, which refuses now and then, as the kernel hears of it: after a frame."""

    where, local = "10.0.0.1:6454", False

    def __init__(self):
        self.refusal = 0
        self.opened = 0
        self.is_open = False

    def open(self):
        self.opened += not self.is_open
        self.is_open = True
        return 0

    def pending(self):
        refusal, self.refusal = self.refusal, 0
        return refusal

    def send(self, datagrams):
        return len(datagrams), 6, 0

    def close(self):
        self.is_open = False


def test_a_host_that_refuses_once_a_second_is_told_though_most_frames_seem_to_arrive(clock):
    wire = Answering()
    sender = NetworkSender("east", wire, kind="artnet", universes=2, clock=clock)
    for _ in range(4):
        send_frames(sender, clock, 40)
        wire.refusal = errno.ECONNREFUSED
    send_frames(sender, clock, 1)
    assert sender.health().state is State.FAILED
    assert "nothing listens on that port" in sender.health().problem

    send_frames(sender, clock, 40 * 5)

    assert sender.health().state is State.LIVE


def test_a_host_that_refused_once_long_ago_is_not_blamed(clock):
    wire = Answering()
    sender = NetworkSender("east", wire, kind="artnet", universes=2, clock=clock)
    for _ in range(6):
        send_frames(sender, clock, 40 * 4)
        wire.refusal = errno.ECONNREFUSED
        send_frames(sender, clock, 1)
        assert sender.health().state is State.LIVE


def test_a_full_buffer_is_left_to_empty_and_not_joined_by_another(clock):
    wire = Answering()
    wire.send = lambda datagrams: (0, 0, errno.EAGAIN)
    sender = NetworkSender("east", wire, kind="artnet", universes=2, clock=clock)

    send_frames(sender, clock, 200)

    assert sender.health().state is State.FAILED
    assert wire.opened == 1
