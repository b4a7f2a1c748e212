"""Stripes: patterns that can harm without flashing, in recorded or rendered light. For reports; nothing is held back.

Wilkins, Emmett and Harding (Epilepsia 46, 2005) and the consensus of the Epilepsy Foundation of America (Harding et
al., the same volume) name them: more than five pairs of light and dark stripes, clearly discernible, in any direction,
that fill more than 0.006 sr for half a second or longer, the lightest above 50 cd/m2; more than eight where they stand
still or drift one way. Here stripes stand still while no pixel of the field changes by CONTRAST, seen in every frame.
Drift is not told from going to and fro: whatever moves is judged as the worse of the two.

Every field of 10 degrees, from the venue's viewpoints, is cut across in EIGHT directions. Stripes are discernible where
that cut explains DISCERNIBLE of all variation in the field. Without viewpoints the facade is one field. Stripes that
run between two of the eight directions smear across the cut: up to 11 degrees beside it, only few and wide ones are
sure to be seen, and finer ones may be missed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.core.geometry import longitude_latitude
from facade.light.fields import AREA_SR, FIELD_RADIUS, Fields
from facade.mapping.model import PixelMap

MOST_PAIRS = 5
MOST_STILL_PAIRS = 8
"""Of stripes that stand still."""
BRIGHT_CD_M2 = 50.0
LASTS_S = 0.5
LOOK_S = 0.1
"""The light is looked at this often."""

EIGHT = 8
DISCERNIBLE = 0.5
CONTRAST = 0.1
"""Michelson contrast of neighbouring stripes, at least."""

_FACTOR = (1.0 + CONTRAST) / (1.0 - CONTRAST)

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StripeFinding:
    """One stretch of time with stripes. angle_deg: across them, from horizontal. area_sr: None without viewpoints.

    still: whether they stood still.
    """

    start_s: float
    end_s: float
    pairs: float
    angle_deg: float
    cd_m2: float
    area_sr: float | None
    still: bool

    def __str__(self) -> str:
        where = "" if self.area_sr is None else f", on {self.area_sr:.4f} sr of a 10° field"
        how, most = ("standing still", MOST_STILL_PAIRS) if self.still else ("moving", MOST_PAIRS)
        return (
            f"{self.start_s:.2f} to {self.end_s:.2f} s: stripes: {self.pairs:g} light and dark pairs at "
            f"{self.angle_deg:g}°, {how}, up to {self.cd_m2:.0f} cd/m²{where}; more than {most} can be too many"
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    pairs: float
    angle_deg: float
    cd_m2: float
    area: float
    still: bool


class StripeWatch:
    """Looks for stripes in one frame after the other. white_cd_m2: float32 (P,), luminance of each pixel at light 1."""

    def __init__(self, pixels: PixelMap, fields: tuple[Fields, ...], white_cd_m2: NDArray[np.float32]) -> None:
        self._white = white_cd_m2.astype(np.float64)
        self._strict = not fields
        self._tiles = _flat(pixels) if not fields else [t for f in fields for t in _tiles(pixels, f)]
        self._since: list[float | None] = [None] * len(self._tiles)
        # Of every pixel, between two looks; and when any pixel of a tile last changed, in looks.
        self._least, self._most = np.full(pixels.n_pixels, np.inf), np.zeros(pixels.n_pixels)
        self._moved_s = [-np.inf] * len(self._tiles)
        self._worst: _Seen | None = None
        self._found: list[StripeFinding] = []
        self._open_s: float | None = None
        self._due_s = 0.0

    def look(self, luminance: NDArray[np.float32], now: float) -> None:
        """luminance: float32 (P,), relative to each pixel's white."""
        light = luminance * self._white
        np.minimum(self._least, light, out=self._least)
        np.maximum(self._most, light, out=self._most)
        if now < self._due_s - 1e-9:
            return
        self._due_s = now + LOOK_S
        changed = self._most > self._least * _FACTOR
        lasting: list[tuple[float, _Seen]] = []
        for k, tile in enumerate(self._tiles):
            if changed[tile.chosen].any():
                self._moved_s[k] = now
            seen = tile.stripes(light, still=now - self._moved_s[k] > LASTS_S + 1e-9)
            since = self._since[k]
            self._since[k] = None if seen is None else now if since is None else since
            if seen is not None and since is not None and now - since >= LASTS_S - 1e-9:
                lasting.append((since, seen))
        np.copyto(self._least, light)
        np.copyto(self._most, light)
        if not lasting:
            self._close(now)
            return
        since, seen = max(lasting, key=lambda found: found[1].area)
        self._open_s = since if self._open_s is None else min(self._open_s, since)
        if self._worst is None or seen.area > self._worst.area:
            self._worst = seen

    def findings(self, end_s: float) -> tuple[StripeFinding, ...]:
        self._close(end_s)
        return tuple(self._found)

    def _close(self, now: float) -> None:
        seen = self._worst
        if self._open_s is not None and seen is not None:
            area = None if self._strict else seen.area
            found = StripeFinding(self._open_s, now, seen.pairs, seen.angle_deg, seen.cd_m2, area, seen.still)
            self._found.append(found)
        self._open_s = self._worst = None


