"""How much of any 10 degree field of view a set of pixels fills, from one viewing point.

**Area of a pixel.** Its lit outline, and the dark gap around it up to GAP of visual angle on either side together: from
where people stand the lamps of a mesh run into one picture, the windows of a house do not.

**Windows.** Directions are sorted into bins of BIN degrees of longitude and latitude. A window is placed on every bin
centre, and takes every bin whose centre lies within 5 degrees + 2 slack + reach of it. slack is the half diagonal of
a bin, reach the half diagonal of the largest pixel. This covers *any* field of 5 degrees radius: its centre c lies
within slack of some bin centre w; a pixel it touches has its own centre within 5 degrees + reach of c, that centre
lies within slack of its bin's centre b; so |w b| <= 5 + 2 slack + reach. No field holds more than the window on it:
what passes here passes in every field. The price is that a window is up to 1.3 times larger than a field.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.geometry import longitude_latitude, rectangle_solid_angles
from facade.light.views import View, Windows
from facade.mapping.model import PixelMap

FIELD_RADIUS = np.radians(5.0)
AREA_SR = 0.25 * 2.0 * np.pi * (1.0 - np.cos(FIELD_RADIUS))
"""A quarter of a 10 degree field, 0.00598 sr (WCAG 2.2, "general flash and red flash thresholds": 0.006)."""

BIN = np.radians(0.5)
GAP = np.radians(1.0)


class Fields(View):
    """The windows of one viewing point. eye_m: (3,), venue axes. area_sr: float64 (P,), what each pixel counts."""

    def __init__(self, pixels: PixelMap, eye_m: tuple[float, float, float]) -> None:
        eye = np.asarray(eye_m, np.float64)
        across, up = _sides(pixels, eye)
        centre = pixels.position_m.astype(np.float64)
        reach_m = np.linalg.norm(np.linalg.norm([across, up], axis=2), axis=0) / 2
        distance_m = np.maximum(np.linalg.norm(centre - eye, axis=1), 0.01)
        reach = float(np.arctan(reach_m / distance_m).max())
        longitude, latitude = longitude_latitude(centre - eye)
        longitude = _uncut(longitude)
        around = float(np.ptp(longitude)) > 2.0 * (np.pi - FIELD_RADIUS - BIN * np.sqrt(2.0) - reach)
        column = np.floor((longitude - longitude.min()) / BIN).astype(np.int64)
        row = np.floor((latitude - latitude.min()) / BIN).astype(np.int64)
        shape = (int(row.max()) + 1, int(column.max()) + 1)
        radius = FIELD_RADIUS + BIN * np.sqrt(2.0) + reach
        windows = _windows(shape, float(latitude.min()) + BIN / 2, radius)
        area = rectangle_solid_angles(centre, across, up, eye)
        super().__init__(area, row * shape[1] + column, limit=AREA_SR, windows=windows, around=around)
        self.eye_m = eye_m

    @property
    def area_sr(self) -> NDArray[np.float64]:
        return self.area


def _uncut(longitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn longitudes so that the circle is cut in the middle of the widest stretch without pixels."""
    ordered = np.sort(longitude)
    gaps = np.diff(ordered, append=ordered[0] + 2.0 * np.pi)
    after = ordered[(int(gaps.argmax()) + 1) % len(ordered)]
    return np.asarray(np.mod(longitude - after + 1e-12, 2.0 * np.pi))


def _sides(pixels: PixelMap, eye: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sides (P, 3) of what each pixel counts: its outline and its share of narrow gaps."""
    distance = np.linalg.norm(pixels.position_m.astype(np.float64) - eye, axis=1)
    widened = pixels.size_m + (2.0 * np.tan(GAP / 2) * distance)[:, None]
    size = np.maximum(pixels.size_m, np.minimum(pixels.pitch_m, widened))
    yaw = np.radians([surface.yaw_deg for _, surface in pixels.surfaces])[pixels.surface]
    across = np.stack([np.cos(yaw), np.zeros_like(yaw), -np.sin(yaw)], axis=1) * size[:, :1]
    up = np.zeros_like(across)
    up[:, 1] = size[:, 1]
    return across, up


def _windows(shape: tuple[int, int], first_latitude: float, radius: float) -> Windows:
    """Lay a window on every column of every row of bins, and on rows above and below.

    A window takes the bins whose longitude differs by no more than the spherical law of cosines allows. Windows above
    and below the lit rows exist, left and right of them need not: moving such a window along its row onto the lit
    columns only adds to it.
    """
    n_rows, n_columns = shape
    k = int(np.ceil(radius / BIN))
    here = (first_latitude + BIN * np.arange(-k, n_rows + k))[:, None]
    there = (first_latitude + BIN * np.arange(n_rows))[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = (np.cos(radius) - np.sin(here) * np.sin(there)) / (np.cos(here) * np.cos(there))
    # Beyond a pole, or where every longitude is near enough: the whole row. Farther than the radius: nothing.
    beyond = (np.abs(here) >= np.pi / 2) | (np.abs(there) >= np.pi / 2) | (cosine <= -1.0)
    half = np.where(beyond, n_columns, np.floor(np.arccos(np.clip(cosine, -1.0, 1.0)) / BIN + 1e-9)).astype(np.int64)
    half = np.where((cosine > 1.0 + 1e-12) & ~beyond, -1, np.minimum(half, n_columns))
    apart = np.abs(np.arange(-k, n_rows + k)[:, None] - np.arange(n_rows)[None, :])
    half = np.where(apart <= k, half, -1)
    rectangles = [_rectangles(row) for row in half]
    inner, outer = (np.array(found, np.int64) for found in zip(*rectangles, strict=True))
    return Windows(shape, half, inner, outer)


def _rectangles(half: NDArray[np.int64]) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Return a large rectangle within a window and the smallest around it; half: of one row of Windows."""
    rows = np.flatnonzero(half >= 0)
    if len(rows) == 0:
        return (0, 0, 0), (0, 0, 0)
    outer = int(rows[0]), int(rows[-1]) + 1, int(half.max())
    if len(rows) != outer[1] - outer[0]:
        return (0, 0, 0), outer
    best, most = (0, 0, 0), 0
    for wide in np.unique(half[rows]).tolist():
        # Half widths grow towards the middle of a window: rows that are wide enough follow each other.
        enough = np.flatnonzero(half >= wide)
        first, last = int(enough[0]), int(enough[-1]) + 1
        if len(enough) == last - first and len(enough) * (2 * wide + 1) > most:
            best, most = (first, last, wide), len(enough) * (2 * wide + 1)
    return best, outer
