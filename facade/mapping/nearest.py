"""Which LED is nearest to each place of the wall, so that the light of the LEDs can be seen as a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.mapping.model import PixelMap

NearestMap = NDArray[np.int32]


def nearest_pixels(pixels: PixelMap, size_px: tuple[int, int]) -> NearestMap:
    """Return the pixel id nearest to the middle of each texel: int32 (height, width), bottom row first.

    size_px: of a picture of the whole lit rectangle. Distances are in metres along the wall. By jump flooding (Rong and
    Tan 2006): some texels far from any LED may name the second nearest. Of LEDs within one texel one is taken.
    """
    width, height = size_px
    nearest = np.full((height, width), -1, dtype=np.int32)
    at = np.clip((pixels.uv * size_px).astype(np.int64), 0, np.array(size_px) - 1)
    nearest[at[:, 1], at[:, 0]] = np.arange(pixels.n_pixels, dtype=np.int32)
    size_m = np.array(pixels.size_venue_m, dtype=np.float32)
    places = np.vstack((pixels.uv * size_m, np.full((1, 2), np.inf, dtype=np.float32))).astype(np.float32)
    x = ((np.arange(width, dtype=np.float32) + 0.5) / width * size_m[0])[None, :]
    y = ((np.arange(height, dtype=np.float32) + 0.5) / height * size_m[1])[:, None]
    best = _distance(places, nearest, x, y)
    step = 1 << (max(size_px) - 1).bit_length()
    # A last round of single steps again mends most of what the jumps missed.
    for stride in [*(step >> n for n in range(1, step.bit_length())), 1]:
        for dy in (-stride, 0, stride):
            for dx in (-stride, 0, stride):
                if (dx or dy) and abs(dx) < width and abs(dy) < height:
                    _spread(nearest, best, places, x, y, dx, dy)
    return np.maximum(nearest, 0)


def _spread(
    nearest: NearestMap,
    best: NDArray[np.float32],
    places: NDArray[np.float32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
    dx: int,
    dy: int,
) -> None:
    """Let every texel look at what the one so far away has found, and take it where it is nearer."""
    height, width = nearest.shape
    here = (slice(max(0, -dy), min(height, height - dy)), slice(max(0, -dx), min(width, width - dx)))
    there = (slice(max(0, dy), min(height, height + dy)), slice(max(0, dx), min(width, width + dx)))
    offered = nearest[there].copy()
    distance = _distance(places, offered, x[:, here[1]], y[here[0]])
    nearer = distance < best[here]
    best[here][nearer] = distance[nearer]
    nearest[here][nearer] = offered[nearer]


def _distance(
    places: NDArray[np.float32], ids: NearestMap, x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Squared metres to the pixel of each id; infinity for -1."""
    found = places[ids]
    distance: NDArray[np.float32] = (found[..., 0] - x) ** 2 + (found[..., 1] - y) ** 2
    return distance
