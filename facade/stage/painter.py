"""Setting a piece's uniforms and drawing it: into its cell, or into its canvas and from there into its cell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from facade.config.piece import Value
from facade.gpu.context import GpuContext
from facade.gpu.passes import PICTURE_UNIT, CopyPass, SamplePass
from facade.gpu.program import GlProgram
from facade.gpu.targets import Canvas, LayerCells
from facade.pieces.program import Domain
from facade.stage.board import Board
from facade.stage.drawer import PassDrawer
from facade.stage.lives import Lives, tell
from facade.stage.moment import Moment, Scene, moment_of
from facade.stage.ready import ReadyPiece
from facade.stage.site import Site
from facade.stage.slots import Drawing, LayerSlot, Shown
from facade.stage.values import Values, current_values


class Painter:
    """Draws pieces. The only place that knows what the uniforms of a piece are."""

    def __init__(
        self, gpu: GpuContext, site: Site, drawer: PassDrawer, lives: Lives, *, sample: SamplePass, copy: CopyPass
    ) -> None:
        self._gpu = gpu
        self._site = site
        self._drawer = drawer
        self._lives = lives
        self._blank = Canvas(gpu, (1, 1), feedback=False)
        self._sample = sample
        self._copy = copy

    def domain(self, ready: ReadyPiece, drawing: Drawing, slot: LayerSlot) -> Domain:
        """Return how a piece is drawn here. Filters read a picture, so a pixel piece that has some is drawn as one."""
        return "canvas" if slot.filters and drawing is slot.own else ready.program.domain

    def piece(
        self,
        ready: ReadyPiece,
        drawing: Drawing,
        slot: LayerSlot,
        scene: Scene,
        cells: LayerCells,
        *,
        scale: float = 1.0,
    ) -> None:
        """Draw one frame of a piece: a pixel piece into its cell, a canvas piece into its canvas (then ``sample``).

        scale: of the canvas's width and height; what the piece remembers is kept when it changes.
        Raises PieceError, and draws nothing, when its behaviour cannot go on.
        """
        program = ready.program
        if drawing.first_frame is None:
            drawing.first_frame = scene.tick.frame
        moment = self._moment(drawing, slot, scene)
        values = self._values(ready, drawing, slot, scene)
        domain = self.domain(ready, drawing, slot)
        self._live(ready, drawing, slot, scene, values, moment, domain=domain)
        size_px = scaled(self._site.canvas_px, scale)
        if domain == "pixel":
            if drawing.canvas is not None:
                drawing.release()
            shader = ready.shader("pixel")
            self._prepare(ready, shader, values, moment, self._site.canvas_px)
            shader.set("facade_corner", cells.use(drawing.cell, clear=program.discards))
            self._blank.front.use(PICTURE_UNIT)
            slot.ground.bind()
            shader.draw()
        elif program.on_board:
            if not isinstance(drawing.canvas, Board):
                drawing.release()
                drawing.canvas = self._drawer.board()
            drawing.canvas.canvas_px = size_px
            self._drawer.draw(ready, drawing.canvas, values, moment)
        else:
            self._native_canvas(ready, self._canvas_of(ready, drawing, size_px), values, moment)
        if drawing.canvas is not None:
            drawing.shown = Shown(drawing.canvas, srgb=program.srgb, screen=program.screen)
        drawing.drawn = True

    def sample(self, shown: Shown, cell: int, slot: LayerSlot, cells: LayerCells) -> None:
        """Bring a picture to the LEDs, where the layer falls."""
        positions = slot.ground.positions
        self._sample.draw(shown.picture, cells, cell, srgb=shown.srgb, screen=shown.screen, positions=positions)

    def picture(
        self, ready: ReadyPiece, drawing: Drawing, slot: LayerSlot, scene: Scene, cells: LayerCells, cell: int
    ) -> None:
        """Bring a piece's picture of this frame to a cell of the canvas's size; a pixel piece is drawn anew for it."""
        with self._pictured(ready, drawing, slot, scene, cells.size_px) as shown:
            self._copy.draw(shown.picture, cells, cell, srgb=shown.srgb, screen=shown.screen)

    def not_a_number(self, ready: ReadyPiece, drawing: Drawing, slot: LayerSlot, scene: Scene) -> int:
        """Return how many texels of a piece's picture are NaN, before a screen's are taken for 0.

        In a native piece's light an infinite one counts too: its LED is sent black, where a screen shows white.
        """
        with self._pictured(ready, drawing, slot, scene, self._site.canvas_px) as shown:
            front = shown.picture.front
            texels = np.frombuffer(front.read(), dtype={"f1": "u1"}.get(front.dtype, front.dtype)).reshape(-1, 4)
            sick = np.isnan(texels) if shown.screen else ~np.isfinite(texels)
            return int(sick[:, :3].any(axis=1).sum())

    @contextmanager
    def _pictured(
        self, ready: ReadyPiece, drawing: Drawing, slot: LayerSlot, scene: Scene, size_px: tuple[int, int]
    ) -> Iterator[Shown]:
        """Give a piece's picture of this frame. size_px: of the one that is drawn anew for a pixel piece."""
        if drawing.shown is not None:
            yield drawing.shown
            return
        program = ready.program
        moment = self._moment(drawing, slot, scene)
        values = self._values(ready, drawing, slot, scene)
        if drawing.life is not None:
            tell(ready, drawing.life, "canvas")
        made: Canvas | Board
        if program.on_board:
            made = self._drawer.board(size_px)
            self._drawer.draw(ready, made, values, moment)
        else:
            made = Canvas(self._gpu, size_px, feedback=False)
            self._native_canvas(ready, made, values, moment)
        yield Shown(made, srgb=program.srgb, screen=program.screen)
        made.release()

    def _live(
        self,
        ready: ReadyPiece,
        drawing: Drawing,
        slot: LayerSlot,
        scene: Scene,
        values: Values,
        moment: Moment,
        *,
        domain: Domain,
    ) -> None:
        had, drawing.life = drawing.life, None  # what fails begins anew
        drawing.life = self._lives.step(ready, had, values, moment, frame=scene.tick.frame, seed=slot.look.seed)
        if drawing.life is not None:
            tell(ready, drawing.life, domain)

    def _native_canvas(self, ready: ReadyPiece, canvas: Canvas, values: Values, moment: Moment) -> None:
        program = ready.program
        shader = ready.shader("canvas")
        self._prepare(ready, shader, values, moment, canvas.size_px)
        canvas.begin(clear=program.discards)
        canvas.front.use(PICTURE_UNIT) if program.reads_previous else self._blank.front.use(PICTURE_UNIT)
        shader.set("facade_corner", (0, 0))
        shader.draw()
        canvas.end()

    def _canvas_of(self, ready: ReadyPiece, drawing: Drawing, size_px: tuple[int, int]) -> Canvas:
        had, feedback = drawing.canvas, ready.program.reads_previous
        if isinstance(had, Canvas) and had.feedback == feedback and had.size_px == size_px:
            return had
        made = Canvas(self._gpu, size_px, feedback=feedback)
        if feedback and isinstance(had, Canvas) and had.feedback:
            self._drawer.scale.draw(had, made)
        drawing.release()
        drawing.canvas = made
        return made

    def _prepare(
        self, ready: ReadyPiece, shader: GlProgram, values: Values, moment: Moment, size_px: tuple[int, int]
    ) -> None:
        """Set every uniform of a piece of one pass and bind what it reads."""
        self._drawer.bind(ready, shader, ready.program.passes[0], values, moment, None)
        self._drawer.set_values(ready, shader, values)
        self._drawer.set_moment(ready, shader, values, moment, size_px=size_px, index=0)

    def _moment(self, drawing: Drawing, slot: LayerSlot, scene: Scene) -> Moment:
        return moment_of(scene, slot.started_at_s, first_frame=drawing.first_frame, seed=slot.look.seed)

    def _values(self, ready: ReadyPiece, drawing: Drawing, slot: LayerSlot, scene: Scene) -> dict[str, Value]:
        # A stand-in is shown as its author left it: the faulted layer's values mean nothing to it.
        is_own = drawing is slot.own
        controlled = scene.snapshot.values.get(slot.look.key, {}) if is_own else {}
        return current_values(ready.piece, controlled, slot.starting if is_own else {})

    def release(self) -> None:
        self._blank.release()


def scaled(size_px: tuple[int, int], scale: float) -> tuple[int, int]:
    """Return a size at a scale of its width and height, at least one texel."""
    return max(1, round(size_px[0] * scale)), max(1, round(size_px[1] * scale))
