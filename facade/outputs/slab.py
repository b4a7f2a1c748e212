"""All packets of all controllers in one array, made at load: a frame only changes levels and sequence numbers.

Every packet lies in one uint8 array with its header written once. A frame is one gather per controller into a scratch
block, one copy of that block behind the headers, and one column write for the sequence numbers. Nothing is sent from
here: first everything is built, then others send it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from facade.core.frame import Levels
from facade.mapping.model import ControllerPatch, Patch
from facade.outputs.contract import TURN, Address, Burst, Datagram
from facade.outputs.udp import resolve
from facade.protocols import artnet, sacn

SOURCE_NAME = "facade"
_SETTLING = 3
"""sACN sources repeat unchanged levels this often at the full rate before slowing down (E1.31 section 6.6.2)."""


SyncKey = tuple[int, Address, str]
"""Synchronisation universe, address and interface: who hears a sync packet."""


@dataclass(frozen=True, slots=True)
class Framing:
    """What the two protocols differ in, for one controller. sync: the packet that closes a frame, empty for none."""

    header_length: int
    headers: tuple[bytes, ...]
    addresses: tuple[Address, ...]
    sequence_at: int
    sync: bytes
    sync_address: Address
    sync_key: SyncKey
    sync_sequence_at: int | None


class FrameSync:
    """The packet that closes a frame, one for all controllers that hear the same one.

    datagrams: the packet, once.
    """

    def __init__(self, framing: Framing, memory: NDArray[np.uint8], *, first_sequence: int) -> None:
        memory[:] = np.frombuffer(framing.sync, np.uint8)
        self.datagrams: tuple[Datagram, ...] = ((memory.data, framing.sync_address),)
        self._sequence: NDArray[np.uint8] | None = None
        if framing.sync_sequence_at is not None:
            self._sequence = memory[framing.sync_sequence_at : framing.sync_sequence_at + 1]
            self._sequence[:] = first_sequence

    def advance(self) -> None:
        """Move on to the next frame's number where the protocol has one."""
        if self._sequence is not None:
            self._sequence += 1


class Block:
    """The packets of one controller inside the slab.

    outgoing: the datagrams of this frame, in universe order. turns: the same in bursts of TURN packets.
    sync: what closes a frame, or None.
    address: the host's address and port, or None for multicast.
    """

    def __init__(
        self,
        patch: ControllerPatch,
        framing: Framing,
        memory: NDArray[np.uint8],
        *,
        sync: FrameSync | None,
        first_sequence: int,
    ) -> None:
        self.name = patch.name
        self.patch = patch
        self.address = None if patch.controller.host == "multicast" else framing.addresses[0]
        n, length, head = len(patch.universes), patch.length, framing.header_length
        self._rows = memory.reshape(n, head + length)
        self._rows[:, :head] = np.frombuffer(b"".join(framing.headers), np.uint8).reshape(n, head)
        self._levels = self._rows[:, head:]
        self._gather = np.ascontiguousarray(patch.gather, dtype=np.intp)
        self._scratch = np.zeros((n, length), np.uint8)
        self._artnet = patch.profile.protocol == "artnet"
        self._sequence = np.full(n, first_sequence, np.uint8)
        self._sequence_column = self._rows[:, framing.sequence_at]
        self._all: tuple[Datagram, ...] = tuple(
            (row.data, address) for row, address in zip(self._rows, framing.addresses, strict=True)
        )
        self._memory = memory.data
        self._all_turns = self._bursts(range(n), lasting=True)
        self.outgoing: tuple[Datagram, ...] = self._all
        self.turns: tuple[Burst, ...] = self._all_turns
        self.sync = sync
        self._last_sent_at = np.full(n, -np.inf)
        self._repeats = np.zeros(n, np.int64)

    def fill(self, levels: Levels) -> None:
        """Take this frame's levels; every universe goes out."""
        np.take(levels, self._gather, out=self._scratch, mode="clip")
        self._levels[:] = self._scratch
        self.outgoing, self.turns = self._all, self._all_turns
        self._count(slice(None))

    def fill_changed(self, levels: Levels, *, now: float, keep_alive_s: float) -> None:
        """Take this frame's levels; only universes that changed, are settling, or are due again go out."""
        np.take(levels, self._gather, out=self._scratch, mode="clip")
        changed = np.any(self._levels != self._scratch, axis=1)
        self._levels[:] = self._scratch
        self._repeats = np.where(changed, 0, self._repeats + 1)
        chosen = np.flatnonzero((self._repeats <= _SETTLING) | (now - self._last_sent_at >= keep_alive_s))
        self._last_sent_at[chosen] = now
        if len(chosen) == len(self._all):
            self.outgoing, self.turns = self._all, self._all_turns
        else:
            self.outgoing, self.turns = tuple(self._all[i] for i in chosen), self._bursts(chosen.tolist())
        self._count(chosen)

    def rest(self) -> None:
        """Send nothing this frame."""
        self.outgoing, self.turns = (), ()

    def terminate(self) -> None:
        """Set the terminated bit for good where the protocol has one."""
        if not self._artnet:
            self._rows[:, sacn.OPTIONS_AT] |= sacn.OPTION_TERMINATED

    def _bursts(self, rows: Sequence[int], *, lasting: bool = False) -> tuple[Burst, ...]:
        """Return the packets of ascending rows in bursts, each with its stretch of memory where it is in one piece."""
        width = self._rows.shape[1]
        bursts = []
        for start in range(0, len(rows), TURN):
            turn = rows[start : start + TURN]
            datagrams = [self._all[i] for i in turn]
            memory = None
            if turn[-1] - turn[0] == len(turn) - 1:
                first = turn[0] * width
                memory = self._memory[first : first + sum(len(packet) for packet, _ in datagrams)]
            bursts.append(Burst(datagrams, memory, lasting=lasting))
        return tuple(bursts)

    def _count(self, which: slice | NDArray[np.intp]) -> None:
        """Move sequence numbers on: Art-Net runs 1..255 and never shows 0, sACN runs 0..255."""
        if self._artnet:
            self._sequence[which] %= 255
        self._sequence[which] += 1
        self._sequence_column[:] = self._sequence


