"""What a piece is told about the venue it is drawn for, and where its LEDs are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.gpu.passes import EXTENTS_UNIT, PICTURE_UNIT, PLACES_UNIT
from facade.gpu.positions import PixelPositions
from facade.gpu.program import GlProgram


@dataclass(frozen=True, slots=True)
class Site:
    """What a piece is told about the venue. size_m, origin_m: of the lit rectangle, venue axes. uv: (P, 2) in it."""

    positions: PixelPositions
    canvas_px: tuple[int, int]
    size_m: tuple[float, float]
    origin_m: tuple[float, float]
    uv: NDArray[np.float32]

    def introduce(self, shader: GlProgram) -> None:
        """Set what never changes while the venue stays."""
        shader.set("u_previous", PICTURE_UNIT)
        shader.set("facade_places", PLACES_UNIT)
        shader.set("facade_extents", EXTENTS_UNIT)
        shader.set("u_resolution", tuple(float(v) for v in self.canvas_px))
        shader.set("u_size_m", self.size_m)
        shader.set("facade_origin_m", self.origin_m)
        shader.set("facade_led_m", self.positions.typical_m)

    def bind(self) -> None:
        """Bind the LED positions for the draws that follow."""
        self.positions.places.use(PLACES_UNIT)
        self.positions.extents.use(EXTENTS_UNIT)


def read_only(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the same numbers for those who may not change them."""
    view = array.view()
    view.setflags(write=False)
    return view
