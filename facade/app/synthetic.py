"""Venues that exist only to be measured: any number of pixels on virtual controllers."""

from __future__ import annotations

import math

from facade.config.loader import Hardware
from facade.config.venue import Venue
from facade.mapping.compile import compile_venue
from facade.mapping.model import Patch, PixelMap

PIXELS_PER_UNIVERSE = 170
UNIVERSES_PER_CONTROLLER = 32


def wall(n_pixels: int, hardware: Hardware, *, host: str = "127.0.0.1", port: int = 6454) -> tuple[PixelMap, Patch]:
    """Return an LED wall of at least n_pixels, 4:3, RGB, 170 pixels a universe, 32 universes a controller."""
    columns = math.ceil(math.sqrt(n_pixels * 4 / 3) / PIXELS_PER_UNIVERSE) * PIXELS_PER_UNIVERSE
    rows = max(1, round(n_pixels / columns))
    fixture, controller = "rgb_node", "artnet_pixel"
    per_controller = PIXELS_PER_UNIVERSE * UNIVERSES_PER_CONTROLLER
    n_controllers = math.ceil(columns * rows / per_controller)
    names = [f"node{i + 1}" for i in range(n_controllers)]
    segments = [
        {
            "controller": name,
            "universe": i * UNIVERSES_PER_CONTROLLER,
            "from": i * per_controller,
            "count": min(per_controller, columns * rows - i * per_controller),
        }
        for i, name in enumerate(names)
    ]
    grid = {
        "profile": fixture,
        "surface": "front",
        "shape": "grid",
        "columns": columns,
        "rows": rows,
        "pitch_m": [0.1, 0.1],
        "at_m": [0.05, 0.05],
        "segment": segments,
    }
    venue = Venue.model_validate(
        {
            "venue": {"id": "wall", "name": f"wall of {columns * rows} pixels"},
            "surface": {"front": {"size_m": [columns * 0.1, rows * 0.1]}},
            "controller": {name: {"profile": controller, "host": host, "port": port} for name in names},
            "fixture": {"wall": grid},
        }
    )
    return compile_venue(venue, hardware)
