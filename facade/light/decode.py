"""Channel bytes back to light: what a camera in the street would measure, for the simulator and for tests.

A lamp whose white was balanced shows exactly the light that was asked for; so 1.0 is the brightest *balanced* white,
and a channel driven without balance may exceed it. Colours of RGBW lamps add up, white to all three.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.frame import Levels, Rgb
from facade.light.balance import profile_gains
from facade.light.bank import Bank, Drive, banks
from facade.light.curve import WORD, level_lights
from facade.mapping.model import PixelMap


class LightDecoder:
    """The inverse of the light pipeline for one venue."""

    def __init__(self, pixels: PixelMap) -> None:
        self._banks = [_BankReader(b) for b in banks(pixels)]

    def rgb_into(self, levels: Levels, out: Rgb) -> None:
        """Write the linear light (P, 3) that levels (at least L bytes) make into out."""
        for reader in self._banks:
            reader.read(levels, out)


class _BankReader:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._gains = profile_gains(bank)
        self._lights = {
            fine: level_lights(bank.profile, n_levels=65536 if fine else 256).astype(np.float32)
            for fine in {bool(d.fine) for d in bank.drives}
        }
        self._words = np.zeros(bank.n, WORD)
        self._index = np.zeros(bank.n, np.intp)
        self._light = np.zeros(bank.n, np.float32)
        self._own = np.zeros((bank.n, 3), np.float32)
        self._places = [] if bank.run else [bank.first_byte + slot for slot in range(bank.stride)]
        self._picked = np.zeros(0 if bank.run else bank.n, np.uint8)

    def read(self, levels: Levels, out: Rgb) -> None:
        own = out[self._bank.pixels] if isinstance(self._bank.pixels, slice) else self._own
        own[:] = 0.0
        for drive in self._bank.drives:
            self._take_light(levels, drive)
            if drive.letter == "W":
                own += self._light[:, None]
            else:
                own[:, "RGB".index(drive.letter)] += self._light
        if self._bank.profile.white_xy is not None:
            own /= self._gains
        if own is self._own:
            out[self._bank.pixels] = own

    def _take_light(self, levels: Levels, drive: Drive) -> None:
        octets = self._words.view(np.uint8)
        self._words[:] = 0
        if drive.fine:
            octets[0::2] = self._slot(levels, drive.fine[0])
            octets[1::2] = self._slot(levels, drive.coarse[0])
        else:
            octets[0::2] = self._slot(levels, drive.coarse[0])
        np.copyto(self._index, self._words)
        np.take(self._lights[bool(drive.fine)], self._index, out=self._light, mode="clip")

    def _slot(self, levels: Levels, slot: int) -> NDArray[np.uint8]:
        if not self._places:
            first = int(self._bank.first_byte[0])
            return levels[first + slot : first + self._bank.n * self._bank.stride : self._bank.stride]
        np.take(levels, self._places[slot], out=self._picked, mode="clip")
        return self._picked
