"""The flash guard: nothing leaves that the rules of flash_rules.py forbid. Always on, after everything else.

It looks at the bytes that are about to be sent, dither and rounding included, and at what they make the lamps do. So
there is no margin to choose: a stream that passes leaves byte for byte as it came, and one that does not is held back
in the very frame that would complete a flash too many. Light is only ever taken away:

  first   every byte of a pixel whose rise would be one too many is the smaller of what it was and what it was to be;
          what leaves is no brighter than the frame before, so the rise does not happen
  second  where that mixture of two colours would itself be a rise (a red one, say), the pixel is black for this frame;
          black completes no rise under any rule

**What leaves.** A controller that takes every n-th frame only shows that one until the next: the guard lets the bytes
between rest, so that what it judges is what the lamps show, and no pattern can hide between the frames that are sent.

**Before the start.** Nobody knows what the lamps did a moment ago: delivery may have been started anew. spend() takes
it that all have just flashed as often as they may, so that nothing rises within the first second.

**Area.** With viewpoints, flashing is allowed as long as the offending pixels fill less than a quarter of any 10 degree
field; the first frame that would pass that holds every rise that is too many, wherever it is. Offending pixels only
grow in number by such rises, so what leaves never passes it. Without viewpoints each single pixel has to keep the rate.
Where a whole field would rise once too often, by whichever pixels, all rises under that rule are held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.core.frame import Levels
from facade.light.bank import Bank
from facade.light.emission import Emission
from facade.light.flash_judge import FlashJudge
from facade.mapping.model import PixelMap

_FIXED = "fixed:"

_TURNS = 8
"""After so many looks at one frame it leaves black. None is known that needs more than three."""

Rest = tuple[int, NDArray[np.bool_]]
"""n, and which bytes (L,) leave with every n-th frame only."""


@dataclass(frozen=True, slots=True)
class FlashCounters:
    """held: pixels held back now. held_s: for how long some have been, 0 if none. frames: with any held, since start.

    rule: why, the first rule that asks for it now or did last, with ", in turn" or ", long" where it is no single
    pixel's rate; "" if none ever did.
    """

    held: int = 0
    held_s: float = 0.0
    frames: int = 0
    rule: str = ""


class FlashGuard:
    """Holds back what would flash too often. levels: the array the quantiser has just written, changed in place.

    rests: (n, bool (L,)), bytes that leave with every n-th frame only.
    """

    def __init__(
        self, pixels: PixelMap, bank_list: tuple[Bank, ...], levels: Levels, *, rests: Sequence[Rest] = ()
    ) -> None:
        n_bytes = pixels.n_levels
        self._levels = levels[:n_bytes]
        self._sent = self._levels.copy()
        self._emission = Emission(bank_list, pixels.n_pixels)
        self._judge = FlashJudge(pixels, bank_list)
        self._rests = tuple(rests)
        self._held = np.zeros(pixels.n_pixels, np.bool_)
        self._held_bytes = np.zeros(n_bytes, np.bool_)
        self._pixel_of = np.repeat(np.arange(pixels.n_pixels, dtype=np.intp), np.diff(pixels.offset))
        self._lit_bytes = _lit_bytes(pixels, bank_list)
        self._n_held, self._held_s, self._frames, self._rule = 0, 0.0, 0, ""
        self._settled = False

    @property
    def counters(self) -> FlashCounters:
        return FlashCounters(self._n_held, self._held_s, self._frames, self._rule)

    def hold(self, *, delta_s: float, frame: int) -> None:
        """Judge the frame in levels and take away what must not leave.

        delta_s: since the frame before. frame: its number, by which controllers get every n-th.
        """
        for n, bytes_of in self._rests:
            if frame % n:
                np.copyto(self._levels, self._sent, where=bytes_of)
        self._judge.advance(max(delta_s, 0.0))
        self._n_held = 0
        if self._settled and self._is_as_before():
            self._held_s = 0.0
            return
        if self._forbidden():
            # The smaller of both goes where sent was: a masked minimum takes ten times as long as these two.
            np.minimum(self._levels, self._sent, out=self._sent)
            np.copyto(self._levels, self._sent, where=self._held_bytes)
            # A black pixel does not rise, and every turn makes more of them black: mostly there is none or one.
            for _ in range(_TURNS):
                if not self._forbidden():
                    break
                np.logical_and(self._held_bytes, self._lit_bytes, out=self._held_bytes)
                np.copyto(self._levels, np.uint8(0), where=self._held_bytes)
            else:
                np.copyto(self._levels, np.uint8(0), where=self._lit_bytes)
                self._forbidden()
        self._judge.commit()
        np.copyto(self._sent, self._levels)
        self._settled = not self._judge.counts_time
        if self._n_held:
            self._frames += 1
            self._held_s += max(delta_s, 0.0)
        else:
            self._held_s = 0.0

    def forget(self) -> None:
        """As at start."""
        self._start(spent=False)

    def spend(self) -> None:
        """As at a start of which nobody knows what was before: nothing rises for a second."""
        self._start(spent=True)

    def _start(self, *, spent: bool) -> None:
        self._judge.forget(spent=spent)
        self._sent[self._lit_bytes] = 0
        self._settled = False
        self._n_held, self._held_s, self._frames, self._rule = 0, 0.0, 0, ""

    def _is_as_before(self) -> bool:
        """Whether the very bytes of the last frame leave again: nothing rises or falls, and no extreme moves."""
        np.not_equal(self._levels, self._sent, out=self._held_bytes)
        return not self._held_bytes.any()

    def _forbidden(self) -> bool:
        """Look at levels; write the bytes of the pixels that may not rise. Return whether there are any."""
        if not self._judge.look(self._emission.read(self._levels)):
            return False
        why = self._judge.forbidden_into(self._held)
        self._rule = why or self._rule
        n_held = int(np.count_nonzero(self._held))
        self._n_held = max(self._n_held, n_held)
        np.take(self._held, self._pixel_of, out=self._held_bytes, mode="clip")
        return n_held > 0


def _lit_bytes(pixels: PixelMap, bank_list: tuple[Bank, ...]) -> NDArray[np.bool_]:
    """Return which bytes (L,) make light; the others hold what their profile fixes."""
    lit = np.zeros(pixels.n_levels, np.bool_)
    for bank in bank_list:
        for slot, channel in enumerate(bank.profile.channels):
            if not channel.startswith(_FIXED):
                lit[bank.first_byte + slot] = True
    return lit
