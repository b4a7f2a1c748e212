"""What the street view needs to know, as pure numbers: the building, the ground, the quads that glow, the eye.

The eye looks straight at the wall with a shifted lens, as an architecture photographer does, so verticals stay vertical
and the plane z = 0 maps onto the picture without distortion. Everything else is projected onto that plane from the eye.
Rectangles are x0, y0, x1, y1 in metres on the plane z = 0, venue axes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade.config.venue import Scene as SceneFacts
from facade.mapping.model import PixelMap

Rect = tuple[float, float, float, float]

WATER_M = -1.3
"""Water below the pavement of a canal venue."""
QUAY_M = 4.5
"""Where the pavement of a canal venue ends, in metres from the wall."""
MAP_TEXELS = 512
"""Longer side of the map of light on the wall. Half a metre of blur needs no more."""

_LOOKS = ("brick", "concrete", "metal", "glass")
_PIXELS = ("window", "led", "panel")
_GROUNDS = ("street", "canal", "square")


@dataclass(frozen=True, slots=True)
class Scene:
    """The street view's numbers.

    quads: float32 (P, 6), read-only: x, y, z of the centre, lit width and height in metres, yaw in radians.
    look, pixel, ground: as in the venue's scene table. building_m, lit_m: the dark building, its lit part.
    map_m: the part of the wall plane whose light is kept for spill and reflections; map_px: its size in texels.
    focus_m: what a picture must show. eye_m: where it is seen from.
    pitch_m: distance between neighbouring pixels, across and up.
    gain: how much brighter than a window a lamp must shine to light a street: small lamps far apart are fierce ones.
    """

    quads: NDArray[np.float32]
    look: str
    pixel: str
    ground: str
    building_m: Rect
    lit_m: Rect
    map_m: Rect
    map_px: tuple[int, int]
    focus_m: Rect
    eye_m: tuple[float, float, float]
    pitch_m: tuple[float, float]
    gain: float

    @classmethod
    def of(cls, pixels: PixelMap) -> Scene:
        """Return the scene of a compiled venue."""
        facts, eye = pixels.venue.scene, pixels.venue.venue.viewpoint_m
        lit = _rect(pixels.bounds_m)
        building = _building(facts, lit)
        wall_map = _map(building, lit)
        width, height = wall_map[2] - wall_map[0], wall_map[3] - wall_map[1]
        texel = max(width, height) / MAP_TEXELS
        return cls(
            quads=_quads(pixels),
            look=facts.look,
            pixel=facts.pixel,
            ground=facts.ground,
            building_m=building,
            lit_m=lit,
            map_m=wall_map,
            map_px=(math.ceil(width / texel), math.ceil(height / texel)),
            focus_m=_focus(facts.ground, building),
            eye_m=(float(eye[0]), max(float(eye[1]), 1.0), max(float(eye[2]), 6.0)),
            pitch_m=_pitch(pixels, lit),
            gain=_gain(pixels, lit),
        )

    @property
    def n_pixels(self) -> int:
        return len(self.quads)

    def frame(self, aspect: float) -> Rect:
        """Return what a picture of this width / height shows: the focus, widened or heightened to fit."""
        x0, y0, x1, y1 = self.focus_m
        width, height = x1 - x0, y1 - y0
        if aspect >= width / height:
            more = (height * aspect - width) / 2
            return (x0 - more, y0, x1 + more, y1)
        more = width / aspect - height
        return (x0, y0 - more * 0.45, x1, y1 + more * 0.55)

    def uniforms(self) -> dict[str, float | int | tuple[float, ...]]:
        """Return the values that every pass shares, under the shaders' names."""
        return {
            "u_building": self.building_m,
            "u_lit": self.lit_m,
            "u_map": self.map_m,
            "u_eye": self.eye_m,
            "u_pitch": self.pitch_m,
            "u_gain": self.gain,
            "u_look": _LOOKS.index(self.look),
            "u_pixel": _PIXELS.index(self.pixel),
            "u_ground": _GROUNDS.index(self.ground),
            "u_water": WATER_M,
            "u_quay": QUAY_M,
        }

    def as_json(self) -> dict[str, Any]:
        """Return everything but the quads, for the page."""
        return {
            "pixel": self.pixel,
            "look": self.look,
            "ground": self.ground,
            "focus_m": list(self.focus_m),
            "map_px": list(self.map_px),
            "uniforms": {name: list(v) if isinstance(v, tuple) else v for name, v in self.uniforms().items()},
        }

    def quads_bytes(self) -> bytes:
        """Return the quads as little-endian float32, for the page."""
        return self.quads.astype("<f4").tobytes()


def _rect(bounds: tuple[float, float, float, float]) -> Rect:
    x0, y0, x1, y1 = (float(value) for value in bounds)
    return (x0, y0, max(x1, x0 + 0.1), max(y1, y0 + 0.1))


def _building(facts: SceneFacts, lit: Rect) -> Rect:
    """The declared building, else the lit part with a margin, standing on the ground."""
    if facts.building_m is not None:
        x, y = facts.building_at_m
        return (x, y, x + facts.building_m[0], y + facts.building_m[1])
    margin = 0.08 * max(lit[2] - lit[0], lit[3] - lit[1])
    return (lit[0] - margin, min(0.0, lit[1] - margin), lit[2] + margin, lit[3] + margin)


def _map(building: Rect, lit: Rect) -> Rect:
    x0, y0 = min(building[0], lit[0]), min(building[1], lit[1])
    x1, y1 = max(building[2], lit[2]), max(building[3], lit[3])
    margin = 0.15 * max(x1 - x0, y1 - y0)
    return (x0 - margin, y0 - margin, x1 + margin, y1 + margin)


def _focus(ground: str, building: Rect) -> Rect:
    x0, y0, x1, y1 = building
    width, height = x1 - x0, y1 - min(y0, 0.0)
    below = {"street": 0.26 * height, "square": 0.42 * height, "canal": 0.7 * height - 2 * WATER_M}[ground]
    return (x0 - 0.09 * width, min(y0, 0.0) - below, x1 + 0.09 * width, y1 + 0.17 * height)


def _quads(pixels: PixelMap) -> NDArray[np.float32]:
    yaws = np.radians([surface.yaw_deg for _, surface in pixels.surfaces])
    quads = np.zeros((pixels.n_pixels, 6), dtype=np.float32)
    quads[:, :3] = pixels.position_m
    quads[:, 3:5] = pixels.size_m
    quads[:, 5] = yaws[pixels.surface]
    quads.flags.writeable = False
    return quads


def _pitch(pixels: PixelMap, lit: Rect) -> tuple[float, float]:
    """Spacing of the columns and rows of a grid; where there is none, of as many pixels spread evenly."""
    even = math.sqrt((lit[2] - lit[0]) * (lit[3] - lit[1]) / pixels.n_pixels)
    pitch = [even, even]
    for axis in (0, 1):
        lines = np.unique(np.round(pixels.position_m[:, axis].astype(np.float64), 3))
        if 2 <= len(lines) <= pixels.n_pixels / 3:
            pitch[axis] = float(np.median(np.diff(lines)))
    return (pitch[0], pitch[1])


def _gain(pixels: PixelMap, lit: Rect) -> float:
    area = (lit[2] - lit[0]) * (lit[3] - lit[1])
    covered = float(np.sum(pixels.size_m[:, 0] * pixels.size_m[:, 1], dtype=np.float64)) / area
    return float(np.clip(0.42 / max(covered, 1e-6), 1.2, 6.0))
