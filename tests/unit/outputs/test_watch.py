"""The network is watched without taking anybody's packets, and without costing light."""

from __future__ import annotations

import socket
from uuid import uuid4

import numpy as np
import pytest

from facade.core.clock import RealClock, StepClock
from facade.core.frame import PixelFrame, Tick
from facade.delivery.engine import DeliveryEngine
from facade.light.pipeline import LightPipeline
from facade.outputs.build import build_senders
from facade.outputs.ears import MOST_AT_ONCE, ArtNetEar
from facade.outputs.identity import Identity
from facade.outputs.slab import PacketSlab
from facade.outputs.virtual import VirtualNetwork
from facade.outputs.watch import NetworkWatch
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map


@pytest.fixture
def port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def udp(*, shared=False):
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if shared:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    link.settimeout(5)
    return link


def test_a_program_that_has_the_port_keeps_its_packets(port):
    with udp(shared=True) as other, udp() as node:
        other.bind(("", port))
        ear = ArtNetEar(port)
        ear.open()

        node.sendto(b"for the other", ("127.0.0.1", port))

        assert other.recv(100) == b"for the other"
        assert f"another program has Art-Net's port {port}" in ear.problem
        ear.close()


def test_a_program_that_comes_later_and_shares_the_port_gets_it(port):
    ear = ArtNetEar(port)
    ear.open()
    with udp(shared=True) as other, udp() as node:
        other.bind(("", port))

        node.sendto(b"for the other", ("127.0.0.1", port))

        assert other.recv(100) == b"for the other"
        assert ear.problem == ""
    ear.close()


def test_a_flood_is_read_in_portions(port):
    ear = ArtNetEar(port)
    ear.open()
    with udp() as flood:
        for _ in range(3 * MOST_AT_ONCE):
            flood.sendto(bytes(14), ("127.0.0.1", port))

    assert len(ear.hear()) == MOST_AT_ONCE
    ear.close()


def test_nothing_is_opened_for_controllers_on_this_machine(port):
    patch = patch_of(pixel_map([RGB_LINEAR], [18]), controllers={"main": {"host": "127.0.0.1", "protocol": "artnet"}})
    slab, clock = PacketSlab(patch, cid=uuid4()), RealClock()
    watch = NetworkWatch(slab.blocks, clock=clock, identity=Identity(uuid4(), kept=False), artnet_port=port)

    for _ in range(3):
        watch.step(clock.now())

    with udp() as node:
        node.bind(("", port))  # fails if the watch has it
    assert watch.problem == ""
    watch.close()


class BrokenWatch(NetworkWatch):
    """Fails at every step, as a table of a kernel that nobody has seen yet might make it."""

    def step(self, now):
        raise ValueError("no such field")


def test_a_watch_that_fails_costs_no_light(caplog):
    pixels, network, clock = pixel_map([RGB_LINEAR], [18]), VirtualNetwork(), StepClock()
    slab = PacketSlab(patch_of(pixels), cid=uuid4())
    engine = DeliveryEngine(
        pixels,
        slab,
        pipeline=LightPipeline(pixels),
        senders=build_senders(slab, clock=clock, network=network, udp=False),
        safe=pixels.venue.safe,
        clock=clock,
        back_s=0.0,
        watch=BrokenWatch(slab.blocks, clock=clock, identity=Identity(uuid4(), kept=False)),
    )

    for _ in range(10):
        engine.offer(PixelFrame(Tick(0, 0.0, 0.025), np.full((18, 3), 0.5, np.float32)))
        engine.step()
        clock.advance(0.025)

    assert network.received("main") == 10
    assert engine.levels[0] > 0
    assert len(caplog.records) == 1
    engine.close(fade_s=0.0)
