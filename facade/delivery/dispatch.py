"""The order in which packets leave: everything is built first, controllers take turns, sync comes last.

A controller that takes fewer frames than the venue sends (44 a second where DMX ports follow) gets every second, third
or n-th one, evenly: a 60 Hz venue feeds a 44 Hz node at 30 Hz. It is decimated, not refused, because one slow node
must not decide the rate of a building.

A controller whose profile gives max_mbit gets its turns no faster than such a link empties: what a switch cannot pass
on at once, it must keep, and small ones keep little. Turns of all controllers share one timetable, made at load.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from facade.core.clock import Clock
from facade.core.frame import Levels
from facade.core.health import OutputHealth
from facade.outputs.announce import Announcer
from facade.outputs.contract import TURN as TURN
from facade.outputs.contract import Burst, Sender
from facade.outputs.framing import SyncKey
from facade.outputs.slab import Block, PacketSlab
from facade.outputs.together import grouped
from facade.protocols.sacn import KEEP_ALIVE_S, TERMINATED_PACKETS

WIRE_BYTES = 66
"""What a UDP packet costs on Ethernet beside its payload: UDP 8, IP 20, frame 18, preamble 8, gap 12."""

LONGEST_SPREAD = 0.8
"""Share of a frame within which its last turn leaves, whatever the links: the rest is for light and sync."""


Put = Callable[[Burst], int]


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
        self._every = [every_nth(rate_hz, b.patch.profile.max_rate_hz) for b in slab.blocks]
        self._has_one_rate = all(every == 1 for every in self._every)
        self._period_s = 1.0 / rate_hz
        self._always_send = always_send
        self._hushed = False
        self._has_sent = False
        self._clock = clock
        self._plan()

    def send(self, levels: Levels, *, now: float, frame: int, everything: bool = False) -> None:
        """Build and send one frame. everything: whatever the rate of a controller, and changed or not."""
        due = self._pairs
        if not (everything or self._has_one_rate):
            due = [pair for pair, every in zip(self._pairs, self._every, strict=True) if frame % every == 0]
        if self._always_send or everything:
            self._fill(levels, due)
        else:
            for block, _ in due:
                # The next chance is a frame away; without that margin a gap would exceed the limit by one frame.
                block.fill_changed(levels, now=now, keep_alive_s=KEEP_ALIVE_S - self._margin_s(block))
        for _, sender in due:
            sender.begin()
        if self._clock is not None and self._timetable:
            self._send_by_timetable(self._clock, [everything or frame % every == 0 for every in self._every])
        elif due is self._pairs and (self._always_send or everything):
            for put, burst in self._in_order:
                put(burst)
        else:
            self._send_in_turns(due)
        if self._is_closed:
            self._send_priorities(due, now)
            self._send_sync(due)
        self._has_sent = self._has_sent or not self._hushed
        if self._announcer is not None and not self._hushed:
            self._announcer.tell(now)
        for _, sender in due:
            sender.end()

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(block for block, _ in self._pairs)

    def hush(self, on: bool, levels: Levels) -> None:
        """While on, nothing leaves towards controllers. levels: what was sent last.

        A sACN stream is ended properly first, so that receivers turn to the other machine at once; nothing goes dark.
        """
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
        block.terminate()
        _send_whole(block, sender, dark)

    def replace(self, block: Block, sender: Sender, *, announcer: Announcer | None) -> None:
        """Put another block and sender in the place of those of the same name, and close the old; others go on."""
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
        for _, sender in self._pairs:
            sender.close()
        if self._announcer is not None:
            self._announcer.close()

    def health(self) -> tuple[OutputHealth, ...]:
        return tuple(sender.health() for _, sender in self._pairs)

    def packets(self) -> int:
        """All packets that left since start."""
        return sum(h.packets for h in self.health())

    def _plan(self) -> None:
        """Work out once what every frame needs: groups, and the order of a whole frame's turns."""
        self._groups, self._alone = grouped(self.blocks)
        n_turns = max((len(block.all_turns) for block, _ in self._pairs), default=0)
        self._in_order: tuple[tuple[Put, Burst], ...] = tuple(
            (sender.put, block.all_turns[turn])
            for turn in range(n_turns)
            for block, sender in self._pairs
            if turn < len(block.all_turns)
        )
        self._is_closed = any(block.sync is not None or block.has_priorities for block, _ in self._pairs)
        self._timetable = timetable(self.blocks, period_s=self._period_s) if self._clock is not None else ()

    def _fill(self, levels: Levels, due: Sequence[tuple[Block, Sender]]) -> None:
        wanted = None if due is self._pairs else {id(block) for block, _ in due}
        for group in self._groups:
            # All of a group have one rate, so they are due together or not at all.
            if wanted is None or id(group.blocks[0]) in wanted:
                group.fill(levels)
        for block in self._alone:
            if wanted is None or id(block) in wanted:
                block.fill(levels)

    def _margin_s(self, block: Block) -> float:
        return self._period_s * every_nth(1.0 / self._period_s, block.patch.profile.max_rate_hz)

    def _send_in_turns(self, due: Sequence[tuple[Block, Sender]]) -> None:
        for turn in range(max((len(block.turns) for block, _ in due), default=0)):
            for block, sender in due:
                if turn < len(block.turns):
                    sender.put(block.turns[turn])

    def _send_by_timetable(self, clock: Clock, is_due: Sequence[bool]) -> None:
        start = clock.now()
        for after_s, turn, which in self._timetable:
            block, sender = self._pairs[which]
            if is_due[which] and turn < len(block.turns):
                if after_s:
                    clock.wait_until(start + after_s)
                sender.put(block.turns[turn])

    def _send_priorities(self, due: Sequence[tuple[Block, Sender]], now: float) -> None:
        for block, sender in due:
            for burst in block.priorities(now):
                sender.put(burst)

    def _send_sync(self, due: Sequence[tuple[Block, Sender]]) -> None:
        said: set[SyncKey] = set()
        for block, sender in due:
            # Controllers that share a synchronisation group hear one packet, by the first road that is open.
            if block.sync is not None and block.outgoing and block.sync.key not in said:
                block.sync.advance()
                if sender.put(block.sync.datagrams):
                    said.add(block.sync.key)


def _send_whole(block: Block, sender: Sender, levels: Levels) -> None:
    block.fill(levels)
    sender.begin()
    for burst in block.turns:
        sender.put(burst)
    sender.end()


def timetable(blocks: Sequence[Block], *, period_s: float) -> tuple[tuple[float, int, int], ...]:
    """Return (seconds after the start, turn, index of the block) of every turn of a whole frame, in order of time.

    Empty where no block has a max_mbit, or only blocks on this machine. Where the links need longer than
    LONGEST_SPREAD of the period, all times shrink alike.
    """
    found = []
    for which, block in enumerate(blocks):
        mbit = 0.0 if block.on_this_machine else block.patch.profile.max_mbit
        after_s = 0.0
        for turn, burst in enumerate(block.turns):
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
