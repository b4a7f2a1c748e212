"""Levels into packets: one walk over a table of stretches, whatever the number of controllers.

Where pixels are wired in the order of their ids a stretch of a packet is a stretch of levels, and is copied; elsewhere
a table says for each byte which level it shows. At 589 universes, numbers included: 0.03 microseconds a packet by copy,
0.35 by table.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade.core.compiled import IS_COMPILED, compiled, external
from facade.core.frame import Levels

Wanted = NDArray[np.bool_]
"""For each packet, whether it is to be filled."""

# Columns of a table of stretches: which packet; its first byte in the packets' memory; its first level, or place in the
# table; how many bytes; whether the table says which levels.
_PACKET, _AT, _FIRST, _COUNT, _BY_TABLE = range(5)

# Columns of a table of sequence numbers: where the number lies, -1 for none; its lowest and highest value.
_NUMBER_AT, _LOW, _HIGH = range(3)

_WORTH_COPYING = 32
"""Bytes of an unbroken run, on average, from which some copies cost less than the table."""


@dataclass(frozen=True, slots=True)
class Fill:
    """What it takes to fill some packets.

    packets: uint8, the memory in which they lie. stretches: int64 (n, 5), numbers: int64 (packets, 3), by the columns
    above. table: uint32, places in levels.
    """

    packets: NDArray[np.uint8]
    stretches: NDArray[np.int64]
    table: NDArray[np.uint32]
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.numbers)

    def fill(self, levels: Levels, wanted: Wanted) -> None:
        """Write this frame's levels into the packets wanted, and move their numbers on."""
        _fill(self.packets, levels, self.stretches, self.table, self.numbers, wanted)

    def differs_into(self, levels: Levels, out: Wanted) -> None:
        """Say for each packet whether it shows other levels than these."""
        _differs(self.packets, levels, self.stretches, self.table, out)


def fill_of(
    packets: NDArray[np.uint8],
    at: NDArray[np.int64],
    source: NDArray[np.int64],
    numbers: NDArray[np.int64],
) -> Fill:
    """Return how to fill the packets of one controller.

    at: (n,) where the first byte behind each header lies. source: (n, width), the level that each of the bytes from
    there shows, or -1 for one that stays as it is. numbers: see Fill.
    """
    stretches, table, n_places = [], [np.empty(0, np.int64)], 0
    for packet, places in enumerate(source):
        edges = np.flatnonzero(np.diff(places >= 0, prepend=False, append=False))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            cuts = (start + 1 + np.flatnonzero(np.diff(places[start:end]) != 1)).tolist()
            if (len(cuts) + 1) * _WORTH_COPYING <= end - start or not cuts:
                for a, b in pairwise([start, *cuts, end]):
                    stretches.append((packet, int(at[packet]) + a, int(places[a]), b - a, False))
            else:
                stretches.append((packet, int(at[packet]) + start, n_places, end - start, True))
                table.append(places[start:end])
                n_places += end - start
    return Fill(
        packets,
        np.array(stretches, np.int64).reshape(-1, 5),
        np.concatenate(table).astype(np.uint32),
        numbers,
    )


def joined(fills: Sequence[Fill]) -> Fill:
    """Return one for the packets of several, in their order; all lie in one memory."""
    stretches, n_packets, n_places = [], 0, 0
    for fill in fills:
        own = fill.stretches.copy()
        own[:, _PACKET] += n_packets
        own[own[:, _BY_TABLE] != 0, _FIRST] += n_places
        stretches.append(own)
        n_packets, n_places = n_packets + len(fill), n_places + len(fill.table)
    return Fill(
        fills[0].packets,
        np.concatenate(stretches),
        np.concatenate([fill.table for fill in fills]),
        np.concatenate([fill.numbers for fill in fills]),
    )


# Half as much time as a loop takes, at the half kilobyte of a universe.
HAS_MEMCPY = IS_COMPILED and sys.platform == "linux"
_memcpy: Any = external("memcpy", "intp(intp, intp, intp)") if HAS_MEMCPY else None


@compiled("void(uint8[::1], uint8[::1], int64[:, ::1], uint32[::1], int64[:, ::1], boolean[::1])")
def _fill(
    packets: NDArray[np.uint8],
    levels: NDArray[np.uint8],
    stretches: NDArray[np.int64],
    table: NDArray[np.uint32],
    numbers: NDArray[np.int64],
    wanted: Wanted,
) -> None:
    for k in range(len(stretches)):
        if not wanted[stretches[k, _PACKET]]:
            continue
        at, first, count = stretches[k, _AT], stretches[k, _FIRST], stretches[k, _COUNT]
        # Views, so that no index within the loops needs a look at its sign.
        out = packets[at : at + count]
        if stretches[k, _BY_TABLE]:
            places = table[first : first + count]
            for i in range(len(out)):
                out[i] = levels[places[i]]
        elif HAS_MEMCPY:
            _memcpy(packets.ctypes.data + at, levels.ctypes.data + first, count)
        else:
            own = levels[first : first + count]
            for i in range(len(out)):
                out[i] = own[i]
    for p in range(len(numbers)):
        at = numbers[p, _NUMBER_AT]
        if wanted[p] and at >= 0:
            packets[at] = packets[at] + 1 if packets[at] < numbers[p, _HIGH] else numbers[p, _LOW]


@compiled("void(uint8[::1], uint8[::1], int64[:, ::1], uint32[::1], boolean[::1])")
def _differs(
    packets: NDArray[np.uint8],
    levels: NDArray[np.uint8],
    stretches: NDArray[np.int64],
    table: NDArray[np.uint32],
    out: Wanted,
) -> None:
    out[:] = False
    for k in range(len(stretches)):
        at, first, count = stretches[k, _AT], stretches[k, _FIRST], stretches[k, _COUNT]
        own = packets[at : at + count]
        for i in range(len(own)):
            place = table[first + i] if stretches[k, _BY_TABLE] else first + i
            if own[i] != levels[place]:
                out[stretches[k, _PACKET]] = True
                break
