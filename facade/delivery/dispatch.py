"""What leaves with a frame, and in which order: everything is built first, controllers take turns, sync comes last.

A controller that takes fewer frames than the venue sends (44 a second where DMX ports follow) gets every second, third
or n-th one, evenly: a 60 Hz venue feeds a 44 Hz node at 30 Hz. It is decimated, not refused, because one slow node
must not decide the rate of a building.

A controller whose profile gives max_mbit gets its turns no faster than such a link empties: what a switch cannot pass
on at once, it must keep, and small ones keep little. Turns of all controllers share one timetable, made at load.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facade.core.clock import Clock
from facade.core.frame import Levels
from facade.core.health import OutputHealth
from facade.delivery.turns import Time, Turns
from facade.outputs.announce import Announcer
from facade.outputs.contract import TURN as TURN
from facade.outputs.contract import Sender
from facade.outputs.fill import Fill, joined
from facade.outputs.framing import SyncKey
from facade.outputs.slab import Block, PacketSlab
from facade.protocols.sacn import KEEP_ALIVE_S, TERMINATED_PACKETS

WIRE_BYTES = 66
"""What a UDP packet costs on Ethernet beside its payload: UDP 8, IP 20, frame 18, preamble 8, gap 12."""

LONGEST_SPREAD = 0.8
"""Share of a frame within which its last turn leaves, whatever the links: the rest is for light and sync."""


class Dispatch:
    """Sends a slab's blocks through their senders.

    senders: in the order of slab.blocks. clock: for pacing; None sends as fast as the machine can.
    announcer: says now and then what is sent, or None.
    """

    def __init__(
        self,
        slab: PacketSlab,
        senders: Sequence[Sender],
        *,
        rate_hz: float,
        always_send: bool,
        clock: Clock | None = None,
        announcer: Announcer | None = None,
    ) -> None:
        self._announcer = announcer
        self._pairs: list[tuple[Block, Sender]] = list(zip(slab.blocks, senders, strict=True))
        self._every = np.array([every_nth(rate_hz, b.patch.profile.max_rate_hz) for b in slab.blocks], np.int64)
        self._has_one_rate = bool(np.all(self._every == 1))
        self._period_s = 1.0 / rate_hz
        self._always_send = always_send
        self._hushed = False
        self._has_sent = False
        self._clock = clock
        self._plan()

    def send(self, levels: Levels, *, now: float, frame: int, everything: bool = False) -> None:
        """Build and send one frame. everything: whatever the rate of a controller, and changed or not."""
        due = self._all if everything or self._has_one_rate else frame % self._every == 0
        if self._always_send or everything:
            self._fill(levels, due)
            self._turns.send(due, now)
            self._turns.end(due)
        else:
            self._turns.leave()
            self._send_changed(levels, due, now)
        self._has_sent = self._has_sent or not self._hushed
        if self._announcer is not None and not self._hushed:
            self._announcer.tell(now)

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for block, _ in self._pairs)

    def hush(self, on: bool, levels: Levels) -> None:
        """While on, nothing leaves towards controllers. levels: what was sent last.

        A sACN stream is ended properly first, so that receivers turn to the other machine at once; nothing goes dark.
        """
        self._turns.leave()
        if on and self._has_sent and not self._hushed:
            for block, sender in self._pairs:
                if block.patch.profile.protocol == "sacn":
                    block.terminate()
                    for _ in range(TERMINATED_PACKETS):
                        _send_whole(block, sender, levels)
                    block.revive()
        self._hushed = on
        for _, sender in self._pairs:
            sender.hush(on)

    def leave(self, name: str, dark: Levels) -> None:
        """Send one controller its last frame, without light, and say where the protocol can that this is the end."""
        block, sender = next(pair for pair in self._pairs if pair[0].name == name)
        self._turns.leave()
        block.terminate()
        _send_whole(block, sender, dark)

    def replace(self, block: Block, sender: Sender, *, announcer: Announcer | None) -> None:
        """Put another block and sender in the place of those of the same name, and close the old; others go on."""
        self._turns.leave()
        which = next(i for i, (old, _) in enumerate(self._pairs) if old.name == block.name)
        self._pairs[which][1].close()
        self._pairs[which] = (block, sender)
        sender.hush(self._hushed)
        self._plan()
        if self._announcer is not None:
            self._announcer.close()
        self._announcer = announcer

    def terminate(self) -> None:
        """From now on say that this stream ends, where the protocol can."""
        for block, _ in self._pairs:
            block.terminate()

    def urge(self) -> None:
        for _, sender in self._pairs:
            sender.urge()

    def close(self) -> None:
        self._turns.leave()
        for _, sender in self._pairs:
            sender.close()
        if self._announcer is not None:
            self._announcer.close()

    def health(self) -> tuple[OutputHealth, ...]:
        self._turns.settle()
        return tuple(sender.health() for _, sender in self._pairs)

    def packets(self) -> int:
        """All packets that left since start."""
        return sum(h.packets for h in self.health())

    def _plan(self) -> None:
        """Work out once what every frame needs: what is filled together, and the order of a whole frame's turns."""
        blocks = self.blocks
        self._all = np.ones(len(blocks), np.bool_)
        memories = {id(block.filling.packets): block.filling.packets for block in blocks}
        self._fillings: list[tuple[Fill, NDArray[np.intp], NDArray[np.bool_], NDArray[np.bool_]]] = []
        for memory in memories.values():
            own = [which for which, block in enumerate(blocks) if block.filling.packets is memory]
            whose = np.repeat(own, [len(blocks[which].filling) for which in own])
            filling = joined([blocks[which].filling for which in own])
            self._fillings.append((filling, whose, np.ones(len(whose), np.bool_), np.ones(len(whose), np.bool_)))
        # Where all goes out with every frame, most blocks stay as they were made.
        self._to_finish = [block for block in blocks if block.codec.finish is not None or not self._always_send]
        paced = timetable(blocks, period_s=self._period_s) if self._clock is not None else ()
        self._times: tuple[Time, ...] = paced or at_once(blocks)
        self._turns = Turns(self._pairs, self._times, self._clock)

    def _fill(self, levels: Levels, due: NDArray[np.bool_]) -> None:
        for filling, whose, every, wanted in self._fillings:
            if due is not self._all:
                np.take(due, whose, out=wanted, mode="clip")
            filling.fill(levels, every if due is self._all else wanted)
        for block in self._to_finish:
            block.finish()

    def _send_changed(self, levels: Levels, due: NDArray[np.bool_], now: float) -> None:
        """Send only what changed, or is due again."""
        sending = [pair for pair, is_due in zip(self._pairs, due, strict=True) if is_due]
        for block, sender in sending:
            # The next chance is a frame away; without that margin a gap would exceed the limit by one frame.
            block.fill_changed(levels, now=now, keep_alive_s=KEEP_ALIVE_S - self._margin_s(block))
            sender.begin()
        start = 0.0 if self._clock is None else self._clock.now()
        for after_s, turn, which in self._times:
            block, sender = self._pairs[which]
            if due[which] and turn < len(block.turns):
                if after_s and self._clock is not None:
                    self._clock.wait_until(start + after_s)
                sender.put(block.turns[turn])
        for block, sender in sending:
            for burst in block.priorities(now):
                sender.put(burst)
        said: set[SyncKey] = set()
        for block, sender in sending:
            # Controllers that share a synchronisation group hear one packet, by the first road that is open.
            if block.sync is not None and block.outgoing and block.sync.key not in said:
                block.sync.advance()
                if sender.put(block.sync.datagrams):
                    said.add(block.sync.key)
        for _, sender in sending:
            sender.end()

    def _margin_s(self, block: Block) -> float:
        return self._period_s * every_nth(1.0 / self._period_s, block.patch.profile.max_rate_hz)


