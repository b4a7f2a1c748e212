"""The simulated device shows what the bytes say, and survives every byte it is sent."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.core.compiled import IS_COMPILED
from facade.light.pipeline import LightPipeline
from facade.mapping.model import Patch, PixelMap
from facade.outputs.slab import PacketSlab
from facade.outputs.virtual import VirtualNetwork
from facade.protocols import artnet, sacn
from facade.simulator import known
from facade.simulator.device import SimulatedDevice
from facade.simulator.known import _take, known_burst
from facade.simulator.reading import Reader
from tests.support.pages import compiled
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

CID = UUID("00000000-0000-4000-8000-000000000001")
HOST = "127.0.0.1"


def one_universe(**controller: object) -> tuple[PixelMap, Patch]:
    pixels = pixel_map((RGB_LINEAR,), (6,))
    fields = {"host": HOST, "protocol": "artnet"} | controller
    return pixels, patch_of(pixels, controllers={"main": fields}, first_universe=1)


def sacn_packet(levels: bytes, *, universe: int = 1, sync_universe: int = 0, options: int = 0, start: int = 0) -> bytes:
    header = sacn.data_header(
        universe, len(levels), cid=CID, source="test", sync_universe=sync_universe, options=options, start_code=start
    )
    return header + levels


def test_a_packet_lights_the_pixels_whose_slots_it_carries():
    pixels, patch = one_universe()
    device = SimulatedDevice(pixels, patch)

    device.receive(artnet.dmx_packet(1, bytes([255, 0, 0, 0, 255, 0, 0, 0, 51, 0])), HOST, artnet.PORT)

    assert device.rgb[:3] == pytest.approx(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0.2]]))
    assert not device.rgb[3:].any()


def test_a_short_packet_leaves_the_slots_after_it_alone():
    pixels, patch = one_universe()
    device = SimulatedDevice(pixels, patch)
    device.receive(artnet.dmx_packet(1, bytes([255] * 18)), HOST, artnet.PORT)

    device.receive(artnet.dmx_packet(1, bytes(2)), HOST, artnet.PORT)

    assert device.levels[:18].tolist() == [0, 0] + [255] * 16


@pytest.mark.parametrize(
    ("packet", "host", "port"),
    [
        (artnet.dmx_packet(7, bytes([255] * 18)), HOST, artnet.PORT),
        (artnet.dmx_packet(1, bytes([255] * 18)), "10.0.0.9", artnet.PORT),
        (artnet.dmx_packet(1, bytes([255] * 18)), HOST, 6455),
        (artnet.sync_packet(), HOST, artnet.PORT),
        (artnet.ID + b"\x00\x20" + bytes([0, 14]) + bytes(8), HOST, artnet.PORT),
        (sacn_packet(bytes([255] * 18)), HOST, artnet.PORT + 1),
    ],
    ids=["other universe", "other host", "other port", "sync not understood", "ArtPoll", "other protocol"],
)
def test_what_is_meant_for_others_is_counted_and_lights_nothing(packet: bytes, host: str, port: int):
    pixels, patch = one_universe()
    device = SimulatedDevice(pixels, patch)

    device.receive(packet, host, port)

    assert not device.rgb.any()
    assert (device.received.packets, device.received.foreign, device.received.broken) == (1, 1, 0)


@given(st.one_of(st.binary(max_size=700), st.binary(max_size=600).map(lambda b: artnet.ID + b)))
def test_no_bytes_stop_the_device(packet: bytes):
    pixels, patch = one_universe()
    device = SimulatedDevice(pixels, patch)

    device.receive(packet, HOST, artnet.PORT)

    assert device.received.packets == 1
    assert np.isfinite(device.rgb).all()


def test_a_broken_packet_is_counted_with_its_reason():
    pixels, patch = one_universe()
    device = SimulatedDevice(pixels, patch)

    device.receive(artnet.dmx_packet(1, bytes(18))[:-4], HOST, artnet.PORT)

    assert device.received.broken == 1
    assert "torn" in device.received.problem


def test_a_synchronous_artnet_device_shows_whole_frames_only():
    pixels, patch = one_universe(sync=True)
    device = SimulatedDevice(pixels, patch)
    device.receive(artnet.sync_packet(), HOST, artnet.PORT)

    device.receive(artnet.dmx_packet(1, bytes([255] * 18)), HOST, artnet.PORT)
    before = device.rgb.copy()
    device.receive(artnet.sync_packet(), HOST, artnet.PORT)

    assert not before.any()
    assert (device.rgb == 1.0).all()


def test_before_the_first_sync_an_artnet_device_shows_at_once():
    pixels, patch = one_universe(sync=True)
    device = SimulatedDevice(pixels, patch)

    device.receive(artnet.dmx_packet(1, bytes([255] * 18)), HOST, artnet.PORT)

    assert (device.rgb == 1.0).all()


def test_sacn_arrives_by_multicast_group_and_waits_for_its_sync_universe():
    pixels, patch = one_universe(protocol="sacn", host="multicast", sync=True, sync_universe=9)
    device = SimulatedDevice(pixels, patch)
    group, sync_group = sacn.multicast_group(1), sacn.multicast_group(9)
    device.receive(sacn.sync_packet(9, cid=CID), sync_group, sacn.PORT)

    device.receive(sacn_packet(bytes([255] * 18), sync_universe=9), group, sacn.PORT)
    waiting = device.rgb.copy()
    device.receive(sacn.sync_packet(9, cid=CID), sync_group, sacn.PORT)

    assert not waiting.any()
    assert (device.rgb == 1.0).all()
    assert device.received.syncs == 2


@pytest.mark.parametrize(("options", "start"), [(sacn.OPTION_TERMINATED, 0), (sacn.OPTION_PREVIEW, 0), (0, 0xDD)])
def test_sacn_levels_that_are_not_for_the_stage_are_not_shown(options: int, start: int):
    pixels, patch = one_universe(protocol="sacn", host=HOST)
    device = SimulatedDevice(pixels, patch)

    device.receive(sacn_packet(bytes([255] * 18), options=options, start=start), HOST, sacn.PORT)

    assert not device.rgb.any()


@pytest.mark.parametrize("venue", ["imal_minimal", "medialab_prado", "willow_house"])
def test_light_survives_the_whole_way_through_packets(venue: str):
    from facade.config.loader import load_hardware, load_venue
    from facade.core import places
    from facade.mapping.compile import compile_venue

    pixels, patch = compile_venue(load_venue(venue, places.hardware()), load_hardware(places.hardware()))
    pipeline, slab, network = LightPipeline(pixels), PacketSlab(patch, cid=CID), VirtualNetwork()
    device = SimulatedDevice(pixels, patch)
    network.attach(device.receive_burst)
    rgb = np.random.default_rng(5).random((pixels.n_pixels, 3), dtype=np.float32) * 0.5

    levels = pipeline.process(rgb, master=1.0, delta_s=1 / 40, frame=0)
    for block in slab.blocks:
        block.fill(levels)
        network.carry(block.name, block.outgoing)

    assert np.array_equal(device.levels[: pixels.n_levels], levels[: pixels.n_levels])
    assert device.received.foreign == device.received.broken == 0
    assert device.rgb.shape == (pixels.n_pixels, 3)
    assert np.ptp(device.rgb) > 0.3


class Network:
    """A venue's slab and its device, one burst a controller."""

    def __init__(self, **controller: object) -> None:
        self.pixels, self.patch = one_universe(**controller)
        self.block = PacketSlab(self.patch, cid=CID).blocks[0]
        self.device = SimulatedDevice(self.pixels, self.patch)

    def send(self, level: int) -> int:
        """Send a frame of one level everywhere; returns what the first pixel shows."""
        levels = np.full(self.pixels.n_levels + 256, level, np.uint8)
        levels[-256:] = np.arange(256)
        self.block.fill(levels)
        self.device.receive_burst(self.block.whole)
        if self.block.sync is not None:
            self.block.sync.advance()
            self.device.receive_burst(self.block.sync.datagrams)
        return int(self.device.levels[0])


