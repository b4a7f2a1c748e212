"""Which light leaves now: the newest frame, the last one held, the way to the safe look, or the safe look itself."""

from __future__ import annotations

import numpy as np

from facade.config.venue import SafeLook
from facade.core.errors import MappingError
from facade.core.frame import Rgb
from facade.delivery.ramp import Ramp

HELD_AFTER_S = 0.25
"""A renderer that is silent for less is merely slow; nothing fades sooner, whatever hold_s says."""

BACK_S = 0.3
"""From the safe look to the first new frame."""


class Picture:
    """Holds the last frame, fades to the safe look when no more come, and comes back at the first new one.

    Before the first frame the safe look is on.
    """

    def __init__(self, n_pixels: int, safe: SafeLook, *, back_s: float = BACK_S) -> None:
        self._last: Rgb = np.zeros((n_pixels, 3), np.float32)
        self._safe: Rgb = np.tile(np.asarray(safe.color, np.float32), (n_pixels, 1))
        self._mixed: Rgb = np.zeros((n_pixels, 3), np.float32)
        self._part: Rgb = np.zeros((n_pixels, 3), np.float32)
        self._hold_s = max(safe.hold_s, HELD_AFTER_S)
        self._fade_s = safe.fade_s
        self._back_s = back_s
        self._safety = Ramp(1.0, seconds=safe.fade_s)
        self._last_at: float | None = None
        self.look = "safe"

    @property
    def safe(self) -> Rgb:
        """The safe look, float32 (P, 3)."""
        return self._safe

    def take(self, rgb: Rgb, *, now: float) -> None:
        """Keep a new frame, which is not copied and stays as it is until the next one is taken.

        Raises MappingError if it is not of this venue's size.
        """
        if rgb.shape != self._last.shape:
            raise MappingError(f"a frame of shape {rgb.shape}: this venue has {len(self._last)} pixels of 3 colours.")
        self._last = np.ascontiguousarray(rgb, np.float32)
        self._last_at = now

    def at(self, now: float, *, delta_s: float) -> Rgb:
        """Return what shows now, float32 (P, 3); not to be modified. delta_s: since the last call."""
        age = float("inf") if self._last_at is None else now - self._last_at
        missing = age > self._hold_s
        self._safety.target = 1.0 if missing else 0.0
        safety = self._safety.step(delta_s, seconds=self._fade_s if missing else self._back_s)
        self.look = _name(safety, missing=missing, held=age > HELD_AFTER_S)
        if safety <= 0.0:
            return self._last
        if safety >= 1.0:
            return self._safe
        np.multiply(self._last, np.float32(1.0 - safety), out=self._mixed)
        np.multiply(self._safe, np.float32(safety), out=self._part)
        self._mixed += self._part
        return self._mixed


def _name(safety: float, *, missing: bool, held: bool) -> str:
    if missing:
        return "safe" if safety >= 1.0 else "fading"
    return "held" if held else "live"
