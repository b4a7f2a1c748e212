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

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from facade.core.geometry import longitude_latitude, rectangle_solid_angles
from facade.mapping.model import PixelMap

FIELD_RADIUS = np.radians(5.0)
AREA_SR = 0.25 * 2.0 * np.pi * (1.0 - np.cos(FIELD_RADIUS))
"""A quarter of a 10 degree field, 0.00598 sr (WCAG 2.2, "general flash and red flash thresholds": 0.006)."""

BIN = np.radians(0.5)
GAP = np.radians(1.0)


class Fields:
    """The windows of one viewing point. eye_m: (3,), venue axes.

    area_sr: float64 (P,), what each pixel counts. limit: what may flash of a field, sr.
    Nothing here allocates more than a grid of bins once it is made.
    """

    def __init__(self, pixels: PixelMap, eye_m: tuple[float, float, float]) -> None:
        eye = np.asarray(eye_m, np.float64)
        across, up = _sides(pixels, eye)
        centre = pixels.position_m.astype(np.float64)
        self.area_sr = rectangle_solid_angles(centre, across, up, eye)
        self.eye_m = eye_m
        self._chosen = np.zeros(pixels.n_pixels)
        reach_m = np.linalg.norm(np.linalg.norm([across, up], axis=2), axis=0) / 2
        distance_m = np.maximum(np.linalg.norm(centre - eye, axis=1), 0.01)
        reach = float(np.arctan(reach_m / distance_m).max())
        longitude, latitude = longitude_latitude(centre - eye)
        longitude = _uncut(longitude)
        self._around = float(np.ptp(longitude)) > 2.0 * (np.pi - FIELD_RADIUS - BIN * np.sqrt(2.0) - reach)
        column = np.floor((longitude - longitude.min()) / BIN).astype(np.int64)
        row = np.floor((latitude - latitude.min()) / BIN).astype(np.int64)
        self._shape = (int(row.max()) + 1, int(column.max()) + 1)
        self._bin = row * self._shape[1] + column
        radius = FIELD_RADIUS + BIN * np.sqrt(2.0) + reach
        self._make_windows(_half_widths(self._shape, float(latitude.min()) + BIN / 2, radius))
        self.limit = AREA_SR

    def _make_windows(self, halves: NDArray[np.int64]) -> None:
        """Lay views over the running sums, so that windows are differences of slices. halves: of _half_widths."""
        n_rows, n_columns = self._shape
        n_high = halves.shape[1]
        k = (len(halves) - 1) // 2
        widest = min(2 * int(halves.max()) + 1, n_columns)
        # Running sums along each row of bins, with what is left of the first column and right of the last beside them.
        self._padded = np.zeros((n_rows, n_columns + 1 + 2 * widest))
        self._sums = self._padded[:, widest : widest + n_columns + 1]
        self._beyond = self._padded[:, widest + n_columns + 1 :]
        self._in_windows = np.zeros(n_high * n_columns)
        self.n_windows = self._in_windows.size
        self._windows, self._spare = self._in_windows.reshape(n_high, n_columns), np.zeros((n_high, n_columns))
        self._slices = []
        for above, first, last, half in _alike(halves):
            source = self._padded[first + above - 2 * k : last + above - 2 * k]
            high, low = widest + half + 1, widest - half
            parts = source[:, high : high + n_columns], source[:, low : low + n_columns]
            self._slices.append((*parts, self._spare[first:last], self._windows[first:last]))
        rows = np.arange(-k, n_rows + k)
        self._box_rows = np.clip([rows - k, rows + k + 1], 0, n_rows).astype(np.intp)
        self._below = np.zeros((n_rows + 1, self._padded.shape[1]))
        self._band, self._band_spare = (np.zeros((n_high, self._padded.shape[1])) for _ in range(2))
        self._box = np.zeros((n_high, n_columns))
        self._box_sides = self._band[:, 2 * widest + 1 :], self._band[:, :n_columns]

    def most_sr(self, chosen: NDArray[np.bool_]) -> float:
        """Return at least as much as chosen pixels (P,) fill of any field, in steradians.

        Exact to the windows above where it is more than is allowed; else their sum, or AREA_SR.
        """
        np.multiply(self.area_sr, chosen, out=self._chosen)
        total = float(self._chosen.sum())
        # With light all around there is no cut that no window crosses: the sum is still never too small.
        if total <= AREA_SR or self._around:
            return total
        self._fill_bins()
        if not self._boxes_matter():
            return float(AREA_SR)
        self._fill_windows()
        return float(self._in_windows.max())

    def windows_into(self, chosen: NDArray[np.bool_], out: NDArray[np.float64]) -> bool:
        """Write what chosen pixels fill of every window, (n_windows,), unless all together are allowed.

        Returns whether it was written.
        """
        np.multiply(self.area_sr, chosen, out=self._chosen)
        total = float(self._chosen.sum())
        if total <= AREA_SR:
            return False
        if self._around:
            out[:] = total
            return True
        self._fill_bins()
        if not self._boxes_matter():
            return False
        self._fill_windows()
        np.copyto(out, self._in_windows)
        return True

    def _fill_bins(self) -> None:
        """Sums along every row of bins, as windows are read from them."""
        n_rows, n_columns = self._shape
        in_bins = np.bincount(self._bin, weights=self._chosen, minlength=n_rows * n_columns)
        np.cumsum(in_bins.reshape(self._shape), axis=1, out=self._sums[:, 1:])
        self._beyond[:] = self._sums[:, -1:]

    def _boxes_matter(self) -> bool:
        """Whether any rectangle around a window holds more than is allowed: windows lie within, and cost far more."""
        np.cumsum(self._padded, axis=0, out=self._below[1:])
        np.take(self._below, self._box_rows[1], axis=0, out=self._band, mode="clip")
        np.take(self._below, self._box_rows[0], axis=0, out=self._band_spare, mode="clip")
        self._band -= self._band_spare
        np.subtract(*self._box_sides, out=self._box)
        return bool(self._box.max() > AREA_SR)

    def _fill_windows(self) -> None:
        self._in_windows[:] = 0.0
        for high, low, spare, windows in self._slices:
            np.subtract(high, low, out=spare)
            np.add(windows, spare, out=windows)


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


