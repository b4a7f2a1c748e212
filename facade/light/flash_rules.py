"""When light flashes: the rules of WCAG 2.2 and ITU-R BT.1702, per pixel, causal, one frame at a time.

A **flash** is a pair of opposing changes. Four rules say which changes count; each sees alternating rises and falls:

  wcag     relative luminance, by a tenth of white (WCAG 2.2)
  bt1702   luminance, by 20 cd/m2 or a contrast of 1/17 (ITU-R BT.1702)
  red      to or from a saturated red, by chromaticity (WCAG 2.2)
  red320   the same by the older measure, (R - G - B) x 320 (WCAG 2.0, 2.1)

all in flash_look.py, and **more than three in any second** are too many: flash_rate.py. How long it may go on:
flash_long.py.

Pixels are looked at in chunks. A chunk whose bytes are those of the frame before is not looked at at all: light that
stands still neither rises nor falls, and no extreme moves. What is known of each pixel lies on two pages: one holds
what has happened, a look writes the other as it would be, and to let it happen is to turn the page.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import LUMINANCE_WEIGHTS
from facade.core.frame import Levels
from facade.light import flash_look
from facade.light.balance import Planes
from facade.light.emission import Emission
from facade.light.flash_long import LongSequences
from facade.light.flash_look import ABSOLUTE_STEP_CD_M2, CHUNK, RED320_STEP
from facade.light.flash_rate import Bits, Chunked, Rates

RULES = ("wcag", "bt1702", "red", "red320")

WINDOW_S = 1.0

_TIME_ROUNDING_S = 1e-4
"""Rises that are exactly a second apart are not inside one second."""

Mask = NDArray[np.bool_]
Found = tuple[int, int]
"""All bits of turned, and of excess, that any pixel has."""
_Values = NDArray[np.float32]
_Common = tuple[Bits, _Values, _Values, NDArray[np.int64], int, int, Bits, Bits, Bits, _Values, NDArray[np.int32]]
"""What every look takes."""


class FlashRules:
    """Rises of every pixel under every rule, and which of them would be one too many.

    white_cd_m2: float32 (P,), luminance of each pixel at light 1. max_flashes: how many a second may hold.
    due: uint8 (chunks,), which are to be looked at.

    Of the last look, and chunk by chunk (see Chunked):
    turned: pixels that complete a rise now, at the bit of their rule, 1 << rule, or a fall, at 16 << rule. Others may
    be put in their place before a frame is looked at.
    excess: pixels whose rise is one too many, at 1 << rule, or comes too late in a long sequence, at 16 << rule.
    now: seconds.
    """

    def __init__(self, white_cd_m2: NDArray[np.float32], *, max_flashes: int = 3, long: bool = False) -> None:
        self._n = n = len(white_cd_m2)
        self.n_chunks = -(-n // CHUNK)
        n_all = self.n_chunks * CHUNK
        self._flags = np.zeros((6, self.n_chunks), np.uint8)
        self.due = self._flags[flash_look.DUE]
        self.turned: Chunked = np.zeros(n_all, np.uint8), np.zeros(self.n_chunks, np.uint8)
        self.excess: Chunked = np.zeros(n_all, np.uint8), self._flags[flash_look.EXCESS]
        self._since = np.full(self.n_chunks, -np.inf)
        self._facts = _facts(white_cd_m2, self.n_chunks)
        self._state = np.zeros((self.n_chunks, 2, flash_look.PAGE), np.float32)
        self._room, self._told = np.zeros((4, CHUNK), np.float32), np.zeros(CHUNK, np.int32)
        self._rates = Rates(len(RULES), self.n_chunks, most=max_flashes)
        self.long = LongSequences(self._rates, n) if long else None
        self.forget()

    @property
    def edge(self) -> float:
        """What is later than this lies within the second that ends now."""
        return self.now - WINDOW_S + _TIME_ROUNDING_S

    def advance(self, delta_s: float) -> None:
        """Move time on to the frame that is looked at next. delta_s >= 0, since the frame before."""
        self._clear()
        self.now += delta_s
        self._rates.advance(self.now, self.edge)

    def look_at(self, planes: Planes) -> Found:
        """Say what a frame would do in the chunks that are due, and whether too often, without letting it happen.

        planes: (3, P), light as it leaves the lamps.
        """
        return self._with_long(flash_look.look_at_planes(planes, *self._common()))

    def look_at_levels(
        self, levels: Levels, sent: Levels, offset: NDArray[np.int64], emission: Emission, *, compare: bool
    ) -> Found:
        """The same for levels. compare: first find out which chunks are due, those that differ from sent.

        offset: (P + 1,), the first byte of each pixel.
        """
        lights, letters, strides, runs = emission.tables
        found = flash_look.look_at_levels(
            levels, sent, offset, compare, lights, letters, strides, runs, *self._common()
        )
        return self._with_long(found)

    def rising(self, rule: int) -> Mask:
        """Return which pixels rise. For reports."""
        turned, turned_in = self.turned
        found: Mask = (np.repeat(turned_in, CHUNK) & turned & (1 << rule))[: self._n] != 0
        return found

    def mark_offending(self, marks: Chunked) -> None:
        """Write which pixels have too many rises in the second that ends now, see Rates and LongSequences."""
        self._rates.mark(self.turned, self._since, self.edge, marks)
        if self.long:
            self.long.mark(self.excess, self.edge, marks)

    def keep(self) -> None:
        """Let what was last looked at happen. Chunks that have not been looked at are as they were."""
        self._rates.keep(self.turned, self.now, self._since, self._flags)
        if self.long:
            self.long.keep(self.excess, self.now, self._rates.first)

    def fastest(self, rule: int, among: Mask) -> tuple[int, float]:
        """Return the pixel with the shortest time over its latest rises, and its flashes a second. For reports."""
        return self._rates.fastest(rule, among)

    def forget(self, *, spent: bool = False) -> None:
        """As at start: nothing has been seen. spent: all is dark and has just risen as often as one second may hold."""
        rows = self._state.reshape(self.n_chunks, 2, -1, CHUNK)
        rows[:, :, :3] = 0.0 if spent else np.inf
        rows[:, :, 3:] = np.inf
        rows[:, :, flash_look.HIGH_U // CHUNK] = rows[:, :, flash_look.HIGH_V // CHUNK] = -np.inf
        if not spent:
            # Inside red with no red seen: the first other colour leaves it, and that is no rise.
            inside = np.arange(self.n_chunks * CHUNK).reshape(-1, CHUNK) < self._n
            rows[:, :, flash_look.LOW_U // CHUNK] = np.where(inside, -np.inf, np.inf)[:, None]
        self._flags[:] = 0
        self._rates.forget(spent=spent)
        if self.long:
            self.long.forget()
        self._since[:] = 0.0 if spent else -np.inf
        self.now = 0.0
        self._clear()

    def _with_long(self, found: Found) -> Found:
        if self.long is None:
            return found
        return found[0], found[1] | self.long.look(self.due, self.turned, self._rates.first, self.excess)

    def _common(self) -> _Common:
        rates = self._rates
        return (
            self._flags,
            self._facts,
            self._state,
            rates.rises,
            rates.first,
            rates.most,
            *self.turned,
            self.excess[0],
            self._room,
            self._told,
        )

    def _clear(self) -> None:
        """Nothing has been looked at in this frame."""
        self.due[:] = self._flags[flash_look.SEEN] = self.turned[1][:] = self.excess[1][:] = 0


def _facts(white_cd_m2: NDArray[np.float32], n_chunks: int) -> NDArray[np.float32]:
    """Return what each pixel's thresholds are, (chunks, 2 CHUNK); see flash_look.py."""
    white = np.ones(n_chunks * CHUNK, np.float32)
    white[: len(white_cd_m2)] = white_cd_m2
    step = (ABSOLUTE_STEP_CD_M2 / white * (1.0 - 1e-5)).astype(np.float32)
    # The red light below which a state has no colour: at most 20/320 of full, at most 20 cd/m2.
    floor = np.minimum(20.0 / white / LUMINANCE_WEIGHTS[0], RED320_STEP).astype(np.float32)
    found = np.concatenate([step.reshape(-1, CHUNK), floor.reshape(-1, CHUNK)], axis=1)
    return np.ascontiguousarray(found)
