"""From the GPU to numpy. Depth 0: the frame just drawn; deeper pipelines can stand behind the same two calls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.gpu.context import GpuContext
from facade.gpu.targets import MixTarget


class Readback:
    """Reads a mix target into one buffer that is reused every frame.

    size_px: of the target. count: how many of its texels, row by row from the bottom, are wanted.
    """

    def __init__(self, gpu: GpuContext, size_px: tuple[int, int], *, count: int) -> None:
        width, height = size_px
        self._gpu = gpu
        self._buffer = np.zeros((width * height, 3), dtype=np.float32)
        self.rgb: NDArray[np.float32] = self._buffer[:count]

    def read(self, target: MixTarget) -> NDArray[np.float32]:
        """Wait for the target and return float32 (count, 3), the same array every time."""
        # The wait lets other threads run, the read does not; by then there is nothing left to wait for.
        self._gpu.wait()
        target.framebuffer.read_into(self._buffer, components=3, dtype="f4")
        return self.rgb
