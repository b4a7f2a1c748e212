"""Draws of a few LEDs or texels off air: they make the driver compile, and tell what a whole frame should cost."""

from __future__ import annotations

from facade.core.clock import Clock
from facade.gpu.context import GpuContext
from facade.gpu.passes import PICTURE_UNIT, PicturePasses
from facade.gpu.targets import Canvas, LayerCells, Share
from facade.pieces.roles import FED
from facade.stage.board import Board
from facade.stage.drawer import PassDrawer
from facade.stage.moment import START
from facade.stage.ready import ReadyPiece
from facade.stage.site import Site
from facade.stage.uses import Uses, Way

_SAMPLE_PX = (64, 8)
"""So many LEDs or texels are drawn off air to judge what a piece costs."""

_FIRST_PX = (8, 2)
"""So many are drawn first, to warm it and to see whether more would take too long."""

_LONG_S = 0.1
"""When the first few take so long, they have told enough."""


class WarmUp:
    """Draws corners of pieces into targets of their real formats and sizes: drivers compile for each kind.

    picture_px: size of the canvas that somebody watches while the show plays, None if nobody does.
    """

    def __init__(
        self,
        gpu: GpuContext,
        site: Site,
        drawer: PassDrawer,
        uses: Uses,
        passes: PicturePasses,
        *,
        picture_px: tuple[int, int] | None,
        clock: Clock,
    ) -> None:
        self._gpu = gpu
        self._site = site
        self._drawer = drawer
        self._uses = uses
        self._passes = passes
        self._picture_px = picture_px
        self._clock = clock
        width, height = site.positions.size_px
        self._cell = LayerCells(gpu, (min(_SAMPLE_PX[0], width), min(_SAMPLE_PX[1], height)), count=1)

    def first_draw_s(self, ready: ReadyPiece, way: Way) -> float:
        """Draw a piece for the first time, with all that becomes of its picture. Returns the seconds that took.

        The driver compiles at the first draw: median 38 ms, worst 1.6 s on llvmpipe.
        """
        before = self._clock.now()
        self._gpu.begin()
        self._draw(ready, way, _FIRST_PX)
        if way.domain == "canvas" and ready.program.domain == "pixel" and self._picture_px is not None:
            self._draw_picture(ready, way, _FIRST_PX, self._picture_px)
        return self._clock.now() - before

    def foreseen_ms(self, ready: ReadyPiece, way: Way) -> float:
        """Return what a whole frame of a ready piece should cost, judged by a few of its LEDs or texels, off air.

        The least of three tries, because anything else that runs can make one slow. On a graphics card it is too high
        by the fixed cost of a draw; it is meant to tell seconds from milliseconds before the street sees the seconds.
        """
        took_s, share = self._time(ready, way, _FIRST_PX)
        if took_s < _LONG_S:
            took_s, share = min(self._time(ready, way, _SAMPLE_PX) for _ in range(3))
        return took_s * 1e3 / share

    def _time(self, ready: ReadyPiece, way: Way, sample_px: tuple[int, int]) -> tuple[float, float]:
        """Return the seconds a draw of so much takes, and its share of a whole frame."""
        before = self._clock.now()
        share = self._draw(ready, way, sample_px)
        return self._clock.now() - before, share

    def _draw(self, ready: ReadyPiece, way: Way, sample_px: tuple[int, int]) -> float:
        """Draw a corner of a piece. Returns the share of a whole frame that was drawn."""
        if way.domain == "canvas":
            return self._draw_picture(ready, way, sample_px, self._site.canvas_px)
        width, height = (min(sample, own) for sample, own in zip(sample_px, self._cell.size_px, strict=True))
        shader = ready.shader("pixel")
        self._drawer.bind(ready, shader, ready.program.passes[0], self._drawer.defaults(ready), START, None)
        shader.set("facade_corner", self._cell.use(0, size_px=(width, height)))
        self._site.bind()
        shader.draw()
        self._gpu.wait()
        return width * height / self._site.positions.n_pixels

    def _draw_picture(self, ready: ReadyPiece, way: Way, sample_px: tuple[int, int], size_px: tuple[int, int]) -> float:
        """Draw a corner of a picture of this size, and bring it where such pictures go. Returns the share drawn."""
        program = ready.program
        across, up = (min(1.0, px / own) for px, own in zip(sample_px, size_px, strict=True))
        if program.on_board:
            made: Board | Canvas = self._board(ready, size_px, (across, up), fed=way.fed)
        else:
            made = self._canvas(ready, size_px, (across, up))
        self._passes.sample.draw(made, self._cell, 0, srgb=program.srgb, screen=program.screen)
        if way.fed or ready.piece.slug in self._uses.filtered:
            encoded = Canvas(self._gpu, made.front.size, feedback=False)
            self._passes.encode.draw(made, encoded, srgb=program.srgb, screen=program.screen, only=(across, up))
            encoded.release()
        if self._picture_px is not None:
            self._passes.copy.draw(made, self._cell, 0, srgb=program.srgb, screen=program.screen)
        made.release()
        self._gpu.wait()
        return across * up

    def _board(self, ready: ReadyPiece, size_px: tuple[int, int], only: Share, *, fed: bool) -> Board:
        board = self._drawer.board(size_px)
        picture = Canvas(self._gpu, size_px, feedback=False) if fed else None
        pictures = {} if picture is None else dict.fromkeys(FED[ready.piece.role], picture.front)
        self._drawer.draw(ready, board, self._drawer.defaults(ready), START, fed=pictures, only=only)
        if picture is not None:
            picture.release()
        return board

    def _canvas(self, ready: ReadyPiece, size_px: tuple[int, int], only: Share) -> Canvas:
        canvas = Canvas(self._gpu, size_px, feedback=ready.program.reads_previous)
        shader = ready.shader("canvas")
        self._drawer.bind(ready, shader, ready.program.passes[0], self._drawer.defaults(ready), START, None)
        canvas.begin(clear=False, only=only)
        canvas.front.use(PICTURE_UNIT)
        shader.draw()
        canvas.end()
        return canvas

    def release(self) -> None:
        self._cell.release()
