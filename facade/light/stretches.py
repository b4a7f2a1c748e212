"""A venue as walks.py goes through it: stretches of pixels that follow each other and are alike in all that counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.light.balance import profile_gains
from facade.light.bank import Bank
from facade.mapping.model import PixelMap

Ints = NDArray[np.int64]


def stretches_of(pixels: PixelMap, bank_list: tuple[Bank, ...], *, rates: NDArray[np.intp] | None = None) -> Ints:
    """Return the stretches of a venue in its order, (S, 6), with the columns of walks.py.

    rates: (P,), which rate each pixel is sent at; None if all have one. A pixel in no power group counts as one of the
    group after the last.
    """
    n = pixels.n_pixels
    if n == 0:
        return np.zeros((0, 6), np.int64)
    kinds = np.zeros((n, 3), np.int64)
    for index, bank in enumerate(bank_list):
        kinds[bank.pixels, 0] = index
    kinds[:, 1] = np.where(pixels.power < 0, len(pixels.power_amps), pixels.power)
    if rates is not None:
        kinds[:, 2] = rates
    first = np.append(0, np.flatnonzero(np.any(np.diff(kinds, axis=0), axis=1)) + 1)
    end = np.append(first[1:], n)
    # The bytes of pixels that follow each other do so too: see PixelMap.offset.
    return np.ascontiguousarray(np.column_stack([first, end, pixels.offset[first], kinds[first]]), np.int64)


def gains_of(bank_list: tuple[Bank, ...]) -> NDArray[np.float32]:
    """Return the white balance of every bank, (B, 3)."""
    return np.array([profile_gains(bank) for bank in bank_list], np.float32).reshape(-1, 3)
