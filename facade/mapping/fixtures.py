"""Where a fixture's pixels are on its surface: grid, strip and points, in wiring order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facade.config.report import shown
from facade.config.venue import Fixture, Wiring
from facade.mapping.points import PointList, read_mask, read_points
from facade.mapping.problems import MOST_OF_A_KIND, VenueProblems

SMALLEST_PITCH_M = 0.005
LARGEST_PITCH_M = 20.0
"""Outside these a length was most likely written in millimetres or centimetres."""

MOST_PIXELS = 1_000_000
"""Of one fixture. More is a slip of the hand, and would fill the memory before anything else is checked."""

COINCIDENT_M = 0.001
LONE_PIXEL_M = 0.1
_DARK_GAP = 0.5

_KEYS = {
    "grid": ("columns", "rows", "pitch_m", "mask", "wiring", "at_m"),
    "strip": ("count", "end_m", "at_m"),
    "points": ("points_m", "file", "at_m"),
}
_NEEDED = {"grid": ("columns", "rows", "pitch_m"), "strip": ("count", "end_m"), "points": ()}
_SHAPE_KEYS = ("columns", "rows", "pitch_m", "mask", "wiring", "count", "end_m", "points_m", "file")


@dataclass(frozen=True, slots=True)
class PlacedPixels:
    """The n pixels of one fixture, in wiring order, on its surface.

    xyz_m: float64 (n, 3), metres from the surface's bottom-left corner, z out of it. size_m: float64 (n, 2), lit width
    and height. pitch_m: typical distance to the next pixel across and up. points: the file they came from, if any.
    """

    xyz_m: NDArray[np.float64]
    size_m: NDArray[np.float64]
    pitch_m: tuple[float, float]
    points: PointList | None = None


def place_pixels(fixture: Fixture, key: str, folder: Path | None, problems: VenueProblems) -> PlacedPixels | None:
    """Place one fixture's pixels.

    key: of the fixture in the venue, such as ``fixture.windows``. folder: where the venue's files lie.
    Adds everything that is wrong to problems; returns None where nothing can be placed.
    """
    before = len(problems)
    _check_keys(fixture, key, problems)
    if len(problems) > before:
        return None
    if fixture.shape == "grid":
        placed = _grid(fixture, key, folder, problems)
    elif fixture.shape == "strip":
        placed = _line(fixture)
    else:
        placed = _points(fixture, key, folder, problems)
    if placed is not None:
        _check_pitch(placed, key, problems)
        _check_coincident(placed, key, problems)
    return placed


def grid_order(columns: int, rows: int, wiring: Wiring) -> NDArray[np.int64]:
    """Return the cells of a grid in wiring order, int64 (columns * rows,), cell = row * columns + column.

    Row 0 is at the bottom, column 0 at the left.
    """
    cells = np.arange(columns * rows).reshape(rows, columns)
    if wiring.start.startswith("top"):
        cells = cells[::-1]
    if wiring.start.endswith("right"):
        cells = cells[:, ::-1]
    if wiring.along == "column":
        cells = cells.T
    if wiring.serpentine:
        cells = cells.copy()
        cells[1::2] = cells[1::2, ::-1]
    return cells.reshape(-1)


def _grid(fixture: Fixture, key: str, folder: Path | None, problems: VenueProblems) -> PlacedPixels | None:
    columns, rows, pitch = fixture.columns or 0, fixture.rows or 0, fixture.pitch_m or (1.0, 1.0)
    cells = grid_order(columns, rows, fixture.wiring)
    if fixture.mask is not None:
        file = _file_in(folder, fixture.mask, f"{key}.mask", problems)
        mask = read_mask(file, columns=columns, rows=rows, problems=problems) if file else None
        if mask is None:
            return None
        cells = cells[mask.reshape(-1)[cells]]
    xyz = np.zeros((len(cells), 3))
    xyz[:, 0] = fixture.at_m[0] + (cells % columns) * pitch[0]
    xyz[:, 1] = fixture.at_m[1] + (cells // columns) * pitch[1]
    return PlacedPixels(xyz, _sizes(fixture, len(cells), pitch), pitch)


def _line(fixture: Fixture) -> PlacedPixels:
    count, start = fixture.count or 1, np.array(fixture.at_m)
    end = np.array(fixture.end_m)
    xyz = np.zeros((count, 3))
    xyz[:, :2] = np.linspace(start, end, count)
    step = float(np.hypot(*(end - start))) / max(count - 1, 1)
    pitch = (step, step) if count > 1 else (LONE_PIXEL_M, LONE_PIXEL_M)
    return PlacedPixels(xyz, _sizes(fixture, count, pitch), pitch)


def _points(fixture: Fixture, key: str, folder: Path | None, problems: VenueProblems) -> PlacedPixels | None:
    points = None
    if fixture.points_m is not None:
        xyz = np.zeros((len(fixture.points_m), 3))
        xyz[:, :2] = np.array(fixture.points_m, dtype=np.float64).reshape(-1, 2)
        size = np.full((len(xyz), 2), np.nan)
    else:
        file = _file_in(folder, fixture.file or "", f"{key}.file", problems)
        points = read_points(file, problems) if file else None
        if points is None:
            return None
        xyz, size = points.xyz_m.copy(), points.size_m
    xyz[:, :2] += np.array(fixture.at_m)
    pitch = _typical_pitch(xyz)
    drawn = _sizes(fixture, len(xyz), pitch)
    return PlacedPixels(xyz, np.where(np.isnan(size), drawn, size), pitch, points)


def _sizes(fixture: Fixture, n: int, pitch: tuple[float, float]) -> NDArray[np.float64]:
    size = fixture.outline_m or (pitch[0] * _DARK_GAP, pitch[1] * _DARK_GAP)
    return np.tile(np.array(size), (n, 1))


def _typical_pitch(xyz: NDArray[np.float64]) -> tuple[float, float]:
    """Distance between neighbours: along the wiring, or if the points were spread evenly, whichever is less."""
    n = len(xyz)
    if n < 2:
        return LONE_PIXEL_M, LONE_PIXEL_M
    width, height = np.ptp(xyz[:, 0]), np.ptp(xyz[:, 1])
    even = max(np.sqrt(width * height / n), np.hypot(width, height) / (n - 1))
    along = np.median(np.linalg.norm(np.diff(xyz, axis=0), axis=1))
    pitch = float(min(even, along) if along else even)
    return pitch, pitch


def _file_in(folder: Path | None, name: str, key: str, problems: VenueProblems) -> Path | None:
    """The file a venue names, which must lie in the venue's folder, so that a venue can be copied whole."""
    if folder is None:
        fix = "Load the venue from a folder."
        problems.add(key, "a venue made in memory has no folder to find files in", fix=fix, value=shown(name))
        return None
    file = folder / name
    if not file.resolve().is_relative_to(folder.resolve()):
        fix = "Copy the file beside venue.toml and give its name."
        problems.add(key, "must lie in the venue's own folder", fix=fix, value=shown(name))
        return None
    return file


