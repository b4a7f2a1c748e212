"""When light flashes: the rules of WCAG 2.2 and ITU-R BT.1702, per pixel, causal, one frame at a time.

A **flash** is a pair of opposing changes. Four rules say which changes count; each sees alternating rises and falls:

  wcag     relative luminance, by a tenth of white: flash_luminance.py (WCAG 2.2)
  bt1702   luminance, by 20 cd/m2 or a contrast of 1/17: flash_luminance.py (ITU-R BT.1702)
  red      to or from a saturated red, by chromaticity: flash_red.py (WCAG 2.2)
  red320   the same by the older measure, (R - G - B) x 320: flash_red.py (WCAG 2.0, 2.1)

and **more than three in any second** are too many: flash_rate.py. How long it may go on: flash_long.py.

Pixels are looked at in chunks. A chunk whose bytes are those of the frame before is not looked at at all: light that
stands still neither rises nor falls, and no extreme moves. What is known of each pixel lies on two pages: one holds
what has happened, a look writes the other as it would be, and to let it happen is to turn the page.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.light.balance import Planes
from facade.light.flash_long import LongSequences
from facade.light.flash_luminance import LuminanceRules
from facade.light.flash_rate import Chunked, ChunkedMarks, Rates
from facade.light.flash_red import RedRules

RULES = ("wcag", "bt1702", "red", "red320")

CHUNK = 256
"""Pixels in a chunk."""

WINDOW_S = 1.0

_TIME_ROUNDING_S = 1e-4
"""Rises that are exactly a second apart are not inside one second."""

_REBASE_S = 64.0
"""Times are float32 seconds on a scale that is moved on this often, so that they stay exact to a few microseconds."""

Mask = NDArray[np.bool_]


class FlashRules:
    """Rises of every pixel under every rule, and which of them would be one too many.

    white_cd_m2: float32 (P,), luminance of each pixel at light 1. max_flashes: how many a second may hold.
    due: uint8 (chunks,), which are to be looked at; the caller sets it before each look.

    Of the last look, and chunk by chunk (see Chunked):
    turned: pixels that complete a rise now, at the bit of their rule, 1 << rule, or a fall, at 16 << rule.
    excess: pixels whose rise is one too many, at 1 << rule, or comes too late in a long sequence, at 16 << rule.
    since: float32 (chunks,), when any pixel of each last rose or fell. now: seconds.
    """

    def __init__(self, white_cd_m2: NDArray[np.float32], *, max_flashes: int = 3, long: bool = False) -> None:
        n = len(white_cd_m2)
        self.n_chunks = -(-n // CHUNK)
        self.due = np.zeros(self.n_chunks, np.uint8)
        self.turned: Chunked = np.zeros(n, np.uint8), np.zeros(self.n_chunks, np.uint8)
        self.excess: Chunked = np.zeros(n, np.uint8), np.zeros(self.n_chunks, np.uint8)
        self.since = np.full(self.n_chunks, -np.inf, np.float32)
        self._page, self._seen = np.zeros(self.n_chunks, np.uint8), np.zeros(self.n_chunks, np.uint8)
        self._luminance = LuminanceRules(white_cd_m2, chunk=CHUNK)
        self._red = RedRules(white_cd_m2, chunk=CHUNK)
        self._rates = Rates(len(RULES), n, max_flashes=max_flashes, chunk=CHUNK)
        self.long = LongSequences(self._rates.times, chunk=CHUNK) if long else None
        self.now = 0.0

    @property
    def edge(self) -> np.float32:
        """What is later than this lies within the second that ends now."""
        return np.float32(self.now - WINDOW_S + _TIME_ROUNDING_S)

    def advance(self, delta_s: float) -> float:
        """Move time on to the frame that is looked at next. delta_s >= 0, since the frame before.

        Returns by how much all times were set back, 0 mostly.
        """
        self._clear()
        self.now += delta_s
        if self.now <= 2 * _REBASE_S:
            return 0.0
        self.now -= _REBASE_S
        self._rates.times -= np.float32(_REBASE_S)
        self.since -= np.float32(_REBASE_S)
        if self.long:
            self.long.rebase(_REBASE_S)
        return _REBASE_S

    def look_at(self, planes: Planes, first: int, last: int) -> None:
        """Say which pixels of first to last would rise or fall, without letting it happen, where their chunk is due.

        planes: (3, at least last - first), light as it leaves the lamps. first: of a chunk. last: of a chunk, or P.
        """
        turned = self.turned[0]
        self._luminance.look(planes, first, last, self.due, self._page, turned)
        self._red.look(planes, first, last, self.due, self._page, turned)

    def weigh(self) -> tuple[int, int]:
        """After look_at of all that is due: say which rises are too many. Returns all bits of turned and of excess."""
        np.bitwise_or(self._seen, self.due, out=self._seen)
        self._rates.look(self.due, self.turned, self.edge, self.excess)
        if self.long:
            self.long.look(self.due, self.turned, self.edge, self.excess)
        return int(np.bitwise_or.reduce(self.turned[1])), int(np.bitwise_or.reduce(self.excess[1]))

    def rising(self, rule: int) -> Mask:
        """Return which pixels rise. For reports."""
        turned, turned_in = self.turned
        found: Mask = (np.repeat(turned_in, CHUNK)[: len(turned)] & turned & (1 << rule)) != 0
        return found

    def mark_offending(self, marks: ChunkedMarks) -> None:
        """Add which pixels have too many rises in the second that ends now, see Rates and LongSequences."""
        self._rates.mark(self.turned, self.since, self.edge, marks)
        if self.long:
            self.long.mark(self.excess, self.edge, marks)

    def keep(self) -> None:
        """Let what was last looked at happen. Chunks that have not been looked at are as they were."""
        np.bitwise_xor(self._page, self._seen, out=self._page)
        self._red.keep(self._seen, self.turned[0])
        self._rates.keep(self.turned, np.float32(self.now))
        if self.long:
            self.long.keep(self.excess, self.now, self.edge)
        np.copyto(self.since, np.float32(self.now), where=self.turned[1] != 0)

    def fastest(self, rule: int, among: Mask) -> tuple[int, float]:
        """Return the pixel with the shortest time over its latest rises, and its flashes a second. For reports."""
        times = self._rates.times[rule]
        span = np.full(len(among), np.inf, np.float32)
        np.subtract(times[0], times[-1], out=span, where=among)
        pixel = int(np.argmin(span))
        return pixel, (len(times) - 1) / max(float(span[pixel]), 1e-3)

    def forget(self, *, spent: bool = False) -> None:
        """As at start: nothing has been seen. spent: all is dark and has just risen as often as one second may hold."""
        self._luminance.forget(dark=spent)
        self._red.forget(dark=spent)
        self._rates.forget(spent=spent)
        if self.long:
            self.long.forget()
        self.since[:] = 0.0 if spent else -np.inf
        self.now = 0.0
        self._clear()

    def _clear(self) -> None:
        """Nothing has been looked at in this frame."""
        self.due[:] = self._seen[:] = self.turned[1][:] = self.excess[1][:] = 0
