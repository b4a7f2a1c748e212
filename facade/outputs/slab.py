"""All packets of all controllers in one array, made at load: a frame only changes levels and sequence numbers.

Every packet lies in one uint8 array with its header written once. A frame is one gather per controller into a scratch
block, one copy of that block behind the headers, and one column write for the sequence numbers; where pixels are wired
in order, the gather is a copy. Nothing is sent from here: first everything is built, then others send it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from facade.core.frame import Levels
from facade.mapping.model import ControllerPatch, Patch
from facade.outputs.contract import TURN, Burst, Datagram
from facade.outputs.framing import Framing, SyncKey, frame_of
from facade.outputs.priorities import Priorities
from facade.outputs.straight import find_straight_run
from facade.protocols import sacn
from facade.protocols.codec import Counter

SOURCE_NAME = "facade"
_SETTLING = 3
"""sACN sources repeat unchanged levels this often at the full rate before slowing down (E1.31 section 6.6.2)."""


class FrameSync:
    """The packet that closes a frame, one for all controllers that hear the same one.

    datagrams: the packet, once. key: who hears it.
    """

    def __init__(self, framing: Framing, memory: NDArray[np.uint8], *, first_sequence: int) -> None:
        memory[:] = np.frombuffer(framing.sync, np.uint8)
        self.key = framing.sync_key
        self.datagrams: tuple[Datagram, ...] = ((memory.data, framing.sync_address),)
        self._sequence: NDArray[np.uint8] | None = None
        if framing.sync_sequence_at is not None:
            self._sequence = memory[framing.sync_sequence_at : framing.sync_sequence_at + 1]
            self._sequence[:] = first_sequence

    def advance(self) -> None:
        """Move on to the next frame's number where the protocol has one."""
        if self._sequence is not None:
            self._sequence += 1


@dataclass(frozen=True, slots=True)
class Run:
    """A block whose packets are all full and show one stretch of levels: what it takes to fill it from outside.

    rows: its packets (n, width). head: bytes before the levels. each: levels of a packet; first_level: the first one.
    numbers: its sequence numbers, counted from counter.low. rate_hz: of its controller, at most.
    """

    rows: NDArray[np.uint8]
    head: int
    each: int
    first_level: int
    counter: Counter | None
    numbers: NDArray[np.uint8]
    rate_hz: float