class PacketSlab:
    """Every packet that can leave, in one array.

    cid: the sender's identity in sACN, the same for as long as this installation lives.
    first_sequence: 0..255; random at start, because receivers drop packets that seem up to 20 behind the last
    (E1.31 section 6.7.2) and would ignore a restarted show for that long.
    Raises OutputError for a universe, priority or length that the protocol cannot say, or a host without an address.
    """

    def __init__(self, patch: Patch, *, cid: UUID, source: str = SOURCE_NAME, first_sequence: int = 0) -> None:
        framings = [_framing(c, cid=cid, source=source) for c in patch.controllers]
        pairs = list(zip(patch.controllers, framings, strict=True))
        keys = dict.fromkeys(f.sync_key for _, f in pairs if f.sync)
        sizes = [len(c.universes) * (f.header_length + c.length) for c, f in pairs]
        sync_sizes = [len(next(f.sync for f in framings if f.sync and f.sync_key == key)) for key in keys]
        self.memory: NDArray[np.uint8] = np.zeros(sum(sizes) + sum(sync_sizes), np.uint8)
        parts = np.split(self.memory, np.cumsum(sizes + sync_sizes)[:-1])
        syncs: dict[SyncKey, FrameSync] = {}
        for key, part in zip(keys, parts[len(sizes) :], strict=True):
            framing = next(f for f in framings if f.sync and f.sync_key == key)
            syncs[key] = FrameSync(framing, part, first_sequence=first_sequence)
        self.blocks: tuple[Block, ...] = tuple(
            Block(c, f, part, sync=syncs[f.sync_key] if f.sync else None, first_sequence=first_sequence)
            for (c, f), part in zip(pairs, parts, strict=False)
        )


def _framing(patch: ControllerPatch, *, cid: UUID, source: str) -> Framing:
    if patch.profile.protocol == "artnet":
        return _artnet_framing(patch)
    return _sacn_framing(patch, cid=cid, source=source)


def _artnet_framing(patch: ControllerPatch) -> Framing:
    address = (resolve(patch.controller.host, controller=patch.name), patch.controller.port or artnet.PORT)
    return Framing(
        header_length=artnet.DMX_HEADER,
        headers=tuple(artnet.dmx_header(u, patch.length) for u in patch.universes),
        addresses=(address,) * len(patch.universes),
        sequence_at=artnet.SEQUENCE_AT,
        sync=artnet.sync_packet() if patch.profile.sync else b"",
        sync_address=address,
        sync_key=(0, address, patch.controller.interface),
        sync_sequence_at=None,
    )


def _sacn_framing(patch: ControllerPatch, *, cid: UUID, source: str) -> Framing:
    controller = patch.controller
    port = controller.port or sacn.PORT
    sync_universe = controller.sync_universe
    if controller.host == "multicast":
        addresses = tuple((sacn.multicast_group(u), port) for u in patch.universes)
        sync_address = (sacn.multicast_group(sync_universe), port) if sync_universe else ("", 0)
    else:
        sync_address = (resolve(controller.host, controller=patch.name), port)
        addresses = (sync_address,) * len(patch.universes)
    headers = tuple(
        sacn.data_header(
            u, patch.length, cid=cid, source=source, priority=controller.priority, sync_universe=sync_universe
        )
        for u in patch.universes
    )
    return Framing(
        header_length=sacn.DATA_HEADER,
        headers=headers,
        addresses=addresses,
        sequence_at=sacn.SEQUENCE_AT,
        sync=sacn.sync_packet(sync_universe, cid=cid) if sync_universe else b"",
        sync_address=sync_address,
        sync_key=(sync_universe, sync_address, controller.interface),
        sync_sequence_at=sacn.SYNC_SEQUENCE_AT,
    )
