"""Flashes by luminance, two of the rules of flash_rules.py: alternating rises and falls of how bright a pixel is.

  wcag     relative luminance changes by >= 10 % of white, the darker state is below 80 %
           (WCAG 2.2, "general flash and red flash thresholds")
  bt1702   luminance changes by >= 20 cd/m2 where the darker state is below 160 cd/m2, by a Michelson contrast of
           >= 1/17 above (ITU-R BT.1702). The two meet at 160 cd/m2: a rise is hi >= max(lo + 20, 9/8 lo)

Changes are measured from the running extreme since the last one, so a slow or noisy change counts once it is large
enough: the greedy count of alternating changes is the greatest possible, because both conditions hold all the more for
a larger change. Until the first rise the start counts as dark: the first change that counts is a rise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import LUMINANCE_WEIGHTS
from facade.core.compiled import compiled
from facade.light.balance import Planes

RELATIVE_STEP = 0.10
RELATIVE_DARKER = 0.80
ABSOLUTE_STEP_CD_M2 = 20.0
MICHELSON = 1.0 / 17.0
"""Contrast that counts from 160 cd/m2 up: a factor of (1 + 1/17) / (1 - 1/17) = 9/8."""

_ROUNDING = 2e-6
"""Float32 light is known to less than this; what is on the threshold counts."""

_STEP = np.float32(RELATIVE_STEP - _ROUNDING)
_CEILING = np.float32(RELATIVE_DARKER + RELATIVE_STEP - 2 * _ROUNDING)
"""Above it a state is as bright as one can be: nothing that is darker by a step is below 80 %."""

_MICHELSON_RATIO = (1.0 + MICHELSON) / (1.0 - MICHELSON) * (1.0 - 1e-6)
_RATIO, _SHARE = np.float32(_MICHELSON_RATIO), np.float32(1.0 / _MICHELSON_RATIO)

_ZERO, _ONE = np.float32(0), np.float32(1)
_RED, _GREEN, _BLUE = (np.float32(weight) for weight in LUMINANCE_WEIGHTS)
_WCAG, _BT1702 = 0, 1
_NONE = np.uint8(0)
_RISE_WCAG, _FALL_WCAG = np.uint8(1 << _WCAG), np.uint8(16 << _WCAG)
_RISE_BT1702, _FALL_BT1702 = np.uint8(1 << _BT1702), np.uint8(16 << _BT1702)
"""Bits of turned, see FlashRules."""

Values = NDArray[np.float32]
Bits = NDArray[np.uint8]


class LuminanceRules:
    """Swings of luminance. white_cd_m2: float32 (P,), luminance of each pixel at light 1; chunk: see FlashRules."""

    def __init__(self, white_cd_m2: Values, *, chunk: int) -> None:
        n = len(white_cd_m2)
        self._step = (ABSOLUTE_STEP_CD_M2 / white_cd_m2 * (1.0 - 1e-5)).astype(np.float32)
        # Of either page, either rule: the running extreme, and whether the last change was a rise.
        self._extreme = np.zeros((2, 2, n), np.float32)
        self._bright = np.zeros((2, 2, n), np.uint8)
        self._light = np.zeros(chunk, np.float32)
        self.forget(dark=False)

    def look(self, planes: Planes, first: int, last: int, due: Bits, page: Bits, turned: Bits) -> None:
        """See FlashRules.look."""
        _look(planes, first, last, due, page, turned, self._step, self._extreme, self._bright, self._light)

    def forget(self, *, dark: bool) -> None:
        self._extreme[:] = 0.0 if dark else np.inf
        self._bright[:] = 0


@compiled("boolean(float32, float32, float32, float32)")
def is_rise(value: np.float32, darkest: np.float32, step: np.float32, ratio: np.float32) -> bool:
    """Whether value lies above the darkest since the last fall by a step, and by a ratio."""
    return bool(value >= max(darkest + step, darkest * ratio))


@compiled("boolean(float32, float32, float32, float32)")
def is_fall(value: np.float32, brightest: np.float32, step: np.float32, share: np.float32) -> bool:
    """The same backwards: below the brightest since the last rise. share: 1 / ratio."""
    return bool(value <= min(brightest - step, brightest * share))


@compiled(
    "void(float32[:, ::1], int64, int64, uint8[::1], uint8[::1], uint8[::1],"
    " float32[::1], float32[:, :, ::1], uint8[:, :, ::1], float32[::1])"
)
def _look(
    planes: Planes,
    first: int,
    last: int,
    due: Bits,
    page: Bits,
    turned: Bits,
    steps: Values,
    extremes: NDArray[np.float32],
    brights: NDArray[np.uint8],
    light: Values,
) -> None:
    chunk = len(light)
    for lo in range(first, last, chunk):
        k = lo // chunk
        if not due[k]:
            continue
        hi = min(lo + chunk, last)
        was, will = page[k], 1 - page[k]
        at = lo - first
        red, green, blue = planes[0, at:], planes[1, at:], planes[2, at:]
        for i in range(hi - lo):
            light[i] = red[i] * _RED + green[i] * _GREEN + blue[i] * _BLUE
        told = turned[lo:hi]
        extreme, bright = extremes[was, _WCAG, lo:hi], brights[was, _WCAG, lo:hi]
        next_extreme, next_bright = extremes[will, _WCAG, lo:hi], brights[will, _WCAG, lo:hi]
        for i in range(hi - lo):
            value, before, up = min(max(light[i], _ZERO), _CEILING), extreme[i], bright[i] != 0
            rise = is_rise(value, before, _STEP, _ONE) and not up
            fall = is_fall(value, before, _STEP, _ONE) and up
            told[i] = (_RISE_WCAG if rise else _NONE) | (_FALL_WCAG if fall else _NONE)
            will_be_up = (up or rise) and not fall
            # On a rise the extreme is below the value, so the larger of both is the value; likewise on a fall.
            next_extreme[i] = max(before, value) if will_be_up else min(before, value)
            next_bright[i] = will_be_up
        step = steps[lo:hi]
        extreme, bright = extremes[was, _BT1702, lo:hi], brights[was, _BT1702, lo:hi]
        next_extreme, next_bright = extremes[will, _BT1702, lo:hi], brights[will, _BT1702, lo:hi]
        for i in range(hi - lo):
            value, before, up = light[i], extreme[i], bright[i] != 0
            rise = is_rise(value, before, step[i], _RATIO) and not up
            fall = is_fall(value, before, step[i], _SHARE) and up
            told[i] |= (_RISE_BT1702 if rise else _NONE) | (_FALL_BT1702 if fall else _NONE)
            will_be_up = (up or rise) and not fall
            next_extreme[i] = max(before, value) if will_be_up else min(before, value)
            next_bright[i] = will_be_up
