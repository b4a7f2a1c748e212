"""The pieces that are ready to go on: compiled, warmed, with the last good program of each kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facade.config.piece_parts import SuppliedTexture
from facade.core.clock import Clock
from facade.core.errors import FacadeError
from facade.gpu.context import GpuContext
from facade.gpu.passes import EXTENTS_UNIT, PICTURE_UNIT, PLACES_UNIT, SamplePass
from facade.gpu.positions import PixelPositions
from facade.gpu.program import GlProgram, compile_piece
from facade.gpu.source import fragment_source, vertex_source
from facade.gpu.targets import LAYER_DTYPE, Canvas, LayerCells, Share
from facade.gpu.textures import CubeTexture, Texture, data_texture
from facade.media.table import read_table
from facade.pieces.dialects import piece_program
from facade.pieces.library import Piece, PieceLibrary
from facade.pieces.program import Domain, PieceProgram
from facade.pieces.roles import FED
from facade.stage.board import Board, dtype_of
from facade.stage.crowd import with_points
from facade.stage.cubes import load_cube
from facade.stage.faults import Part
from facade.stage.lives import rehearse
from facade.stage.moment import START
from facade.stage.pictures import load_image
from facade.stage.values import Values, default_values
from facade.stage.weight import Weight, declared_weight

if TYPE_CHECKING:
    from facade.stage.drawer import PassDrawer

_SAMPLE_PX = (64, 8)
"""So many LEDs or texels are drawn off air to judge what a piece costs."""

_FIRST_PX = (8, 2)
"""So many are drawn first, to warm it and to see whether more would take too long."""

_QUICK_S = 0.01
"""A first draw in less than this needed no compiler."""

_CACHE_PAUSES_S = (0.008, 0.03, 0.03, 0.06)
"""It takes the driver some 3 ms to write what it has compiled; whoever looks too early compiles again."""

_LONG_S = 0.1
"""When the first few take so long, they have told enough."""


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


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A piece that was read, compiled and drawn off air without harm, perhaps by another process.

    cost_ms: what a whole frame of it should cost.
    """

    piece: Piece
    program: PieceProgram
    cost_ms: float


