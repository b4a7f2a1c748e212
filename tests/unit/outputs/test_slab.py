"""The packets of a frame: headers made once, levels gathered, sequence numbers moved on."""

from __future__ import annotations

import tracemalloc
from uuid import UUID

import numpy as np
import pytest

from facade.core.errors import OutputError
from facade.outputs.slab import PacketSlab
from facade.protocols import artnet, sacn
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

CID = UUID(int=77)


def slab_for(controllers, *, n=400, **options):
    pixels = pixel_map([RGB_LINEAR], [n])
    return PacketSlab(patch_of(pixels, controllers=controllers), cid=CID, **options), ramp(pixels)


def ramp(pixels):
    levels = np.zeros(pixels.n_levels + 256, np.uint8)
    levels[: pixels.n_levels] = np.arange(pixels.n_levels) * 7 % 251
    levels[pixels.n_levels :] = np.arange(256)
    return levels


def messages(block, decode):
    return [decode(packet) for packet, _ in block.outgoing]


def test_every_level_lies_in_its_universe_and_slot():
    slab, levels = slab_for({"main": {"host": "127.0.0.1", "protocol": "artnet"}})

    slab.blocks[0].fill(levels)

    first, second, third = messages(slab.blocks[0], artnet.decode)
    assert [m.port_address for m in (first, second, third)] == [1, 2, 3]
    assert first.data == levels[:510].tobytes()
    assert second.data == levels[510:1020].tobytes()
    assert third.data == levels[1020:1200].tobytes() + bytes(330)


def test_artnet_sequence_runs_from_1_to_255_and_never_shows_0():
    slab, levels = slab_for({"main": {"host": "127.0.0.1", "protocol": "artnet"}}, n=10, first_sequence=253)

    seen = []
    for _ in range(5):
        slab.blocks[0].fill(levels)
        seen.append(messages(slab.blocks[0], artnet.decode)[0].sequence)

    assert seen == [254, 255, 1, 2, 3]


def test_sacn_sequence_runs_through_zero():
    slab, levels = slab_for({"main": {"host": "127.0.0.1", "protocol": "sacn"}}, n=10, first_sequence=253)

    seen = []
    for _ in range(5):
        slab.blocks[0].fill(levels)
        seen.append(messages(slab.blocks[0], sacn.decode)[0].sequence)

    assert seen == [254, 255, 0, 1, 2]


def test_sacn_packets_carry_who_sends_and_how_important_it_is():
    slab, levels = slab_for(
        {"main": {"host": "multicast", "protocol": "sacn", "priority": 150, "sync_universe": 900}}, source="north"
    )
    slab.blocks[0].fill(levels)

    found = messages(slab.blocks[0], sacn.decode)

    assert {(m.cid, m.source, m.priority, m.sync_universe) for m in found} == {(CID, "north", 150, 900)}
    assert [address for _, address in slab.blocks[0].outgoing] == [(f"239.255.0.{u}", 5568) for u in (1, 2, 3)]


def test_sacn_sync_goes_to_its_own_group_and_counts_by_itself():
    slab, _ = slab_for({"main": {"host": "multicast", "protocol": "sacn", "sync_universe": 900}}, first_sequence=255)
    sync = slab.blocks[0].sync

    sync.advance()

    ((packet, address),) = sync.datagrams
    assert sacn.decode(packet) == sacn.SacnSync(cid=CID, sequence=0, sync_universe=900)
    assert address == ("239.255.3.132", 5568)


def test_controllers_that_hear_the_same_sync_share_it():
    one = {"host": "multicast", "protocol": "sacn", "sync_universe": 900}
    slab, _ = slab_for({"a": one, "b": one, "c": {**one, "sync_universe": 901}})

    a, b, c = (block.sync for block in slab.blocks)

    assert a is b
    assert a is not c


def test_artnet_sync_is_made_only_where_the_profile_asks_for_it():
    slab, _ = slab_for(
        {
            "a": {"host": "127.0.0.1", "protocol": "artnet", "sync": True, "port": 7000},
            "b": {"host": "127.0.0.1", "protocol": "artnet"},
        }
    )

    ((packet, address),) = slab.blocks[0].sync.datagrams
    assert artnet.decode(packet) == artnet.ArtSync()
    assert address == ("127.0.0.1", 7000)
    assert slab.blocks[1].sync is None


def test_terminated_bit_is_set_in_every_packet_of_a_controller():
    slab, levels = slab_for({"main": {"host": "multicast", "protocol": "sacn"}})

    slab.blocks[0].terminate()
    slab.blocks[0].fill(levels)

    assert all(m.terminated for m in messages(slab.blocks[0], sacn.decode))


def test_unchanged_universes_rest_after_settling_and_come_back_when_due():
    slab, levels = slab_for({"main": {"host": "127.0.0.1", "protocol": "artnet"}})
    block = slab.blocks[0]

    counts = []
    for frame in range(80):
        block.fill_changed(levels, now=frame * 0.025, keep_alive_s=0.775)
        counts.append(len(block.outgoing))

    assert counts[:4] == [3, 3, 3, 3]
    sent = [i for i, n in enumerate(counts) if n]
    assert np.diff(sent[3:]).max() * 0.025 <= 0.8
    assert sum(counts) < 30


def test_changed_universe_goes_out_alone_with_its_own_sequence():
    slab, levels = slab_for({"main": {"host": "127.0.0.1", "protocol": "artnet"}})
    block = slab.blocks[0]
    for frame in range(6):
        block.fill_changed(levels, now=frame * 0.025, keep_alive_s=0.775)

    levels[600] ^= 255
    block.fill_changed(levels, now=0.15, keep_alive_s=0.775)

    (only,) = messages(block, artnet.decode)
    assert (only.port_address, only.sequence) == (2, 5)
    assert only.data == levels[510:1020].tobytes()


def test_frame_allocates_nothing_that_grows_with_universes():
    slab, levels = slab_for({"main": {"host": "127.0.0.1", "protocol": "sacn"}}, n=60_000)
    slab.blocks[0].fill(levels)

    tracemalloc.start()
    for _ in range(3):
        slab.blocks[0].fill(levels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 4096


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"host": "no-such-host.invalid", "protocol": "artnet"}, "no IPv4 address answers"),
        ({"host": "multicast", "protocol": "artnet"}, "no IPv4 address answers"),
    ],
)
def test_host_without_an_address_is_refused_at_load(fields, rule):
    with pytest.raises(OutputError, match=rule):
        slab_for({"main": fields})


def test_universe_zero_is_refused_for_sacn():
    pixels = pixel_map([RGB_LINEAR], [10])
    patch = patch_of(pixels, controllers={"main": {"host": "127.0.0.1", "protocol": "sacn"}}, first_universe=0)

    with pytest.raises(OutputError, match="universe 0"):
        PacketSlab(patch, cid=CID)


def test_frame_after_a_full_one_is_compared_with_what_was_sent():
    slab, levels = slab_for({"main": {"host": "127.0.0.1", "protocol": "artnet"}})
    block, other = slab.blocks[0], levels ^ 255
    for frame in range(6):
        block.fill_changed(levels, now=frame * 0.025, keep_alive_s=0.775)
    block.fill(other)

    block.fill_changed(levels, now=0.15, keep_alive_s=0.775)

    assert len(block.outgoing) == 3
    assert messages(block, artnet.decode)[0].data == levels[:510].tobytes()
