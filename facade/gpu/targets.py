"""What is drawn into: cells for layers, canvases that remember, the mix. Linear light, half float, except the mix."""

from __future__ import annotations

import math

import moderngl

from facade.core.errors import MachineError
from facade.gpu.context import GpuContext

LAYER_DTYPE = "f2"
"""Layers and canvases are half float: eleven bits at every brightness, which suits light."""

Share = tuple[float, float]
"""Of a picture's width and height, 0..1, from the bottom left corner."""

WHOLE: Share = (1.0, 1.0)


class Canvas:
    """A piece's own picture: straight alpha, what the artist returned. With feedback, the previous one beside it."""

    def __init__(self, gpu: GpuContext, size_px: tuple[int, int], *, feedback: bool) -> None:
        self.size_px = size_px
        self.feedback = feedback
        self._spares = gpu.spares
        self._plates = [gpu.spares.take(size_px, LAYER_DTYPE) for _ in range(2 if feedback else 1)]
        for plate in self._plates:
            plate.target.clear(0.0, 0.0, 0.0, 0.0)
        self._front = 0

    @property
    def front(self) -> moderngl.Texture:
        """The picture drawn last."""
        return self._plates[self._front].texture

    def begin(self, *, clear: bool, only: Share = WHOLE) -> None:
        """Bind the picture to draw next. With feedback ``front`` stays readable until ``end``. only: so much of it."""
        target = self._plates[self._back].target
        target.use()
        target.viewport = (0, 0, *_part(self.size_px, only))
        if clear:
            target.clear(0.0, 0.0, 0.0, 0.0)

    def end(self) -> None:
        """Make the picture just drawn the front."""
        self._front = self._back

    @property
    def _back(self) -> int:
        return 1 - self._front if self.feedback else 0

    def release(self) -> None:
        """Give the pictures back, for others to draw into."""
        for plate in self._plates:
            self._spares.give(plate)
        self._plates.clear()


class PassTarget:
    """A picture that passes draw into and read: what is drawn replaces it as a whole, so it may read itself.

    dtype: "f1" is 8 bits a channel, as the hosts that artists write for have it; "f4" is 32-bit float, "f2" half.
    """

    def __init__(self, gpu: GpuContext, size_px: tuple[int, int], *, dtype: str) -> None:
        self.size_px = size_px
        self.dtype = dtype
        self._spares = gpu.spares
        self._plates = [gpu.spares.take(size_px, dtype) for _ in range(2)]
        self._front = 0
        self.clear()

    @property
    def front(self) -> moderngl.Texture:
        """The picture drawn last."""
        return self._plates[self._front].texture

    def clear(self) -> None:
        """Forget the picture."""
        self._plates[self._front].target.clear(0.0, 0.0, 0.0, 0.0)

    def begin(self, *, clear: bool, only: Share = WHOLE) -> None:
        """Bind the picture to draw next; ``front`` stays readable until ``end``. only: draw so much of it."""
        target = self._plates[1 - self._front].target
        target.use()
        target.viewport = (0, 0, *_part(self.size_px, only))
        if clear:
            target.clear(0.0, 0.0, 0.0, 0.0)

    def end(self) -> None:
        self._front = 1 - self._front

    def release(self) -> None:
        """Give the pictures back, for others to draw into."""
        for plate in self._plates:
            self._spares.give(plate)
        self._plates.clear()


class LayerCells:
    """Equal cells in one texture, one a layer, so that a single draw can mix them all. Premultiplied light.

    size_px: of one cell. Raises MachineError if the texture would be larger than the GPU allows.
    """

    def __init__(self, gpu: GpuContext, size_px: tuple[int, int], *, count: int) -> None:
        width, height = size_px
        self.size_px = size_px
        self.count = count
        self._rows = max(1, min(count, gpu.max_size_px // height))
        total = (width * math.ceil(count / self._rows), height * self._rows)
        if max(total) > gpu.max_size_px:
            raise MachineError(
                f"{count} layers of {width} x {height} do not fit into this GPU's largest texture, "
                f"{gpu.max_size_px} x {gpu.max_size_px}. Use a smaller canvas or fewer layers."
            )
        self.texture = _texture(gpu, total, LAYER_DTYPE)
        self._target = gpu.gl.framebuffer([self.texture])
        self._target.clear(0.0, 0.0, 0.0, 0.0)

    def corner(self, cell: int) -> tuple[int, int]:
        """Return the bottom-left texel of a cell."""
        column, row = divmod(cell, self._rows)
        return column * self.size_px[0], row * self.size_px[1]

    def use(self, cell: int, *, clear: bool = False, size_px: tuple[int, int] | None = None) -> tuple[int, int]:
        """Bind a cell for drawing; returns its corner. size_px: draw only so much of it (warming up)."""
        x, y = self.corner(cell)
        viewport = (x, y, *(size_px or self.size_px))
        self._target.use()
        self._target.viewport = viewport
        if clear:
            self._target.clear(0.0, 0.0, 0.0, 0.0, viewport=viewport)
        return x, y

    def release(self) -> None:
        self._target.release()
        self.texture.release()


class MixTarget:
    """The mixed light, full float so that nothing is rounded before delivery."""

    def __init__(self, gpu: GpuContext, size_px: tuple[int, int]) -> None:
        self.size_px = size_px
        self.texture = _texture(gpu, size_px, "f4")
        self.framebuffer = gpu.gl.framebuffer([self.texture])

    def use(self) -> None:
        self.framebuffer.use()
        self.framebuffer.viewport = (0, 0, *self.size_px)

    def release(self) -> None:
        self.framebuffer.release()
        self.texture.release()


def _part(size_px: tuple[int, int], share: Share) -> tuple[int, int]:
    return max(1, round(size_px[0] * share[0])), max(1, round(size_px[1] * share[1]))


def _texture(gpu: GpuContext, size_px: tuple[int, int], dtype: str) -> moderngl.Texture:
    texture = gpu.gl.texture(size_px, 4, dtype=dtype)
    texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
    texture.repeat_x = texture.repeat_y = False
    return texture
