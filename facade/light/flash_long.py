"""Long sequences: light that flashes two or three times a second, which no second forbids, and does not stop.

BT.1702 and Ofcom warn of them without a limit; EA IRIS names one, taken up here: four seconds out of five in which each
last second held two rises (four changes) or more. The rise that comes after those four seconds offends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.compiled import compiled
from facade.light.flash_look import CHUNK, OLDER
from facade.light.flash_rate import Bits, Chunked, Rates

RISES = 2
"""In one second."""
LONG_S = 4.0
OF_S = 5.0
SLOT_S = 0.1
"""Whether a pixel flashes is noted this often."""

_N_SLOTS = round(OF_S / SLOT_S)
_LONG_SLOTS = round(LONG_S / SLOT_S)
_N_RULES = 4

_NONE, _ALL_RULES = np.uint8(0), np.uint8(15)


class LongSequences:
    """Under all rules."""

    def __init__(self, rates: Rates, n_pixels: int) -> None:
        self._rises = rates.rises
        self._at = np.full((_N_RULES, n_pixels), -np.inf)
        self._slots = np.zeros((_N_SLOTS, n_pixels), np.uint8)
        self._near = np.zeros((_N_RULES, n_pixels), np.uint8)
        self._slot = 0
        self._due = 0.0

    def look(self, due: Bits, told: Chunked, first: int, over: Chunked) -> int:
        """Add to over, at bit 4 + rule, which rises come too late in a sequence. Return all bits of these.

        told: turned, of FlashRules. first: see Rates.
        """
        return int(_look(due, *told, self._rises, first, self._near, *over))

    def mark(self, over: Chunked, edge: float, marks: Chunked) -> None:
        """Add to marks, at bit 4 + rule, which pixels rose too late in the last second, the look's included."""
        _mark(*over, self._at, edge, *marks)

    def keep(self, over: Chunked, now: float, first: int) -> None:
        """Let the rises looked at happen. After that of Rates."""
        _keep(*over, now, self._at)
        while self._due <= now:
            _note(self._rises, first, self._slots[self._slot], self._near)
            self._slot = (self._slot + 1) % _N_SLOTS
            self._due += SLOT_S

    def forget(self) -> None:
        self._at[:] = -np.inf
        self._slots[:] = 0
        self._near[:] = 0
        self._due = 0.0


@compiled("int64(uint8[::1], uint8[::1], uint8[::1], int64[:, ::1], int64, uint8[:, ::1], uint8[::1], uint8[::1])")
def _look(
    due: Bits,
    turned: Bits,
    turned_in: Bits,
    rises: NDArray[np.int64],
    first: int,
    near: NDArray[np.uint8],
    excess: Bits,
    excess_in: Bits,
) -> int:
    some = 0
    for k in range(len(due)):
        lo, hi = k * CHUNK, min((k + 1) * CHUNK, near.shape[1])
        for rule in range(4):
            if due[k] == 0 or ((turned_in[k] >> rule) & 1) == 0:
                continue
            for i in range(lo, hi):
                is_near = ((rises[k, rule * CHUNK + i - lo] - first) & 0xFFFF) < OLDER
                if ((turned[i] >> rule) & 1) != 0 and is_near and near[rule, i] >= _LONG_SLOTS:
                    excess[i] |= np.uint8(16 << rule)
                    excess_in[k] |= np.uint8(16 << rule)
        some |= int(excess_in[k])
    return some


@compiled("void(uint8[::1], uint8[::1], float64[:, ::1], float64, uint8[::1], uint8[::1])")
def _mark(excess: Bits, excess_in: Bits, at: NDArray[np.float64], edge: float, marks: Bits, marks_in: Bits) -> None:
    for k in range(len(excess_in)):
        some = _NONE
        for rule in range(4):
            for i in range(k * CHUNK, min((k + 1) * CHUNK, at.shape[1])):
                now = ((excess_in[k] & excess[i]) >> (rule + 4)) & 1
                bit = np.uint8(16 << rule) if now != 0 or at[rule, i] > edge else _NONE
                marks[i] |= bit
                some |= bit
        marks_in[k] |= some


@compiled("void(uint8[::1], uint8[::1], float64, float64[:, ::1])")
def _keep(excess: Bits, excess_in: Bits, now: float, at: NDArray[np.float64]) -> None:
    for k in range(len(excess_in)):
        if (excess_in[k] >> 4) == 0:
            continue
        for i in range(k * CHUNK, min((k + 1) * CHUNK, at.shape[1])):
            for rule in range(4):
                if ((excess[i] >> (rule + 4)) & 1) != 0:
                    at[rule, i] = now


@compiled("void(int64[:, ::1], int64, uint8[::1], uint8[:, ::1])")
def _note(rises: NDArray[np.int64], first: int, slot: Bits, near: NDArray[np.uint8]) -> None:
    """Note which pixels flash now in place of what was noted OF_S ago, and count for how many slots each has."""
    before_last = 16 * (RISES - 1)
    for rule in range(4):
        bit = np.uint8(1 << rule)
        for i in range(len(slot)):
            word = rises[i // CHUNK, rule * CHUNK + i % CHUNK]
            now, before = (((word >> before_last) - first) & 0xFFFF) < OLDER, (slot[i] & bit) != 0
            near[rule, i] = np.uint8(near[rule, i] + np.uint8(now) - np.uint8(before))
            slot[i] = np.uint8((slot[i] & (_ALL_RULES ^ bit)) | (bit if now else _NONE))
