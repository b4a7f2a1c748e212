"""The common case of a gather: pixels are wired in the order of their ids, so packets are stretches of one long run.

A table of places costs eight bytes of index for each byte of light; a copy costs none. Measured at 589 universes of 32
a controller, with sequence numbers: 0.50 microseconds a packet by table, 0.22 by copy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from facade.core.frame import Levels


class StraightRun:
    """Levels first..: row r shows the next ``each`` of them, the last row the ``last`` that remain."""

    def __init__(self, first: int, *, rows: int, each: int, last: int) -> None:
        self.first = first
        self.each = each
        self._rows = rows
        self._last = last

    @property
    def is_full(self) -> bool:
        """Whether the last row shows as many as the others."""
        return self._last == self.each

    def copy_into(self, out: NDArray[np.uint8], levels: Levels) -> None:
        """Write the slots in use, and only those, into rows (n, length)."""
        whole = self._rows - 1
        start = self.first + whole * self.each
        out[:whole, : self.each] = levels[self.first : start].reshape(whole, self.each)
        out[whole, : self._last] = levels[start : start + self._last]


def find_straight_run(
    gather: NDArray[np.integer], used: Sequence[int], source: NDArray[np.int32]
) -> StraightRun | None:
    """Return the run that a gather table (n, length) amounts to, or None where pixels lie otherwise.

    used: slots in use of each row. source: the slot of each byte, as Framing has it.
    """
    n, each = len(used), used[0]
    if any(count != each for count in used[:-1]) or used[-1] > each:
        return None
    first = int(gather[0, 0])
    for row, count in enumerate(used):
        wanted = np.arange(count)
        if not np.array_equal(source[row, :count], wanted):
            return None
        if not np.array_equal(gather[row, :count], first + row * each + wanted):
            return None
    return StraightRun(first, rows=n, each=each, last=used[-1])
