"""More than three in any second: when each pixel rose, and which rise is one too many.

What counts is the leading edge: a pixel offends when a fourth *rise* comes less than 1 s after the first. Four pairs of
changes need four rises, so whatever WCAG forbids is forbidden here, and 3 flashes and a half may be too: stricter by at
most half a flash. Rises are also what a guard that only darkens can hold. A pixel counts towards the area of the second
that just ended, in phase with its neighbours or not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.compiled import compiled

_RISES = np.uint8(15)
"""Bits of turned: of a rise under each of the four rules."""
_NONE, _UNMARKED = np.uint8(0), np.uint16(0)

Bits = NDArray[np.uint8]
Marks = NDArray[np.uint16]
Chunked = tuple[Bits, Bits]
"""Bits of every pixel (P,), and all that any pixel of each chunk has (chunks,). The latter are always up to date; the
former where the latter are not 0."""
ChunkedMarks = tuple[Marks, Marks]


class Rates:
    """The latest rises under each rule. times: float32 (rules, depth, P), newest first; -inf where there was none."""

    def __init__(self, n_rules: int, n_pixels: int, *, max_flashes: int, chunk: int) -> None:
        self._chunk = chunk
        self.times = np.full((n_rules, max_flashes + 1, n_pixels), -np.inf, np.float32)

    def look(self, due: Bits, told: Chunked, edge: np.float32, over: Chunked) -> None:
        """Write into over, bit by rule, which rises are the last of depth after edge. told: turned, of FlashRules."""
        _look(self._chunk, due, *told, self.times, edge, *over)

    def mark(self, told: Chunked, since: NDArray[np.float32], edge: np.float32, marks: ChunkedMarks) -> None:
        """Add to marks, at bit 8 + rule, which pixels have depth rises after edge, the one of now included.

        since: (chunks,), when any pixel of each last rose or fell.
        """
        _mark(self._chunk, *told, since, self.times, edge, *marks)

    def keep(self, told: Chunked, now: np.float32) -> None:
        """Let the rises looked at happen."""
        _keep(self._chunk, *told, now, self.times)

    def forget(self, *, spent: bool) -> None:
        self.times[:] = -np.inf
        self.times[:, :-1] = 0.0 if spent else -np.inf


@compiled("void(int64, uint8[::1], uint8[::1], uint8[::1], float32[:, :, ::1], float32, uint8[::1], uint8[::1])")
def _look(
    chunk: int,
    due: Bits,
    turned: Bits,
    turned_in: Bits,
    times: NDArray[np.float32],
    edge: np.float32,
    excess: Bits,
    excess_in: Bits,
) -> None:
    for k in range(len(due)):
        if not due[k]:
            continue
        lo, hi = k * chunk, min((k + 1) * chunk, len(turned))
        told, over = turned[lo:hi], excess[lo:hi]
        some = _NONE
        for i in range(hi - lo):
            some = np.uint8(some | told[i])
        turned_in[k], excess_in[k] = some, _NONE
        if (some & _RISES) == 0:
            continue
        for i in range(hi - lo):
            over[i] = _NONE
        for rule in range(times.shape[0]):
            bit = np.uint8(1 << rule)
            if (some & bit) == 0:
                continue
            last_but_one = times[rule, times.shape[1] - 2, lo:hi]
            for i in range(hi - lo):
                over[i] |= bit if ((told[i] & bit) != 0) & (last_but_one[i] > edge) else _NONE
        some = _NONE
        for i in range(hi - lo):
            some = np.uint8(some | over[i])
        excess_in[k] = some


@compiled("void(int64, uint8[::1], uint8[::1], float32[::1], float32[:, :, ::1], float32, uint16[::1], uint16[::1])")
def _mark(
    chunk: int,
    turned: Bits,
    turned_in: Bits,
    since: NDArray[np.float32],
    times: NDArray[np.float32],
    edge: np.float32,
    marks: Marks,
    marks_in: Marks,
) -> None:
    for k in range(len(turned_in)):
        if since[k] <= edge and (turned_in[k] & _RISES) == 0:
            continue
        lo, hi = k * chunk, min((k + 1) * chunk, len(turned))
        told, mark, risers = turned[lo:hi], marks[lo:hi], turned_in[k]
        some = _UNMARKED
        for rule in range(times.shape[0]):
            rise, bit = np.uint8(risers & np.uint8(1 << rule)), np.uint16(256 << rule)
            last_but_one, last = times[rule, times.shape[1] - 2, lo:hi], times[rule, times.shape[1] - 1, lo:hi]
            for i in range(hi - lo):
                rises, before, longer = (told[i] & rise) != 0, last_but_one[i] > edge, last[i] > edge
                mark[i] |= bit if (rises & before) | longer else _UNMARKED
        for i in range(hi - lo):
            some = np.uint16(some | mark[i])
        marks_in[k] |= some


@compiled("void(int64, uint8[::1], uint8[::1], float32, float32[:, :, ::1])")
def _keep(chunk: int, turned: Bits, turned_in: Bits, now: np.float32, times: NDArray[np.float32]) -> None:
    for k in range(len(turned_in)):
        if (turned_in[k] & _RISES) == 0:
            continue
        for i in range(k * chunk, min((k + 1) * chunk, len(turned))):
            if (turned[i] & _RISES) == 0:
                continue
            for rule in range(times.shape[0]):
                if (turned[i] >> rule) & 1:
                    for row in range(times.shape[1] - 1, 0, -1):
                        times[rule, row, i] = times[rule, row - 1, i]
                    times[rule, 0, i] = now
