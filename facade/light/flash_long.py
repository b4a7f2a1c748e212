"""Long sequences: light that flashes two or three times a second, which no second forbids, and does not stop.

BT.1702 and Ofcom warn of them without a limit; EA IRIS names one, taken up here: four seconds out of five in which each
last second held two rises (four changes) or more. The rise that comes after those four seconds offends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RISES = 2
"""In one second."""
LONG_S = 4.0
OF_S = 5.0
SLOT_S = 0.1
"""Whether a pixel flashes is noted this often."""

_N_SLOTS = round(OF_S / SLOT_S)
_LONG_SLOTS = round(LONG_S / SLOT_S)

Mask = NDArray[np.bool_]


class LongSequences:
    """Of one rule. at: float32 (P,), when each pixel last rose after too long a sequence, -inf where none has."""

    def __init__(self, n: int) -> None:
        self.at = np.full(n, -np.inf, np.float32)
        self.excess = np.zeros(n, np.bool_)
        self._slots = np.zeros((_N_SLOTS, n), np.bool_)
        self._near = np.zeros(n, np.uint8)
        self._mask = np.zeros(n, np.bool_)
        self._slot = 0
        self._due = 0.0

    def look(self, rises: Mask, times: NDArray[np.float32], edge: np.float32) -> bool:
        """Write into excess which rises come too late in a sequence. times: of earlier rises, newest first."""
        if not rises.any():
            self.excess[:] = False
            return False
        np.greater(times[RISES - 2], edge, out=self.excess)
        np.logical_and(self.excess, rises, out=self.excess)
        np.greater_equal(self._near, np.uint8(_LONG_SLOTS), out=self._mask)
        np.logical_and(self.excess, self._mask, out=self.excess)
        return bool(self.excess.any())

    def offending_into(self, edge: np.float32, out: Mask) -> bool:
        """Write which pixels rose too late in a sequence in the last second, what was last looked at included."""
        np.greater(self.at, edge, out=out)
        np.logical_or(out, self.excess, out=out)
        return bool(out.any())

    def commit(self, times: NDArray[np.float32], now: float, edge: np.float32) -> None:
        """times: with the rises of now."""
        np.copyto(self.at, np.float32(now), where=self.excess)
        while self._due <= now:
            np.greater(times[RISES - 1], edge, out=self._mask)
            slot = self._slots[self._slot]
            np.subtract(self._near, slot.view(np.uint8), out=self._near)
            np.add(self._near, self._mask.view(np.uint8), out=self._near)
            np.copyto(slot, self._mask)
            self._slot = (self._slot + 1) % _N_SLOTS
            self._due += SLOT_S

    def rebase(self, by_s: float) -> None:
        self.at -= np.float32(by_s)
        self._due -= by_s

    def forget(self) -> None:
        self.at[:] = -np.inf
        self.excess[:] = False
        self._slots[:] = False
        self._near[:] = 0
        self._due = 0.0