@pytest.mark.skipif(not IS_COMPILED, reason="without machine code every packet is read")
@pytest.mark.parametrize(
    "controller",
    [{}, {"sync": True}, {"protocol": "sacn"}, {"protocol": "sacn", "sync": True, "sync_universe": 9}],
    ids=["artnet", "artnet with sync", "sacn", "sacn with sync"],
)
def test_packets_that_say_what_they_said_are_not_read_again(controller: dict[str, object], monkeypatch):
    network, n_read = Network(**controller), []
    for _ in range(2):
        network.send(10)
    for protocol in (artnet, sacn):
        read = protocol.decode
        monkeypatch.setattr(protocol, "decode", lambda packet, read=read: n_read.append(1) or read(packet))

    shown = [network.send(level) for level in range(20, 250, 7)]

    assert shown == list(range(20, 250, 7))
    assert n_read == []
    assert network.device.received.packets == 35 * (2 if network.block.sync is not None else 1)


def test_a_packet_that_says_something_else_is_read_and_what_it_says_is_done():
    network = Network(protocol="sacn")
    for _ in range(3):
        network.send(10)

    network.block.terminate()
    ended = network.send(20)
    network.block.revive()
    back = network.send(30)

    assert (ended, back) == (10, 30)
    assert network.device.received.terminated == 1
    assert network.device.received.broken == 0


def test_a_device_that_moved_listens_at_its_new_address_only():
    network = Network()
    for _ in range(3):
        network.send(10)
    (patch,) = network.patch.controllers
    moved = replace(patch, controller=patch.controller.model_copy(update={"host": "127.0.0.7"}))

    network.device.move(moved)

    assert network.send(20) == 10
    assert network.device.received.foreign == 1


def test_machine_code_and_python_take_the_same():
    network = Network()
    network.send(10)
    burst = known_burst(network.block.whole, Reader(network.device._controllers))
    assert burst is not None
    network.send(90)
    memories = [np.zeros(network.device._memory.size, np.uint8) for _ in range(2)]
    at = [
        take(burst._packets, burst._seen, burst._same, burst._copies, burst._rows, memory, 0)
        for take, memory in zip((_take, _take.py_func), memories, strict=True)
    ]

    assert at == [1, 1]
    assert memories[0].tolist() == memories[1].tolist() == network.device._memory.tolist()


@pytest.mark.parametrize("compiled_in", [True, False])
def test_runs_are_copied_alike_with_and_without_machine_code(compiled_in: bool, monkeypatch):
    monkeypatch.setattr(known, "_HAS_MEMCPY", False)
    monkeypatch.setattr(known, "IS_COMPILED", compiled_in)
    source, target = np.arange(200, dtype=np.uint8), np.zeros(200, np.uint8)
    copies = np.array([[0, 150, 3], [20, 0, 100]], np.int64)

    known._copy.py_func(source, target, copies, 1, 2)
    python = target.copy()
    target[:] = 0
    known._copy(source, target, copies, 1, 2)

    assert python.tolist() == target.tolist() == [*range(20, 120), *[0] * 100]


def test_the_device_of_a_shipped_venue_starts_dark():
    pixels = compiled("imal_minimal")
    device = SimulatedDevice(pixels, patch_of(pixels))
    assert not device.rgb.any()
