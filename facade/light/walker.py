"""Takes all pixels of a venue through the walks of walks.py, with everything they need laid out at load."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import LUMINANCE_WEIGHTS
from facade.core.frame import Levels
from facade.light import walks
from facade.light.bank import LETTERS, Bank
from facade.light.curve import INDEX_MAX, INDEX_SCALE, InverseTable, inverse_table
from facade.light.quantise import phase_count, phase_offset, still_below, thresholds_of
from facade.light.stretches import Ints, gains_of, stretches_of
from facade.mapping.model import PixelMap

_NEVER = 0xFFFF
"""A word that is none."""


class Walker:
    """Adds up what the light of a frame draws, and turns it into the bytes of one levels array.

    every: (P,), of which pixel every how many-th frame is sent; None means all frames of all pixels. Patterns are made
    of the frames that are sent.
    """

    def __init__(
        self,
        pixels: PixelMap,
        bank_list: tuple[Bank, ...],
        levels: Levels,
        *,
        every: NDArray[np.intp] | None = None,
    ) -> None:
        rate_hz, kinds, of_pixel = pixels.venue.venue.rate_hz, np.ones(1, np.intp), None
        if every is not None:
            kinds, of_pixel = np.unique(every, return_inverse=True)
        self._stretches = stretches_of(pixels, bank_list, rates=of_pixel)
        self._levels = levels
        self._patterns = [(int(n), _pattern(phase_count(rate_hz / n))) for n in kinds.tolist()]
        self._turns = np.zeros((len(kinds), len(LETTERS)), np.uint8)
        self._thresholds = thresholds_of(pixels.n_pixels, bank_list)
        self._gains = np.tile(gains_of(bank_list), walks.BLOCK)
        self._draws = _draws(bank_list)
        self._room, self._index_room = np.zeros(4 * walks.BLOCK, np.float32), np.zeros(5 * walks.BLOCK, np.uint16)
        self._facts, self._drives, self._tables = _rows(bank_list)
        _write_fixed(bank_list, levels)

    def add_up(self, rgb: NDArray[np.float32], scales: NDArray[np.float32], sums: NDArray[np.float64]) -> None:
        """Add to sums (G + 1, 2) the amperes and candela that each power group draws at scales; see walks.add_up."""
        walks.add_up(
            rgb, self._stretches, self._gains, scales, self._facts, LUMINANCE_WEIGHTS, self._draws, sums, self._room
        )

    def redraw(self, bank_list: tuple[Bank, ...]) -> None:
        """Count with other amperes and candela of the same banks from the next frame on."""
        self._draws = _draws(bank_list)

    def write(self, rgb: NDArray[np.float32], scales: NDArray[np.float32], *, frame: int) -> int:
        """Write every pixel's bytes; see walks.write. Return how many pixels were not finite."""
        self._turn(frame)
        return walks.write(
            rgb,
            self._levels,
            self._stretches,
            self._gains,
            scales,
            self._facts,
            LUMINANCE_WEIGHTS,
            self._drives,
            self._tables,
            INDEX_SCALE,
            self._thresholds,
            self._turns,
            self._room,
            self._index_room,
        )

    def _turn(self, frame: int) -> None:
        for row, (n, pattern) in enumerate(self._patterns):
            self._turns[row] = pattern[frame // n % len(pattern)]


def _pattern(phases: int) -> NDArray[np.uint8]:
    """Return by how much the thresholds of R, G, B and W are turned in each frame of a pattern, (phases, 4)."""
    turns = [[phase_offset(frame, phases=phases, letter=letter) for letter in LETTERS] for frame in range(phases)]
    return np.array(turns, np.uint8)


def _rows(bank_list: tuple[Bank, ...]) -> tuple[Ints, Ints, NDArray[np.uint16]]:
    """Return facts, drives and tables as walks.py wants them. Profiles of one curve share their tables."""
    facts: list[tuple[int, ...]] = []
    drives: list[tuple[int, ...]] = []
    tables: dict[tuple[str, float, bool], InverseTable] = {}
    for bank in bank_list:
        profile, first, roots = bank.profile, len(drives), 0
        for drive in bank.drives:
            key = (profile.curve, profile.gamma, bool(drive.fine))
            if key not in tables:
                tables[key] = inverse_table(profile, fine=bool(drive.fine))
            light, row, roots = LETTERS.index(drive.letter), list(tables).index(key), tables[key].roots
            part = walks.COARSE if drive.fine else walks.LEVEL
            drives += [(light, slot, part, row) for slot in drive.coarse]
            drives += [(light, slot, walks.FINE, row) for slot in drive.fine]
        # A lamp that never alternates keeps its threshold at every word.
        still = still_below(profile) * 256 if profile.dither else _NEVER
        facts.append((bank.stride, roots, _how_white(bank), still, first, len(drives)))
    words = np.array([table.words for table in tables.values()], np.uint16).reshape(-1, INDEX_MAX + 1)
    return np.array(facts, np.int64).reshape(-1, 6), np.array(drives, np.int64).reshape(-1, 4), words


def _how_white(bank: Bank) -> int:
    if "W" not in bank.letters:
        return walks.NO_WHITE
    if bank.white_only:
        return walks.ALONE
    return walks.SUBTRACTED if bank.profile.white_mode == "subtract" else walks.ADDED


def _draws(bank_list: tuple[Bank, ...]) -> NDArray[np.float32]:
    """Return what a pixel of each bank draws at full drive of R, G, B and W, (B, 2, 4); see walks.add_up."""
    found = np.zeros((len(bank_list), 2, len(LETTERS)), np.float32)
    for rows, bank in zip(found, bank_list, strict=True):
        for row, each in zip(rows, (bank.profile.amps, bank.profile.candela), strict=True):
            if each is not None:
                row[:] = [value if letter in bank.letters else 0.0 for letter, value in zip(LETTERS, each, strict=True)]
    return found


def _write_fixed(bank_list: tuple[Bank, ...], levels: Levels) -> None:
    for bank in bank_list:
        for slot, channel in enumerate(bank.profile.channels):
            kind, _, value = channel.partition(":")
            if kind == "fixed":
                levels[bank.first_byte + slot] = int(value)