class Block:
    """The packets of one controller inside the slab.

    outgoing: the datagrams of this frame, in universe order. turns: the same in bursts of TURN packets.
    sync: what closes a frame, or None. address: the host's address and port, or None for multicast.
    """

    def __init__(
        self,
        patch: ControllerPatch,
        framing: Framing,
        memory: NDArray[np.uint8],
        *,
        sync: FrameSync | None,
        first_sequence: int,
        priorities: Priorities | None = None,
    ) -> None:
        self.name = patch.name
        self._priorities = priorities
        self.patch = patch
        self.codec = framing.codec
        self.address = None if patch.controller.host == "multicast" else framing.addresses[0]
        n, width, head = len(patch.universes), framing.source.shape[1], framing.header_length
        self._head = head
        self._rows = memory.reshape(n, head + width)
        self._rows[:, :head] = np.frombuffer(b"".join(framing.headers), np.uint8).reshape(n, head)
        self._levels = self._rows[:, head:]
        self._gather = np.take_along_axis(patch.gather, np.maximum(framing.source, 0), axis=1).astype(np.intp)
        self._scratch = np.zeros((n, width), np.uint8)
        self._before = np.zeros((n, width), np.uint8)
        self._fixed_at, self._fixed = framing.fixed_at, framing.fixed
        self._straight = find_straight_run(self._gather, patch.used, framing.source)
        self._scratch.reshape(-1)[self._fixed_at] = self._fixed
        self._levels[:] = self._scratch
        self._numbered(framing, first_sequence)
        self._all: tuple[Datagram, ...] = tuple(
            (row[:size].data, address)
            for row, size, address in zip(self._rows, framing.sizes, framing.addresses, strict=True)
        )
        self._memory = memory.data
        self._all_turns = self._bursts(range(n), lasting=True)
        self.outgoing: tuple[Datagram, ...] = self._all
        self.turns: tuple[Burst, ...] = self._all_turns
        self.sync = sync
        self._last_sent_at = np.full(n, -np.inf)
        self._repeats = np.zeros(n, np.int64)

    @property
    def on_this_machine(self) -> bool:
        """Whether no network's port has to keep up with them: a serial port, or loopback."""
        if self.codec.medium in ("serial", "dmx"):
            return True
        if self.codec.medium == "ethernet":
            return False
        return self.address is not None and ipaddress.ip_address(self.address[0]).is_loopback

    @property
    def last_sequence(self) -> int:
        """The number that the first universe was last sent with, 0 where the protocol has none."""
        return 0 if self._column is None else int(self._column[0])

    def fill(self, levels: Levels) -> None:
        """Take this frame's levels; every universe goes out."""
        if self._straight is not None and self.codec.finish is None:
            # What no pixel uses was written at load and stays.
            self._straight.copy_into(self._levels, levels)
        else:
            self._take(levels)
            self._write()
        self.show_all()
        self._count(slice(None))

    def fill_changed(self, levels: Levels, *, now: float, keep_alive_s: float) -> None:
        """Take this frame's levels; only universes that changed, are settling, or are due again go out."""
        self._take(levels)
        # Packets that are finished hold something else than levels.
        sent = self._levels if self.codec.finish is None else self._before
        changed = np.any(sent != self._scratch, axis=1)
        self._write()
        self._repeats = np.where(changed, 0, self._repeats + 1)
        wanted = (self._repeats <= _SETTLING) | (now - self._last_sent_at >= keep_alive_s)
        if self.codec.closes:
            wanted[-1] |= wanted.any()
        chosen = np.flatnonzero(wanted)
        self._last_sent_at[chosen] = now
        if len(chosen) == len(self._all):
            self.show_all()
        else:
            self.outgoing, self.turns = tuple(self._all[i] for i in chosen), self._bursts(chosen.tolist())
        self._count(chosen)

    def priorities(self, now: float) -> tuple[Burst, ...]:
        """Return the packets that say how important each slot is, when they are due."""
        if self._priorities is None or not self._priorities.due(now):
            return ()
        self._sequence += 1
        self._priorities.number(self._sequence)
        return self._priorities.bursts

    @property
    def run(self) -> Run | None:
        """What it takes to fill this block together with its neighbours, None where it is filled by itself."""
        straight = self._straight
        if straight is None or self.codec.finish is not None or not straight.is_full:
            return None
        return Run(
            rows=self._rows,
            head=self._head,
            each=straight.each,
            first_level=straight.first,
            counter=self.codec.sequence,
            numbers=np.zeros(len(self._rows), np.uint8) if self._column is None else self._sequence,
            rate_hz=self.patch.profile.max_rate_hz,
        )

    def number_in(self, numbers: NDArray[np.uint8]) -> None:
        """Keep sequence numbers in an array of somebody else's from now on; it holds the present ones."""
        self._sequence = numbers

    @property
    def all_turns(self) -> tuple[Burst, ...]:
        """The turns of a frame in which every universe goes out: the same objects in every frame."""
        return self._all_turns

    @property
    def has_priorities(self) -> bool:
        """Whether it says now and then how important each slot is."""
        return self._priorities is not None

    def show_all(self) -> None:
        """Every universe goes out: the packets hold this frame already."""
        self.outgoing, self.turns = self._all, self._all_turns

    def rest(self) -> None:
        """Send nothing this frame."""
        self.outgoing, self.turns = (), ()

    def terminate(self) -> None:
        """Set the terminated bit where the protocol has one; ``revive`` takes it back."""
        if self.patch.profile.protocol == "sacn":
            self._rows[:, sacn.OPTIONS_AT] |= sacn.OPTION_TERMINATED

    def revive(self) -> None:
        """Take the terminated bit back: the stream goes on."""
        if self.patch.profile.protocol == "sacn":
            self._rows[:, sacn.OPTIONS_AT] &= ~sacn.OPTION_TERMINATED & 0xFF

    def _take(self, levels: Levels) -> None:
        np.take(levels, self._gather, out=self._scratch, mode="clip")
        if len(self._fixed_at):
            self._scratch.reshape(-1)[self._fixed_at] = self._fixed

    def _write(self) -> None:
        self._levels[:] = self._scratch
        if self.codec.finish is not None:
            self.codec.finish(self._rows)
            # What was sent last, to compare the next frame with.
            self._before, self._scratch = self._scratch, self._before

    def _bursts(self, rows: Sequence[int], *, lasting: bool = False) -> tuple[Burst, ...]:
        """Return the packets of ascending rows in bursts, each with its stretch of memory where it is in one piece."""
        width = self._rows.shape[1]
        bursts = []
        for start in range(0, len(rows), TURN):
            turn = rows[start : start + TURN]
            datagrams = [self._all[i] for i in turn]
            memory = None
            if turn[-1] - turn[0] == len(turn) - 1 and all(len(packet) == width for packet, _ in datagrams[:-1]):
                first = turn[0] * width
                memory = self._memory[first : first + sum(len(packet) for packet, _ in datagrams)]
            bursts.append(Burst(datagrams, memory, lasting=lasting))
        return tuple(bursts)

    def _numbered(self, framing: Framing, first_sequence: int) -> None:
        """Prepare the column of sequence numbers."""
        counter = framing.codec.sequence
        self._column: NDArray[np.uint8] | None = None
        if counter is None:
            return
        self._column = self._rows[:, counter.at]
        self._low, self._n_numbers = counter.low, counter.high - counter.low + 1
        self._sequence = np.full(len(self._rows), (first_sequence - counter.low) % self._n_numbers, np.uint8)

    def _count(self, which: slice | NDArray[np.intp]) -> None:
        """Move sequence numbers on, from the protocol's highest to its lowest."""
        if self._column is None:
            return
        self._sequence[which] += 1
        if self._n_numbers < 256:
            self._sequence %= self._n_numbers
        np.add(self._sequence, self._low, out=self._column)


