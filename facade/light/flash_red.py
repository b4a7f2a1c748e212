"""Red flashes: opposing changes to and from a saturated red, by both measures that WCAG has used.

A state is saturated red when R / (R + G + B) >= 0.8 in linear light. Below a floor of red it has no colour: the new
measure knows no brightness, and a lamp on its lowest levels would be red at every flicker of one bit. The floor is the
red light of the smallest change that counts otherwise: 20 cd/m2, or 20/320 of full red, whichever is less.

  red     WCAG 2.2 and ISO 9241-391: one state is saturated red, and the two differ by more than 0.2 in CIE 1976
          u', v'. Black is taken as neutral. Two saturated reds are never 0.2 apart, so a pixel is either inside red
          or outside. While inside, the box of its reds in u', v' is kept, and it has left when the farthest corner
          of that box is more than 0.2 away; coming back is the next rise. The box may be larger than the reds in
          it, so this counts all that the definition counts, and now and then a little earlier.
  red320  WCAG 2.0 and 2.1: one state is saturated red, and (R - G - B) x 320, negative values as 0, changes by more
          than 20. Two extremes are kept since the last change: of all states, and of the saturated ones.

Light is taken to be on the primaries of BT.709. LEDs are more saturated than those; measured primaries are not used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import LUMINANCE_WEIGHTS
from facade.core.compiled import compiled
from facade.light.balance import Planes

SATURATED = 0.8
CHROMA_STEP = 0.2
RED320_STEP = 20.0 / 320.0

_SHARE = np.float32(SATURATED / (1.0 - SATURATED) * (1.0 - 1e-6))
"""R / (R + G + B) >= 0.8 is R >= 4 (G + B)."""
_FAR = np.float32(CHROMA_STEP**2 * (1.0 - 1e-5))
_STEP = np.float32(RED320_STEP)
_BLACK, _STILL_BLACK = np.float32(1e-9), np.float32(2e-9)
_NEUTRAL_U, _NEUTRAL_V = np.float32(0.19784), np.float32(0.46834)
"""u', v' of D65: what black is taken for."""

_BELOW_R, _BELOW_G, _BELOW_B = np.float32(3.6593), np.float32(11.4430), np.float32(4.1143)
"""X + 15 Y + 3 Z of the BT.709 primaries (IEC 61966-2-1)."""
_FOUR_X_R, _FOUR_X_G, _FOUR_X_B = np.float32(1.6496), np.float32(1.4304), np.float32(0.7220)
_Y_R, _Y_G, _Y_B = (np.float32(weight) for weight in LUMINANCE_WEIGHTS)

_ZERO, _NINE, _INFINITE = np.float32(0), np.float32(9), np.float32(np.inf)
_CHROMA, _RED320 = 2, 3
_NONE = np.uint8(0)
_ALL, _REDS = 0, 1
"""Rows of extremes: of all states, and of the saturated ones."""
_INSIDE, _BRIGHT = 0, 1
"""Rows of up: whether the last change was a rise, of red and of red320."""
_NOW, _EVER = 0, 1
"""Rows of reds: whether a chunk holds a saturated red."""
_RISE_RED, _FALL_RED = np.uint8(1 << _CHROMA), np.uint8(16 << _CHROMA)
_RISE_320, _FALL_320 = np.uint8(1 << _RED320), np.uint8(16 << _RED320)
"""Bits of turned, see FlashRules."""

Values = NDArray[np.float32]
Bits = NDArray[np.uint8]


def red_floor(white_cd_m2: Values) -> Values:
    """Return the red light (P,) below which a state has no colour: at most 20/320 of full, at most 20 cd/m2."""
    absolute = 20.0 / white_cd_m2 / LUMINANCE_WEIGHTS[0]
    floor: Values = np.minimum(absolute, RED320_STEP).astype(np.float32)
    return floor


class RedRules:
    """Changes to and from saturated red, by either measure. See LuminanceRules."""

    def __init__(self, white_cd_m2: Values, *, chunk: int) -> None:
        n, n_chunks = len(white_cd_m2), -(-len(white_cd_m2) // chunk)
        self._floor = red_floor(white_cd_m2)
        # Of either page. A box changes only where red is seen, so it has one page and grows when a frame is kept.
        self._extremes = np.zeros((2, 2, n), np.float32)
        self._up = np.zeros((2, 2, n), np.uint8)
        self._box = np.zeros((4, n), np.float32)
        # Of the last look.
        self._uv, self._is_red = np.zeros((2, n), np.float32), np.zeros(n, np.uint8)
        self._spare = np.zeros((2, chunk), np.float32)
        self._reds = np.zeros((2, n_chunks), np.uint8)
        self.forget(dark=False)

    def look(self, planes: Planes, first: int, last: int, due: Bits, page: Bits, turned: Bits) -> None:
        """See FlashRules.look."""
        _look(
            planes,
            first,
            last,
            due,
            page,
            turned,
            self._floor,
            self._extremes,
            self._up,
            self._box,
            self._uv,
            self._is_red,
            self._reds,
            self._spare,
        )

    def keep(self, seen: Bits, turned: Bits) -> None:
        """See FlashRules.keep."""
        _keep(seen, turned, self._spare.shape[1], self._uv, self._is_red, self._reds, self._box)

    def forget(self, *, dark: bool) -> None:
        self._extremes[:, _ALL] = 0.0 if dark else np.inf
        self._extremes[:, _REDS] = np.inf
        # At start a pixel is inside red with no red seen: the first other colour leaves it, and that is no rise.
        self._up[:, _INSIDE] = not dark
        self._up[:, _BRIGHT] = 0
        self._box[0::2], self._box[1::2] = np.inf, -np.inf
        self._reds[:] = 0


@compiled("boolean(float32[::1], float32[::1], float32[::1], float32[::1], float32[::1], uint8[::1])")
def _saturated(red: Values, green: Values, blue: Values, floor: Values, difference: Values, is_red: Bits) -> bool:
    """Write R - G - B, and which pixels are saturated red; return whether any is."""
    some = np.uint8(0)
    for i in range(len(is_red)):
        others = green[i] + blue[i]
        difference[i] = max(red[i] - others, _ZERO)
        is_red[i] = red[i] >= max(others * _SHARE, floor[i])
        some = np.uint8(some | is_red[i])
    return bool(some != 0)


@compiled(
    "void(float32[::1], uint8[::1], float32[::1], float32[::1], uint8[::1],"
    " float32[::1], float32[::1], uint8[::1], uint8[::1])"
)
def _older(
    difference: Values,
    is_red: Bits,
    of_all: Values,
    of_reds: Values,
    bright: Bits,
    next_all: Values,
    next_reds: Values,
    next_bright: Bits,
    turned: Bits,
) -> None:
    """red320: add to turned. After a change the extreme of saturated states starts anew, from nothing."""
    for i in range(len(is_red)):
        value, least, least_red = difference[i], of_all[i], of_reds[i]
        saturated, up = is_red[i] != 0, bright[i] != 0
        rise = (((value - least > _STEP) & saturated) | (value - least_red > _STEP)) & (not up)
        fall = (((least - value > _STEP) & saturated) | (least_red - value > _STEP)) & up
        turned[i] |= (_RISE_320 if rise else _NONE) | (_FALL_320 if fall else _NONE)
    for i in range(len(is_red)):
        value, before = difference[i], of_all[i]
        rise, fall = (turned[i] & _RISE_320) != 0, (turned[i] & _FALL_320) != 0
        will_be_up = ((bright[i] != 0) | rise) & (not fall)
        next_all[i] = max(before, value) if will_be_up else min(before, value)
        next_bright[i] = will_be_up
    for i in range(len(is_red)):
        value, before, saturated, up = difference[i], of_reds[i], is_red[i] != 0, next_bright[i] != 0
        before = -_INFINITE if (turned[i] & _RISE_320) != 0 else before
        before = _INFINITE if (turned[i] & _FALL_320) != 0 else before
        with_it = max(before, value) if up else min(before, value)
        next_reds[i] = with_it if saturated else before


@compiled("void(float32[::1], float32[::1], float32[::1], float32[::1], float32[::1])")
def _chromaticity(red: Values, green: Values, blue: Values, u: Values, v: Values) -> None:
    """Write CIE 1976 u', v'."""
    for i in range(len(u)):
        below = red[i] * _BELOW_R + green[i] * _BELOW_G + blue[i] * _BELOW_B
        four_x = red[i] * _FOUR_X_R + green[i] * _FOUR_X_G + blue[i] * _FOUR_X_B
        nine_y = (red[i] * _Y_R + green[i] * _Y_G + blue[i] * _Y_B) * _NINE
        below = max(below, _BLACK)
        u[i] = _NEUTRAL_U if below <= _STILL_BLACK else four_x / below
        v[i] = _NEUTRAL_V if below <= _STILL_BLACK else nine_y / below


@compiled("void(float32[::1], float32[::1], float32[::1], float32[::1], boolean)")
def _farther(value: Values, low: Values, high: Values, distance: Values, add: bool) -> None:
    """Square of the distance to the farther side of a box along one axis; infinite where the box is empty."""
    for i in range(len(value)):
        side = max(value[i] - low[i], high[i] - value[i])
        distance[i] = side * side + (distance[i] if add else _ZERO)


@compiled("void(float32[::1], uint8[::1], uint8[::1], uint8[::1], uint8[::1])")
def _newer(distance: Values, is_red: Bits, inside: Bits, next_inside: Bits, turned: Bits) -> None:
    """red: add to turned."""
    for i in range(len(is_red)):
        far, red, within = distance[i] > _FAR, is_red[i] != 0, inside[i] != 0
        rise, fall = red & (not within), far & within & (not red)
        turned[i] |= (_RISE_RED if rise else _NONE) | (_FALL_RED if fall else _NONE)
        next_inside[i] = (within | rise) & (not fall)


@compiled(
    "void(float32[:, ::1], int64, int64, uint8[::1], uint8[::1], uint8[::1], float32[::1],"
    " float32[:, :, ::1], uint8[:, :, ::1], float32[:, ::1],"
    " float32[:, ::1], uint8[::1], uint8[:, ::1], float32[:, ::1])"
)
def _look(
    planes: Planes,
    first: int,
    last: int,
    due: Bits,
    page: Bits,
    turned: Bits,
    floor: Values,
    extremes: NDArray[np.float32],
    ups: NDArray[np.uint8],
    box: NDArray[np.float32],
    uv: NDArray[np.float32],
    is_reds: Bits,
    reds: NDArray[np.uint8],
    spare: NDArray[np.float32],
) -> None:
    chunk = spare.shape[1]
    for lo in range(first, last, chunk):
        k = lo // chunk
        if not due[k]:
            continue
        hi = min(lo + chunk, last)
        n, at, was, will = hi - lo, lo - first, page[k], 1 - page[k]
        red, green, blue = planes[0, at : at + n], planes[1, at : at + n], planes[2, at : at + n]
        told, is_red, difference = turned[lo:hi], is_reds[lo:hi], spare[0, :n]
        of_all, next_all = extremes[was, _ALL, lo:hi], extremes[will, _ALL, lo:hi]
        reds[_NOW, k] = _saturated(red, green, blue, floor[lo:hi], difference, is_red)
        reds[_EVER, k] |= reds[_NOW, k]
        if not reds[_EVER, k]:
            # Without a saturated red, now or ever, nothing counts.
            for i in range(n):
                next_all[i] = min(of_all[i], difference[i])
        else:
            of_reds, next_reds = extremes[was, _REDS, lo:hi], extremes[will, _REDS, lo:hi]
            bright, next_bright = ups[was, _BRIGHT, lo:hi], ups[will, _BRIGHT, lo:hi]
            _older(difference, is_red, of_all, of_reds, bright, next_all, next_reds, next_bright, told)
        inside, next_inside = ups[was, _INSIDE, lo:hi], ups[will, _INSIDE, lo:hi]
        some = reds[_NOW, k]
        for i in range(n):
            some = np.uint8(some | inside[i])
        if some == 0:
            # Neither red now nor before: a box is of no use until a pixel comes back, and then it begins anew.
            for i in range(n):
                next_inside[i] = 0
            continue
        u, v, distance = uv[0, lo:hi], uv[1, lo:hi], spare[1, :n]
        _chromaticity(red, green, blue, u, v)
        _farther(u, box[0, lo:hi], box[1, lo:hi], distance, False)
        _farther(v, box[2, lo:hi], box[3, lo:hi], distance, True)
        _newer(distance, is_red, inside, next_inside, told)


@compiled("void(uint8[::1], uint8[::1], int64, float32[:, ::1], uint8[::1], uint8[:, ::1], float32[:, ::1])")
def _keep(
    seen: Bits,
    turned: Bits,
    chunk: int,
    uv: NDArray[np.float32],
    is_red: Bits,
    reds: NDArray[np.uint8],
    box: NDArray[np.float32],
) -> None:
    """Take reds into their box. A pixel that comes back starts a new one."""
    for k in range(len(seen)):
        if not seen[k] or not reds[_NOW, k]:
            continue
        for i in range(k * chunk, min((k + 1) * chunk, len(is_red))):
            if is_red[i] == 0:
                continue
            for axis in range(2):
                value, low, high = uv[axis, i], box[2 * axis, i], box[2 * axis + 1, i]
                anew = (turned[i] & _RISE_RED) != 0
                box[2 * axis, i] = value if anew else min(low, value)
                box[2 * axis + 1, i] = value if anew else max(high, value)
