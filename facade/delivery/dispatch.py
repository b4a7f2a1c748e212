"""The order in which packets leave: everything is built first, controllers take turns, sync comes last.

A controller that takes fewer frames than the venue sends (44 a second where DMX ports follow) gets every second, third
or n-th one, evenly: a 60 Hz venue feeds a 44 Hz node at 30 Hz. It is decimated, not refused, because one slow node
must not decide the rate of a building.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from facade.core.frame import Levels
from facade.core.health import OutputHealth
from facade.outputs.contract import TURN as TURN
from facade.outputs.contract import Sender
from facade.outputs.slab import Block, FrameSync, PacketSlab
from facade.protocols.sacn import KEEP_ALIVE_S


class Dispatch:
    """Sends a slab's blocks through their senders. senders: in the order of slab.blocks."""

    def __init__(self, slab: PacketSlab, senders: Sequence[Sender], *, rate_hz: float, always_send: bool) -> None:
        self._pairs: list[tuple[Block, Sender]] = list(zip(slab.blocks, senders, strict=True))
        self._every = [every_nth(rate_hz, b.patch.profile.max_rate_hz) for b in slab.blocks]
        self._period_s = 1.0 / rate_hz
        self._always_send = always_send

    def send(self, levels: Levels, *, now: float, frame: int, everything: bool = False) -> None:
        """Build and send one frame. everything: whatever the rate of a controller, and changed or not."""
        due = [pair for pair, every in zip(self._pairs, self._every, strict=True) if everything or frame % every == 0]
        for block, _ in due:
            if self._always_send or everything:
                block.fill(levels)
            else:
                # The next chance is a frame away; without that margin a gap would exceed the limit by one frame.
                block.fill_changed(levels, now=now, keep_alive_s=KEEP_ALIVE_S - self._margin_s(block))
        for _, sender in due:
            sender.begin()
        self._send_in_turns(due)
        self._send_sync(due)
        for _, sender in due:
            sender.end()

    def terminate(self) -> None:
        """From now on say that this stream ends, where the protocol can."""
        for block, _ in self._pairs:
            block.terminate()

    def urge(self) -> None:
        for _, sender in self._pairs:
            sender.urge()

    def close(self) -> None:
        for _, sender in self._pairs:
            sender.close()

    def health(self) -> tuple[OutputHealth, ...]:
        return tuple(sender.health() for _, sender in self._pairs)

    def packets(self) -> int:
        """All packets that left since start."""
        return sum(h.packets for h in self.health())

    def _margin_s(self, block: Block) -> float:
        return self._period_s * every_nth(1.0 / self._period_s, block.patch.profile.max_rate_hz)

    def _send_in_turns(self, due: Sequence[tuple[Block, Sender]]) -> None:
        for turn in range(max((len(block.turns) for block, _ in due), default=0)):
            for block, sender in due:
                if turn < len(block.turns):
                    sender.put(block.turns[turn])

    def _send_sync(self, due: Sequence[tuple[Block, Sender]]) -> None:
        said: list[FrameSync] = []
        for block, sender in due:
            # Controllers that share a synchronisation group hear one packet, by the first road that is open.
            if block.sync is not None and block.outgoing and block.sync not in said:
                block.sync.advance()
                if sender.put(block.sync.datagrams):
                    said.append(block.sync)


def every_nth(rate_hz: float, max_rate_hz: float) -> int:
    """Return n such that every n-th frame of rate_hz does not exceed max_rate_hz."""
    return max(1, math.ceil(rate_hz / max_rate_hz - 1e-9))