class PacketSlab:
    """Every packet that can leave, in one array.

    cid: the sender's identity in sACN, the same for as long as this installation lives.
    first_sequence: 0..255; random at start, because receivers drop packets that seem up to 20 behind the last
    (E1.31 section 6.7.2) and would ignore a restarted show for that long.
    Raises OutputError for a universe, priority or length that the protocol cannot say, or a host without an address.
    """

    def __init__(self, patch: Patch, *, cid: UUID, source: str = SOURCE_NAME, first_sequence: int = 0) -> None:
        framings = [frame_of(c, cid=cid, source=source) for c in patch.controllers]
        pairs = list(zip(patch.controllers, framings, strict=True))
        keys = dict.fromkeys(f.sync_key for _, f in pairs if f.sync)
        sizes = [len(c.universes) * (f.header_length + f.source.shape[1]) for c, f in pairs]
        sync_sizes = [len(next(f.sync for f in framings if f.sync and f.sync_key == key)) for key in keys]
        self.memory: NDArray[np.uint8] = np.zeros(sum(sizes) + sum(sync_sizes), np.uint8)
        parts = np.split(self.memory, np.cumsum(sizes + sync_sizes)[:-1])
        syncs: dict[SyncKey, FrameSync] = {}
        for key, part in zip(keys, parts[len(sizes) :], strict=True):
            framing = next(f for f in framings if f.sync and f.sync_key == key)
            syncs[key] = FrameSync(framing, part, first_sequence=first_sequence)
        self.blocks: tuple[Block, ...] = tuple(
            Block(
                c,
                f,
                part,
                sync=syncs[f.sync_key] if f.sync else None,
                first_sequence=first_sequence,
                priorities=_priorities(c, f, cid=cid, source=source),
            )
            for (c, f), part in zip(pairs, parts, strict=False)
        )


def _priorities(patch: ControllerPatch, framing: Framing, *, cid: UUID, source: str) -> Priorities | None:
    if patch.profile.protocol != "sacn" or not patch.controller.address_priority:
        return None
    return Priorities(patch, framing.addresses, cid=cid, source=source)
