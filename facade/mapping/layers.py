"""Where a layer's picture falls on the venue: which part of it each pixel shows, and which pixels show it at all.

Worked out once per layer, for every pixel, so that a placed layer costs as much a frame as any other. Read from the
picture outwards: a part of it is cut out (crop), repeated (tile), mirrored, and turned about the middle of the surface,
enlarged as far as it must be to leave no corner empty. Nothing is stretched by turning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.config.show import Layer, Place, Show
from facade.config.venue import Surface, Venue
from facade.core.errors import Problem, did_you_mean
from facade.mapping.model import PixelMap

_LEAST_M = 1.0e-6
"""A surface with a single point on it still has a size to divide by."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a layer is told about each pixel instead of what the venue says.

    uv: float32 (P, 2), the place in the layer's picture. size_m: float32 (P, 2), what of the picture the pixel covers,
    in metres of a picture as large as the venue. shown: bool (P,), or None where every pixel shows the layer.
    """

    uv: NDArray[np.float32]
    size_m: NDArray[np.float32]
    shown: NDArray[np.bool_] | None


def ground_of(pixels: PixelMap, layer: Layer) -> Ground:
    """Return where a layer falls. Names the venue does not have count for nothing; ``layer_problems`` tells them."""
    uv, size_m = pixels.uv, pixels.size_m
    if layer.place:
        uv, size_m = uv.copy(), size_m.copy()
        index = {name: n for n, (name, _) in enumerate(pixels.surfaces)}
        for place in layer.place:
            on = pixels.surface == index.get(place.surface, -1)
            if on.any():
                uv[on], size_m[on] = _placed(pixels, place, on, pixels.surfaces[index[place.surface]][1])
    return Ground(uv, size_m, _shown(pixels, layer))


def layer_problems(show: Show, venue: Venue) -> list[Problem]:
    """Return the surfaces and fixtures that layers of a show name and the venue does not have."""
    problems = []
    for name, cue in show.cue.items():
        for n, layer in enumerate(cue.layer):
            key = f"cue.{name}.layer[{n}]"
            surfaces, fixtures = list(venue.surface), list(venue.fixture)
            asked = [(f"{key}.place[{i}].surface", place.surface, surfaces) for i, place in enumerate(layer.place)]
            asked += [(f"{key}.surfaces[{i}]", each, surfaces) for i, each in enumerate(layer.surfaces)]
            asked += [(f"{key}.fixtures[{i}]", each, fixtures) for i, each in enumerate(layer.fixtures)]
            for where, wanted, known in asked:
                if wanted not in known:
                    rule = f'the venue "{venue.venue.id}" has none of this name'
                    problems.append(Problem(show.path, where, rule, did_you_mean(wanted, known).strip(), f'"{wanted}"'))
    return problems


def _shown(pixels: PixelMap, layer: Layer) -> NDArray[np.bool_] | None:
    if not layer.surfaces and not layer.fixtures:
        return None
    surfaces = [n for n, (name, _) in enumerate(pixels.surfaces) if name in layer.surfaces]
    fixtures = [n for n, name in enumerate(pixels.fixtures) if name in layer.fixtures]
    shown: NDArray[np.bool_] = np.isin(pixels.surface, surfaces) | np.isin(pixels.fixture, fixtures)
    return shown


def _placed(
    pixels: PixelMap, place: Place, on: NDArray[np.bool_], surface: Surface
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return uv and picture metres of the pixels of one surface."""
    yaw = math.radians(surface.yaw_deg)
    across = np.array([math.cos(yaw), 0.0, -math.sin(yaw)])
    from_origin = pixels.position_m[on].astype(np.float64) - np.array(surface.origin_m)
    local = np.column_stack((from_origin @ across, from_origin[:, 1]))
    size = pixels.size_m[on].astype(np.float64)
    low, high = _box(local, size)
    extent = np.maximum(high - low, _LEAST_M)

    angle = math.radians(place.rotate_deg)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    grown = float(((np.abs(turn) @ extent) / extent).max())
    part = 0.5 + ((local - (low + high) / 2) @ turn.T) / grown / extent
    covers = (size @ np.abs(turn).T) / grown / extent

    mirrored = np.array([place.mirror in ("x", "both"), place.mirror in ("y", "both")])
    part = np.where(mirrored, 1.0 - part, part)
    tile = np.array(place.tile, dtype=np.float64)
    if max(place.tile) > 1:
        part = part * tile - np.floor(part * tile)
    first, last = _region(pixels, place, on, facing=abs(math.cos(yaw)))
    return first + part * (last - first), covers * tile * (last - first) * np.array(pixels.size_venue_m)


def _region(
    pixels: PixelMap, place: Place, on: NDArray[np.bool_], *, facing: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners, in uv, of the part of the picture that the surface shows."""
    if place.crop is not None:
        return np.array(place.crop[:2]), np.array(place.crop[2:])
    covers = pixels.size_m[on] * np.array([facing, 1.0]) / np.array(pixels.size_venue_m)
    return _box(pixels.uv[on].astype(np.float64), covers)


def _box(centre: NDArray[np.float64], size: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return (centre - size / 2).min(axis=0), (centre + size / 2).max(axis=0)
