"""The pieces that are ready to go on: compiled, warmed, with the last good program of each kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facade.config.piece_parts import SuppliedTexture
from facade.core.clock import Clock
from facade.core.errors import FacadeError
from facade.gpu.context import GpuContext
from facade.gpu.passes import EXTENTS_UNIT, PICTURE_UNIT, PLACES_UNIT
from facade.gpu.positions import PixelPositions
from facade.gpu.program import GlProgram, compile_piece
from facade.gpu.source import fragment_source, vertex_source
from facade.gpu.targets import Canvas, LayerCells
from facade.gpu.textures import CubeTexture, Texture, data_texture
from facade.media.table import read_table
from facade.pieces.dialects import piece_program
from facade.pieces.library import Piece, PieceLibrary
from facade.pieces.program import Domain, PieceProgram
from facade.stage.crowd import with_points
from facade.stage.cubes import load_cube
from facade.stage.lives import rehearse
from facade.stage.moment import START
from facade.stage.pictures import load_image
from facade.stage.values import default_values

if TYPE_CHECKING:
    from facade.stage.drawer import PassDrawer

_SAMPLE_PX = (64, 8)
"""So many LEDs are drawn off air to warm a piece and to judge its cost."""


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


class ReadyPiece:
    """One piece with its compiled shaders; the one for pictures is compiled when first asked for."""

    def __init__(self, gpu: GpuContext, site: Site, piece: Piece, program: PieceProgram) -> None:
        """Compile for the program's own domain. Raises PieceError."""
        self.piece = piece
        self.program = program
        self._gpu = gpu
        self._site = site
        self._compiled: dict[tuple[Domain, int], GlProgram] = {}
        self.images: list[Texture] = []
        self.cubes: list[CubeTexture] = []
        self.data: dict[str, Texture] = {}
        try:
            for index in range(len(program.sources)):
                self.shader(program.domain, index)
            self.images += [load_image(gpu, file) for file in program.files_read]
            self.cubes += [load_cube(gpu, faces) for faces in program.cubes]
            for name, table in program.manifest.data.items():
                numbers = read_table(piece.folder / table.file, columns=table.columns, channels=table.channels)
                smooth = table.filter == "linear"
                size = (numbers.shape[1], numbers.shape[0])
                self.data[name] = data_texture(gpu, size, channels=table.channels, smooth=smooth)
                self.data[name].write(numbers)
            for name, each in program.manifest.uniform.items():
                if isinstance(each, SuppliedTexture):
                    smooth = each.filter == "linear"
                    self.data[name] = data_texture(gpu, each.size, channels=each.channels, smooth=smooth)
        except FacadeError:
            self.release()
            raise

    def shader(self, domain: Domain, index: int = 0) -> GlProgram:
        """Return one source's shader for a domain. Raises PieceError if it is new and does not compile."""
        if (domain, index) not in self._compiled:
            text = fragment_source(self.program, domain=domain, index=index)
            vertex = vertex_source(self.program, domain=domain, index=index)
            shader = compile_piece(self._gpu, text, slug=self.piece.slug, lines=self.program.lines, vertex=vertex)
            self._site.introduce(shader)
            self._compiled[domain, index] = shader
        return self._compiled[domain, index]

    def release(self) -> None:
        for shader in self._compiled.values():
            shader.release()
        self._compiled.clear()
        for texture in (*self.images, *self.data.values()):
            texture.release()
        for cube in self.cubes:
            cube.release()
        self.images.clear()
        self.cubes.clear()
        self.data.clear()


