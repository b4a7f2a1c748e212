"""When light flashes: the rules of WCAG 2.2 and ITU-R BT.1702, per pixel, causal, one frame at a time.

A **flash** is a pair of opposing changes. Four rules say which changes count; each sees alternating rises and falls:

  wcag     relative luminance changes by >= 10 % of white, the darker state is below 80 %
           (WCAG 2.2, "general flash and red flash thresholds")
  bt1702   luminance changes by >= 20 cd/m2 where the darker state is below 160 cd/m2, by a Michelson contrast of
           >= 1/17 above (ITU-R BT.1702). The two meet at 160 cd/m2: a rise is hi >= max(lo + 20, 9/8 lo)
  red      to or from a saturated red, see flash_red.py (WCAG 2.2)
  red320   the same by the older measure (R - G - B) x 320 (WCAG 2.0, 2.1)

Changes are measured from the running extreme since the last one, so a slow or noisy change counts once it is large
enough: the greedy count of alternating changes is the greatest possible, because both conditions hold all the more for
a darker dark and a brighter bright.

**More than three in any second.** What counts is the leading edge: a pixel offends when a fourth *rise* comes less than
1 s after the first. Four pairs of changes need four rises, so whatever WCAG forbids is forbidden here, and 3 flashes
and a half may be too: stricter by at most half a flash. Rises are also what a guard that only darkens can hold.
A pixel counts towards the area of the second that just ended, in phase with its neighbours or not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import LUMINANCE_WEIGHTS
from facade.light.balance import Planes
from facade.light.flash_long import LongSequences
from facade.light.flash_red import Red320, RedChroma, red_floor

RULES = ("wcag", "bt1702", "red", "red320")

RELATIVE_STEP = 0.10
RELATIVE_DARKER = 0.80
ABSOLUTE_STEP_CD_M2 = 20.0
MICHELSON = 1.0 / 17.0
"""Contrast that counts from 160 cd/m2 up: a factor of (1 + 1/17) / (1 - 1/17) = 9/8."""

WINDOW_S = 1.0

_RATIO = (1.0 + MICHELSON) / (1.0 - MICHELSON)
_ROUNDING = 2e-6
"""Float32 light is known to less than this; what is on the threshold counts."""

_TIME_ROUNDING_S = 1e-4
"""Rises that are exactly a second apart are not inside one second."""

_REBASE_S = 64.0
"""Times are float32 seconds on a scale that is moved on this often, so that they stay exact to a few microseconds."""

_NONE, _CEILING = np.float32(0), np.float32(RELATIVE_DARKER + RELATIVE_STEP - 2 * _ROUNDING)
"""For clip: with a single number it takes a quarter of the time of minimum."""

Mask = NDArray[np.bool_]
Values = NDArray[np.float32]


class FlashRules:
    """Rises of every pixel under every rule, and which of them would be one too many.

    white_cd_m2: float32 (P,), luminance of each pixel at light 1. max_flashes: how many a second may hold.
    rises, falls, excess: bool (4, P), of the last look: pixels that complete a rise or a fall now, and those whose rise
    is one too many. long: long sequences under each rule, none unless asked for. now: seconds, of the last look.
    """

    def __init__(self, white_cd_m2: Values, *, max_flashes: int = 3, long: bool = False) -> None:
        n = len(white_cd_m2)
        self.rises = np.zeros((len(RULES), n), np.bool_)
        self.excess = np.zeros((len(RULES), n), np.bool_)
        self._luminance = np.zeros(n, np.float32)
        self._clipped = np.zeros(n, np.float32)
        self._spare = np.zeros(n, np.float32)
        step = np.full(n, RELATIVE_STEP - _ROUNDING, np.float32)
        absolute = (ABSOLUTE_STEP_CD_M2 / white_cd_m2 * (1.0 - 1e-5)).astype(np.float32)
        self._relative = Swings(step, ratio=1.0)
        self._absolute = Swings(absolute, ratio=_RATIO * (1.0 - 1e-6))
        floor = red_floor(white_cd_m2)
        self._red = RedChroma(n, floor)
        self._red320 = Red320(n, floor)
        self.falls: tuple[Mask, ...] = tuple(p.fall for p in (self._relative, self._absolute, self._red, self._red320))
        self._histories = [_History(n, depth=max_flashes + 1) for _ in RULES]
        self.long = [LongSequences(n) for _ in RULES] if long else []
        self.now = 0.0

    @property
    def edge(self) -> np.float32:
        """What is later than this lies within the second that ends now."""
        return np.float32(self.now - WINDOW_S + _TIME_ROUNDING_S)

    def advance(self, delta_s: float) -> float:
        """Move time on to the frame that is looked at next. delta_s >= 0, since the frame before.

        Returns by how much all times were set back, 0 mostly.
        """
        self.now += delta_s
        if self.now <= 2 * _REBASE_S:
            return 0.0
        self.now -= _REBASE_S
        for history in self._histories:
            history.times -= np.float32(_REBASE_S)
        for sequence in self.long:
            sequence.rebase(_REBASE_S)
        return _REBASE_S

    def look(self, planes: Planes) -> bool:
        """Say what a frame would do, without letting it happen. planes: (3, P), light 0..1 as it leaves the lamps.

        Fills rises and excess. Returns whether any pixel would exceed the rate. May be called again at the same moment.
        """
        self._luminance_into(planes)
        np.clip(self._luminance, _NONE, _CEILING, out=self._clipped)
        self._relative.look(self._clipped, self.rises[0])
        self._absolute.look(self._luminance, self.rises[1])
        sum_gb = self._spare
        np.add(planes[1], planes[2], out=sum_gb)
        self._red.look(planes, self._luminance, sum_gb, self.rises[2])
        self._red320.look(planes[0], sum_gb, self._red.saturated, self.rises[3])
        edge = self.edge
        any_excess = False
        for history, rises, excess in zip(self._histories, self.rises, self.excess, strict=True):
            any_excess |= history.excess_into(rises, edge, excess)
        for sequence, rises, history in zip(self.long, self.rises, self._histories, strict=False):
            any_excess |= sequence.look(rises, history.times, edge)
        return any_excess

    def offending(self, rule: int, out: Mask) -> bool:
        """Write which pixels would have too many rises in the second that ends now; return whether any has."""
        return self._histories[rule].offending_into(self.rises[rule], self.edge, out)

    def commit(self) -> None:
        """Let what was last looked at happen."""
        self._relative.commit()
        self._absolute.commit()
        self._red.commit()
        self._red320.commit()
        for history, rises in zip(self._histories, self.rises, strict=True):
            history.commit(rises, np.float32(self.now))
        for sequence, history in zip(self.long, self._histories, strict=False):
            sequence.commit(history.times, self.now, self.edge)

    def fastest(self, rule: int, among: Mask) -> tuple[int, float]:
        """Return the pixel with the shortest time over its latest rises, and its flashes a second. For reports."""
        times = self._histories[rule].times
        span = np.full(len(among), np.inf, np.float32)
        np.subtract(times[0], times[-1], out=span, where=among)
        pixel = int(np.argmin(span))
        return pixel, (len(times) - 1) / max(float(span[pixel]), 1e-3)

    def forget(self, *, spent: bool = False) -> None:
        """As at start: nothing has been seen. spent: all is dark and has just risen as often as one second may hold."""
        for part in (self._relative, self._absolute, self._red, self._red320):
            part.forget(dark=spent)
        for history in self._histories:
            history.times[:] = -np.inf
            history.times[:-1] = 0.0 if spent else -np.inf
        for sequence in self.long:
            sequence.forget()
        self.now = 0.0

    def _luminance_into(self, planes: Planes) -> None:
        y, spare = self._luminance, self._spare
        np.multiply(planes[0], LUMINANCE_WEIGHTS[0], out=y)
        for plane, weight in zip(planes[1:], LUMINANCE_WEIGHTS[1:], strict=True):
            np.multiply(plane, weight, out=spare)
            y += spare


class Swings:
    """Alternating rises and falls of a value. fall: bool (P,), of the last look.

    A rise: hi >= max(lo + step, ratio lo); a fall is the same backwards.

    Until the first rise the start counts as dark: the first change that counts is a rise.
    """

    def __init__(self, step: Values, *, ratio: float) -> None:
        n = len(step)
        self._step = step
        self._ratio = ratio
        self._extreme = np.full(n, np.inf, np.float32)
        self._bright = np.zeros(n, np.bool_)
        self._rise = np.zeros(n, np.bool_)
        self.fall = np.zeros(n, np.bool_)
        self._value = np.zeros(n, np.float32)
        self._a = np.zeros(n, np.float32)
        self._b = np.zeros(n, np.float32)

    def look(self, value: Values, rise: Mask) -> None:
        """Write where value (P,) completes a rise."""
        self._value, self._rise = value, rise
        a, b, extreme = self._a, self._b, self._extreme
        np.add(extreme, self._step, out=a)
        if self._ratio != 1.0:
            np.multiply(extreme, np.float32(self._ratio), out=b)
            np.maximum(a, b, out=a)
        np.greater_equal(value, a, out=rise)
        np.greater(rise, self._bright, out=rise)
        np.subtract(extreme, self._step, out=a)
        if self._ratio != 1.0:
            np.multiply(extreme, np.float32(1.0 / self._ratio), out=b)
            np.minimum(a, b, out=a)
        np.less_equal(value, a, out=self.fall)
        np.logical_and(self.fall, self._bright, out=self.fall)

    def commit(self) -> None:
        np.logical_or(self._bright, self._rise, out=self._bright)
        np.greater(self._bright, self.fall, out=self._bright)
        # On a rise the extreme is the minimum, below the value, so the larger of both is the value; likewise a fall.
        np.maximum(self._extreme, self._value, out=self._a)
        np.minimum(self._extreme, self._value, out=self._extreme)
        np.copyto(self._extreme, self._a, where=self._bright)

    def forget(self, *, dark: bool) -> None:
        self._extreme[:] = 0.0 if dark else np.inf
        self._bright[:] = False


class _History:
    """The times of the latest rises. times: float32 (depth, P), newest first; -inf where there was none."""

    def __init__(self, n: int, *, depth: int) -> None:
        self.times = np.full((depth, n), -np.inf, np.float32)
        self._mask = np.zeros(n, np.bool_)

    def excess_into(self, rises: Mask, edge: np.float32, out: Mask) -> bool:
        """Write which rises are the last of depth after edge; return whether any is."""
        if not rises.any():
            out[:] = False
            return False
        np.greater(self.times[-2], edge, out=out)
        np.logical_and(out, rises, out=out)
        return bool(out.any())

    def offending_into(self, rises: Mask, edge: np.float32, out: Mask) -> bool:
        """Write which pixels have depth rises after edge, the one of now included."""
        np.greater(self.times[-2], edge, out=out)
        np.logical_and(out, rises, out=out)
        np.greater(self.times[-1], edge, out=self._mask)
        np.logical_or(out, self._mask, out=out)
        return bool(out.any())

    def commit(self, rises: Mask, now: np.float32) -> None:
        if not rises.any():
            return
        for row in range(len(self.times) - 1, 0, -1):
            np.copyto(self.times[row], self.times[row - 1], where=rises)
        np.copyto(self.times[0], now, where=rises)
