"""Levels come into packets the same by copy and by table, in machine code and without, alone and together."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest

from facade.core.compiled import IS_COMPILED
from facade.outputs import fill
from facade.outputs.fill import fill_of, joined
from facade.outputs.slab import PacketSlab
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

LEVELS = np.random.default_rng(1).integers(0, 256, 900, np.uint8)
WIDTH, HEAD = 80, 4


def wiring(kind):
    """Places (3, WIDTH) of one controller's levels; the last packet ends early."""
    places = np.arange(3 * WIDTH).reshape(3, WIDTH)
    if kind == "serpentine":
        places[1] = places[1].reshape(-1, 4)[::-1].reshape(-1)
    if kind == "shuffled":
        places = np.random.default_rng(2).permutation(places.reshape(-1)).reshape(3, WIDTH)
    if kind == "two runs":
        places[:, WIDTH // 2 :] += 400
    if kind == "with bytes between":
        places[:, ::5] = -1
    places[2, 70:] = -1
    return places


def filling(places, *, low=1, high=255, memory=None, start=0):
    """Packets of three bytes of header, a number and the levels; the number before the first is ``high``."""
    memory = np.full(3 * (HEAD + WIDTH), 7, np.uint8) if memory is None else memory
    first = start + np.arange(3) * (HEAD + WIDTH)
    memory[first + 3] = high
    numbers = np.stack([first + 3, np.full(3, low), np.full(3, high)], axis=1)
    return fill_of(memory, first + HEAD, places, numbers)


def body(made):
    return made.packets.reshape(-1, HEAD + WIDTH)[:, HEAD:]


def wanted_body(places):
    return np.where(places < 0, 7, LEVELS[places])


@pytest.mark.parametrize("kind", ["straight", "serpentine", "shuffled", "two runs", "with bytes between"])
def test_every_level_comes_to_its_place_and_the_rest_stays(kind):
    made = filling(wiring(kind))

    made.fill(LEVELS, np.ones(3, np.bool_))

    assert np.array_equal(body(made), wanted_body(wiring(kind)))
    assert made.packets.reshape(3, -1)[:, :HEAD].tolist() == [[7, 7, 7, 1]] * 3


@pytest.mark.parametrize(("kind", "table"), [("straight", 0), ("two runs", 0), ("shuffled", 3 * WIDTH - 10)])
def test_only_broken_wiring_needs_a_table(kind, table):
    assert len(filling(wiring(kind)).table) == table


@pytest.mark.parametrize(("low", "high", "seen"), [(1, 255, [254, 255, 1, 2]), (0, 255, [254, 255, 0, 1])])
def test_numbers_run_round(low, high, seen):
    made = filling(wiring("straight"), low=low, high=high)
    made.packets[made.numbers[:, 0]] = 253

    found = []
    for _ in seen:
        made.fill(LEVELS, np.ones(3, np.bool_))
        found.append(int(made.packets[3]))

    assert found == seen


def test_packets_that_are_not_wanted_stay_as_they_are():
    made = filling(wiring("shuffled"))
    before = made.packets.copy()

    made.fill(LEVELS, np.array([False, True, False]))

    assert np.flatnonzero(np.any(made.packets.reshape(3, -1) != before.reshape(3, -1), axis=1)).tolist() == [1]


@pytest.mark.parametrize("kind", ["straight", "shuffled"])
def test_packets_say_whether_they_show_other_levels(kind):
    made, out = filling(wiring(kind)), np.zeros(3, np.bool_)
    made.fill(LEVELS, np.ones(3, np.bool_))
    made.differs_into(LEVELS, out)
    same = out.tolist()
    levels = LEVELS.copy()
    levels[wiring(kind)[1, 17]] ^= 1

    made.differs_into(levels, out)

    assert (same, out.tolist()) == ([False] * 3, [False, True, False])


def test_several_in_one_memory_are_filled_at_once_as_each_by_itself():
    places = [wiring("straight"), wiring("shuffled") + 300, wiring("serpentine") + 600]
    memory = np.full(9 * (HEAD + WIDTH), 7, np.uint8)
    fills = [filling(np.minimum(own, 899), memory=memory, start=k * 3 * (HEAD + WIDTH)) for k, own in enumerate(places)]
    for each in fills:
        each.fill(LEVELS, np.ones(3, np.bool_))
    alone = memory.copy()
    memory.reshape(9, -1)[:, HEAD:] = 7
    memory[np.concatenate([each.numbers[:, 0] for each in fills])] = 255

    joined(fills).fill(LEVELS, np.ones(9, np.bool_))

    assert np.array_equal(memory, alone)


@pytest.mark.skipif(not IS_COMPILED, reason="there is no Numba for this machine")
@pytest.mark.parametrize("protocol", ["artnet", "sacn", "ddp", "aec_udp"])
def test_machine_code_and_python_make_the_same_packets(protocol, monkeypatch):
    pixels = pixel_map([RGB_LINEAR], [700])
    controllers = {"main": {"host": "127.0.0.1", "protocol": protocol}}
    compiled, plain = (PacketSlab(patch_of(pixels, controllers=controllers), cid=UUID(int=1)) for _ in "ab")
    levels = np.append(np.random.default_rng(5).integers(0, 256, pixels.n_levels), np.arange(256)).astype(np.uint8)
    compiled.blocks[0].fill(levels)
    monkeypatch.setattr(fill, "HAS_MEMCPY", False)
    for name in ("_fill", "_differs"):
        monkeypatch.setattr(fill, name, getattr(fill, name).py_func)

    plain.blocks[0].fill(levels)

    assert bytes(plain.memory) == bytes(compiled.memory)
