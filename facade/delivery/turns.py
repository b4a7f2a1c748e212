"""All bursts of a whole frame in the order in which they leave, by lanes where nothing can go wrong that is not known.

A sender begins, puts and ends its frames itself until one has left whole. From then on its bursts go by its lane
(``outputs/express.py``), and Python hears of it only when there is trouble: then the sender sends the rest of that
frame, judges it, and keeps doing so until all is well again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from facade.core.clock import Clock
from facade.outputs.contract import Burst, Sender
from facade.outputs.express import Express, Item, Trouble
from facade.outputs.framing import SyncKey
from facade.outputs.slab import Block, FrameSync

Time = tuple[float, int, int]
"""Seconds after the start of a frame, turn, index of the block."""


class Turns:
    """A frame of blocks through their senders.

    times: when each turn leaves, in order. clock: to wait for those that are not at once; None never waits.
    """

    def __init__(self, pairs: Sequence[tuple[Block, Sender]], times: Sequence[Time], clock: Clock | None) -> None:
        self._clock = clock
        self._blocks = [block for block, _ in pairs]
        self._senders = [sender for _, sender in pairs]
        data = [Item(which, self._blocks[which].all_turns[turn]) for _, turn, which in times]
        closing, self._syncs = _closing(self._blocks)
        self._items = (*data, *closing)
        self._express = Express(self._items, n_lanes=len(pairs))
        self._closing = (len(data), len(self._items))
        self._closing_of = [[item for item in closing if item.lane == which] for which in range(len(pairs))]
        self._slots: list[tuple[float, int, int]] = []
        for after_s, own in groupby(times, key=lambda time: time[0]):
            first = self._slots[-1][2] if self._slots else 0
            self._slots.append((after_s, first, first + len(list(own))))
        self._witnesses = [(k, s.witness) for k, s in enumerate(self._senders) if s.witness is not None]
        self._has_priorities = any(block.has_priorities for block in self._blocks)
        # Who is not on a lane, and who of them sends this frame.
        self._out = set(range(len(pairs)))
        self._asked: set[int] = set()

    def send(self, due: NDArray[np.bool_], now: float) -> None:
        """Send the frame that lies in the packets, of the blocks that are due: data in turns, then what closes it."""
        self._asked = {which for which in self._out if due[which]}
        for which in sorted(self._asked):
            self._senders[which].begin()
            self._join(which)
        self._express.start(due)
        start = 0.0 if self._clock is None else self._clock.now()
        for after_s, first, last in self._slots:
            if after_s and self._clock is not None:
                self._clock.wait_until(start + after_s)
            self._send(first, last)
        if self._has_priorities:
            self._send_priorities(due, now)
        self._close(due)

    def end(self, due: NDArray[np.bool_]) -> None:
        """Judge the frame."""
        for which in sorted(self._asked):
            self._senders[which].end()
        for which, witness in self._witnesses:
            if due[which] and which not in self._asked:
                # No wire to drown: it sees a controller's packets in one piece.
                _show(witness, [self._blocks[which].whole, *self._said_of(which, self._closing_of[which])])
                witness.end()

    def leave(self) -> None:
        """Bring every sender up to date, and let all ask before the next frame: somebody else uses them now."""
        self.settle()
        for which in range(len(self._senders)):
            self._express.leave(which)
            self._out.add(which)

    def settle(self) -> None:
        """Count what has left by lanes."""
        for which, sender in enumerate(self._senders):
            if which not in self._out:
                sender.took(*self._express.take(which))

    def _join(self, which: int) -> None:
        lane = self._senders[which].lane
        if lane is not None and self._express.join(which, lane):
            self._out.remove(which)
            self._asked.remove(which)

    def _send(self, first: int, last: int) -> None:
        is_troubled = self._express.send(first, last)
        if self._asked:
            for item in self._items[first:last]:
                if item.lane in self._asked:
                    self._put(item)
        if is_troubled:
            self._take_over(last)

    def _put(self, item: Item, done: int = 0) -> None:
        if item.key >= 0 and self._express.said[item.key] >= 0:
            return
        sent = self._senders[item.lane].put(item.burst.datagrams[done:] if done else item.burst)
        if sent and item.key >= 0:
            self._express.said[item.key] = item.lane

    def _take_over(self, last: int) -> None:
        """Let senders in trouble send what they should have until now, burst last - 1 included."""
        for trouble in self._express.troubles():
            which = trouble.lane
            self._return(trouble)
            stopped = trouble.at if trouble.at >= 0 else last
            witness = self._senders[which].witness
            if witness is not None:
                own = (item for item in self._items[:stopped] if item.lane == which)
                _show(witness, self._said_of(which, own))
            for k in range(stopped, last):
                if self._items[k].lane == which:
                    self._put(self._items[k], trouble.done if k == stopped else 0)

    def _return(self, trouble: Trouble) -> None:
        """Give a lane back to its sender, and tell it what is known."""
        which = trouble.lane
        self._senders[which].took(*self._express.take(which))
        if trouble.done:
            sent = self._items[trouble.at].burst.packets[: trouble.done]
            self._senders[which].took(len(sent), sum(map(len, sent)))
        if trouble.pending:
            self._senders[which].met(trouble.pending)
        self._take_out(which)

    def _take_out(self, which: int) -> None:
        self._express.leave(which)
        self._out.add(which)
        self._asked.add(which)

    def _said_of(self, which: int, own: Iterable[Item]) -> list[Burst]:
        """The bursts of a controller's items; what closes a frame only if it was this one's to send."""
        said = self._express.said
        return [item.burst for item in own if item.key < 0 or said[item.key] == which]

    def _send_priorities(self, due: NDArray[np.bool_], now: float) -> None:
        for which in np.flatnonzero(due).tolist():
            for burst in self._blocks[which].priorities(now):
                if self._senders[which].put(burst) < len(burst) and which not in self._asked:
                    self._senders[which].took(*self._express.take(which))
                    self._take_out(which)

    def _close(self, due: NDArray[np.bool_]) -> None:
        for sync, whose in self._syncs:
            if due[whose].any():
                sync.advance()
        if self._closing[0] < self._closing[1]:
            self._send(*self._closing)


def _closing(blocks: Sequence[Block]) -> tuple[list[Item], list[tuple[FrameSync, NDArray[np.intp]]]]:
    """Return what closes a frame, and the packets of it that are numbered, with the blocks that send them."""
    keys: dict[SyncKey, int] = {}
    items: list[Item] = []
    syncs: dict[int, tuple[FrameSync, list[int]]] = {}
    for which, block in enumerate(blocks):
        if block.sync is not None:
            key = keys.setdefault(block.sync.key, len(keys))
            items.append(Item(which, block.sync.datagrams, key))
            if block.sync.is_numbered:
                syncs.setdefault(key, (block.sync, []))[1].append(which)
    return items, [(sync, np.array(whose, np.intp)) for sync, whose in syncs.values()]


def _show(witness: Sender, bursts: Sequence[Burst]) -> None:
    witness.begin()
    for burst in bursts:
        witness.put(burst)
