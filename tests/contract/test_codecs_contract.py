"""What every protocol promises: what is sent is what a device shows, on the first frame and after a single change."""

from __future__ import annotations

import typing
from uuid import UUID

import numpy as np
import pytest

from facade.config import controller as controller_document
from facade.config.loader import Hardware, load_hardware
from facade.core import places
from facade.core.errors import ConfigError
from facade.mapping.codecs import codec_of
from facade.outputs.contract import Burst
from facade.outputs.slab import PacketSlab
from facade.outputs.virtual import VirtualNetwork
from facade.protocols.registry import CODECS
from facade.simulator.device import SimulatedDevice
from tests.support.protocol_venues import VENUES, compiled


@pytest.fixture(scope="module")
def hardware() -> Hardware:
    return load_hardware(places.hardware())


class Rig:
    def __init__(self, profile, hardware):
        self.pixels, self.patch = compiled(profile, hardware)
        self.slab = PacketSlab(self.patch, cid=UUID(int=4))
        self.block = self.slab.blocks[0]
        self.device = SimulatedDevice(self.pixels, self.patch)
        self._wire = VirtualNetwork().wire("main", "-")
        self._network = self._wire._network
        self._network.attach(self.device.receive_burst)
        self.levels = np.zeros(self.pixels.n_levels + 256, np.uint8)
        self.levels[-256:] = np.arange(256)
        # Windows without grey show 0 or 255, which every protocol carries.
        values = np.random.default_rng(2).choice(np.array([0, 255], np.uint8), self.pixels.n_levels)
        self.levels[:-256] = values

    @property
    def codec(self):
        return codec_of(self.patch.controllers[0].profile)

    def send(self):
        for burst in self.block.turns:
            assert isinstance(burst, Burst)
            self._wire.send(burst)
        return self.device.levels[: self.pixels.n_levels].tolist()


@pytest.fixture(params=VENUES)
def rig(request, hardware):
    return Rig(request.param, hardware)


def wanted(rig):
    return rig.levels[: rig.pixels.n_levels].tolist()


def test_what_is_sent_is_what_the_device_shows(rig):
    rig.block.fill(rig.levels)

    assert rig.send() == wanted(rig)
    received = rig.device.received
    assert (received.broken, received.foreign, received.problem) == (0, 0, "")


def test_a_single_change_is_enough_to_show_it(rig):
    for frame in range(6):
        rig.block.fill_changed(rig.levels, now=frame * 0.025, keep_alive_s=0.775)
        rig.send()
    rig.levels[0] ^= 255
    rig.block.fill_changed(rig.levels, now=0.15, keep_alive_s=0.775)

    n_packets = len(rig.block.outgoing)

    assert rig.send() == wanted(rig)
    assert n_packets == min(2 if rig.codec.closes else 1, rig.patch.n_universes)


def test_packets_fit_their_medium(rig):
    codec = rig.codec
    for packet, _ in rig.block.outgoing:
        if codec.medium == "udp" and len(rig.block.outgoing) > 1:
            assert len(packet) <= 1472


def test_rest_of_a_packet_is_as_it_was_after_many_frames(rig):
    """Headers and trailers survive levels of every value."""
    for value in (255, 0, 170):
        rig.levels[: rig.pixels.n_levels] = value
        rig.block.fill(rig.levels)
        rig.send()

    assert rig.device.received.broken == 0


def test_levels_lie_where_the_codec_says(rig):
    """Else a device that copies them from there would show something else than one that reads."""
    rig.block.fill(rig.levels)

    for packet, _ in rig.block.outgoing:
        for cells in rig.codec.decode(bytes(packet)):
            assert cells.at < 0 or bytes(packet[cells.at : cells.at + len(cells.data)]) == cells.data


@pytest.mark.parametrize("seed", range(2))
def test_a_burst_says_what_its_packets_say_whatever_happens_to_their_bytes(rig, seed):
    chance = np.random.default_rng(seed)
    packetwise = SimulatedDevice(rig.pixels, rig.patch)
    bursts = [*rig.block.turns, *([rig.block.sync.datagrams] if rig.block.sync is not None else ())]
    for frame in range(12):
        rig.levels[: rig.pixels.n_levels] = chance.choice(np.array([0, 255], np.uint8), rig.pixels.n_levels)
        rig.block.fill(rig.levels)
        if rig.block.sync is not None:
            rig.block.sync.advance()
        packets = rig.block.outgoing
        for _ in range(frame % 3):
            whole = np.frombuffer(packets[chance.integers(len(packets))][0], np.uint8)
            whole[min(int(chance.exponential(12)), len(whole) - 1)] = chance.integers(256)
        for burst in bursts:
            rig.device.receive_burst(burst)
            for packet, (host, port) in burst:
                packetwise.receive(packet, host, port)

        assert rig.device.received == packetwise.received
        assert np.array_equal(rig.device.levels, packetwise.levels)
        assert np.array_equal(rig.device.rgb, packetwise.rgb)


def test_no_bytes_stop_the_device(rig):
    """Packets cut short, with bytes of anything anywhere, and noise."""
    chance = np.random.default_rng(3)
    rig.block.fill(rig.levels)
    packets = [(bytes(packet), address) for packet, address in rig.block.outgoing]
    for n in range(200):
        packet, address = packets[n % len(packets)]
        raw = bytearray(packet if n % 4 else chance.bytes(int(chance.integers(1500))))
        for _ in range(n % 5):
            if raw:
                raw[min(int(chance.exponential(8)), len(raw) - 1)] = int(chance.integers(256))
        rig.device.receive(raw[: chance.integers(len(raw) + 1)] if n % 2 else raw, *address)

    assert rig.device.received.packets == 200
    assert np.isfinite(rig.device.rgb).all()


def test_every_protocol_a_profile_may_name_exists_and_has_a_profile(hardware):
    named = set(typing.get_args(controller_document.Protocol))

    assert named == {*CODECS, "driver"}
    assert {p.protocol for p in hardware.controllers.values()} == named
    assert {hardware.controllers[name].protocol for name in VENUES} == named


def test_universe_larger_than_its_packet_is_named_at_load(hardware):
    profile = hardware.controllers["ddp_pixel"].model_copy(update={"universe_size": 9000})

    with pytest.raises(ConfigError, match="DDP carries at most 1440 slots"):
        compiled("ddp_pixel", Hardware(hardware.fixtures, {**hardware.controllers, "ddp_pixel": profile}))


def test_load_above_the_ports_is_named_at_load(hardware):
    profile = hardware.controllers["ddp_pixel"].model_copy(update={"max_mbit": 0.5})

    with pytest.raises(ConfigError, match=r"needs 1 Mbit/s at 25 frames a second; ddp_pixel takes 0\.5"):
        compiled("ddp_pixel", Hardware(hardware.fixtures, {**hardware.controllers, "ddp_pixel": profile}))


def test_header_that_cannot_be_made_is_named_at_load(hardware, monkeypatch):
    monkeypatch.setitem(VENUES, "blinkenlights_blp", (18, 8, "W", 0, {"size_px": (18, 7)}))

    with pytest.raises(ConfigError, match=r"controller\.main: picture of 18 x 7"):
        compiled("blinkenlights_blp", hardware)
