"""What leaves the lamps, read back from the bytes that are about to be sent: planes of light for the flash guard.

Light 1 is the brightest white of the lamp itself. That is balanced white; for a lamp that adds W to R, G and B it is
all four together.

Pixels that follow each other and whose bytes do too are a run; runs are read one after the other, in venue order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import LUMINANCE_WEIGHTS
from facade.core.compiled import compiled
from facade.core.frame import Levels
from facade.light.balance import Planes, profile_gains
from facade.light.bank import LETTERS, Bank
from facade.light.curve import level_lights
from facade.mapping.model import PixelMap

_NO_SLOT, _WHITE = -1, LETTERS.index("W")


class Emission:
    """Reads planes from levels.

    tables: the light of every level, where each colour finds its own, bytes a pixel of each bank, and runs, as
    flash_look.py wants them.
    """

    def __init__(self, bank_list: tuple[Bank, ...], n_pixels: int) -> None:
        self._n = n_pixels
        lights, letters = _letters(bank_list)
        strides = np.array([bank.stride for bank in bank_list], np.int64)
        self.tables = lights, letters, strides, _runs(bank_list, n_pixels)

    def read_into(self, levels: Levels, planes: Planes, *, first: int = 0, last: int | None = None) -> None:
        """Write the light that levels (at least L bytes) make at pixels first to last into planes[:, :last - first]."""
        last = self._n if last is None else last
        _read_levels(levels, *self.tables, first, last, planes)


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


def _letters(bank_list: tuple[Bank, ...]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the light of every level of every colour, one after the other, and where each colour finds its own.

    The latter: int64 (banks, 4, 3), of each letter its first light, its coarse slot and its fine one, or _NO_SLOT.
    """
    lights: list[NDArray[np.float32]] = []
    letters = np.full((len(bank_list), len(LETTERS), 3), _NO_SLOT, np.int64)
    at = 0
    for k, bank in enumerate(bank_list):
        for drive in bank.drives:
            own = _light_of_levels(bank, drive.letter, fine=bool(drive.fine))
            fine = drive.fine[0] if drive.fine else _NO_SLOT
            letters[k, LETTERS.index(drive.letter)] = at, drive.coarse[0], fine
            lights.append(own)
            at += len(own)
    return np.concatenate(lights), letters


def _light_of_levels(bank: Bank, letter: str, *, fine: bool) -> NDArray[np.float32]:
    adds = "W" in bank.letters and bank.profile.white_mode == "add" and len(bank.letters) > 1
    lights = level_lights(bank.profile, n_levels=65536 if fine else 256) / (2.0 if adds else 1.0)
    if letter != "W":
        lights = lights / float(profile_gains(bank)["RGB".index(letter)])
    return lights.astype(np.float32)


def _runs(bank_list: tuple[Bank, ...], n_pixels: int) -> NDArray[np.int64]:
    """Return (runs + 1, 3): first pixel, first byte and bank of each run, in order; the last one begins at P."""
    found = []
    for k, bank in enumerate(bank_list):
        ids = np.arange(n_pixels)[bank.pixels]
        breaks = (np.diff(ids) != 1) | (np.diff(bank.first_byte) != bank.stride)
        starts = np.concatenate([[0], np.flatnonzero(breaks) + 1])
        found.append(np.stack([ids[starts], bank.first_byte[starts], np.full(len(starts), k)], axis=1))
    runs = np.concatenate([*found, [[n_pixels, 0, 0]]]).astype(np.int64)
    return np.ascontiguousarray(runs[np.argsort(runs[:, 0], kind="stable")])


@compiled()
def _gather(lights: NDArray[np.float32], coarse: Levels, stride: int, plane: NDArray[np.float32], add: bool) -> None:
    if add:
        for i in range(len(plane)):
            plane[i] += lights[coarse[i * stride]]
    else:
        for i in range(len(plane)):
            plane[i] = lights[coarse[i * stride]]


@compiled()
def _read_letter(
    levels: Levels,
    lights: NDArray[np.float32],
    letter: NDArray[np.int64],
    byte: int,
    stride: int,
    plane: NDArray[np.float32],
    add: bool,
) -> None:
    """Write the light of one letter, or add it. byte: the first pixel's first."""
    own, coarse = lights[letter[0] :], levels[byte + letter[1] :]
    if letter[2] >= 0:
        fine = levels[byte + letter[2] :]
        for i in range(len(plane)):
            light = own[np.int64(coarse[i * stride]) * 256 + np.int64(fine[i * stride])]
            plane[i] = plane[i] + light if add else light
    elif stride == 3:
        # By far the most common; a stride that is known is half as dear.
        _gather(own, coarse, 3, plane, add)
    else:
        _gather(own, coarse, stride, plane, add)


@compiled()
def read_run(
    levels: Levels,
    lights: NDArray[np.float32],
    letters: NDArray[np.int64],
    strides: NDArray[np.int64],
    runs: NDArray[np.int64],
    run: int,
    first: int,
    last: int,
    planes: NDArray[np.float32],
) -> int:
    """See _read_levels. run: one that does not begin after first; returns that of last."""
    at = first
    while at < last:
        while runs[run + 1, 0] <= at:
            run += 1
        stop, bank = min(last, runs[run + 1, 0]), runs[run, 2]
        byte = runs[run, 1] + (at - runs[run, 0]) * strides[bank]
        has_white = letters[bank, _WHITE, 1] >= 0
        for colour in range(3):
            plane, has_colour = planes[colour, at - first : stop - first], letters[bank, colour, 1] >= 0
            if has_colour:
                _read_letter(levels, lights, letters[bank, colour], byte, strides[bank], plane, False)
            if has_white:
                _read_letter(levels, lights, letters[bank, _WHITE], byte, strides[bank], plane, has_colour)
            if not has_colour and not has_white:
                for i in range(len(plane)):
                    plane[i] = 0
        at = stop
    return run


@compiled("void(uint8[::1], float32[::1], int64[:, :, ::1], int64[::1], int64[:, ::1], int64, int64, float32[:, ::1])")
def _read_levels(
    levels: Levels,
    lights: NDArray[np.float32],
    letters: NDArray[np.int64],
    strides: NDArray[np.int64],
    runs: NDArray[np.int64],
    first: int,
    last: int,
    planes: NDArray[np.float32],
) -> None:
    """Write the light that levels make at pixels first to last into planes[:, :last - first]."""
    read_run(levels, lights, letters, strides, runs, 0, first, last, planes)