def _send_whole(block: Block, sender: Sender, levels: Levels) -> None:
    block.fill(levels)
    sender.begin()
    for burst in block.turns:
        sender.put(burst)
    sender.end()


def at_once(blocks: Sequence[Block]) -> tuple[Time, ...]:
    """Return the turns of a whole frame in which nothing waits: the first of every block, then the second."""
    found = [(0.0, turn, which) for which, block in enumerate(blocks) for turn in range(len(block.all_turns))]
    return tuple(sorted(found))


def timetable(blocks: Sequence[Block], *, period_s: float) -> tuple[Time, ...]:
    """Return the turns of a whole frame in order of time.

    Empty where no block has a max_mbit, or only blocks on this machine. Where the links need longer than
    LONGEST_SPREAD of the period, all times shrink alike.
    """
    found = []
    for which, block in enumerate(blocks):
        mbit = 0.0 if block.on_this_machine else block.patch.profile.max_mbit
        after_s = 0.0
        for turn, burst in enumerate(block.all_turns):
            found.append((after_s, turn, which))
            if mbit:
                after_s += (burst.n_bytes + WIRE_BYTES * len(burst)) * 8e-6 / mbit
    longest_s = max((after_s for after_s, _, _ in found), default=0.0)
    if longest_s == 0.0:
        return ()
    shrink = min(1.0, LONGEST_SPREAD * period_s / longest_s)
    return tuple(sorted((after_s * shrink, turn, which) for after_s, turn, which in found))


def every_nth(rate_hz: float, max_rate_hz: float) -> int:
    """Return n such that every n-th frame of rate_hz does not exceed max_rate_hz."""
    return max(1, math.ceil(rate_hz / max_rate_hz - 1e-9))
