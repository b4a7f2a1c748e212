"""More than three in any second: when each pixel rose, and which rise is one too many.

What counts is the leading edge: a pixel offends when a fourth *rise* comes less than 1 s after the first. Four pairs of
changes need four rises, so whatever WCAG forbids is forbidden here, and 3 flashes and a half may be too: stricter by at
most half a flash. Rises are also what a guard that only darkens can hold. A pixel counts towards the area of the second
that just ended, in phase with its neighbours or not.

Of each rise the number of its frame is kept, and when that was is kept once for all pixels. Numbers are of 16 bits and
go round: with every frame some pixels are visited, in turn, and rises of long ago are moved on, so that none comes to
lie before the present from behind.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.compiled import compiled
from facade.light.flash_look import CHUNK, OLDER, SEEN, TURNS_PAGE

KEPT = 4
"""Rises of a pixel that are known, under each rule: a word of 64 bits holds so many numbers."""

_NUMBERS = 1 << 16
_NEVER = -1
"""All numbers of a word before that of the first frame."""
_LONG_AGO = 1 << 14
"""Frames after which a rise does not grow older."""
_ROUND = 1 << 13
"""Frames in which all pixels are visited."""

_RISES = 15
"""Bits of turned: of a rise under each of the four rules."""
_ANY_RISE = 0x0F0F0F0F0F0F0F0F

Bits = NDArray[np.uint8]
Chunked = tuple[Bits, Bits]
"""Bits of every pixel (chunks CHUNK,), and all that any pixel of each chunk has (chunks,). The latter are always up to
date; the former where the latter are not 0."""


class Rates:
    """The latest rises under each rule.

    rises: int64 (chunks, rules CHUNK), a word for each pixel, rule after rule, with the newest in its lowest 16 bits.
    first: number of the first frame of the second that ends now. most: rises that a second may hold, KEPT - 1 at most.
    """

    def __init__(self, n_rules: int, n_chunks: int, *, most: int) -> None:
        self.most = most
        self.rises = np.full((n_chunks, n_rules * CHUNK), _NEVER, np.int64)
        self.first = self._number = 1
        self._at = np.full(_NUMBERS, -np.inf)
        self._words = self.rises.reshape(-1)
        self._visited, self._n_visits = 0, len(self._words) // _ROUND + 1

    def advance(self, now: float, edge: float) -> None:
        """Move on to the frame that is looked at next. edge: what is later lies within the second that ends now."""
        self._at[self._number] = now
        while self.first != self._number and self._at[self.first] <= edge:
            self.first = (self.first + 1) % _NUMBERS

    def mark(self, told: Chunked, since: NDArray[np.float64], edge: float, marks: Chunked) -> None:
        """Write into marks, bit by rule, which pixels have most + 1 rises after edge, the one of now included.

        told: turned, of FlashRules. since: (chunks,), when any pixel of each last rose or fell.
        """
        _mark(*told, since, edge, self.rises, self.first, self.most, *marks)

    def keep(self, told: Chunked, now: float, since: NDArray[np.float64], flags: NDArray[np.uint8]) -> None:
        """Let the rises looked at happen, and turn the pages of the chunks that were. flags: of flash_look.py."""
        first, self._visited = self._visited, self._visited + self._n_visits
        _keep(*told, now, since, flags, self.rises, self._number, self._words[first : self._visited])
        if self._visited >= len(self._words):
            self._visited = 0
        self._number = (self._number + 1) % _NUMBERS

    def fastest(self, rule: int, among: NDArray[np.bool_]) -> tuple[int, float]:
        """Return the pixel with the shortest time over its latest rises, and its flashes a second. For reports."""
        own = self.rises[:, rule * CHUNK : (rule + 1) * CHUNK].reshape(-1)[: len(among)][among]
        span = self._at[own % _NUMBERS] - self._at[(own >> (16 * self.most)) % _NUMBERS]
        pixel = int(np.argmin(span))
        return int(np.flatnonzero(among)[pixel]), self.most / max(float(span[pixel]), 1e-3)

    def forget(self, *, spent: bool) -> None:
        """As at start. spent: every pixel has risen as often as a second may hold, at 0 seconds, in frame 0."""
        self.rises[:] = _NEVER << (16 * self.most) if spent else _NEVER
        self._at[:] = -np.inf
        self._at[0] = 0.0 if spent else -np.inf
        self.first, self._number = 0 if spent else 1, 1


@compiled("void(uint8[::1], uint8[::1], float64[::1], float64, int64[:, ::1], int64, int64, uint8[::1], uint8[::1])")
def _mark(
    turned: Bits,
    turned_in: Bits,
    since: NDArray[np.float64],
    edge: float,
    rises: NDArray[np.int64],
    first: int,
    most: int,
    marks: Bits,
    marks_in: Bits,
) -> None:
    before, last = 16 * (most - 1), 16 * most
    for k in range(len(turned_in)):
        told, mark = turned[k * CHUNK : (k + 1) * CHUNK], marks[k * CHUNK : (k + 1) * CHUNK]
        some, risers = np.uint8(0), np.uint8(turned_in[k] & _RISES)
        for i in range(CHUNK):
            mark[i] = 0
        if since[k] > edge or risers != 0:
            for rule in range(4):
                bit, own = np.uint8(1 << rule), rises[k, rule * CHUNK :]
                rise = np.uint8(risers & bit)
                for i in range(CHUNK):
                    one_more = ((told[i] & rise) != 0) & ((((own[i] >> before) - first) & 0xFFFF) < OLDER)
                    mark[i] |= bit if one_more | ((((own[i] >> last) - first) & 0xFFFF) < OLDER) else np.uint8(0)
            for i in range(CHUNK):
                some = np.uint8(some | mark[i])
        marks_in[k] = some


@compiled("void(uint8[::1], uint8[::1], float64, float64[::1], uint8[:, ::1], int64[:, ::1], int64, int64[::1])")
def _keep(
    turned: Bits,
    turned_in: Bits,
    now: float,
    since: NDArray[np.float64],
    flags: NDArray[np.uint8],
    rises: NDArray[np.int64],
    number: int,
    visited: NDArray[np.int64],
) -> None:
    for k in range(len(turned_in)):
        flags[TURNS_PAGE, k] ^= flags[SEEN, k]
        if turned_in[k] == 0:
            continue
        since[k] = now
        if (turned_in[k] & _RISES) == 0:
            continue
        told, own = turned[k * CHUNK : (k + 1) * CHUNK], rises[k]
        eights = told.view(np.int64)
        for eight in range(CHUNK // 8):
            if (eights[eight] & _ANY_RISE) == 0:
                continue
            for i in range(8 * eight, 8 * eight + 8):
                for rule in range(4):
                    if ((told[i] >> rule) & 1) != 0:
                        own[rule * CHUNK + i] = (own[rule * CHUNK + i] << 16) | number
    for i in range(len(visited)):
        word = 0
        for part in range(KEPT):
            age = (number - (visited[i] >> (16 * part))) & 0xFFFF
            word |= ((number - min(age, _LONG_AGO)) & 0xFFFF) << (16 * part)
        visited[i] = word
