"""The canvas of the whole mix for those who look at it: what it is drawn into, kept from one look to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.color import linear_to_srgb8
from facade.gpu.context import GpuContext
from facade.gpu.readback import Readback
from facade.gpu.targets import LayerCells, MixTarget


class CanvasView:
    """cells: two for each layer, its own and its fallback's. targets: three to mix in."""

    def __init__(self, gpu: GpuContext, size_px: tuple[int, int], *, layers: int) -> None:
        """size_px: width and height. Raises MachineError if so many layers are too large for this GPU."""
        self.size_px = size_px
        self.layers = layers
        self.cells = LayerCells(gpu, size_px, count=2 * layers)
        self.targets = [MixTarget(gpu, size_px) for _ in range(3)]
        self._gpu = gpu
        self._readback = Readback(gpu, size_px, count=size_px[0] * size_px[1])
        self._whole: list[LayerCells] = []

    def fits(self, size_px: tuple[int, int], layers: int) -> bool:
        """Whether a mix of so many layers can be drawn here at this size."""
        return self.size_px == size_px and self.layers >= layers

    def whole(self, index: int) -> LayerCells:
        """Return one of the pictures that whole cues are changed by; made when there is none of this index."""
        while len(self._whole) <= index:
            self._whole.append(LayerCells(self._gpu, self.size_px, count=1))
        return self._whole[index]

    def read(self, light: MixTarget) -> NDArray[np.uint8]:
        """Return a mix as a picture: uint8 sRGB (H, W, 3), top row first; what is no number is black."""
        rgb = self._readback.read(light)
        width, height = self.size_px
        return linear_to_srgb8(np.nan_to_num(rgb)).reshape(height, width, 3)[::-1]

    def release(self) -> None:
        for cells in (self.cells, *self._whole):
            cells.release()
        for target in self.targets:
            target.release()
