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

from facade.core.compiled import compiled
from facade.core.frame import Levels
from facade.light.bank import Bank
from facade.light.emission import Emission
from facade.light.flash_judge import FlashJudge
from facade.light.flash_look import CHUNK
from facade.light.flash_rate import Bits
from facade.light.flash_rules import Found
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
        n, n_bytes = pixels.n_pixels, pixels.n_levels
        self._levels = levels[:n_bytes]
        self._sent = self._levels.copy()
        self._offset = pixels.offset.astype(np.int64)
        self._emission = Emission(bank_list, n)
        self._judge = FlashJudge(pixels, bank_list)
        self._rests = [(n_th, _stretches(bytes_of)) for n_th, bytes_of in rests]
        self._held = np.zeros(n, np.uint8)
        self._lit_bytes = _lit_bytes(pixels, bank_list)
        self._n_held, self._held_s, self._frames, self._rule = 0, 0.0, 0, ""
        self._is_new = True

    @property
    def counters(self) -> FlashCounters:
        return FlashCounters(self._n_held, self._held_s, self._frames, self._rule)

    def hold(self, *, delta_s: float, frame: int) -> None:
        """Judge the frame in levels and take away what must not leave.

        delta_s: since the frame before. frame: its number, by which controllers get every n-th.
        """
        for n, stretches in self._rests:
            if frame % n:
                _rest(self._levels, self._sent, stretches)
        judge, due = self._judge, self._judge.rules.due
        judge.advance(max(delta_s, 0.0))
        self._n_held = 0
        due[:] = 1
        found = self._look(compare=not self._is_new)
        if not judge.counts_time and not due.any():
            # The very bytes of the last frame leave again: nothing rises or falls, and no extreme moves.
            self._held_s = 0.0
            return
        if self._forbidden(found):
            self._take_away(black=False)
            # A black pixel does not rise, and every turn makes more of them black: mostly there is none or one.
            for _ in range(_TURNS):
                if not self._forbidden(self._look()):
                    break
                self._take_away(black=True)
            else:
                self._held[:] = due[:] = 1
                self._take_away(black=True)
                self._forbidden(self._look())
        judge.commit()
        np.copyto(self._sent, self._levels)
        self._is_new = False
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
        self._is_new = True
        self._n_held, self._held_s, self._frames, self._rule = 0, 0.0, 0, ""

    def _look(self, *, compare: bool = False) -> Found:
        """Look at levels where due. compare: only where they are other than what was sent last."""
        return self._judge.rules.look_at_levels(self._levels, self._sent, self._offset, self._emission, compare=compare)

    def _forbidden(self, found: Found) -> bool:
        """After a look that found so much: make due what may not rise, and return whether there is any."""
        judge = self._judge
        if not judge.weigh(found):
            return False
        n_held, why = judge.forbidden_into(self._held)
        self._rule = why or self._rule
        self._n_held = max(self._n_held, n_held)
        return n_held > 0

    def _take_away(self, *, black: bool) -> None:
        """Make levels of held pixels the smaller of what they were and what they were to be, or black."""
        due = self._judge.rules.due
        _hold(self._levels, self._sent, self._lit_bytes, self._offset, self._held, due, black)


def _lit_bytes(pixels: PixelMap, bank_list: tuple[Bank, ...]) -> NDArray[np.bool_]:
    """Return which bytes (L,) make light; the others hold what their profile fixes."""
    lit = np.zeros(pixels.n_levels, np.bool_)
    for bank in bank_list:
        for slot, channel in enumerate(bank.profile.channels):
            if not channel.startswith(_FIXED):
                lit[bank.first_byte + slot] = True
    return lit


def _stretches(chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the first and the last + 1 of every stretch of chosen bytes, (stretches, 2)."""
    edges = np.flatnonzero(np.diff(chosen, prepend=False, append=False))
    return edges.reshape(-1, 2).astype(np.int64)


@compiled("void(uint8[::1], uint8[::1], int64[:, ::1])")
def _rest(levels: Levels, sent: Levels, stretches: NDArray[np.int64]) -> None:
    """Let bytes be what they were."""
    for k in range(len(stretches)):
        for i in range(stretches[k, 0], stretches[k, 1]):
            levels[i] = sent[i]


@compiled("void(uint8[::1], uint8[::1], boolean[::1], int64[::1], uint8[::1], uint8[::1], boolean)")
def _hold(
    levels: Levels,
    sent: Levels,
    lit: NDArray[np.bool_],
    offset: NDArray[np.int64],
    held: Bits,
    due: Bits,
    black: bool,
) -> None:
    for k in range(len(due)):
        if not due[k]:
            continue
        for pixel in range(k * CHUNK, min((k + 1) * CHUNK, len(held))):
            is_held = held[pixel] != 0
            for i in range(offset[pixel], offset[pixel + 1]):
                darker = levels[i] * np.uint8(not lit[i]) if black else min(levels[i], sent[i])
                levels[i] = darker if is_held else levels[i]
