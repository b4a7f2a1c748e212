"""Where the LEDs are, as textures a shader can ask: one texel an LED, tiled 1,024 wide."""

from __future__ import annotations

import moderngl
import numpy as np
from numpy.typing import NDArray

from facade.gpu.context import GpuContext
from facade.mapping.model import PixelMap

TILE_PX = 1024
"""Width of LED targets; one row of all LEDs is twice as slow on a tiled rasteriser and soon too long."""


class PixelPositions:
    """places: uv, metres x and y. extents: metres z, lit width and height in metres, pixel id. Both RGBA32F.

    typical_m: median lit width and height, what a canvas is told about the LEDs that will show it.
    """

    def __init__(
        self,
        gpu: GpuContext,
        pixels: PixelMap,
        *,
        uv: NDArray[np.float32] | None = None,
        size_m: NDArray[np.float32] | None = None,
    ) -> None:
        """uv, size_m: instead of the venue's, for a layer that is placed (``mapping.layers``)."""
        count = max(1, pixels.n_pixels)
        self.size_px = (min(TILE_PX, count), -(-count // TILE_PX))
        self.n_pixels = pixels.n_pixels
        ids = np.arange(pixels.n_pixels, dtype=np.float32)
        self.typical_m: tuple[float, float] = (0.0, 0.0)
        if pixels.n_pixels:
            width, height = np.median(pixels.size_m, axis=0).tolist()
            self.typical_m = (width, height)
        self.places = self._texture(gpu, np.column_stack((pixels.uv if uv is None else uv, pixels.position_m[:, :2])))
        lit = pixels.size_m if size_m is None else size_m
        self.extents = self._texture(gpu, np.column_stack((pixels.position_m[:, 2], lit, ids)))

    def _texture(self, gpu: GpuContext, rows: NDArray[np.float32]) -> moderngl.Texture:
        width, height = self.size_px
        padded = np.zeros((width * height, 4), dtype=np.float32)
        padded[: len(rows)] = rows
        texture = gpu.gl.texture(self.size_px, 4, padded.tobytes(), dtype="f4")
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return texture

    def release(self) -> None:
        self.places.release()
        self.extents.release()


class NearestLeds:
    """Where in the mix the LED nearest to each place of the wall is: column and row, which no shader has to divide for.

    ids: int32 (height, width), bottom row first. columns: LEDs in a row of the mix.
    """

    def __init__(self, gpu: GpuContext, ids: NDArray[np.int32], *, columns: int) -> None:
        height, width = ids.shape
        places = np.stack((ids % columns, ids // columns), axis=-1).astype(np.float32)
        self.texture = gpu.gl.texture((width, height), 2, places.tobytes(), dtype="f4")
        self.texture.filter = (moderngl.NEAREST, moderngl.NEAREST)

    def release(self) -> None:
        self.texture.release()


class PixelMask:
    """One texel an LED, laid out like the positions: 1 where it shows, 0 where it does not. shown: bool (P,)."""

    def __init__(self, gpu: GpuContext, positions: PixelPositions, shown: NDArray[np.bool_]) -> None:
        padded = np.zeros(positions.size_px[0] * positions.size_px[1], dtype=np.uint8)
        padded[: len(shown)] = shown * np.uint8(255)
        self.texture = gpu.gl.texture(positions.size_px, 1, padded.tobytes(), alignment=1)
        self.texture.filter = (moderngl.NEAREST, moderngl.NEAREST)

    def release(self) -> None:
        self.texture.release()
