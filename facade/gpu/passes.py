"""The project's own draws: canvas to LEDs, canvas to cell, cells to mix. Shaders in shaders/passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import moderngl
import numpy as np

from facade.core.errors import MachineError
from facade.gpu.context import GpuContext
from facade.gpu.positions import NearestLeds, PixelMask, PixelPositions
from facade.gpu.program import GlProgram
from facade.gpu.targets import WHOLE, Canvas, LayerCells, MixTarget, PassTarget, Share
from facade.pieces.glsl import blank_comments

Blend = Literal["normal", "add", "multiply", "screen", "overlay", "lighten", "darken", "difference"]

MAX_LAYERS = 32
"""Layers in one mix, two cues of eight and room. Each is one or two terms in mix.frag, which holds twice as many."""

_BLENDS: dict[Blend, tuple[float, float, float, float, float]] = {
    "normal": (1.0, 1.0, 0.0, 0.0, 0.0),
    "add": (0.0, 1.0, 0.0, 0.0, 0.0),
    "multiply": (1.0, 0.0, 1.0, 0.0, 0.0),
    "screen": (0.0, 1.0, -1.0, 0.0, 0.0),
    "overlay": (0.0, 0.0, 0.0, 0.0, 1.0),
    "lighten": (0.5, 0.5, 0.0, 0.5, 0.0),
    "darken": (0.5, 0.5, 0.0, -0.5, 0.0),
    "difference": (1.0, 0.0, 0.0, 1.0, 0.0),
}
"""Factors of the one blend formula: k and, last, o; see mix.frag."""

_GOES_ON = (0.0, 0.0, 0.0, 0.0, 0.0)

PLACES_UNIT, EXTENTS_UNIT, PICTURE_UNIT = 1, 2, 0
FIRST_SAMPLER_UNIT = 3


class Picture(Protocol):
    """Something that has been drawn and can be sampled."""

    @property
    def front(self) -> moderngl.Texture: ...


def load_pass(gpu: GpuContext, folder: Path, name: str) -> GlProgram:
    """Compile folder/name.frag. Raises MachineError: these are ours, so a refusal is the driver's."""
    source = blank_comments((folder / f"{name}.frag").read_text(encoding="utf-8")).lstrip()
    try:
        return GlProgram(gpu, source)
    except moderngl.Error as error:
        log = " ".join(str(error).split())
        raise MachineError(
            f"the GL driver {gpu.renderer} refuses facade's own shader {name}.frag: {log}. Update the driver."
        ) from None


class _OwnPass:
    """One shader of ours, compiled."""

    def __init__(self, gpu: GpuContext, folder: Path, name: str) -> None:
        self._program = load_pass(gpu, folder, name)

    def _fill(self, target: Canvas | PassTarget, *, only: Share = WHOLE) -> None:
        """Draw the next picture of a target, or so much of it."""
        target.begin(clear=False, only=only)
        self._program.draw()
        target.end()

    def release(self) -> None:
        self._program.release()


class _PicturePass:
    """One shader of ours that reads pictures of any kind, as a program for each kind.

    llvmpipe compiles for each, and in its cache finds again only the first that a program was drawn with.
    """

    def __init__(self, gpu: GpuContext, folder: Path, name: str) -> None:
        self._gpu = gpu
        self._folder = folder
        self._name = name
        self._programs: dict[tuple[str, bool, bool], GlProgram] = {}

    def _reading(self, picture: moderngl.Texture) -> GlProgram:
        """Bind a picture; returns the program for its kind."""
        width, height = picture.size
        # Drivers compile sampling apart for sides that are a power of two.
        key = (picture.dtype, width & (width - 1) == 0, height & (height - 1) == 0)
        if key not in self._programs:
            program = load_pass(self._gpu, self._folder, self._name)
            program.set("facade_canvas", PICTURE_UNIT)
            self._introduce(program)
            self._programs[key] = program
        picture.use(PICTURE_UNIT)
        return self._programs[key]

    def _introduce(self, program: GlProgram) -> None:
        """Set what never changes, once."""

    def release(self) -> None:
        for program in self._programs.values():
            program.release()
        self._programs.clear()