class _Tile:
    """One field. chosen: its pixels. x, y: (n,), where they are, in any unit; step: from one to the next."""

    def __init__(self, chosen: NDArray[np.intp], x: Values, y: Values, step: float, area: Values, limit: float) -> None:
        self.chosen, self._area, self._limit = chosen, area, limit
        self._cuts = []
        for k in range(EIGHT):
            angle = np.pi * k / EIGHT
            along = x * np.cos(angle) + y * np.sin(angle)
            # Half a step: lines of a grid stay apart, whichever way it is cut.
            line = np.floor((along - along.min()) / (step / 2) + 1e-6).astype(np.intp)
            self._cuts.append((line, np.maximum(np.bincount(line), 1), np.bincount(line) > 0))

    def stripes(self, light: Values, *, still: bool) -> _Seen | None:
        """Return the largest pattern of too many stripes, or None. still: whether this field has not changed lately."""
        most = MOST_STILL_PAIRS if still else MOST_PAIRS
        own = light[self.chosen]
        if float(own.max()) <= BRIGHT_CD_M2:
            return None
        # Measured from the mean, so that sums of squares are variations.
        mean = float(own.mean())
        own = own - mean
        total = float(own @ own)
        if total <= 0.0:
            return None
        best: _Seen | None = None
        for k, (line, counts, filled) in enumerate(self._cuts):
            means = np.bincount(line, weights=own) / counts
            between = float(counts @ (means * means))
            if between < DISCERNIBLE * total:
                continue
            n, first, last, brightest = _alternations(means[filled] + mean)
            if n <= 2 * most or brightest <= BRIGHT_CD_M2:
                continue
            lines = np.flatnonzero(filled)
            inside = (line >= lines[first]) & (line <= lines[last])
            area = float(self._area[inside].sum())
            if area > self._limit and (best is None or area > best.area):
                best = _Seen(n / 2, 180.0 * k / EIGHT, brightest, area, still)
        return best


def _alternations(means: Values) -> tuple[int, int, int, float]:
    """Return how many light and dark stripes follow each other, the first and the last line of them, and the brightest.

    A stripe differs from the one before by CONTRAST, measured from the extreme reached since.
    """
    n, first, last, up = 1, 0, 0, 0
    low = high = float(means[0])
    for k, value in enumerate(means.tolist()):
        if up >= 0 and value * _FACTOR <= high and high > 0.0:
            n, up, low, high, last = n + 1, -1, value, value, k
        elif up <= 0 and value >= low * _FACTOR and value > 0.0:
            n, up, low, high, last = n + 1, 1, value, value, k
        low, high = min(low, value), max(high, value)
        if n == 1:
            first = k
    return n, first, last, float(means.max())


def _flat(pixels: PixelMap) -> list[_Tile]:
    """The facade as one field, seen from straight ahead."""
    x, y = pixels.position_m[:, 0].astype(np.float64), pixels.position_m[:, 1].astype(np.float64)
    area = np.prod(np.maximum(pixels.size_m, pixels.pitch_m), axis=1).astype(np.float64)
    step = float(np.median(pixels.pitch_m.min(axis=1)))
    everything = np.arange(pixels.n_pixels, dtype=np.intp)
    return [_Tile(everything, x, y, max(step, 1e-3), area, 0.25 * float(area.sum()))]


def _tiles(pixels: PixelMap, fields: Fields) -> list[_Tile]:
    """Fields half a radius apart, across all that is seen from one place."""
    offset = pixels.position_m.astype(np.float64) - np.asarray(fields.eye_m)
    longitude, latitude = longitude_latitude(offset)
    distance = np.maximum(np.linalg.norm(offset, axis=1), 0.01)
    step = float(np.median(np.arctan(pixels.pitch_m.min(axis=1) / distance)))
    found = []
    for up in _centres(latitude):
        for right in _centres(longitude):
            x = (longitude - right) * np.cos(latitude)
            y = latitude - up
            chosen = np.flatnonzero(np.hypot(x, y) <= FIELD_RADIUS).astype(np.intp)
            area = fields.area_sr[chosen]
            if len(chosen) > 2 * MOST_PAIRS and float(area.sum()) > AREA_SR:
                found.append(_Tile(chosen, x[chosen], y[chosen], max(step, 1e-6), area, AREA_SR))
    return found


def _centres(angles: Values) -> Values:
    low, high = float(angles.min()), float(angles.max())
    n = max(1, int(np.ceil((high - low) / (FIELD_RADIUS / 2))) - 1)
    middle = (low + high) / 2
    return np.asarray(middle + FIELD_RADIUS / 2 * (np.arange(n) - (n - 1) / 2))
