"""Pictures that nobody draws into now, kept to be drawn into again: a cue change on air makes no new texture."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import moderngl

BYTES = {"f1": 4, "f2": 8, "f4": 16}
"""Of a texel of four channels."""

MAX_SPARE_BYTES = 256 << 20
"""Beyond this the picture that lay unused for longest is freed."""

Kind = tuple[tuple[int, int], str]
"""Size in texels and moderngl's dtype."""


class Plate(NamedTuple):
    """A texture and what draws into it."""

    texture: moderngl.Texture
    target: moderngl.Framebuffer


class Spares:
    """Plates of one context by kind. made: since start. Its pictures are whatever was drawn there before."""

    def __init__(self, gl: moderngl.Context) -> None:
        self._gl = gl
        self._free: OrderedDict[Kind, list[Plate]] = OrderedDict()
        self._bytes = 0
        self.made = 0

    def take(self, size_px: tuple[int, int], dtype: str) -> Plate:
        """Return a plate, four channels, clamped and filtered; a new one if none of this kind is spare."""
        free = self._free.get((size_px, dtype))
        if free:
            plate = free.pop()
            self._bytes -= _bytes(size_px, dtype)
        else:
            texture = self._gl.texture(size_px, 4, dtype=dtype)
            plate = Plate(texture, self._gl.framebuffer([texture]))
            self.made += 1
        plate.texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        plate.texture.repeat_x = plate.texture.repeat_y = False
        return plate

    def give(self, plate: Plate) -> None:
        """Take a plate back."""
        kind = (plate.texture.size, plate.texture.dtype)
        self._free.setdefault(kind, []).append(plate)
        self._free.move_to_end(kind)
        self._bytes += _bytes(*kind)
        while self._bytes > MAX_SPARE_BYTES:
            oldest, plates = next(iter(self._free.items()))
            if plates:
                _free(plates.pop(0))
                self._bytes -= _bytes(*oldest)
            else:
                del self._free[oldest]

    def drain(self) -> None:
        """Free them all."""
        for plates in self._free.values():
            for plate in plates:
                _free(plate)
        self._free.clear()
        self._bytes = 0


def _bytes(size_px: tuple[int, int], dtype: str) -> int:
    return size_px[0] * size_px[1] * BYTES[dtype]


def _free(plate: Plate) -> None:
    plate.target.release()
    plate.texture.release()
