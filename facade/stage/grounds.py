"""Where layers fall, as textures: the venue's own positions for most, others for those that are placed or masked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facade.config.show import Layer, Place
from facade.gpu.context import GpuContext
from facade.gpu.passes import EXTENTS_UNIT, PLACES_UNIT, HidePass
from facade.gpu.positions import PixelMask, PixelPositions
from facade.gpu.targets import LayerCells
from facade.mapping.layers import ground_of
from facade.mapping.model import PixelMap

_Key = tuple[tuple[Place, ...], tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class LayerGround:
    """Textures of one layer. mask: None where every LED shows it."""

    positions: PixelPositions
    mask: PixelMask | None = None

    def bind(self) -> None:
        """Bind the LED positions for the draws that follow."""
        self.positions.places.use(PLACES_UNIT)
        self.positions.extents.use(EXTENTS_UNIT)


class Grounds:
    """Grounds by what a layer says about its place, made when first asked for. A show has a handful."""

    def __init__(self, gpu: GpuContext, pixels: PixelMap, positions: PixelPositions, passes: Path) -> None:
        """positions: those of the venue, which stay with their owner."""
        self._gpu = gpu
        self._pixels = pixels
        self._plain = LayerGround(positions)
        self._made: dict[_Key, LayerGround] = {}
        self._hide = HidePass(gpu, passes)

    def of(self, layer: Layer) -> LayerGround:
        """Return the ground of a layer. Milliseconds when new, so ask before the layer goes on."""
        if not (layer.place or layer.surfaces or layer.fixtures):
            return self._plain
        key = (layer.place, layer.surfaces, layer.fixtures)
        if key not in self._made:
            ground = ground_of(self._pixels, layer)
            positions = self._plain.positions
            if layer.place:
                positions = PixelPositions(self._gpu, self._pixels, uv=ground.uv, size_m=ground.size_m)
            mask = None if ground.shown is None else PixelMask(self._gpu, positions, ground.shown)
            self._made[key] = LayerGround(positions, mask)
        return self._made[key]

    def hide(self, ground: LayerGround, cells: LayerCells, cell: int) -> None:
        """Blacken what a layer may not reach, after it was drawn into its cell."""
        if ground.mask is not None:
            self._hide.draw(ground.mask, cells, cell)

    def warm(self, cells: LayerCells) -> None:
        """Hide a layer once, so that the driver compiles for it off air."""
        positions = self._plain.positions
        mask = PixelMask(self._gpu, positions, np.zeros(positions.n_pixels, dtype=bool))
        self._hide.draw(mask, cells, 0)
        mask.release()

    def release(self) -> None:
        self._hide.release()
        for ground in self._made.values():
            if ground.positions is not self._plain.positions:
                ground.positions.release()
            if ground.mask is not None:
                ground.mask.release()
        self._made.clear()