class Cast:
    """Ready pieces by slug. ``problems`` says why a slug is not as its files say.

    filtered: those that some layer shows through filters, and so are warmed as a canvas too.
    """

    def __init__(self, gpu: GpuContext, library: PieceLibrary, site: Site, drawer: PassDrawer, *, clock: Clock) -> None:
        self._gpu = gpu
        self._clock = clock
        self._site = site
        self._library = library
        self._drawer = drawer
        self._ready: dict[str, ReadyPiece] = {}
        self._fallbacks: dict[str, str | None] = {}
        self.problems: dict[str, FacadeError] = {}
        self.filtered: set[str] = set()
        # Warming compiles for the target's format, which is a matter of the format and not of the size.
        width, height = site.positions.size_px
        self._sample_px = (min(_SAMPLE_PX[0], width), min(_SAMPLE_PX[1], height))
        self._warm_cell = LayerCells(gpu, self._sample_px, count=1)
        self._warm_canvas = Canvas(gpu, self._sample_px, feedback=True)

    def get(self, slug: str) -> ReadyPiece | None:
        return self._ready.get(slug)

    def fallback(self, slug: str) -> str | None:
        """Return the fallback a piece names, known as soon as its manifest could be read."""
        return self._fallbacks.get(slug)

    def names(self) -> tuple[str, ...]:
        """Return the ready slugs in alphabetical order."""
        return tuple(sorted(self._ready))

    def load(self, slug: str) -> FacadeError | None:
        """Read, compile and warm a piece. On success it replaces what was there; otherwise that stays."""
        try:
            piece = self._library.get(slug)
            self._fallbacks[slug] = piece.manifest.fallback
            program = piece_program(piece, include_paths=self._library.include_paths)
            values = default_values(piece.manifest)
            if program.behaviour is not None:
                rehearse(program.behaviour, with_points(piece.manifest.parameter, values, 0.0), self._site)
            self._drawer.open_pictures(piece, values)
            self._drawer.lettering.load(piece)
            ready = ReadyPiece(self._gpu, self._site, piece, program)
        except FacadeError as error:
            self.problems[slug] = error
            return error
        self._warm(ready)
        self.problems.pop(slug, None)
        self.drop(slug)
        self._ready[slug] = ready
        return None

    def drop(self, slug: str) -> None:
        """Forget a piece and free its shaders."""
        ready = self._ready.pop(slug, None)
        if ready is not None:
            ready.release()

    def foreseen_ms(self, slug: str) -> float:
        """Return what a whole frame of a ready piece should cost, judged by a few of its LEDs, off air.

        The least of three tries, because anything else that runs can make one slow. On a graphics card it is too high
        by the fixed cost of a draw; it is meant to tell seconds from milliseconds before the street sees the seconds.
        """
        ready = self._ready[slug]
        tries = []
        for _ in range(3):
            before = self._clock.now()
            self._draw_sample(ready, ready.program.domain)
            tries.append(self._clock.now() - before)
        columns, rows = self._site.canvas_px
        texels = self._site.positions.n_pixels if ready.program.domain == "pixel" else columns * rows
        return min(tries) * 1e3 * texels / (self._sample_px[0] * self._sample_px[1])

    def _warm(self, ready: ReadyPiece) -> None:
        """The driver compiles at the first draw (median 38 ms, worst 1.6 s on llvmpipe): have it now, off air."""
        self._gpu.begin()
        self._draw_sample(ready, ready.program.domain)
        if ready.piece.slug in self.filtered and ready.program.domain == "pixel":
            self._draw_sample(ready, "canvas")

    def _draw_sample(self, ready: ReadyPiece, domain: Domain) -> None:
        values = self._drawer.defaults(ready)
        if ready.program.on_board and domain == "canvas":
            board = self._drawer.board(self._sample_px)
            self._drawer.draw(ready, board, values, START)
            self._gpu.wait()
            board.release()
            return
        shader = ready.shader(domain)
        if domain == "pixel":
            shader.set("facade_corner", self._warm_cell.use(0))
        else:
            self._warm_canvas.begin(clear=False)
        self._drawer.bind(ready, shader, ready.program.passes[0], values, START, None)
        if domain == "pixel":
            self._warm_cell.use(0)
        else:
            self._warm_canvas.begin(clear=False)
        self._warm_canvas.front.use(PICTURE_UNIT)
        self._site.bind()
        shader.draw()
        self._gpu.wait()

    def release(self) -> None:
        for slug in list(self._ready):
            self.drop(slug)
        self._warm_cell.release()
        self._warm_canvas.release()