def _check_keys(fixture: Fixture, key: str, problems: VenueProblems) -> None:
    shape = fixture.shape
    for name in _NEEDED[shape]:
        if getattr(fixture, name) is None:
            problems.add(f"{key}.{name}", f'is missing; shape = "{shape}" needs it', fix="Add this key.")
    for name in _SHAPE_KEYS:
        if name in fixture.model_fields_set and name not in _KEYS[shape]:
            problems.add(f"{key}.{name}", f'has no meaning for shape = "{shape}"', fix="Remove this key.")
    if shape == "points" and (fixture.points_m is None) == (fixture.file is None):
        rule = 'shape = "points" needs either points_m or file'
        problems.add(key, rule, fix="Give one of the two." if fixture.file is None else "Remove one of the two.")
    cells = (fixture.columns or 0) * (fixture.rows or 0)
    if shape == "grid" and cells > MOST_PIXELS:
        rule = f"{cells:,} pixels in one fixture; {MOST_PIXELS:,} is the most"
        problems.add(key, rule, fix="Correct columns and rows, or make several fixtures.")
    if fixture.points_m is not None and not fixture.points_m:
        problems.add(f"{key}.points_m", "the list is empty", fix="Add a point for every pixel.")


def _check_pitch(placed: PlacedPixels, key: str, problems: VenueProblems) -> None:
    if len(placed.xyz_m) < 2:
        return
    for pitch in sorted(set(placed.pitch_m)):
        if pitch and not SMALLEST_PITCH_M <= pitch <= LARGEST_PITCH_M:
            rule = f"neighbouring pixels are {pitch:.4g} m apart; between 5 mm and 20 m is plausible"
            problems.add(key, rule, fix="Write lengths in metres.")


def _check_coincident(placed: PlacedPixels, key: str, problems: VenueProblems) -> None:
    place = np.round(placed.xyz_m / COINCIDENT_M).astype(np.int64)
    order = np.lexsort(place.T)
    same = np.flatnonzero(np.all(place[order][1:] == place[order][:-1], axis=1))
    for n in same[:MOST_OF_A_KIND]:
        a, b = sorted((int(order[n]), int(order[n + 1])))
        x, y, _ = placed.xyz_m[b]
        rule = f"pixels {a} and {b} are at the same place, {x:.3f}, {y:.3f} m"
        fix = "Correct one of the two positions."
        if placed.points is None:
            problems.add(key, rule, fix=fix)
        else:
            line = int(placed.points.lines[b])
            problems.add_in(placed.points.file, line, f"pixel {placed.points.ids[b]}", rule, fix=fix)
