"""What sACN says beside levels: priorities slot by slot, preview, and which universes there are."""

from __future__ import annotations

from itertools import pairwise
from uuid import UUID

import numpy as np
import pytest

from facade.core.clock import StepClock
from facade.core.frame import PixelFrame, Tick
from facade.delivery.build import build_delivery
from facade.delivery.dispatch import Dispatch
from facade.outputs.announce import announcer_for
from facade.outputs.sender import NetworkSender
from facade.outputs.slab import PacketSlab
from facade.outputs.virtual import VirtualNetwork
from facade.protocols import sacn, sacn_discovery
from facade.simulator.device import SimulatedDevice
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

CID = UUID(int=6)


def run(controller, *, frames=100, n=200):
    """Deliver frames of light; return all messages and the device that watched."""
    pixels = pixel_map([RGB_LINEAR], [n])
    patch = patch_of(pixels, controllers={"main": {"host": "multicast", "protocol": "sacn", **controller}})
    network, clock, messages = VirtualNetwork(), StepClock(), []
    device = SimulatedDevice(pixels, patch)
    network.attach(device.receive_burst)
    network.listen(lambda packet, host, port: messages.append(sacn.decode(packet)))
    engine = build_delivery(pixels, patch, clock=clock, cid=CID, network=network, udp=False, back_s=0.0)
    engine.offer(PixelFrame(Tick(0, 0.0, 0.025), np.full((n, 3), 0.5, np.float32)))
    for _ in range(frames):
        engine.step()
        clock.advance(0.025)
    return messages, device, engine


def test_priorities_name_the_slots_in_use_once_a_second():
    messages, device, _ = run({"address_priority": True, "priority": 150})

    found = [m for m in messages if m.start_code == 0xDD]
    assert [m.universe for m in found] == [1, 2] * 3  # 100 frames at 40 Hz
    assert found[0].data == bytes([150]) * 510
    assert found[1].data == bytes([150]) * 90 + bytes(420)
    assert (device.received.foreign, device.received.broken) == (0, 0)


@pytest.mark.parametrize("universe", [1, 2])
def test_levels_and_priorities_share_one_row_of_numbers(universe):
    messages, _, _ = run({"address_priority": True})

    numbers = [m.sequence for m in messages if m.universe == universe]

    assert all((b - a) % 256 == 1 for a, b in pairwise(numbers))


def test_lowest_priority_is_still_a_source():
    messages, _, _ = run({"address_priority": True, "priority": 0}, frames=1)

    assert next(m for m in messages if m.start_code == 0xDD).data[0] == 1


def test_without_the_key_no_priorities_are_sent():
    messages, _, _ = run({})

    assert {m.start_code for m in messages} == {0}


def test_preview_is_in_every_packet_and_shown_by_no_live_output():
    messages, device, engine = run({"preview": True}, frames=3)

    assert all(m.preview for m in messages)
    assert not device.rgb.any()
    assert engine.levels.any()


def announced(controllers, *, seconds):
    pixels = pixel_map([RGB_LINEAR], [170 * 4])
    slab = PacketSlab(patch_of(pixels, controllers=controllers), cid=CID)
    network, clock, heard = VirtualNetwork(), StepClock(), []
    network.listen(
        lambda packet, host, port: heard.append((clock.now(), host, sacn_discovery.decode(packet))),
        host=sacn_discovery.GROUP,
        port=sacn.PORT,
    )
    announcer = announcer_for(slab.blocks, cid=CID, source="north", make_wire=lambda i: network.wire(f"on {i}", "-"))
    senders = [
        NetworkSender(b.name, network.wire(b.name, "-"), kind="-", universes=1, clock=clock) for b in slab.blocks
    ]
    dispatch = Dispatch(slab, senders, rate_hz=10.0, always_send=True, announcer=announcer)
    for frame in range(seconds * 10):
        dispatch.send(np.zeros(pixels.n_levels + 256, np.uint8), now=clock.now(), frame=frame)
        clock.advance(0.1)
    dispatch.close()
    return heard


def test_universes_are_announced_every_ten_seconds_on_each_interface():
    multicast = {"host": "multicast", "protocol": "sacn"}

    heard = announced(
        {"a": {**multicast, "interface": "10.0.0.1"}, "b": {**multicast, "interface": "10.9.0.1"}}, seconds=25
    )

    assert [round(at) for at, _, _ in heard] == [0, 0, 10, 10, 20, 20]
    assert {d.universes for _, _, d in heard} == {(1, 2), (3, 4)}
    assert {(d.cid, d.source) for _, _, d in heard} == {(CID, "north")}


def test_nothing_is_announced_where_sacn_stays_on_this_machine():
    local = {"host": "127.0.0.1", "protocol": "sacn"}
    artnet = {"host": "10.0.0.9", "protocol": "artnet"}

    assert announced({"a": local, "b": artnet}, seconds=2) == []
