"""Packets that say what they said before: taken without being read again, in machine code.

A burst that comes with every frame is read once, packet by packet, as any packet is. What is kept is every byte but
the levels and the sequence number, and where the levels went. A packet in which all those bytes are still the same can
mean nothing else, so its levels are copied there; one byte that differs, and it is read again as if it were the first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade.core.compiled import IS_COMPILED, compiled, external
from facade.core.errors import InputError
from facade.outputs.contract import Burst
from facade.simulator.controller import SimulatedController
from facade.simulator.reading import Reader, Reading

_WORTH_A_CALL = 16
"""Bytes from which the C library copies faster than a loop."""

_READ_ONLY = "Array(uint8, 1, 'C', readonly=True)"


def known_burst(burst: Burst, reader: Reader) -> KnownBurst | None:
    """Return what a burst says; None unless every packet is levels only, or it is a single one that closes frames."""
    if burst.memory is None:
        return None
    readings = []
    for packet, address in burst.datagrams:
        data = bytes(packet)
        try:
            reading = reader.read(data, *address)
        except InputError:
            return None
        if not (_is_plain(reading, data) or (reading.shown and not reading.taken and burst.n_packets == 1)):
            return None
        readings.append(reading)
    return KnownBurst(burst.memory, [len(packet) for packet in burst.packets], readings)


def _is_plain(reading: Reading, data: bytes) -> bool:
    """Whether a packet is levels that lie in it as they are, to be shown at once or at a word from somebody."""
    if not reading.taken or reading.shown:
        return False
    for each in reading.taken:
        at, levels = each.cells.at, each.cells.data
        if at < 0 or data[at : at + len(levels)] != levels or (each.controller.waits and not reading.wait):
            return False
    return True


class KnownBurst:
    """Packets that lie one behind the other in one memory, and what each of them says.

    packets: their bytes; the sender overwrites them for every frame. sizes: of each.
    shown: controllers that it tells to show. syncs: packets of it that close a frame.
    """

    def __init__(self, packets: memoryview, sizes: Sequence[int], readings: Sequence[Reading]) -> None:
        self._packets = np.frombuffer(packets, np.uint8)
        self._seen = self._packets.copy()
        same: list[tuple[int, int]] = []
        copies: list[tuple[int, int, int]] = []
        rows, at = [], 0
        waiting: dict[int, SimulatedController] = {}
        for size, reading in zip(sizes, readings, strict=True):
            rests, levels = len(same), len(copies)
            same += [(at + start, at + end) for start, end in _rest(size, reading)]
            for each in reading.taken:
                source = at + each.cells.at + each.landing.start
                copies.append((source, each.controller.place_of(each.landing), each.landing.size))
                if each.controller.waits:
                    waiting[id(each.controller)] = each.controller
            rows.append((rests, len(same), levels, len(copies)))
            at += size
        self._same = np.array(same, np.int64).reshape(-1, 2)
        self._copies = np.array(copies, np.int64).reshape(-1, 3)
        self._rows = np.array(rows, np.int64).reshape(-1, 4)
        self._waiting = tuple(waiting.values())
        self.shown = tuple(controller for reading in readings for controller in reading.shown)
        self.syncs = sum(reading.syncs for reading in readings)

    @property
    def is_ready(self) -> bool:
        """Whether its controllers keep what they take until they are told to show it, where they ever do."""
        return all(controller.is_synchronous for controller in self._waiting)

    def take_into(self, memory: NDArray[np.uint8], first: int) -> int:
        """Take packets from ``first`` on; return the number of the one that must be read, or how many there are."""
        return int(_take(self._packets, self._seen, self._same, self._copies, self._rows, memory, first))


def _rest(size: int, reading: Reading) -> Iterable[tuple[int, int]]:
    """Return first byte and end of each stretch of a packet that holds neither levels nor what varies."""
    is_rest = np.ones(size, np.bool_)
    for each in reading.taken:
        start = each.cells.at + each.landing.start
        is_rest[start : start + each.landing.size] = False
    is_rest[list(reading.varies)] = False
    edges = np.flatnonzero(np.diff(is_rest, prepend=False, append=False)).tolist()
    return zip(edges[::2], edges[1::2], strict=True)


class Shown:
    """The way from what controllers show to the levels of pixels, in runs."""

    def __init__(self, controllers: Iterable[SimulatedController]) -> None:
        pairs = [controller.places() for controller in controllers]
        sources = np.concatenate([np.empty(0, np.int64), *(source for source, _ in pairs)])
        targets = np.concatenate([np.empty(0, np.int64), *(target for _, target in pairs)])
        starts = np.flatnonzero((np.diff(sources, prepend=-2) != 1) | (np.diff(targets, prepend=-2) != 1))
        counts = np.diff(starts, append=len(sources))
        self._copies = np.stack([sources[starts], targets[starts], counts], axis=1)

    def levels_into(self, memory: NDArray[np.uint8], levels: NDArray[np.uint8]) -> None:
        """Write the level of every pixel that a controller shows."""
        _copy(memory, levels, self._copies, 0, len(self._copies))


# A third of the time that a loop takes, at the half kilobyte of a universe.
_HAS_MEMCPY = IS_COMPILED and sys.platform == "linux"
_memcpy: Any = external("memcpy", "intp(intp, intp, intp)") if _HAS_MEMCPY else None


@compiled(f"void({_READ_ONLY}, uint8[::1], int64[:, ::1], int64, int64)")
def _copy(
    source: NDArray[np.uint8], target: NDArray[np.uint8], copies: NDArray[np.int64], first: int, end: int
) -> None:
    for k in range(first, end):
        here, there, count = copies[k, 0], copies[k, 1], copies[k, 2]
        if _HAS_MEMCPY and count >= _WORTH_A_CALL:
            _memcpy(target.ctypes.data + there, source.ctypes.data + here, count)
        elif IS_COMPILED:
            # Views, so that no index within the loop needs a look at its sign.
            from_, to = source[here : here + count], target[there : there + count]
            for i in range(len(to)):
                to[i] = from_[i]
        else:
            target[there : there + count] = source[here : here + count]


@compiled(f"int64({_READ_ONLY}, uint8[::1], int64[:, ::1], int64[:, ::1], int64[:, ::1], uint8[::1], int64)")
def _take(
    packets: NDArray[np.uint8],
    seen: NDArray[np.uint8],
    same: NDArray[np.int64],
    copies: NDArray[np.int64],
    rows: NDArray[np.int64],
    memory: NDArray[np.uint8],
    first: int,
) -> int:
    """Take packets until one differs from what was seen; rows: which of same and of copies are each packet's."""
    for row in range(first, len(rows)):
        differs = np.uint8(0)
        for k in range(rows[row, 0], rows[row, 1]):
            now, then = packets[same[k, 0] : same[k, 1]], seen[same[k, 0] : same[k, 1]]
            for i in range(len(now)):
                differs |= now[i] ^ then[i]
        if differs:
            return row
        _copy(packets, memory, copies, rows[row, 2], rows[row, 3])
    return len(rows)
