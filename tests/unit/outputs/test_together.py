"""Blocks that are filled together hold the same packets as those that are filled one by one."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest

from facade.outputs.slab import PacketSlab
from facade.outputs.together import grouped
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

CID = UUID(int=7)


def slabs(n_pixels, controllers, **more):
    """Two slabs of one patch, and levels of a frame."""
    pixels = pixel_map([RGB_LINEAR], [n_pixels])
    fields = {"host": "127.0.0.1", "protocol": "artnet", **more}
    patch = patch_of(pixels, controllers={f"c{i}": dict(fields) for i in range(controllers)})
    made = [PacketSlab(patch, cid=CID, first_sequence=250) for _ in range(2)]
    rng = np.random.default_rng(0)
    frames = [np.append(rng.integers(0, 256, pixels.n_levels, np.uint8), np.arange(256, dtype=np.uint8)) for _ in "ab"]
    return made, frames


def packets_of(slab):
    return [bytes(packet) for block in slab.blocks for packet, _ in block.outgoing]


@pytest.mark.parametrize("protocol", ["artnet", "sacn"])
def test_a_wall_of_full_universes_is_one_group_and_its_packets_are_the_same(protocol):
    (together, alone), frames = slabs(170 * 12, 3, protocol=protocol)
    groups, rest = grouped(together.blocks)
    assert [len(group.blocks) for group in groups] == [3]
    assert rest == ()

    for k in range(300):
        groups[0].fill(frames[k % 2])
        for block in alone.blocks:
            block.fill(frames[k % 2])
        assert packets_of(together) == packets_of(alone)


def test_a_block_goes_on_by_itself_where_the_group_left_it():
    (together, alone), frames = slabs(170 * 12, 3)
    (group,), _ = grouped(together.blocks)
    for _ in range(10):
        group.fill(frames[0])
        for block in alone.blocks:
            block.fill(frames[0])

    for slab in (together, alone):
        slab.blocks[1].fill(frames[1])
        slab.blocks[1].fill_changed(frames[1], now=0.0, keep_alive_s=0.8)
    assert packets_of(together) == packets_of(alone)

    group.fill(frames[0])
    for block in alone.blocks:
        block.fill(frames[0])
    assert packets_of(together) == packets_of(alone)


def test_a_last_universe_that_is_not_full_stays_alone():
    (slab, _), _ = slabs(170 * 8 - 1, 2)

    groups, alone = grouped(slab.blocks)

    assert groups == ()
    assert alone == slab.blocks


def test_blocks_of_other_slabs_do_not_join():
    (first, second), _ = slabs(170 * 8, 2)

    groups, alone = grouped([first.blocks[0], second.blocks[1]])

    assert groups == ()
    assert len(alone) == 2


def test_controllers_of_different_rates_do_not_join():
    pixels = pixel_map([RGB_LINEAR], [170 * 8])
    fields = {"host": "127.0.0.1", "protocol": "artnet"}
    slow = {**fields, "max_rate_hz": 20.0}
    patch = patch_of(pixels, controllers={"fast": fields, "slow": slow})

    groups, alone = grouped(PacketSlab(patch, cid=CID).blocks)

    assert groups == ()
    assert len(alone) == 2
