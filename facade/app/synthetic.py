"""Venues that exist only to be measured: any number of pixels on virtual controllers."""

from __future__ import annotations

import math

from facade.config.loader import Hardware
from facade.config.venue import Venue
from facade.mapping.compile import compile_venue
from facade.mapping.model import Patch, PixelMap

PIXELS_PER_UNIVERSE = 170
UNIVERSES_PER_CONTROLLER = 32
PITCH_M = 0.1
_SHAPE = 4 / 3
_SHAPE_SPREAD = 0.1


def wall(n_pixels: int, hardware: Hardware, *, host: str = "127.0.0.1", port: int = 6454) -> tuple[PixelMap, Patch]:
    """Return an LED wall of n_pixels, about 4:3, RGB, 170 pixels a universe, 32 universes a controller.

    It has a few pixels more where no rectangle of that shape has exactly n_pixels.
    """
    columns, rows = _rectangle(n_pixels)
    total = columns * rows
    per_controller = PIXELS_PER_UNIVERSE * UNIVERSES_PER_CONTROLLER
    names = [f"node{i + 1}" for i in range(math.ceil(total / per_controller))]
    segments = [
        {
            "controller": name,
            "universe": i * UNIVERSES_PER_CONTROLLER,
            "from": i * per_controller,
            "count": min(per_controller, total - i * per_controller),
        }
        for i, name in enumerate(names)
    ]
    grid = {
        "profile": "rgb_node",
        "surface": "front",
        "shape": "grid",
        "columns": columns,
        "rows": rows,
        "pitch_m": [PITCH_M, PITCH_M],
        "at_m": [PITCH_M / 2, PITCH_M / 2],
        "segment": segments,
    }
    venue = Venue.model_validate(
        {
            "venue": {"id": "wall", "name": f"wall of {total} pixels"},
            "surface": {"front": {"size_m": [columns * PITCH_M, rows * PITCH_M]}},
            "controller": {name: {"profile": "artnet_pixel", "host": host, "port": port} for name in names},
            "fixture": {"wall": grid},
        }
    )
    return compile_venue(venue, hardware)


def _rectangle(n_pixels: int) -> tuple[int, int]:
    """Return columns and rows, near 4:3, that hold n_pixels with as few left over as possible."""
    ideal = math.sqrt(n_pixels * _SHAPE)
    first, last = math.ceil(ideal * (1 - _SHAPE_SPREAD)), math.floor(ideal * (1 + _SHAPE_SPREAD))
    choices = range(max(1, first), max(1, first, last) + 1)
    columns = min(choices, key=lambda c: (math.ceil(n_pixels / c) * c, abs(c - ideal)))
    return columns, math.ceil(n_pixels / columns)
