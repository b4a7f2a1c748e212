"""Channel bytes back to light: what a camera in the street would measure, for the simulator and for tests.

A lamp whose white was balanced shows exactly the light that was asked for; so 1.0 is the brightest *balanced* white,
and a channel driven without balance may exceed it. Colours of RGBW lamps add up, white to all three.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.frame import Levels, Rgb
from facade.light import walks
from facade.light.bank import LETTERS, Bank, banks
from facade.light.curve import level_lights
from facade.light.stretches import Ints, gains_of, stretches_of
from facade.mapping.model import PixelMap


class LightDecoder:
    """The inverse of the light pipeline for one venue."""

    def __init__(self, pixels: PixelMap) -> None:
        bank_list = banks(pixels)
        self._stretches = stretches_of(pixels, bank_list)
        self._gains = gains_of(bank_list)
        self._strides = np.array([bank.stride for bank in bank_list], np.int64)
        self._places, self._lights = _rows(bank_list)
        self._room = np.zeros(walks.BLOCK, np.float32)

    def rgb_into(self, levels: Levels, out: Rgb) -> None:
        """Write the linear light (P, 3) that levels (at least L bytes) make into out."""
        walks.read(levels, out, self._stretches, self._gains, self._strides, self._places, self._lights, self._room)


def _rows(bank_list: tuple[Bank, ...]) -> tuple[Ints, NDArray[np.float32]]:
    """Return places and lights as walks.read wants them."""
    places = np.full((len(bank_list), len(LETTERS), 3), -1, np.int64)
    tables: dict[tuple[str, float, bool], NDArray[np.float32]] = {}
    for row, bank in enumerate(bank_list):
        for drive in bank.drives:
            fine = bool(drive.fine)
            key = (bank.profile.curve, bank.profile.gamma, fine)
            if key not in tables:
                tables[key] = level_lights(bank.profile, n_levels=65536 if fine else 256).astype(np.float32)
            place = (drive.coarse[0], drive.fine[0] if fine else -1, list(tables).index(key))
            places[row, LETTERS.index(drive.letter)] = place
    lights = np.zeros((len(tables), 65536), np.float32)
    for table, light in zip(lights, tables.values(), strict=True):
        table[: len(light)] = light
    return places, lights
