"""What an LED takes from a canvas: the mean of what lies behind it by area, exactly, and nothing of its neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl
import numpy as np
import pytest
from numpy.typing import NDArray

from facade.core import places
from facade.gpu.context import GpuContext
from facade.gpu.passes import SamplePass
from facade.gpu.positions import PixelPositions
from facade.gpu.targets import LayerCells
from tests.support.gl import pixel_grid

CANVAS_PX = (24, 18)
LEDS = (40, 10)
LEAST = 1e-3
"""Of a texel's area; less is rounding, not light."""

HALF = 2.0**-11


@dataclass(frozen=True)
class Still:
    front: moderngl.Texture


def mean(canvas: NDArray[np.float64], centre: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean (3,) of a canvas (H, W, 3) over a rectangle in texels, which is at least one texel large."""
    limits = np.array(canvas.shape[1::-1], dtype=np.float64)
    half = 0.5 * np.maximum(size, 1.0)
    low, high = np.clip(centre - half, 0.0, limits - 1.0), np.minimum(centre + half, limits)
    along = [
        np.clip(np.minimum(np.arange(n) + 1.0, high[i]) - np.maximum(np.arange(n), low[i]), 0.0, 1.0)
        for i, n in enumerate(canvas.shape[1::-1])
    ]
    weights = np.outer(along[1], along[0])
    seen = weights >= LEAST
    return np.tensordot(weights[seen], canvas[seen], axes=1) / weights[seen].sum()


@pytest.mark.parametrize("largest_texels", [0.9, 1.8, 6.0], ids=["smaller than a texel", "two", "many"])
def test_an_led_has_the_mean_of_what_lies_behind_it_by_area(gpu: GpuContext, largest_texels: float) -> None:
    rng = np.random.default_rng(7)
    canvas = np.ones((CANVAS_PX[1], CANVAS_PX[0], 4), dtype=np.float16)
    canvas[..., :3] = rng.random(canvas[..., :3].shape)
    canvas[5, 7, 1] = np.nan
    grid = pixel_grid(*LEDS, canvas_px=CANVAS_PX)
    uv = rng.random((grid.n_pixels, 2)).astype(np.float32)
    texel_m = np.array(grid.size_venue_m) / CANVAS_PX
    size_m = (rng.uniform(0.2, largest_texels, (grid.n_pixels, 2)) * texel_m).astype(np.float32)
    positions = PixelPositions(gpu, grid, uv=uv, size_m=size_m)
    sample = SamplePass(gpu, places.shaders() / "passes", positions, grid.size_venue_m)
    cells = LayerCells(gpu, positions.size_px, count=1)
    picture = gpu.gl.texture(CANVAS_PX, 4, canvas.tobytes(), dtype="f2")
    gpu.begin()

    sample.draw(Still(picture), cells, 0, srgb=False)

    light = np.frombuffer(cells.texture.read(), np.float16).reshape(-1, 4)[: grid.n_pixels, :3].astype(np.float64)
    colours = canvas[..., :3].astype(np.float64)
    wanted = np.array([mean(colours, c * CANVAS_PX, s / texel_m) for c, s in zip(uv, size_m, strict=True)])
    broken = np.isnan(wanted)
    assert broken.any()
    # An LED that has a hundred-thousandth of a texel more or less of it may see it or not.
    assert (np.isnan(light) == broken).mean() > 0.998
    np.testing.assert_allclose(light[~broken], wanted[~broken], atol=2 * HALF)
    for thing in (sample, cells, positions, picture):
        thing.release()