class SamplePass(_PicturePass):
    """Canvas -> LED cell: the mean of what lies behind each LED."""

    def __init__(self, gpu: GpuContext, folder: Path, positions: PixelPositions, size_m: tuple[float, float]) -> None:
        super().__init__(gpu, folder, "sample")
        self._positions = positions
        self._size_m = size_m

    def draw(
        self,
        canvas: Picture,
        cells: LayerCells,
        cell: int,
        *,
        srgb: bool,
        screen: bool = False,
        sick: bool = False,
        positions: PixelPositions | None = None,
    ) -> None:
        """positions: those of a layer that is placed, the venue's if None. sick: a screen's NaN stays one."""
        where = positions or self._positions
        program = self._reading(canvas.front)
        program.set("facade_corner", cells.use(cell))
        program.set("facade_srgb", int(srgb))
        program.set("facade_screen", int(screen) + int(screen and sick))
        where.places.use(PLACES_UNIT)
        where.extents.use(EXTENTS_UNIT)
        program.draw()

    def _introduce(self, program: GlProgram) -> None:
        program.set("facade_places", PLACES_UNIT)
        program.set("facade_extents", EXTENTS_UNIT)
        program.set("u_size_m", self._size_m)


class CopyPass(_PicturePass):
    """Canvas -> a cell of any size."""

    def __init__(self, gpu: GpuContext, folder: Path) -> None:
        super().__init__(gpu, folder, "copy")

    def draw(
        self, canvas: Picture, cells: LayerCells, cell: int, *, srgb: bool, screen: bool = False, sick: bool = False
    ) -> None:
        program = self._reading(canvas.front)
        program.set("facade_corner", cells.use(cell))
        program.set("facade_size_px", tuple(float(v) for v in cells.size_px))
        program.set("facade_srgb", int(srgb))
        program.set("facade_screen", int(screen) + int(screen and sick))
        program.draw()


class EncodePass(_PicturePass):
    """A layer's picture -> the screen colours that a filter reads; see encode.frag. Both are of one size."""

    def __init__(self, gpu: GpuContext, folder: Path) -> None:
        super().__init__(gpu, folder, "encode")

    def draw(self, picture: Picture, target: Canvas, *, srgb: bool, screen: bool, only: Share = WHOLE) -> None:
        """only: so much of it (warming up)."""
        program = self._reading(picture.front)
        program.set("facade_srgb", int(srgb))
        program.set("facade_screen", int(screen))
        target.begin(clear=False, only=only)
        program.draw()
        target.end()


@dataclass(frozen=True, slots=True)
class PicturePasses:
    """Where a piece's picture goes: to the LEDs, into a filter, into the canvas of the whole mix."""

    sample: SamplePass
    encode: EncodePass
    copy: CopyPass

    def release(self) -> None:
        for each in (self.sample, self.encode, self.copy):
            each.release()


class HidePass(_OwnPass):
    """Black where a layer's mask says so; see hide.frag."""

    def __init__(self, gpu: GpuContext, folder: Path) -> None:
        super().__init__(gpu, folder, "hide")
        self._program.set("facade_mask", PICTURE_UNIT)

    def draw(self, mask: PixelMask, cells: LayerCells, cell: int) -> None:
        self._program.set("facade_corner", cells.use(cell))
        mask.texture.use(PICTURE_UNIT)
        self._program.draw()


class SpreadPass(_OwnPass):
    """The light of all LEDs -> a picture of the wall in screen colours; see spread.frag."""

    def __init__(self, gpu: GpuContext, folder: Path) -> None:
        super().__init__(gpu, folder, "spread")
        self._program.set("facade_mix", PICTURE_UNIT)
        self._program.set("facade_nearest", PLACES_UNIT)

    def draw(self, light: MixTarget, nearest: NearestLeds, target: Canvas) -> None:
        light.texture.use(PICTURE_UNIT)
        nearest.texture.use(PLACES_UNIT)
        self._fill(target)