class ReadyPiece:
    """One piece with its compiled shaders; the one for pictures is compiled when first asked for."""

    def __init__(self, gpu: GpuContext, site: Site, piece: Piece, program: PieceProgram) -> None:
        """Take a piece; ``compile`` makes it ready."""
        self.piece = piece
        self.program = program
        self._gpu = gpu
        self._site = site
        self._compiled: dict[tuple[Domain, int, str], GlProgram] = {}
        self.images: list[Texture] = []
        self.cubes: list[CubeTexture] = []
        self.data: dict[str, Texture] = {}

    def compile(self, weight: Weight) -> Iterator[None]:
        """Compile for the program's own domain and load its images, one thing a step. Raises PieceError.

        weight: what its textures come to but for tables, whose size is known when they are read.
        """
        program = self.program
        try:
            for _ in self.shaders(program.domain):
                yield
            for file in program.files_read:
                self.images.append(load_image(self._gpu, file))
                yield
            for faces in program.cubes:
                self.cubes.append(load_cube(self._gpu, faces))
                yield
            for name, table in program.manifest.data.items():
                numbers = read_table(self.piece.folder / table.file, columns=table.columns, channels=table.channels)
                weight.add({"data": numbers.nbytes})
                smooth = table.filter == "linear"
                size = (numbers.shape[1], numbers.shape[0])
                self.data[name] = data_texture(self._gpu, size, channels=table.channels, smooth=smooth)
                self.data[name].write(numbers)
                yield
            for name, each in program.manifest.uniform.items():
                if isinstance(each, SuppliedTexture):
                    smooth = each.filter == "linear"
                    self.data[name] = data_texture(self._gpu, each.size, channels=each.channels, smooth=smooth)
        except FacadeError:
            self.release()
            raise

    def shaders(self, domain: Domain) -> Iterator[GlProgram]:
        """Every shader that drawing in a domain takes, compiled as it comes. Raises PieceError."""
        program = self.program
        for index, dtype in dict.fromkeys((each.source, dtype_of(program, each)) for each in program.passes):
            yield self.shader(domain, index, dtype=dtype)

    def shader(self, domain: Domain, index: int = 0, *, dtype: str = LAYER_DTYPE) -> GlProgram:
        """Return one source's shader for a domain and the format it draws. Raises PieceError if it does not compile.

        One program a format: llvmpipe compiles for each, and finds only the first of a program in its cache again.
        """
        key = (domain, index, dtype)
        if key not in self._compiled:
            text = fragment_source(self.program, domain=domain, index=index)
            vertex = vertex_source(self.program, domain=domain, index=index)
            shader = compile_piece(self._gpu, text, slug=self.piece.slug, lines=self.program.lines, vertex=vertex)
            self._site.introduce(shader)
            self._compiled[key] = shader
        return self._compiled[key]

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

    filtered: those that some layer shows through filters, and so are warmed as a canvas too. fed: those that are
    filters of some layer, and so are warmed with such a picture as layers have.
    """

    def __init__(
        self,
        gpu: GpuContext,
        library: PieceLibrary,
        site: Site,
        drawer: PassDrawer,
        sample: SamplePass,
        *,
        clock: Clock,
    ) -> None:
        self._gpu = gpu
        self._clock = clock
        self._site = site
        self._library = library
        self._drawer = drawer
        self._sample = sample
        self._ready: dict[str, ReadyPiece] = {}
        self._fallbacks: dict[str, str | None] = {}
        self._awaited: set[str] = set()
        self._warmed_in_s = 0.0
        self.problems: dict[str, FacadeError] = {}
        self.filtered: set[str] = set()
        self.fed: set[str] = set()
        width, height = site.positions.size_px
        self._warm_cell = LayerCells(gpu, (min(_SAMPLE_PX[0], width), min(_SAMPLE_PX[1], height)), count=1)

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
            if program.behaviour is not None:
                values = with_points(piece.manifest.parameter, default_values(piece.manifest), 0.0)
                rehearse(program.behaviour, values, self._site)
            for _ in self._admit(piece, program):
                pass
        except FacadeError as error:
            self.refuse(slug, error)
            return error
        return None

    def rehearse(self, slug: str) -> Rehearsal:
        """Do all that ``load`` does, judge the cost, and keep nothing. Raises FacadeError."""
        error = self.load(slug)
        if error is not None:
            raise error
        self._await_cache(slug)
        ready = self._ready[slug]
        result = Rehearsal(ready.piece, ready.program, self.foreseen_ms(slug))
        self.drop(slug)
        return result

    def _await_cache(self, slug: str) -> None:
        """Wait until the driver finds in its cache what it has just compiled: it writes there when it has the time."""
        first_s = self._warmed_in_s
        for pause_s in _CACHE_PAUSES_S:
            if self._warmed_in_s < max(_QUICK_S, first_s / 2):
                return
            self._clock.wait_until(self._clock.now() + pause_s)
            for _ in self._admit(self._ready[slug].piece, self._ready[slug].program):
                pass

    def admit(self, rehearsal: Rehearsal) -> Iterator[None]:
        """Make a rehearsed piece ready in steps of a few milliseconds, to be taken between frames on air.

        The last step replaces what was there. A refusal is found in ``problems``, and then that stays.
        """
        slug = rehearsal.piece.slug
        self._fallbacks[slug] = rehearsal.piece.manifest.fallback
        try:
            yield from self._admit(rehearsal.piece, rehearsal.program)
        except FacadeError as error:
            self.refuse(slug, error)

    def _admit(self, piece: Piece, program: PieceProgram) -> Iterator[None]:
        ready = ReadyPiece(self._gpu, self._site, piece, program)
        weight = self._weigh(ready)
        yield from self._drawer.open_pictures(piece, default_values(piece.manifest))
        self._drawer.lettering.load(piece)
        yield from ready.compile(weight)
        self._warm(ready)
        self.drop(piece.slug)
        self._ready[piece.slug] = ready
        self.problems.pop(piece.slug, None)
        self._awaited.discard(piece.slug)

    def _weigh(self, ready: ReadyPiece) -> Weight:
        """Count the textures a piece will take. Raises PieceError if they are too many."""
        values = self._drawer.defaults(ready)
        return declared_weight(
            ready.piece,
            ready.program,
            values,
            self._drawer.numbers(ready, values),
            canvas_px=self._site.canvas_px,
            limit_px=self._gpu.max_size_px,
            picture_px=self._drawer.picture_px,
        )

    def refuse(self, slug: str, error: FacadeError) -> None:
        """Note why a piece is not as its files say; what was ready stays."""
        self.problems[slug] = error
        self._awaited.discard(slug)

    def expect(self, slugs: Iterable[str]) -> None:
        """Leave these pieces to ``admit``: until then they are neither ready nor to be loaded on air."""
        self._awaited.update(slugs)

    def is_new(self, slug: str) -> bool:
        """Whether nothing is known of a piece yet: it is not ready, nor refused, nor awaited."""
        return not (slug in self._ready or slug in self.problems or slug in self._awaited)

    def drop(self, slug: str) -> None:
        """Forget a piece and free its shaders."""
        ready = self._ready.pop(slug, None)
        if ready is not None:
            ready.release()

    def part(self, slug: str) -> Part:
        """Return what a ready piece is drawn for in this show; the dearest, where for several things."""
        ready = self._ready[slug]
        if slug in self.fed and ready.piece.role != "generator":
            return ready.piece.role
        return "canvas" if slug in self.filtered else ready.program.domain

    def foreseen_ms(self, slug: str) -> float:
        """Return what a whole frame of a ready piece should cost, judged by a few of its LEDs or texels, off air.

        The least of three tries, because anything else that runs can make one slow. On a graphics card it is too high
        by the fixed cost of a draw; it is meant to tell seconds from milliseconds before the street sees the seconds.
        """
        ready = self._ready[slug]
        domain: Domain = "pixel" if self.part(slug) == "pixel" else "canvas"
        took_s, share = self._time(ready, domain, _FIRST_PX)
        if took_s < _LONG_S:
            took_s, share = min(self._time(ready, domain, _SAMPLE_PX) for _ in range(3))
        return took_s * 1e3 / share

    def _time(self, ready: ReadyPiece, domain: Domain, sample_px: tuple[int, int]) -> tuple[float, float]:
        """Return the seconds a draw of so much takes, and its share of a whole frame."""
        before = self._clock.now()
        share = self._draw_sample(ready, domain, sample_px)
        return self._clock.now() - before, share

    def _warm(self, ready: ReadyPiece) -> None:
        """The driver compiles at the first draw (median 38 ms, worst 1.6 s on llvmpipe): have it now, off air."""
        before = self._clock.now()
        self._gpu.begin()
        self._draw_sample(ready, ready.program.domain, _FIRST_PX)
        self._warmed_in_s = self._clock.now() - before
        if ready.piece.slug in self.filtered and ready.program.domain == "pixel":
            self._draw_sample(ready, "canvas", _FIRST_PX)

    def _draw_sample(self, ready: ReadyPiece, domain: Domain, sample_px: tuple[int, int]) -> float:
        """Draw a corner of a piece, into targets of its real formats and sizes: drivers compile for each kind.

        Returns the share of a whole frame that was drawn.
        """
        values = self._drawer.defaults(ready)
        if domain == "pixel":
            width, height = (min(sample, own) for sample, own in zip(sample_px, self._warm_cell.size_px, strict=True))
            shader = ready.shader(domain)
            self._drawer.bind(ready, shader, ready.program.passes[0], values, START, None)
            shader.set("facade_corner", self._warm_cell.use(0, size_px=(width, height)))
            self._site.bind()
            shader.draw()
            share = width * height / self._site.positions.n_pixels
        else:
            across, up = (min(1.0, px / own) for px, own in zip(sample_px, self._site.canvas_px, strict=True))
            draw = self._draw_board if ready.program.on_board else self._draw_canvas
            made = draw(ready, values, (across, up))
            self._sample.draw(made, self._warm_cell, 0, srgb=ready.program.srgb, screen=ready.program.screen)
            made.release()
            share = across * up
        self._gpu.wait()
        return share

    def _draw_board(self, ready: ReadyPiece, values: Values, only: Share) -> Board:
        board = self._drawer.board()
        names = FED[ready.piece.role] if ready.piece.slug in self.fed else ()
        picture = Canvas(self._gpu, self._site.canvas_px, feedback=False) if names else None
        fed = {} if picture is None else dict.fromkeys(names, picture.front)
        self._drawer.draw(ready, board, values, START, fed=fed, only=only)
        if picture is not None:
            picture.release()
        return board

    def _draw_canvas(self, ready: ReadyPiece, values: Values, only: Share) -> Canvas:
        canvas = Canvas(self._gpu, self._site.canvas_px, feedback=ready.program.reads_previous)
        shader = ready.shader("canvas")
        self._drawer.bind(ready, shader, ready.program.passes[0], values, START, None)
        canvas.begin(clear=False, only=only)
        canvas.front.use(PICTURE_UNIT)
        shader.draw()
        canvas.end()
        return canvas

    def release(self) -> None:
        for slug in list(self._ready):
            self.drop(slug)
        self._warm_cell.release()
