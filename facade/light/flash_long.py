"""Long sequences: light that flashes two or three times a second, which no second forbids, and does not stop.

BT.1702 and Ofcom warn of them without a limit; EA IRIS names one, taken up here: four seconds out of five in which each
last second held two rises (four changes) or more. The rise that comes after those four seconds offends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.compiled import compiled
from facade.light.flash_rate import Bits, Chunked, ChunkedMarks, Marks

RISES = 2
"""In one second."""
LONG_S = 4.0
OF_S = 5.0
SLOT_S = 0.1
"""Whether a pixel flashes is noted this often."""

_N_SLOTS = round(OF_S / SLOT_S)
_LONG_SLOTS = round(LONG_S / SLOT_S)

_NONE, _UNMARKED, _ALL_RULES = np.uint8(0), np.uint16(0), np.uint8(15)


class LongSequences:
    """Under all rules. times: of the latest rises, see Rates."""

    def __init__(self, times: NDArray[np.float32], *, chunk: int) -> None:
        n_rules, _, n = times.shape
        self._times, self._chunk = times, chunk
        self._at = np.full((n_rules, n), -np.inf, np.float32)
        self._slots = np.zeros((_N_SLOTS, n), np.uint8)
        self._near = np.zeros((n_rules, n), np.uint8)
        self._slot = 0
        self._due = 0.0

    def look(self, due: Bits, told: Chunked, edge: np.float32, over: Chunked) -> None:
        """Add to over, at bit 4 + rule, which rises come too late in a sequence. told: turned, of FlashRules."""
        _look(self._chunk, due, *told, self._times, self._near, edge, *over)

    def mark(self, over: Chunked, edge: np.float32, marks: ChunkedMarks) -> None:
        """Add to marks, at bit 12 + rule, which pixels rose too late in the last second, the look's included."""
        _mark(self._chunk, *over, self._at, edge, *marks)

    def keep(self, over: Chunked, now: float, edge: np.float32) -> None:
        """Let the rises looked at happen. After that of Rates."""
        _keep(self._chunk, *over, np.float32(now), self._at)
        while self._due <= now:
            _note(self._times, edge, self._slots[self._slot], self._near)
            self._slot = (self._slot + 1) % _N_SLOTS
            self._due += SLOT_S

    def rebase(self, by_s: float) -> None:
        self._at -= np.float32(by_s)
        self._due -= by_s

    def forget(self) -> None:
        self._at[:] = -np.inf
        self._slots[:] = 0
        self._near[:] = 0
        self._due = 0.0


@compiled(
    "void(int64, uint8[::1], uint8[::1], uint8[::1], float32[:, :, ::1], uint8[:, ::1], float32,"
    " uint8[::1], uint8[::1])"
)
def _look(
    chunk: int,
    due: Bits,
    turned: Bits,
    turned_in: Bits,
    times: NDArray[np.float32],
    near: NDArray[np.uint8],
    edge: np.float32,
    excess: Bits,
    excess_in: Bits,
) -> None:
    for k in range(len(due)):
        if not due[k]:
            continue
        some = _NONE
        for rule in range(times.shape[0]):
            if ((turned_in[k] >> rule) & 1) == 0:
                continue
            for i in range(k * chunk, min((k + 1) * chunk, len(turned))):
                rises = ((turned[i] >> rule) & 1) != 0
                if rises and times[rule, RISES - 2, i] > edge and near[rule, i] >= _LONG_SLOTS:
                    excess[i] |= np.uint8(16 << rule)
                    some |= np.uint8(16 << rule)
        excess_in[k] |= some


@compiled("void(int64, uint8[::1], uint8[::1], float32[:, ::1], float32, uint16[::1], uint16[::1])")
def _mark(
    chunk: int,
    excess: Bits,
    excess_in: Bits,
    at: NDArray[np.float32],
    edge: np.float32,
    marks: Marks,
    marks_in: Marks,
) -> None:
    for k in range(len(excess_in)):
        some = _UNMARKED
        for rule in range(at.shape[0]):
            for i in range(k * chunk, min((k + 1) * chunk, len(excess))):
                now = ((excess_in[k] & excess[i]) >> (rule + 4)) & 1
                bit = np.uint16(4096 << rule) if now != 0 or at[rule, i] > edge else _UNMARKED
                marks[i] |= bit
                some |= bit
        marks_in[k] |= some


@compiled("void(int64, uint8[::1], uint8[::1], float32, float32[:, ::1])")
def _keep(chunk: int, excess: Bits, excess_in: Bits, now: np.float32, at: NDArray[np.float32]) -> None:
    for k in range(len(excess_in)):
        if (excess_in[k] >> 4) == 0:
            continue
        for i in range(k * chunk, min((k + 1) * chunk, len(excess))):
            for rule in range(at.shape[0]):
                if ((excess[i] >> (rule + 4)) & 1) != 0:
                    at[rule, i] = now


@compiled("void(float32[:, :, ::1], float32, uint8[::1], uint8[:, ::1])")
def _note(times: NDArray[np.float32], edge: np.float32, slot: Bits, near: NDArray[np.uint8]) -> None:
    """Note which pixels flash now in place of what was noted OF_S ago, and count for how many slots each has."""
    for rule in range(times.shape[0]):
        latest, count = times[rule, RISES - 1], near[rule]
        bit = np.uint8(1 << rule)
        for i in range(len(slot)):
            now, before = latest[i] > edge, (slot[i] & bit) != 0
            count[i] = np.uint8(count[i] + np.uint8(now) - np.uint8(before))
            slot[i] = np.uint8((slot[i] & (_ALL_RULES ^ bit)) | (bit if now else _NONE))