class CrossPass(_OwnPass):
    """One cue's light over another's; see cross.frag."""

    def __init__(self, gpu: GpuContext, folder: Path) -> None:
        super().__init__(gpu, folder, "cross")
        for unit, name in enumerate(("facade_below", "facade_above", "facade_between")):
            self._program.set(name, unit)

    def draw(
        self,
        below: MixTarget,
        above: MixTarget,
        between: LayerCells | None,
        *,
        rise: float,
        trust: float,
        target: MixTarget,
    ) -> None:
        """between: one cell, the transition's light; None counts as a trust of 0."""
        self._program.set("facade_rise", rise)
        self._program.set("facade_trust", 0.0 if between is None else trust)
        for unit, texture in enumerate((below.texture, above.texture, (between or above).texture)):
            texture.use(unit)
        target.use()
        self._program.draw()


class ScalePass(_OwnPass):
    """A picture -> a pass target of another size, filtered: what a piece remembers survives a new size."""

    def __init__(self, gpu: GpuContext, folder: Path) -> None:
        super().__init__(gpu, folder, "scale")
        self._program.set("facade_canvas", PICTURE_UNIT)

    def draw(self, picture: Picture, target: PassTarget | Canvas) -> None:
        self._program.set("facade_size_px", tuple(float(v) for v in target.size_px))
        picture.front.use(PICTURE_UNIT)
        self._fill(target)


class TestSourcePass(_OwnPass):
    """A generated picture: gradient, bars or noise, moving with time."""

    def __init__(self, gpu: GpuContext, folder: Path) -> None:
        super().__init__(gpu, folder, "testsource")

    def draw(self, target: PassTarget, *, kind: int, time_s: float, linear: bool) -> None:
        """Draw it. linear: in linear light, else as a picture file would hold it, in sRGB."""
        self._program.set("facade_kind", kind)
        self._program.set("facade_linear", linear)
        self._program.set("u_time", time_s)
        self._program.set("facade_size_px", tuple(float(v) for v in target.size_px))
        self._fill(target)


@dataclass(frozen=True, slots=True)
class MixLayer:
    """One layer of the mix. cell: its own; fallback_cell: the fallback's, which has fallback_share 0..1 of it.

    weight: of its cue; closes_cue: it is the last layer of its cue.
    """

    cell: int
    opacity: float
    blend: Blend
    weight: float
    closes_cue: bool
    fallback_cell: int = 0
    fallback_share: float = 0.0


class MixPass(_OwnPass):
    """Every layer of every cue in one draw."""

    def __init__(self, gpu: GpuContext, folder: Path) -> None:
        super().__init__(gpu, folder, "mix")
        self._program.set("facade_layers", PICTURE_UNIT)
        self._cells = np.zeros((2 * MAX_LAYERS, 4), dtype=np.int32)
        self._terms = np.zeros((2 * MAX_LAYERS, 4), dtype=np.float32)
        self._blends = np.zeros((2 * MAX_LAYERS, 4), dtype=np.float32)

    def draw(self, cells: LayerCells, layers: Sequence[MixLayer], target: MixTarget) -> None:
        """Mix layers (at most 32, in order, cue after cue) into target; with none the light is black."""
        count = 0
        for layer in layers:
            count = self._add_terms(cells, layer, count)
        self._program.set("facade_count", count)
        self._program.write("facade_cells", self._cells.data)
        self._program.write("facade_terms", self._terms.data)
        self._program.write("facade_blends", self._blends.data)
        cells.texture.use(PICTURE_UNIT)
        target.use()
        self._program.draw()

    def _add_terms(self, cells: LayerCells, layer: MixLayer, count: int) -> int:
        """Write the terms of one layer from index count on: own picture, fallback, or both. Returns the end."""
        sources = ((layer.cell, 1.0 - layer.fallback_share), (layer.fallback_cell, layer.fallback_share))
        shown = [(cell, share) for cell, share in sources if share > 0.0]
        for i, (cell, share) in enumerate(shown):
            ends = i == len(shown) - 1
            closes = ends and layer.closes_cue
            self._cells[count] = (*cells.corner(cell), 0 if ends else 1, 0)
            *k, o = _BLENDS[layer.blend] if ends else _GOES_ON
            self._terms[count] = (layer.opacity * share, layer.weight if closes else 0.0, float(closes), o)
            self._blends[count] = k
            count += 1
        return count
