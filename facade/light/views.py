"""How much of what people see at once some pixels fill: windows over areas, and the facade as one screen.

Areas are counted in whole quanta, rounded up. So sums are exact in whatever order they are made, and a window that is
the difference of running sums holds neither more nor less than its pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.core.compiled import compiled
from facade.light.flash_look import CHUNK
from facade.light.flash_rate import Bits, Chunked
from facade.mapping.model import PixelMap

KINDS = ROSE, FELL, RATE, LONG = 0, 1, 2, 3
"""Of marks, four bits each: which pixels rise and fall at once, and which offend by rate and by length."""

_ANY_RULE = 0x0F0F0F0F0F0F0F0F
"""Of marks of eight pixels: the lower four bits of each."""

QUARTER = 0.25
_SUM_BITS = 50
"""Bits of a sum over all pixels, in quanta."""

Areas = NDArray[np.float64]
Quanta = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Windows:
    """Where windows lie over bins of shape (rows, columns).

    half: int64 (rows of windows, rows of bins), how many columns left and right of its middle a window takes of a row
    of bins, -1 for none. inner, outer: int64 (rows of windows, 3), first row of bins, last row + 1 and half width of
    a rectangle that the window holds, and of one that holds the window.
    """

    shape: tuple[int, int]
    half: NDArray[np.int64]
    inner: NDArray[np.int64]
    outer: NDArray[np.int64]

    @property
    def widest(self) -> int:
        return int(self.half.max(initial=0))


class View:
    """What is seen from one place. area: float64 (P,), what each pixel counts; limit: what may flash of a window.

    bins: of each pixel, row by row. windows: None if there is one, which holds everything; so do all of them if the
    view goes all around.
    """

    def __init__(
        self, area: Areas, bins: NDArray[np.int64], *, limit: float, windows: Windows | None, around: bool = False
    ) -> None:
        rows, columns = (1, 1) if windows is None else windows.shape
        self._quantum = float(2.0 ** (np.ceil(np.log2(max(float(area.sum()), 1e-30))) - _SUM_BITS))
        self._quanta = np.ceil(area / self._quantum).astype(np.int64)
        self.area: Areas = np.asarray(self._quanta * self._quantum, np.float64)
        self.limit = limit
        self._most = int(limit / self._quantum)
        self._bins = bins.astype(np.int32)
        # All around, every window is taken to hold everything.
        self._windows = None if around else windows
        self.n_windows = 1 if self._windows is None else len(self._windows.half) * columns
        # Of each kind, in each bin, under each rule.
        self._sums = np.zeros((len(KINDS), rows * columns, 4), np.int64)
        self._totals = np.zeros((len(KINDS), 4), np.int64)
        pad = 0 if windows is None else windows.widest + 1
        self._below = np.zeros((rows + 1, columns + 1 + 2 * pad), np.int64)
        self._spare = np.zeros(self.n_windows, np.uint8)
        self._marks: tuple[Chunked, ...] = ()
        self._is_known = [False] * len(KINDS)
        # Of the pixels of each chunk, the most that one counts.
        self._largest = np.maximum.reduceat(self._quanta, np.arange(0, len(area), CHUNK)) if len(area) else self._quanta

    def watch(self, concurrent: Chunked, offending: Chunked) -> None:
        """Say where pixels will be marked: those that rose (1 << rule) and fell (16 << rule), and those that offend."""
        self._marks = concurrent, concurrent, offending, offending

    def renew(self, *kinds: int) -> None:
        """Take it that marks of these kinds have been written anew."""
        for kind in kinds:
            self._is_known[kind] = False

    def may_be_over(self, counts: NDArray[np.int64]) -> bool:
        """Whether so many pixels of each chunk, (chunks,), may be more than limit; false where they are surely not."""
        return int(counts @ self._largest) > self._most

    def over_into(self, kind: int, rule: int, out: NDArray[np.uint8]) -> bool:
        """Write which windows (n_windows,) hold more than limit; return whether any does. If none, out may be left."""
        return self._over(kind, rule, out, at_first=False)

    def is_over(self, kind: int, rule: int) -> bool:
        """Whether any window holds more than limit."""
        return self._over(kind, rule, self._spare, at_first=True)

    def fullest(self, kind: int, rule: int, among: NDArray[np.uint8]) -> float:
        """Return the area in the fullest of some windows (n_windows,), 0 if there are none. For reports."""
        self._add_up(kind)
        if self._windows is None:
            return float(self._totals[kind, rule] * self._quantum) if among.any() else 0.0
        _run_up(self._sums[kind], rule, self._below)
        return float(_fullest(self._below, self._windows.half, among) * self._quantum)

    def most(self, chosen: Mask) -> float:
        """Return at least as much as chosen pixels (P,) fill of any field: of windows, if all together exceed limit."""
        chosen_quanta = self._quanta * chosen
        # With light all around there is no cut that no window crosses: the sum is still never too small.
        if self._windows is None or chosen_quanta.sum() <= self._most:
            return float(chosen_quanta.sum() * self._quantum)
        sums = np.zeros(self._sums.shape[1:], np.int64)
        np.add.at(sums[:, 0], self._bins, chosen_quanta)
        _run_up(sums, 0, self._below)
        every = np.ones(self.n_windows, np.uint8)
        return float(_fullest(self._below, self._windows.half, every) * self._quantum)

    def _add_up(self, kind: int) -> None:
        """Add up the areas of marked pixels, if that has not been done."""
        if self._is_known[kind]:
            return
        self._is_known[kind], nibble = True, 4 * (kind % 2)
        if self._windows is None:
            _add_all(*self._marks[kind], nibble, self._quanta, self._totals[kind])
        else:
            _add_up(*self._marks[kind], nibble, self._quanta, self._bins, self._sums[kind], self._totals[kind])

    def _over(self, kind: int, rule: int, out: NDArray[np.uint8], *, at_first: bool) -> bool:
        self._add_up(kind)
        if self._totals[kind, rule] <= self._most:
            return False
        if self._windows is None:
            out[:] = 1
            return True
        w = self._windows
        _run_up(self._sums[kind], rule, self._below)
        return bool(_over(self._below, w.half, w.inner, w.outer, self._most, at_first, out))


class Screen(View):
    """The facade as one screen, for a venue that does not say where people stand. Areas are square metres."""

    def __init__(self, pixels: PixelMap) -> None:
        area = np.prod(np.maximum(pixels.size_m, pixels.pitch_m), axis=1).astype(np.float64)
        limit = QUARTER * float(area.sum()) * (1.0 + 1e-9)
        super().__init__(area, np.zeros(pixels.n_pixels, np.int64), limit=limit, windows=None)


@compiled("void(uint8[::1], uint8[::1], int64, int64[::1], int64[::1])")
def _add_all(marks: Bits, marks_in: Bits, nibble: int, area: Quanta, totals: Quanta) -> None:
    """Write the area of the pixels that are marked under each of four rules. nibble: the lowest bit of these marks."""
    for rule in range(4):
        bit, total = nibble + rule, 0
        for k in range(len(marks_in)):
            if ((marks_in[k] >> bit) & 1) == 0:
                continue
            lo, hi = k * CHUNK, min((k + 1) * CHUNK, len(area))
            mark, own = marks[lo:hi], area[lo:hi]
            for i in range(hi - lo):
                total += own[i] * ((mark[i] >> bit) & 1)
        totals[rule] = total


@compiled("void(uint8[::1], uint8[::1], int64, int64[::1], int32[::1], int64[:, ::1], int64[::1])")
def _add_up(
    marks: Bits,
    marks_in: Bits,
    nibble: int,
    area: Quanta,
    bins: NDArray[np.int32],
    sums: NDArray[np.int64],
    totals: Quanta,
) -> None:
    """The same in each bin."""
    sums[:] = 0
    totals[:] = 0
    for k in range(len(marks_in)):
        if ((marks_in[k] >> nibble) & 15) == 0:
            continue
        eights = marks[k * CHUNK : (k + 1) * CHUNK].view(np.int64)
        for eight in range(len(eights)):
            if ((eights[eight] >> nibble) & _ANY_RULE) == 0:
                continue
            first = k * CHUNK + 8 * eight
            for i in range(first, min(first + 8, len(area))):
                own, under = sums[bins[i]], int(marks[i]) >> nibble
                for rule in range(4):
                    own[rule] += area[i] & -((under >> rule) & 1)
    for here in range(len(sums)):
        for rule in range(4):
            totals[rule] += sums[here, rule]


@compiled("void(int64[:, ::1], int64, int64[:, ::1])")
def _run_up(sums: Quanta, rule: int, below: Quanta) -> None:
    """Write below[r, pad + c]: of all bins in rows before r and columns before c. pad: of columns beyond the edges."""
    rows = below.shape[0] - 1
    columns = len(sums) // rows
    pad = (below.shape[1] - columns - 1) // 2
    for row in range(rows):
        along = 0
        for column in range(columns):
            along += sums[row * columns + column, rule]
            below[row + 1, pad + column + 1] = below[row, pad + column + 1] + along
        below[row + 1, pad + columns + 1 :] = below[row + 1, pad + columns]


@compiled("int64(int64[:, ::1], int64[:, ::1], int64, int64)")
def _held(below: Quanta, half: NDArray[np.int64], row: int, column: int) -> int:
    """What one window holds. column: with the pad."""
    total = 0
    for r in range(half.shape[1]):
        if half[row, r] >= 0:
            low, high = column - half[row, r], column + half[row, r] + 1
            total += (below[r + 1, high] - below[r, high]) - (below[r + 1, low] - below[r, low])
    return total


@compiled("boolean(int64[:, ::1], int64[::1], int64, int64, uint8[::1])")
def _rectangles(below: Quanta, rectangle: NDArray[np.int64], pad: int, limit: int, out: NDArray[np.uint8]) -> bool:
    """Write at which columns a rectangle holds more than limit; return whether at any."""
    wide = rectangle[2]
    first, last = below[rectangle[0]], below[rectangle[1]]
    first_low, first_high = first[pad - wide :], first[pad + wide + 1 :]
    last_low, last_high = last[pad - wide :], last[pad + wide + 1 :]
    some = np.uint8(0)
    for column in range(len(out)):
        held = (last_high[column] - first_high[column]) - (last_low[column] - first_low[column])
        out[column] = held > limit
        some |= out[column]
    return bool(some != 0)


@compiled("boolean(int64[:, ::1], int64[:, ::1], int64[:, ::1], int64[:, ::1], int64, boolean, uint8[::1])")
def _over(
    below: Quanta,
    half: NDArray[np.int64],
    inner: NDArray[np.int64],
    outer: NDArray[np.int64],
    limit: int,
    at_first: bool,
    out: NDArray[np.uint8],
) -> bool:
    """Write which windows hold more than limit; return whether any does, on request at the first.

    Rectangles answer for most: what a smaller one holds a window holds, what a larger one does not hold it does not.
    """
    found = False
    columns = len(out) // len(half)
    pad = (below.shape[1] - columns - 1) // 2
    holds = np.zeros(columns, np.uint8)
    for row in range(len(half)):
        over = out[row * columns : (row + 1) * columns]
        if not _rectangles(below, outer[row], pad, limit, over):
            continue
        found |= _rectangles(below, inner[row], pad, limit, holds)
        for column in range(columns):
            if over[column] != 0 and holds[column] == 0:
                over[column] = _held(below, half, row, pad + column) > limit
                found |= over[column] != 0
        if found and at_first:
            return True
    return found


@compiled("int64(int64[:, ::1], int64[:, ::1], uint8[::1])")
def _fullest(below: Quanta, half: NDArray[np.int64], among: NDArray[np.uint8]) -> int:
    most = 0
    columns = len(among) // len(half)
    pad = (below.shape[1] - columns - 1) // 2
    for row in range(len(half)):
        for column in range(columns):
            if among[row * columns + column] != 0:
                most = max(most, _held(below, half, row, pad + column))
    return most
