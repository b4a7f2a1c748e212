"""Directions and solid angles, as an eye sees them. Metres in, steradians and radians out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float64]
"""float64 (n, 3), metres or unit vectors."""


def rectangle_solid_angles(centre_m: Vectors, across: Vectors, up: Vectors, eye_m: Vectors) -> NDArray[np.float64]:
    """Return the solid angle (n,) in steradians of flat rectangles, whichever of their sides the eye sees.

    centre_m: (n, 3). across, up: (n, 3), the rectangles' whole sides as vectors, metres. eye_m: (3,).
    Exact for any size and distance: two triangles each (van Oosterom and Strackee 1983).
    """
    middle = centre_m - eye_m
    corners = [middle + (a * across + b * up) / 2 for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    return np.asarray(_triangle(*corners[:3]) + _triangle(corners[0], corners[2], corners[3]))


def _triangle(a: Vectors, b: Vectors, c: Vectors) -> NDArray[np.float64]:
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    volume = np.abs(np.sum(a * np.cross(b, c), axis=1))
    below = la * lb * lc + np.sum(a * b, axis=1) * lc + np.sum(a * c, axis=1) * lb + np.sum(b * c, axis=1) * la
    return np.asarray(2.0 * np.arctan2(volume, below))


def longitude_latitude(direction: Vectors) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the angles (n,) of directions (n, 3) seen from an eye that looks along -z: 0, 0 is straight ahead.

    Longitude grows to the right, -pi..pi; latitude grows upwards, -pi/2..pi/2.
    """
    flat = np.hypot(direction[:, 0], direction[:, 2])
    return np.arctan2(direction[:, 0], -direction[:, 2]), np.arctan2(direction[:, 1], flat)
