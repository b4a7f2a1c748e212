"""All packets of all controllers in one array, made at load: a frame only changes levels and sequence numbers.

Every packet lies in one uint8 array with its header written once; a frame fills in its levels and moves the sequence
numbers on (``fill.py``). Nothing is sent from here: first everything is built, then others send it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from itertools import accumulate
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from facade.core.frame import Levels
from facade.mapping.model import ControllerPatch, Patch
from facade.outputs.contract import TURN, Burst, Datagram
from facade.outputs.fill import Fill, fill_of
from facade.outputs.framing import Framing, SyncKey, frame_of
from facade.outputs.priorities import Priorities
from facade.protocols import sacn

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
        self.datagrams = Burst([(memory.data, framing.sync_address)], memory.data, lasting=True)
        self._sequence: NDArray[np.uint8] | None = None
        if framing.sync_sequence_at is not None:
            self._sequence = memory[framing.sync_sequence_at : framing.sync_sequence_at + 1]
            self._sequence[:] = first_sequence

    @property
    def is_numbered(self) -> bool:
        return self._sequence is not None

    def advance(self) -> None:
        """Move on to the next frame's number where the protocol has one."""
        if self._sequence is not None:
            self._sequence += 1


class Block:
    """The packets of one controller inside the slab.

    outgoing: the datagrams of this frame, in universe order. turns: the same in bursts of TURN packets.
    whole: every packet in one burst, for who needs no turns.
    sync: what closes a frame, or None. address: the host's address and port, or None for multicast.
    filling: how levels come into its packets; with those of other blocks in the same memory it may be made one
    (``joined``), and then ``finish`` is to be called after.
    """

    def __init__(
        self,
        patch: ControllerPatch,
        framing: Framing,
        slab: NDArray[np.uint8],
        start: int,
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
        memory = slab[start : start + n * (head + width)]
        self._rows = memory.reshape(n, head + width)
        self._rows[:, :head] = np.frombuffer(b"".join(framing.headers), np.uint8).reshape(n, head)
        body = np.zeros(n * width, np.uint8)
        body[framing.fixed_at] = framing.fixed
        self._rows[:, head:] = body.reshape(n, width)
        # Packets that are finished hold something else than levels: those are kept beside them, to be compared.
        self._raw = self._rows if framing.codec.finish is None else self._rows.copy()
        if self._raw is self._rows:
            self.filling = self._filling(framing, slab, start)
        else:
            self.filling = self._filling(framing, self._raw.reshape(-1), 0)
        self._number_from(framing, first_sequence)
        self._every = np.ones(n, np.bool_)
        self._changed = np.ones(n, np.bool_)
        self._all: tuple[Datagram, ...] = tuple(
            (row[:size].data, address)
            for row, size, address in zip(self._rows, framing.sizes, framing.addresses, strict=True)
        )
        self._memory = memory.data
        self._all_turns = self._bursts(range(n), lasting=True)
        (self.whole,) = self._bursts(range(n), of=n, lasting=True)
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
        self.filling.fill(levels, self._every)
        self.finish()

    def finish(self) -> None:
        """Make packets of what was filled in, where the protocol does something to it yet; every universe goes out."""
        if self.codec.finish is not None:
            self._rows[:] = self._raw
            self.codec.finish(self._rows)
        self.outgoing, self.turns = self._all, self._all_turns

    def fill_changed(self, levels: Levels, *, now: float, keep_alive_s: float) -> None:
        """Take this frame's levels; only universes that changed, are settling, or are due again go out."""
        self.filling.differs_into(levels, self._changed)
        self._repeats = np.where(self._changed, 0, self._repeats + 1)
        wanted = (self._repeats <= _SETTLING) | (now - self._last_sent_at >= keep_alive_s)
        if self.codec.closes:
            wanted[-1] |= wanted.any()
        self.filling.fill(levels, wanted)
        self.finish()
        chosen = np.flatnonzero(wanted)
        self._last_sent_at[chosen] = now
        if len(chosen) < len(self._all):
            self.outgoing, self.turns = tuple(self._all[i] for i in chosen), self._bursts(chosen.tolist())

    def priorities(self, now: float) -> tuple[Burst, ...]:
        """Return the packets that say how important each slot is, when they are due."""
        if self._priorities is None or self._column is None or not self._priorities.due(now):
            return ()
        self._column += 1
        self._priorities.number(self._column)
        return self._priorities.bursts

    @property
    def all_turns(self) -> tuple[Burst, ...]:
        """The turns of a frame in which every universe goes out: the same objects in every frame."""
        return self._all_turns

    @property
    def has_priorities(self) -> bool:
        """Whether it says now and then how important each slot is."""
        return self._priorities is not None

    def terminate(self) -> None:
        """Set the terminated bit where the protocol has one; ``revive`` takes it back."""
        if self.patch.profile.protocol == "sacn":
            self._rows[:, sacn.OPTIONS_AT] |= sacn.OPTION_TERMINATED

    def revive(self) -> None:
        """Take the terminated bit back: the stream goes on."""
        if self.patch.profile.protocol == "sacn":
            self._rows[:, sacn.OPTIONS_AT] &= ~sacn.OPTION_TERMINATED & 0xFF

    def _bursts(self, rows: Sequence[int], *, of: int = TURN, lasting: bool = False) -> tuple[Burst, ...]:
        """Return the packets of ascending rows in bursts, each with its stretch of memory where it is in one piece.

        of: how many packets.
        """
        width = self._rows.shape[1]
        bursts = []
        for start in range(0, len(rows), of):
            turn = rows[start : start + of]
            datagrams = [self._all[i] for i in turn]
            memory = None
            if turn[-1] - turn[0] == len(turn) - 1 and all(len(packet) == width for packet, _ in datagrams[:-1]):
                first = turn[0] * width
                memory = self._memory[first : first + sum(len(packet) for packet, _ in datagrams)]
            bursts.append(Burst(datagrams, memory, lasting=lasting))
        return tuple(bursts)

    def _filling(self, framing: Framing, memory: NDArray[np.uint8], start: int) -> Fill:
        """Return how to fill the packets, which lie in memory from start."""
        n, row = self._rows.shape
        places = np.take_along_axis(self.patch.gather, np.maximum(framing.source, 0), axis=1).astype(np.int64)
        # What no pixel uses was written at load and stays.
        places[(framing.source < 0) | (framing.source >= np.array(self.patch.used)[:, None])] = -1
        first = start + row * np.arange(n)
        numbers = np.full((n, 3), -1, np.int64)
        counter = framing.codec.sequence
        if counter is not None:
            numbers[:, 0] = first + counter.at
            numbers[:, 1:] = counter.low, counter.high
        return fill_of(memory, first + framing.header_length, places, numbers)

    def _number_from(self, framing: Framing, first_sequence: int) -> None:
        """Give every packet the number before its first one."""
        counter = framing.codec.sequence
        self._column: NDArray[np.uint8] | None = None
        if counter is not None:
            self._column = self._raw[:, counter.at]
            n_numbers = counter.high - counter.low + 1
            self._column[:] = counter.low + (first_sequence - counter.low) % n_numbers


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
        *starts, _ = accumulate(sizes + sync_sizes, initial=0)
        syncs: dict[SyncKey, FrameSync] = {}
        for key, start, size in zip(keys, starts[len(sizes) :], sync_sizes, strict=True):
            framing = next(f for f in framings if f.sync and f.sync_key == key)
            syncs[key] = FrameSync(framing, self.memory[start : start + size], first_sequence=first_sequence)
        self.blocks: tuple[Block, ...] = tuple(
            Block(
                c,
                f,
                self.memory,
                start,
                sync=syncs[f.sync_key] if f.sync else None,
                first_sequence=first_sequence,
                priorities=_priorities(c, f, cid=cid, source=source),
            )
            for (c, f), start in zip(pairs, starts, strict=False)
        )


def _priorities(patch: ControllerPatch, framing: Framing, *, cid: UUID, source: str) -> Priorities | None:
    if patch.profile.protocol != "sacn" or not patch.controller.address_priority:
        return None
    return Priorities(patch, framing.addresses, cid=cid, source=source)
