"""What leaves the lamps, read back from the bytes that are about to be sent: planes of light for the flash guard.

Light 1 is the brightest white of the lamp itself. That is balanced white; for a lamp that adds W to R, G and B it is
all four together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import LUMINANCE_WEIGHTS
from facade.core.frame import Levels
from facade.light.balance import Planes, profile_gains
from facade.light.bank import LETTERS, Bank, Drive
from facade.light.curve import WORD, level_lights
from facade.mapping.model import PixelMap


class Emission:
    """Reads planes (3, P) from levels. Reused every frame: planes belongs to this object."""

    def __init__(self, bank_list: tuple[Bank, ...], n_pixels: int) -> None:
        self.planes: Planes = np.zeros((3, n_pixels), np.float32)
        self._readers = [_Reader(b) for b in bank_list]

    def read(self, levels: Levels) -> Planes:
        """Return the light that levels (at least L bytes) make."""
        for reader in self._readers:
            reader.read_into(levels, self.planes)
        return self.planes


def white_cd_m2(pixels: PixelMap, bank_list: tuple[Bank, ...]) -> NDArray[np.float32]:
    """Return the luminance (P,) of each pixel at light 1: measured candela over lit area, or what the venue assumes."""
    found = np.full(pixels.n_pixels, pixels.venue.flash.white_cd_m2, np.float32)
    for bank in bank_list:
        if bank.profile.candela is None:
            continue
        full = sum(c for letter, c in zip(LETTERS, bank.profile.candela, strict=True) if letter in bank.letters)
        # A lamp without some colour cannot reach light 1; its candela are those of the light it does reach.
        reached = 1.0 if "W" in bank.letters else float(sum(LUMINANCE_WEIGHTS["RGB".index(c)] for c in bank.letters))
        if "W" in bank.letters and bank.profile.white_mode == "subtract" and len(bank.letters) > 1:
            full = max(full - bank.profile.candela[3], bank.profile.candela[3])
        area = np.prod(pixels.size_m[bank.pixels], axis=1)
        found[bank.pixels] = np.maximum(full / reached / area, 1e-3)
    return found


class _Reader:
    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        adds = "W" in bank.letters and bank.profile.white_mode == "add" and len(bank.letters) > 1
        self._white = 2.0 if adds else 1.0
        self._index = np.zeros(bank.n, np.intp)
        self._words = np.zeros(bank.n, WORD)
        self._light = np.zeros(bank.n, np.float32)
        self._own = np.zeros((3, 0 if isinstance(bank.pixels, slice) else bank.n), np.float32)
        self._places = [] if bank.run else [bank.first_byte + slot for slot in range(bank.stride)]
        self._picked = np.zeros(0 if bank.run else bank.n, np.uint8)
        self._tables = {(d.letter, bool(d.fine)): self._table(d.letter, fine=bool(d.fine)) for d in bank.drives}

    def read_into(self, levels: Levels, planes: Planes) -> None:
        bank = self._bank
        own = planes[:, bank.pixels] if isinstance(bank.pixels, slice) else self._own
        seen = set()
        for drive in bank.drives:
            if drive.letter == "W":
                continue
            self._take(levels, drive, own["RGB".index(drive.letter)])
            seen.add(drive.letter)
        for k, letter in enumerate("RGB"):
            if letter not in seen:
                own[k] = 0.0
        if "W" in bank.letters:
            self._take(levels, bank.drives[-1], self._light)
            own += self._light
        if own is self._own:
            planes[:, bank.pixels] = own

    def _table(self, letter: str, *, fine: bool) -> NDArray[np.float32]:
        lights = level_lights(self._bank.profile, n_levels=65536 if fine else 256) / self._white
        if letter != "W":
            lights = lights / float(profile_gains(self._bank)["RGB".index(letter)])
        return lights.astype(np.float32)

    def _take(self, levels: Levels, drive: Drive, out: NDArray[np.float32]) -> None:
        if drive.fine:
            octets = self._words.view(np.uint8)
            octets[0::2] = self._slot(levels, drive.fine[0])
            octets[1::2] = self._slot(levels, drive.coarse[0])
            np.copyto(self._index, self._words)
        else:
            np.copyto(self._index, self._slot(levels, drive.coarse[0]))
        np.take(self._tables[drive.letter, bool(drive.fine)], self._index, out=out, mode="clip")

    def _slot(self, levels: Levels, slot: int) -> NDArray[np.uint8]:
        if not self._places:
            first = int(self._bank.first_byte[0])
            return levels[first + slot : first + self._bank.n * self._bank.stride : self._bank.stride]
        np.take(levels, self._places[slot], out=self._picked, mode="clip")
        return self._picked