def _half_widths(shape: tuple[int, int], first_latitude: float, radius: float) -> NDArray[np.int64]:
    """Return how many bins left and right of its middle a window takes of a row, (2k+1, rows + 2k); -1 for none.

    [m, i]: of row i + m - 2k, for the window on row i - k. It takes the bins whose longitude differs by no more than
    the spherical law of cosines allows. Windows above and below the lit rows exist, left and right of them need not:
    moving such a window along its row onto the lit columns only adds to it.
    """
    n_rows, n_columns = shape
    k = int(np.ceil(radius / BIN))
    source = np.arange(-k, k + 1)[:, None] + np.arange(-k, n_rows + k)[None, :]
    here = (first_latitude + BIN * np.arange(-k, n_rows + k))[None, :]
    there = first_latitude + BIN * source
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = (np.cos(radius) - np.sin(here) * np.sin(there)) / (np.cos(here) * np.cos(there))
    # Beyond a pole, or where every longitude is near enough: the whole row. Farther than the radius: nothing.
    beyond = (np.abs(here) >= np.pi / 2) | (np.abs(there) >= np.pi / 2) | (cosine <= -1.0)
    half = np.where(beyond, n_columns, np.floor(np.arccos(np.clip(cosine, -1.0, 1.0)) / BIN + 1e-9)).astype(np.int64)
    half = np.where((cosine > 1.0 + 1e-12) & ~beyond, -1, half)
    return np.where((source < 0) | (source >= n_rows), -1, np.minimum(half, n_columns))


def _alike(halves: NDArray[np.int64]) -> Iterator[tuple[int, int, int, int]]:
    """Yield (m, first i, last i + 1, half width) of rows that follow each other with one half width, none left out."""
    for m, row in enumerate(halves.tolist()):
        first = 0
        for half, same in groupby(row):
            last = first + len(list(same))
            if half >= 0:
                yield m, first, last, half
            first = last
