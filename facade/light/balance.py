"""The gains that bring every lamp's white to D65, and light that comes from elsewhere made sane for analysis."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from facade.core.color import white_gains
from facade.core.errors import MappingError
from facade.core.frame import Rgb
from facade.light.bank import Bank

Planes = NDArray[np.float32]
"""float32 (3, P): red, green and blue of every pixel, linear light 0..1, one plane after the other."""


class Sanitiser:
    """Brings whatever the renderer delivers into 0..1; a pixel with NaN or infinity in it goes black."""

    def __init__(self, n_pixels: int) -> None:
        self._finite = np.ones((n_pixels, 3), np.bool_)
        self._sound = np.ones(n_pixels, np.bool_)

    def clean_into(self, rgb: Rgb, planes: Planes) -> int:
        """Write rgb (P, 3), clipped to 0..1, into planes; return how many pixels were not finite."""
        with np.errstate(all="ignore"):
            # A sum is finite only if every term is: one fast pass instead of three on every good frame.
            total = float(np.add.reduce(rgb, axis=None))
        np.copyto(planes, rgb.T)
        n_bad = 0
        if not math.isfinite(total):
            np.isfinite(rgb, out=self._finite)
            np.logical_and.reduce(self._finite, axis=1, out=self._sound)
            n_bad = len(self._sound) - int(np.count_nonzero(self._sound))
            np.logical_not(self._sound, out=self._sound)
            np.copyto(planes, np.float32(0), where=self._sound)
        # With single numbers clip takes an eighth of the time of a maximum and a minimum.
        np.clip(planes, np.float32(0), np.float32(1), out=planes)
        return n_bad


def profile_gains(bank: Bank) -> NDArray[np.float32]:
    """Return the gains (3,) that bring a bank's full drive to D65; the largest is 1.

    A W channel is taken to have the same white as R, G and B together.
    Raises MappingError if the profile's white point cannot be reached.
    """
    white_xy = bank.profile.white_xy
    if white_xy is None:
        return np.ones(3, np.float32)
    try:
        return white_gains(white_xy)
    except ValueError as error:
        raise MappingError(
            f"fixture profile {bank.profile.id!r} has white_xy = {list(white_xy)}: {error}. "
            "Measure it again at full drive of R, G and B."
        ) from error
