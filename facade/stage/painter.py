"""Setting a piece's uniforms and drawing it: into its cell, or into its canvas and from there into its cell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from facade.control.snapshot import ControlSnapshot
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.gpu.passes import PICTURE_UNIT, CopyPass, SamplePass
from facade.gpu.program import GlProgram
from facade.gpu.targets import Canvas, LayerCells
from facade.stage.cast import ReadyPiece, Site
from facade.stage.slots import Drawing, LayerSlot
from facade.stage.values import default_value, uniform_value

TIME_WRAP_S = 16_384.0
"""u_time starts again after this long (4.5 hours): a float of that size still tells milliseconds apart."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One tick and the control values that go with it."""

    tick: Tick
    snapshot: ControlSnapshot


class Painter:
    """Draws pieces. The only place that knows what the uniforms of a piece are."""

    def __init__(self, gpu: GpuContext, site: Site, passes: Path) -> None:
        self._gpu = gpu
        self._site = site
        self._blank = Canvas(gpu, (1, 1), feedback=False)
        self._sample = SamplePass(gpu, passes, site.positions, site.size_m)
        self._copy = CopyPass(gpu, passes)

    def piece(self, ready: ReadyPiece, drawing: Drawing, slot: LayerSlot, scene: Scene, cells: LayerCells) -> None:
        """Draw one frame of a piece: a pixel piece into its cell, a canvas piece into its canvas (then ``sample``)."""
        program = ready.program
        shader = ready.shader(program.domain)
        if drawing.first_frame is None:
            drawing.first_frame = scene.tick.frame
        self._set_uniforms(shader, ready, drawing, slot, scene)
        if program.domain == "pixel":
            if drawing.canvas is not None:
                drawing.release()
            shader.set("facade_corner", cells.use(drawing.cell, clear=program.discards))
            self._blank.front.use(PICTURE_UNIT)
            slot.ground.bind()
            shader.draw()
        else:
            canvas = self._canvas_of(ready, drawing)
            canvas.begin(clear=program.discards)
            canvas.front.use(PICTURE_UNIT) if program.reads_previous else self._blank.front.use(PICTURE_UNIT)
            shader.set("facade_corner", (0, 0))
            shader.draw()
            canvas.end()
        drawing.drawn = True

    def sample(self, ready: ReadyPiece, drawing: Drawing, slot: LayerSlot, cells: LayerCells) -> None:
        """Bring a canvas piece's picture to the LEDs."""
        assert drawing.canvas is not None
        srgb, positions = ready.program.srgb, slot.ground.positions
        self._sample.draw(drawing.canvas, cells, drawing.cell, srgb=srgb, positions=positions)

    def picture(
        self, ready: ReadyPiece, drawing: Drawing, slot: LayerSlot, scene: Scene, cells: LayerCells, cell: int
    ) -> None:
        """Bring a piece's picture of this frame to a cell of the canvas's size; a pixel piece is drawn anew for it."""
        if drawing.canvas is not None:
            self._copy.draw(drawing.canvas, cells, cell, srgb=ready.program.srgb)
            return
        shader = ready.shader("canvas")
        canvas = Canvas(self._gpu, cells.size_px, feedback=False)
        shader.set("u_resolution", tuple(float(v) for v in cells.size_px))
        self._set_uniforms(shader, ready, drawing, slot, scene)
        canvas.begin(clear=ready.program.discards)
        self._blank.front.use(PICTURE_UNIT)
        shader.set("facade_corner", (0, 0))
        shader.draw()
        canvas.end()
        self._copy.draw(canvas, cells, cell, srgb=ready.program.srgb)
        canvas.release()

    def _canvas_of(self, ready: ReadyPiece, drawing: Drawing) -> Canvas:
        feedback = ready.program.reads_previous
        if drawing.canvas is None or drawing.canvas.feedback != feedback:
            drawing.release()
            drawing.canvas = Canvas(self._gpu, self._site.canvas_px, feedback=feedback)
        return drawing.canvas

    def _set_uniforms(
        self, shader: GlProgram, ready: ReadyPiece, drawing: Drawing, slot: LayerSlot, scene: Scene
    ) -> None:
        tick = scene.tick
        first = tick.frame if drawing.first_frame is None else drawing.first_frame
        shader.set("u_time", max(0.0, tick.time_s - slot.started_at_s) % TIME_WRAP_S)
        shader.set("u_delta", tick.delta_s)
        shader.set("u_frame", (tick.frame - first) & 0x7FFFFFFF)
        shader.set("u_seed", _unit_seed(slot.look.seed))
        # A stand-in is shown as its author left it: the faulted layer's values mean nothing to it.
        is_own = drawing is slot.own
        controlled = scene.snapshot.values.get(slot.look.key, {}) if is_own else {}
        for name, parameter in ready.piece.manifest.parameter.items():
            if name in shader:
                value = controlled.get(name)
                if value is None:
                    value = slot.starting.get(name) if is_own else None
                if value is None:
                    value = default_value(parameter)
                shader.set(name, uniform_value(parameter, value))

    def release(self) -> None:
        for thing in (self._blank, self._sample, self._copy):
            thing.release()


def _unit_seed(seed: int) -> float:
    """Spread a whole number over 0..1 (Knuth's multiplicative hash), so that neighbouring seeds look unrelated."""
    return ((seed * 2_654_435_761) & 0xFFFFFFFF) / 4_294_967_296.0
