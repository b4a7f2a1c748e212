"""Neighbouring blocks that are one long run: a whole wall's packets filled by one copy and numbered by one column.

What a frame costs beside the sending is mostly the number of steps taken, not the bytes moved: 19 controllers of 31
universes cost 19 copies and 57 sums, or one copy and three. Nothing is remembered here that a block does not see:
sequence numbers stay each block's own, in one array.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.lib.stride_tricks import as_strided

from facade.core.frame import Levels
from facade.outputs.slab import Block, Run


class Together:
    """Some blocks of one slab, each following the last in memory and in levels; see ``grouped``."""

    def __init__(self, blocks: Sequence[Block], runs: Sequence[Run]) -> None:
        self.blocks = tuple(blocks)
        first, n = runs[0], sum(len(run.rows) for run in runs)
        width = first.rows.shape[1]
        # One view over the packets of all: they lie behind each other in the slab's memory.
        self._rows = as_strided(first.rows, shape=(n, width), strides=first.rows.strides)
        self._levels = self._rows[:, first.head : first.head + first.each]
        self._span = slice(first.first_level, first.first_level + n * first.each)
        self._shape = (n, first.each)
        self._counter = first.counter
        if self._counter is not None:
            self._numbers = np.concatenate([run.numbers for run in runs])
            self._column = self._rows[:, self._counter.at]
            at = 0
            for block, run in zip(blocks, runs, strict=True):
                block.number_in(self._numbers[at : at + len(run.rows)])
                at += len(run.rows)

    def fill(self, levels: Levels) -> None:
        """Take this frame's levels in every block; every universe goes out."""
        self._levels[:] = levels[self._span].reshape(self._shape)
        if self._counter is not None:
            n = self._counter.high - self._counter.low + 1
            self._numbers += 1
            if n < 256:
                self._numbers %= n
            np.add(self._numbers, self._counter.low, out=self._column)
        for block in self.blocks:
            block.show_all()


def grouped(blocks: Sequence[Block]) -> tuple[tuple[Together, ...], tuple[Block, ...]]:
    """Return the groups that blocks make, and the blocks that belong to none. Blocks of a group share a rate.

    A block belongs to the one before if its packets follow in memory and its pixels in levels, all of one length.
    """
    numbered: list[tuple[int, Block, Run | None]] = []
    group, before = 0, None
    for block in blocks:
        run = block.run
        if run is None or before is None or not _follows(before, run):
            group += 1
        numbered.append((group, block, run))
        before = run
    groups: list[Together] = []
    alone: list[Block] = []
    for _, members in groupby(numbered, key=lambda member: member[0]):
        found = list(members)
        runs = [run for _, _, run in found if run is not None]
        if len(runs) == len(found) and len(found) > 1:
            groups.append(Together([block for _, block, _ in found], runs))
        else:
            alone.extend(block for _, block, _ in found)
    return tuple(groups), tuple(alone)


def _follows(before: Run, run: Run) -> bool:
    n_bytes = before.rows.shape[0] * before.rows.strides[0]
    return (
        before.rows.shape[1] == run.rows.shape[1]
        and before.head == run.head
        and before.each == run.each
        and before.counter == run.counter
        and before.rate_hz == run.rate_hz
        and before.first_level + len(before.rows) * before.each == run.first_level
        and before.rows.ctypes.data + n_bytes == run.rows.ctypes.data
    )
