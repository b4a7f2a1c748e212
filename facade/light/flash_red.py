"""Red flashes: opposing changes to and from a saturated red, by both measures that WCAG has used.

A state is saturated red when R / (R + G + B) >= 0.8 in linear light. Below FLOOR of red it has no colour: the new
measure knows no brightness, and a lamp on its lowest levels would be red at every flicker of one bit. The floor is the
red light of the smallest change that counts otherwise: 20 cd/m2, or 20/320 of full red, whichever is less.

  RedChroma  WCAG 2.2 and ISO 9241-391: one state is saturated red, and the two differ by more than 0.2 in CIE 1976
             u', v'. Black is taken as neutral. Two saturated reds are never 0.2 apart, so a pixel is either inside red
             or outside. While inside, the box of its reds in u', v' is kept, and it has left when the farthest corner
             of that box is more than 0.2 away; coming back is the next rise. The box may be larger than the reds in
             it, so this counts all that the definition counts, and now and then a little earlier.
  Red320     WCAG 2.0 and 2.1: one state is saturated red, and (R - G - B) x 320, negative values as 0, changes by more
             than 20.

Light is taken to be on the primaries of BT.709. LEDs are more saturated than those; measured primaries are not used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import LUMINANCE_WEIGHTS
from facade.light.balance import Planes

SATURATED = 0.8
CHROMA_STEP = 0.2
RED320_STEP = 20.0 / 320.0

_BLACK = 1e-9
_NEUTRAL_UV = (0.19784, 0.46834)
"""u', v' of D65: what black is taken for."""

_DENOMINATOR = (3.6593, 11.4430, 4.1143)
"""X + 15 Y + 3 Z of the BT.709 primaries (IEC 61966-2-1)."""
_FOUR_X = (1.6496, 1.4304, 0.7220)

Mask = NDArray[np.bool_]
Values = NDArray[np.float32]


def red_floor(white_cd_m2: Values) -> Values:
    """Return the red light (P,) below which a state has no colour: at most 20/320 of full, at most 20 cd/m2."""
    absolute = 20.0 / white_cd_m2 / LUMINANCE_WEIGHTS[0]
    floor: Values = np.minimum(absolute, RED320_STEP).astype(np.float32)
    return floor


class RedChroma:
    """Changes to and from saturated red in u', v'. saturated: bool (P,), of the last look."""

    def __init__(self, n: int, floor: Values) -> None:
        self.saturated = np.zeros(n, np.bool_)
        self._floor = floor
        # At start a pixel is inside red with no red seen: the first other colour leaves it, and that is no rise.
        self._inside = np.ones(n, np.bool_)
        self._box = np.zeros((4, n), np.float32)
        self._uv = np.zeros((2, n), np.float32)
        self._a, self._b, self._far = (np.zeros(n, np.float32) for _ in range(3))
        self._rise = np.zeros(n, np.bool_)
        self.fall = np.zeros(n, np.bool_)
        self._mask = np.zeros(n, np.bool_)
        self._any_inside = True
        self._active = False
        self.forget(dark=False)

    def look(self, planes: Planes, luminance: Values, sum_gb: Values, rise: Mask) -> None:
        """Write where light comes back to red. luminance, sum_gb: (P,), of planes."""
        red, saturated = planes[0], self.saturated
        self._rise = rise
        np.multiply(sum_gb, np.float32(SATURATED / (1.0 - SATURATED) * (1.0 - 1e-6)), out=self._a)
        np.maximum(self._a, self._floor, out=self._a)
        np.greater_equal(red, self._a, out=saturated)
        np.greater(saturated, self._inside, out=rise)
        self._active = self._any_inside or bool(saturated.any())
        if not self._active:
            self.fall[:] = False
            return
        self._uv_into(planes, luminance)
        self._far_into()
        np.greater(self._far, np.float32(CHROMA_STEP**2 * (1.0 - 1e-5)), out=self.fall)
        np.logical_and(self.fall, self._inside, out=self.fall)
        np.greater(self.fall, saturated, out=self.fall)

    def commit(self) -> None:
        if not self._active:
            return
        box, uv = self._box, self._uv
        for k in range(2):
            # A pixel that comes back starts a new box.
            np.copyto(box[2 * k], np.float32(np.inf), where=self._rise)
            np.copyto(box[2 * k + 1], np.float32(-np.inf), where=self._rise)
            # A masked minimum takes ten times as long as these two.
            np.minimum(box[2 * k], uv[k], out=self._a)
            np.copyto(box[2 * k], self._a, where=self.saturated)
            np.maximum(box[2 * k + 1], uv[k], out=self._a)
            np.copyto(box[2 * k + 1], self._a, where=self.saturated)
        np.logical_or(self._inside, self._rise, out=self._inside)
        np.greater(self._inside, self.fall, out=self._inside)
        self._any_inside = bool(self._inside.any())

    def forget(self, *, dark: bool) -> None:
        self._inside[:] = not dark
        self._any_inside = not dark
        self._box[0::2] = np.inf
        self._box[1::2] = -np.inf

    def _uv_into(self, planes: Planes, luminance: Values) -> None:
        u, v = self._uv
        below, spare = self._a, self._b
        np.multiply(planes[0], np.float32(_DENOMINATOR[0]), out=below)
        np.multiply(planes[0], np.float32(_FOUR_X[0]), out=u)
        for k in (1, 2):
            np.multiply(planes[k], np.float32(_DENOMINATOR[k]), out=spare)
            below += spare
            np.multiply(planes[k], np.float32(_FOUR_X[k]), out=spare)
            u += spare
        np.multiply(luminance, np.float32(9.0), out=v)
        np.clip(below, np.float32(_BLACK), np.float32(np.inf), out=below)
        u /= below
        v /= below
        np.less_equal(below, np.float32(2 * _BLACK), out=self._mask)
        np.copyto(u, np.float32(_NEUTRAL_UV[0]), where=self._mask)
        np.copyto(v, np.float32(_NEUTRAL_UV[1]), where=self._mask)

    def _far_into(self) -> None:
        """Square of the distance to the farthest corner of the box; infinite where the box is empty."""
        far, a, b = self._far, self._a, self._b
        for k in range(2):
            np.subtract(self._uv[k], self._box[2 * k], out=a)
            np.subtract(self._box[2 * k + 1], self._uv[k], out=b)
            np.maximum(a, b, out=a)
            np.multiply(a, a, out=b if k == 0 else a)
            if k == 0:
                np.copyto(far, b)
            else:
                far += a


class Red320:
    """Changes of (R - G - B) x 320 by more than 20 between two states of which one is saturated red.

    Two extremes are kept since the last change: of all states, and of the saturated ones.
    """

    def __init__(self, n: int, floor: Values) -> None:
        self._all = np.full(n, np.inf, np.float32)
        self._red = np.full(n, np.inf, np.float32)
        self._bright = np.zeros(n, np.bool_)
        self._difference = np.zeros(n, np.float32)
        self._saturated = np.zeros(n, np.bool_)
        self._rise = np.zeros(n, np.bool_)
        self.fall = np.zeros(n, np.bool_)
        self._mask = np.zeros(n, np.bool_)
        self._a, self._b = np.zeros(n, np.float32), np.zeros(n, np.float32)
        self._any_red = False

    def look(self, red: Values, sum_gb: Values, saturated: Mask, rise: Mask) -> None:
        """Write where the difference completes a rise."""
        self._rise, self._saturated = rise, saturated
        value, a, mask = self._difference, self._a, self._mask
        np.subtract(red, sum_gb, out=value)
        np.clip(value, np.float32(0), np.float32(np.inf), out=value)
        self._any_red = self._any_red or bool(saturated.any())
        if not self._any_red:
            # Without a saturated red, now or ever, nothing counts.
            rise[:] = False
            self.fall[:] = False
            return
        step = np.float32(RED320_STEP)
        for out, sign in ((rise, 1), (self.fall, -1)):
            _past(value, self._all, sign=sign, step=step, spare=a, out=out)
            np.logical_and(out, saturated, out=out)
            _past(value, self._red, sign=sign, step=step, spare=a, out=mask)
            np.logical_or(out, mask, out=out)
        np.greater(rise, self._bright, out=rise)
        np.logical_and(self.fall, self._bright, out=self.fall)

    def commit(self) -> None:
        value, a, b = self._difference, self._a, self._b
        if not self._any_red:
            np.minimum(self._all, value, out=self._all)
            return
        np.logical_or(self._bright, self._rise, out=self._bright)
        np.greater(self._bright, self.fall, out=self._bright)
        np.maximum(self._all, value, out=a)
        np.minimum(self._all, value, out=self._all)
        np.copyto(self._all, a, where=self._bright)
        # After a change the saturated extreme starts anew, from nothing.
        np.copyto(self._red, np.float32(-np.inf), where=self._rise)
        np.copyto(self._red, np.float32(np.inf), where=self.fall)
        np.maximum(self._red, value, out=a)
        np.minimum(self._red, value, out=b)
        np.copyto(b, a, where=self._bright)
        np.copyto(self._red, b, where=self._saturated)

    def forget(self, *, dark: bool) -> None:
        self._all[:] = 0.0 if dark else np.inf
        self._red[:] = np.inf
        self._bright[:] = False
        self._any_red = False


def _past(value: Values, extreme: Values, *, sign: int, step: np.float32, spare: Values, out: Mask) -> None:
    """Write where value is more than step above (sign 1) or below (sign -1) an extreme."""
    if sign > 0:
        np.subtract(value, extreme, out=spare)
    else:
        np.subtract(extreme, value, out=spare)
    np.greater(spare, step, out=out)
