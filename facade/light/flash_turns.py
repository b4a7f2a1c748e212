"""Flashes of a whole field of view, whichever pixels make them: halves in counterphase, quarters in turn.

Each pixel may keep the rate and the field still flash far more often, when one area goes up as another goes down. WCAG
speaks of "flashes occurring concurrently" and does not say whether flashes in different places add up; here they do:

  a field rises   when pixels that fill more than a quarter of it rise within CONCURRENT_S of each other
  a field falls   when so many fall; each rise but the first needs a fall of its own, before it or at the same time.
                  A wipe or a dissolve is one rise, however long

and a field that would rise a fourth time within a second offends. Fields are the windows of fields.py. Without
viewpoints the facade is taken for a screen: a quarter of all its lit area (ITU-R BT.1702 speaks of the screen).
Rises that follow the field's last one by less than CONCURRENT_S belong to it; so no rise counts twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facade.mapping.model import PixelMap

CONCURRENT_S = 0.04
"""One picture of 25 Hz television, for which BT.1702 was written: what happens within it happens at once."""

QUARTER = 0.25
_TIME_ROUNDING_S = 1e-4

Mask = NDArray[np.bool_]
Areas = NDArray[np.float64]


class View(Protocol):
    """Fields seen from one place. limit: the area that may flash in each of them."""

    limit: float
    n_windows: int

    def windows_into(self, chosen: Mask, out: Areas) -> bool:
        """Write what chosen pixels fill of every window; return whether it may be more than limit in any of them."""


class Screen:
    """The facade as one screen, for a venue that does not say where people stand. Areas are square metres."""

    def __init__(self, pixels: PixelMap) -> None:
        self._area = np.prod(np.maximum(pixels.size_m, pixels.pitch_m), axis=1).astype(np.float64)
        self.limit = QUARTER * float(self._area.sum()) * (1.0 + 1e-9)
        first = float(self._area[0])
        # Of pixels of one size it is enough to know how many.
        self._each = first if bool(np.all(self._area == first)) else 0.0
        self.n_windows = 1

    def windows_into(self, chosen: Mask, out: Areas) -> bool:
        if self._each:
            out[0] = self._each * np.count_nonzero(chosen)
        else:
            out[0] = np.add.reduce(self._area, where=chosen)
        return bool(out[0] > self.limit)


class Turns:
    """Rises of every field under one rule. views: from where people look. rate_hz: the most frames a second."""

    def __init__(self, views: Sequence[View], n_pixels: int, *, rate_hz: float, max_flashes: int) -> None:
        depth = int(np.ceil(CONCURRENT_S * rate_hz)) + 1
        self._rose, self._fell = _Recent(n_pixels, depth), _Recent(n_pixels, depth)
        self._views = tuple(_Windows(view, depth=max_flashes + 1) for view in views)
        self.over = 0.0

    def look(self, rises: Mask, falls: Mask, now: float, edge: np.float32) -> bool:
        """Return whether some field would rise once too often. over: by how much its area exceeds what is allowed."""
        self.over = 0.0
        for view in self._views:
            view.skip()
        if not rises.any():
            return False
        rose = self._rose.with_(rises, now)
        fell = self._fell.with_(falls, now) if falls.any() else None
        for view in self._views:
            self.over = max(self.over, view.look(rose, fell, now, edge))
        return self.over > 0.0

    def offends(self, edge: np.float32) -> bool:
        """Whether a field has risen too often in the second that ends now, what was last looked at included."""
        return self.over > 0.0 or any(view.offends(edge) for view in self._views)

    def fastest(self) -> float:
        """Return how often a second the busiest field rises."""
        return max(view.fastest() for view in self._views)

    def commit(self, rises: Mask, falls: Mask, now: float) -> None:
        fell = self._fell.with_(falls, now) if falls.any() else None
        for view in self._views:
            view.commit(fell, now)
        if rises.any():
            self._rose.add(rises, now)
        if fell is not None:
            self._fell.add(falls, now)

    def rebase(self, by_s: float) -> None:
        for times in (self._rose.times, self._fell.times, *(view.times for view in self._views)):
            times -= np.float32(by_s)

    def forget(self, *, spent: bool) -> None:
        self._rose.times[:] = self._fell.times[:] = -np.inf
        for view in self._views:
            view.forget(spent=spent)


class _Recent:
    """Which pixels changed in the last few frames. times: float32 (depth,)."""

    def __init__(self, n_pixels: int, depth: int) -> None:
        self.times = np.full(depth, -np.inf, np.float32)
        self._masks = np.zeros((depth, n_pixels), np.bool_)
        self._together = np.zeros(n_pixels, np.bool_)
        self._next = 0

    def with_(self, changed: Mask, now: float) -> Mask:
        """Return changed, and all that changed less than CONCURRENT_S ago."""
        np.copyto(self._together, changed)
        for at, mask in zip(self.times, self._masks, strict=True):
            if now - at < CONCURRENT_S - _TIME_ROUNDING_S:
                np.logical_or(self._together, mask, out=self._together)
        return self._together

    def add(self, changed: Mask, now: float) -> None:
        np.copyto(self._masks[self._next], changed)
        self.times[self._next] = now
        self._next = (self._next + 1) % len(self.times)


class _Windows:
    """The windows of one view. times: float32 (depth, windows), when each rose, newest first, and last when it fell."""

    def __init__(self, view: View, *, depth: int) -> None:
        n = view.n_windows
        self._view = view
        self.times = np.full((depth + 1, n), -np.inf, np.float32)
        self._rose, self._fell = self.times[:depth], self.times[depth]
        self.event = False
        self._falling: bool | None = None
        self._area = np.zeros(n)
        self._armed, self._rises, self._falls, self._mask = (np.zeros(n, np.bool_) for _ in range(4))
        self.forget(spent=False)

    def look(self, rose: Mask, fell: Mask | None, now: float, edge: np.float32) -> float:
        """Return the area of the fullest window that would rise too often as a factor of what is allowed, or 0."""
        self.event = self._changed(rose, self._rose[0], now, self._rises) and bool(self._rises.any())
        self._falling = None
        if not self.event:
            return 0.0
        over = self._area
        if fell is not None and not self._armed.all():
            over = over.copy()
            self._falling = self._changed(fell, self._fell, now, self._falls)
            np.logical_or(self._falls, self._armed, out=self._mask)
            np.logical_and(self._rises, self._mask, out=self._rises)
        else:
            np.logical_and(self._rises, self._armed, out=self._rises)
        np.greater(self._rose[-2], edge, out=self._mask)
        np.logical_and(self._mask, self._rises, out=self._mask)
        return float(over.max(where=self._mask, initial=0.0)) / self._view.limit

    def skip(self) -> None:
        """Nothing rises in the frame that is looked at."""
        self.event, self._falling = False, None

    def offends(self, edge: np.float32) -> bool:
        return bool((self._rose[-1] > edge).any())

    def fastest(self) -> float:
        known = np.isfinite(self._rose[-1])
        if not known.any():
            return 0.0
        span = float((self._rose[0, known] - self._rose[-1, known]).min())
        return (len(self._rose) - 1) / max(span, 1e-3)

    def commit(self, fell: Mask | None, now: float) -> None:
        """Let the rises looked at happen, and what fell: a fall lets a field rise again, once, at once or later."""
        falls, rises = self._falls, self._rises
        # Where every field may rise anyhow and none did, a fall changes nothing.
        matters = self.event or not self._armed.all()
        falling = False
        if fell is not None and matters:
            # What was just looked at is known already.
            falling = self._changed(fell, self._fell, now, falls) if self._falling is None else self._falling
        if self.event:
            for row in range(len(self._rose) - 1, 0, -1):
                np.copyto(self._rose[row], self._rose[row - 1], where=rises)
            np.copyto(self._rose[0], np.float32(now), where=rises)
            # Those that rise by the fall of this very frame have used it up.
            np.greater(rises, self._armed, out=self._mask)
            np.greater(self._armed, rises, out=self._armed)
        else:
            self._mask[:] = False
        if falling:
            np.copyto(self._fell, np.float32(now), where=falls)
            np.greater(falls, self._mask, out=falls)
            np.logical_or(self._armed, falls, out=self._armed)

    def forget(self, *, spent: bool) -> None:
        self.times[:] = -np.inf
        self._rose[:-1] = -2 * CONCURRENT_S if spent else -np.inf
        self._armed[:] = True
        self.event = False

    def _changed(self, together: Mask, last: NDArray[np.float32], now: float, out: Mask) -> bool:
        """Write which windows change, unless their last such change was just now; return whether any might."""
        if not self._view.windows_into(together, self._area):
            out[:] = False
            return False
        np.greater(self._area, self._view.limit, out=out)
        np.less(last, np.float32(now - CONCURRENT_S + _TIME_ROUNDING_S), out=self._mask)
        np.logical_and(out, self._mask, out=out)
        return True
