"""The pieces that are ready to go on: compiled, warmed, with the last good program of each kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from facade.core.clock import Clock
from facade.core.errors import FacadeError
from facade.gpu.context import GpuContext
from facade.pieces.dialects import piece_program
from facade.pieces.library import Piece, PieceLibrary
from facade.pieces.program import PieceProgram
from facade.stage.crowd import with_points
from facade.stage.drawer import PassDrawer
from facade.stage.faults import Part
from facade.stage.lives import rehearse
from facade.stage.ready import ReadyPiece
from facade.stage.site import Site
from facade.stage.uses import Uses, Way
from facade.stage.values import default_values
from facade.stage.warmup import WarmUp
from facade.stage.weight import Weight, declared_weight

_QUICK_S = 0.01
"""A first draw in less than this needed no compiler."""

_CACHE_PAUSES_S = (0.008, 0.03, 0.03, 0.06)
"""It takes the driver some 3 ms to write what it has compiled; whoever looks too early compiles again."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A piece that was read, compiled and drawn off air without harm, perhaps by another process.

    cost_ms: what a whole frame of it should cost.
    """

    piece: Piece
    program: PieceProgram
    cost_ms: float


class Cast:
    """Ready pieces by slug. ``problems`` says why a slug is not as its files say. uses: how the show draws them."""

    def __init__(
        self,
        gpu: GpuContext,
        library: PieceLibrary,
        site: Site,
        drawer: PassDrawer,
        uses: Uses,
        warm_up: WarmUp,
        *,
        clock: Clock,
    ) -> None:
        self._gpu = gpu
        self._clock = clock
        self._site = site
        self._library = library
        self._drawer = drawer
        self._uses = uses
        self._warm_up = warm_up
        self._ready: dict[str, ReadyPiece] = {}
        self._fallbacks: dict[str, str | None] = {}
        self._awaited: set[str] = set()
        self._warmed_in_s = 0.0
        self.problems: dict[str, FacadeError] = {}

    def get(self, slug: str) -> ReadyPiece | None:
        return self._ready.get(slug)

    def fallback(self, slug: str) -> str | None:
        """Return the fallback a piece names, known as soon as its manifest could be read."""
        return self._fallbacks.get(slug)

    def know(self, fallbacks: Mapping[str, str]) -> None:
        """Take fallbacks of pieces that have not been read here."""
        self._fallbacks = {**fallbacks, **self._fallbacks}

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
        ways = self._uses.ways(piece, program)
        yield from ready.compile(ways, weight)
        yield from self._warm(ready, ways)
        self.drop(piece.slug)
        self._ready[piece.slug] = ready
        self.problems.pop(piece.slug, None)
        self._awaited.discard(piece.slug)

    def _warm(self, ready: ReadyPiece, ways: Iterable[Way]) -> Iterator[None]:
        """Draw a piece for the first time in every way, one a step."""
        self._warmed_in_s = 0.0
        try:
            for way in ways:
                yield
                self._warmed_in_s += self._warm_up.first_draw_s(ready, way)
        except FacadeError:
            ready.release()
            raise

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
        return self._uses.part(ready.piece, ready.program)

    def foreseen_ms(self, slug: str) -> float:
        """Return what a whole frame of a ready piece should cost, in the way ``part`` means."""
        ready = self._ready[slug]
        return self._warm_up.foreseen_ms(ready, self._uses.costly(ready.piece, ready.program))

    def release(self) -> None:
        for slug in list(self._ready):
            self.drop(slug)
        self._warm_up.release()
