"""What a protocol must say about itself, so that the packet slab, the patch and the simulator need no special cases.

Law: a packet is a header that does not change from frame to frame (but for a sequence byte), the levels of one
universe, and a trailer. Protocols that address pixels by byte offset call a stretch of ``universe_size`` bytes a
universe: number n begins at byte n * universe_size of the controller's run. So one patch serves them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from facade.core.errors import InputError

Medium = Literal["udp", "tcp", "serial", "dmx", "ethernet"]
"""How packets leave. dmx: a serial port whose break the computer makes. ethernet: frames without IP."""


NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Options:
    """What venue and profile say about one controller. size_px: columns and rows, (0, 0) where not given.

    sync: whether frames are closed with a packet of their own.
    """

    cid: UUID = NOBODY
    source: str = "facade"
    priority: int = 100
    sync_universe: int = 0
    sync: bool = False
    preview: bool = False
    destination: int = 1
    pixel_channels: int = 3
    size_px: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Window:
    """One packet's place. first: byte offset in the controller's run. length: slots.

    index of count: within the frame.
    """

    universe: int
    first: int
    length: int
    index: int
    count: int
    options: Options


@dataclass(frozen=True, slots=True)
class Cells:
    """Levels that arrived, from byte ``first`` of a universe, or of the whole run where universe is None.

    destination: the display inside a device that they are for; None where a protocol knows none.
    closes: the frame is complete, and what came before is to be shown.
    at: where data lies in the packet, if it lies there as it is and the rest of the packet does not depend on it; then
    the simulator need not read a packet again of which only the levels are new. -1 otherwise.
    """

    data: bytes
    universe: int | None = None
    first: int = 0
    destination: int | None = None
    closes: bool = False
    at: int = field(default=-1, compare=False)


@dataclass(frozen=True, slots=True)
class Counter:
    """A sequence number in one byte of the header, low..high and round again."""

    at: int
    low: int
    high: int


def nothing(window: Window) -> bytes:
    """No trailer."""
    return b""


def no_sync(options: Options) -> bytes:
    """Nothing closes a frame."""
    return b""


@dataclass(frozen=True, slots=True)
class Codec:
    """One protocol.

    label: as people write it. port: UDP or TCP; 0 for others. universes: first and last number.
    most_slots: of one universe. header, trailer: bytes around the levels of a window, of one length per controller;
    raise OutputError. decode: one packet to what it carries, nothing for other kinds; raises InputError.
    sequence: where packets are numbered. least: slots below which a packet is padded with zeros.
    trim: whether packets end with the slots in use: none (all of one length, even), the last of the run, or each.
    closes: whether the last packet of a frame says that it is complete, and must not rest while others are sent.
    record: slots of a record that goes behind its own number (two bytes, low first); 0 for levels in one stretch.
    finish: changes the packets of a frame in place, uint8 (universes, bytes), for checksums and thresholds.
    multicast: whether every universe has a group.
    sync: the packet that closes a frame for a controller, empty for none.
    """

    label: str
    medium: Medium
    port: int
    universes: tuple[int, int]
    most_slots: int
    header: Callable[[Window], bytes]
    decode: Callable[[bytes], tuple[Cells, ...]]
    trailer: Callable[[Window], bytes] = nothing
    sequence: Counter | None = None
    least: Callable[[Options], int] = lambda options: 0
    trim: Literal["none", "last", "each"] = "last"
    closes: bool = False
    record: int = 0
    finish: Callable[[NDArray[np.uint8]], None] | None = None
    multicast: bool = False
    sync: Callable[[Options], bytes] = no_sync

    def first_byte(self, universe: int, universe_size: int) -> int:
        """Where a universe begins in the controller's run."""
        return (universe - self.universes[0]) * universe_size


def need(data: bytes, length: int, what: str) -> None:
    """Raise InputError if a packet is shorter than length."""
    if len(data) < length:
        raise InputError(f"{what} of {len(data)} bytes: it needs {length}.")
