"""Flat pictures of pixels: each one a rectangle in its colour, where it hangs on the building."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import linear_to_srgb8
from facade.core.frame import Rgb
from facade.mapping.model import PixelMap

_BACKGROUND = 9
_LEAST_FOR_GAPS = 6.0
"""Dots from one pixel to the next below which gaps would be of uneven width: a pattern that no building shows."""


class PixelPicture:
    """Draws the pixels of a venue without surroundings; which pixel covers which dot is worked out once.

    Pixels touch where they are too small for gaps between them.

    width_px: of the picture; its height follows the venue's shape, at most 4 times the width.
    """

    def __init__(self, pixels: PixelMap, *, width_px: int = 640) -> None:
        x0, y0, x1, y1 = pixels.bounds_m
        margin = 0.03 * max(x1 - x0, y1 - y0)
        x0, y0, x1, y1 = x0 - margin, y0 - margin, x1 + margin, y1 + margin
        scale = width_px / (x1 - x0)
        height_px = min(4 * width_px, max(2, round((y1 - y0) * scale)))
        self._owner = np.full((height_px, width_px), -1, dtype=np.int32)
        touching = pixels.pitch_m * scale < _LEAST_FOR_GAPS
        size_m = np.where(touching, np.maximum(pixels.pitch_m, pixels.size_m), pixels.size_m)
        left = (pixels.position_m[:, 0] - size_m[:, 0] / 2 - x0) * scale
        top = (y1 - pixels.position_m[:, 1] - size_m[:, 1] / 2) * scale
        right, bottom = left + size_m[:, 0] * scale, top + size_m[:, 1] * scale
        for index, (a, b, c, d) in enumerate(zip(left, top, right, bottom, strict=True)):
            rows = slice(int(b), max(int(b) + 1, int(d)))
            columns = slice(int(a), max(int(a) + 1, int(c)))
            self._owner[rows, columns] = index
        self._lit = np.flatnonzero(self._owner >= 0)
        self._lamps = self._owner.reshape(-1)[self._lit]
        self._picture = np.full((height_px, width_px, 3), _BACKGROUND, dtype=np.uint8)

    @property
    def shape(self) -> tuple[int, int, int]:
        return (*self._owner.shape, 3)

    def draw(self, rgb: Rgb) -> NDArray[np.uint8]:
        """Return uint8 (H, W, 3) sRGB; reused by the next call. rgb: linear (P, 3); NaN shows black."""
        colors = linear_to_srgb8(np.nan_to_num(rgb))
        self._picture.reshape(-1, 3)[self._lit] = colors[self._lamps]
        return self._picture
