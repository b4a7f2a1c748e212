"""Colour that everybody shares: the sRGB transfer curve, luminance weights, and white points.

All light is linear, 0..1, on the sRGB (ITU-R BT.709) primaries unless a name says otherwise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LUMINANCE_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
"""Relative luminance of the BT.709 primaries (ITU-R BT.709-6, item 3.2)."""

D65_XY = (0.3127, 0.3290)
"""CIE 1931 chromaticity of the sRGB white (IEC 61966-2-1)."""

_RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], dtype=np.float64)


def srgb_to_linear(encoded: NDArray[np.floating]) -> NDArray[np.float32]:
    """Decode sRGB 0..1 to linear light 0..1, any shape (IEC 61966-2-1)."""
    value = np.asarray(encoded, dtype=np.float32)
    low = value / np.float32(12.92)
    high = ((np.maximum(value, 0) + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.where(value <= 0.04045, low, high).astype(np.float32)


def linear_to_srgb(linear: NDArray[np.floating]) -> NDArray[np.float32]:
    """Encode linear light 0..1 as sRGB 0..1, any shape; clamps to 0..1 first (IEC 61966-2-1)."""
    value = np.clip(np.asarray(linear, dtype=np.float32), 0.0, 1.0)
    low = value * np.float32(12.92)
    high = np.float32(1.055) * value ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.where(value <= 0.0031308, low, high).astype(np.float32)


def linear_to_srgb8(linear: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Encode linear light 0..1 as 8-bit sRGB, rounded to nearest."""
    return (linear_to_srgb(linear) * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def white_gains(white_xy: tuple[float, float]) -> NDArray[np.float32]:
    """Gains (3,) that turn a device whose full white sits at white_xy into one whose white is D65.

    Only darkens: the largest gain is 1. white_xy: CIE 1931 chromaticity of the device at full drive on all channels.
    Raises ValueError if white_xy lies outside the sRGB triangle, where a gain would be negative.
    """
    x, y = white_xy
    xyz = np.array([x / y, 1.0, (1.0 - x - y) / y])
    device = np.linalg.solve(_RGB_TO_XYZ, xyz)
    dx, dy = D65_XY
    target = np.linalg.solve(_RGB_TO_XYZ, np.array([dx / dy, 1.0, (1.0 - dx - dy) / dy]))
    if np.any(device <= 0):
        raise ValueError(f"white point {white_xy} lies outside the sRGB triangle")
    gains: NDArray[np.float32] = (target / device / (target / device).max()).astype(np.float32)
    return gains
