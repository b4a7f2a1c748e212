"""One frame of GPU work: what is on air is drawn, mixed in linear light, and read back, one colour an LED.

The order of a frame: slots follow the look, each layer is drawn into its cell (a canvas piece by way of its canvas),
one draw mixes all cells, the mix is read. Every piece is drawn inside a seam: whatever it does, the others stay.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from facade.config.show import Cue, Played
from facade.control.snapshot import ControlSnapshot
from facade.core import places
from facade.core.clock import Clock, RealClock
from facade.core.errors import FacadeError, PieceError, located
from facade.core.frame import Rgb, Tick
from facade.gpu.context import GpuContext
from facade.gpu.passes import CopyPass, EncodePass, PicturePasses, SamplePass, ScalePass
from facade.gpu.positions import PixelPositions
from facade.gpu.readback import Readback
from facade.mapping.model import PixelMap
from facade.pieces.library import Piece, PieceLibrary
from facade.show.look import Look
from facade.stage.cast import Cast, Rehearsal
from facade.stage.civil import CivilTime
from facade.stage.cues import CueMixer
from facade.stage.drawer import PassDrawer
from facade.stage.faults import BUDGET_MS, BudgetWatch
from facade.stage.filters import Filters
from facade.stage.grounds import Grounds
from facade.stage.lives import Lives
from facade.stage.meter import Announce, Meter
from facade.stage.moment import Scene
from facade.stage.onair import OnAir
from facade.stage.painter import Painter
from facade.stage.pictures import Pictures
from facade.stage.reels import Reels
from facade.stage.roster import Roster
from facade.stage.site import Site, read_only
from facade.stage.slots import Drawing, LayerSlot
from facade.stage.sounds import Sounds
from facade.stage.uses import Uses
from facade.stage.values import starting_values
from facade.stage.view import CanvasView
from facade.stage.warmup import WarmUp

_WATCHED_LAYERS = 6
"""On at once while somebody watches the canvas before more are made for it on air."""


class Stage:
    """Draws a Look. Belongs to the thread that made the GpuContext.

    clock: measures what pieces cost, the real one if absent; nothing drawn depends on it until a budget is exceeded.
    canvas_px: size of canvases; the venue's own if absent. budget_ms: None never takes a piece off for its cost, and
    waits for every picture, so that what is drawn is the same on every run. frame_ms: what a whole frame may take
    before the dearest of its canvases is made smaller; None for as long as it likes. announce: see Meter.
    picture_px: size of a ``canvas`` that somebody watches while the show plays: all it takes is made off air, too.
    """

    def __init__(
        self,
        gpu: GpuContext,
        pixels: PixelMap,
        library: PieceLibrary,
        *,
        clock: Clock | None = None,
        canvas_px: tuple[int, int] | None = None,
        budget_ms: float | None = BUDGET_MS,
        frame_ms: float | None = None,
        passes: Path | None = None,
        picture_px: tuple[int, int] | None = None,
        announce: Announce = lambda slug: None,
    ) -> None:
        folder = places.shaders() / "passes" if passes is None else passes
        self.gpu = gpu
        self._clock = RealClock() if clock is None else clock
        self.civil = CivilTime.of(pixels.venue)
        self._positions = PixelPositions(gpu, pixels)
        canvas = canvas_px or pixels.canvas_px
        site = Site(self._positions, canvas, pixels.size_venue_m, pixels.bounds_m[:2], read_only(pixels.uv))
        self._site = site
        self.reels = Reels(gpu, self._clock, site.canvas_px, live=budget_ms is not None)
        self._drawer = PassDrawer(
            gpu, Pictures(gpu, folder, site.canvas_px, self.reels), ScalePass(gpu, folder), site.canvas_px
        )
        sample = SamplePass(gpu, folder, site.positions, site.size_m)
        self._passes = PicturePasses(sample, EncodePass(gpu, folder), CopyPass(gpu, folder))
        self._uses = Uses(pictured=picture_px is not None)
        warm_up = WarmUp(gpu, site, self._drawer, self._uses, self._passes, picture_px=picture_px, clock=self._clock)
        self._cast = Cast(gpu, library, site, self._drawer, self._uses, warm_up, clock=self._clock)
        self._watch = BudgetWatch(budget_ms, frame_ms)
        self.roster = Roster(self._cast, self._watch, known=library.names())
        lives = Lives(site, self._clock, budgeted=budget_ms is not None)
        self._painter = Painter(gpu, site, self._drawer, lives, sample=sample, copy=self._passes.copy)
        self._grounds = Grounds(gpu, pixels, self._positions, folder)
        self._meter = Meter(gpu, self._clock, self._watch, announce=announce)
        self._filters = Filters(gpu, self._drawer, self.roster, self._meter, self._passes.encode)
        self._cues = CueMixer(
            gpu, pixels, site, roster=self.roster, filters=self._filters, sample=sample, passes=folder
        )
        self._readback = Readback(gpu, self._positions.size_px, count=pixels.n_pixels)
        self._on_air = OnAir(gpu, self.roster, self._grounds, size_px=self._positions.size_px)
        self._picture_px = picture_px
        self._view: CanvasView | None = None
        self._last: Scene | None = None
        self.cost_ms: dict[str, float] = {"render": 0.0, "sample": 0.0, "mix": 0.0, "readback": 0.0}

    # ---- pieces ----

    def prepare(self, slugs: Iterable[str]) -> dict[str, FacadeError | None]:
        """Compile and warm pieces off air, with their fallbacks. Returns slug -> error, None where it is ready."""
        return self.roster.prepare(slugs)

    def rehearse(self, slug: str) -> Rehearsal:
        """Read, compile and draw a piece, and forget it: for the process that does so off air. Raises FacadeError."""
        return self._cast.rehearse(slug)

    def admit(self, rehearsal: Rehearsal) -> Iterator[None]:
        """Make a rehearsed piece ready, a step between two frames; the last one puts it on. See ``roster``."""
        yield from self.roster.admit(rehearsal)
        self._on_air.restart(rehearsal.piece.slug)
        self._cues.restart(rehearsal.piece.slug)

    def warm(self) -> None:
        """Draw nothing with everything of our own once: the driver compiles at the first draw."""
        self.gpu.begin()
        self._on_air.cells.use(0, clear=True)  # a part of a picture is cleared by a draw, which is compiled like any
        self._grounds.warm(self._on_air.cells)
        self._readback.read(self._cues.warm(self._on_air.cells))
        if self._picture_px is not None:
            self._view = CanvasView(self.gpu, self._picture_px, layers=_WATCHED_LAYERS)
            self._view.read(self._cues.warm_picture(self._view))

    def lay_out(
        self,
        cues: Collection[Cue],
        *,
        helpers: Collection[str] = (),
        fallbacks: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Work out off air where layers fall that are placed or masked, and in which ways pieces are drawn.

        helpers: pieces that are on as filters or transitions only. fallbacks: as far as known, of pieces that may never
        become ready to tell theirs.
        """
        self._cast.know(fallbacks)
        self._uses.note(cues, helpers=helpers)
        for cue in cues:
            for layer in cue.layer:
                self._grounds.of(layer)
            if cue.filter or cue.transition is not None:
                self._cues.lay_out()

    def open_pictures(self, parts: Iterable[Played]) -> Generator[None, None, dict[str, FacadeError]]:
        """Open in small steps the files that layers, filters and transitions of ready pieces start with.

        Returns slug -> what cannot be shown.
        """
        problems: dict[str, FacadeError] = {}
        for played in parts:
            ready = self._cast.get(played.piece)
            if ready is not None:
                try:
                    yield from self._drawer.open_pictures(ready.piece, starting_values(ready.piece, played))
                except FacadeError as error:
                    problems[played.piece] = error
        return problems

    def reload(self, slug: str) -> FacadeError | None:
        """Read a piece again after an edit. If it does not hold, the last good one stays and the error is returned."""
        error = self.roster.reload(slug)
        if error is None:
            self._on_air.restart(slug)
            self._cues.restart(slug)
        return error

    def quarantine(self, slug: str) -> None:
        """Show the fallback of a piece instead of it, because it has crashed the renderer, until it is reloaded."""
        self.roster.quarantine(slug)

    def files(self, slug: str) -> tuple[Path, ...]:
        """Return the files whose change is a reason to reload a piece; empty if it was never ready."""
        ready = self._cast.get(slug)
        return () if ready is None else (*ready.piece.documents, *ready.program.files)

    def piece(self, slug: str) -> Piece | None:
        """Return a piece that is ready."""
        ready = self._cast.get(slug)
        return None if ready is None else ready.piece

    def domain(self, slug: str) -> str:
        """Return "pixel" or "canvas" for a piece that is ready, "" for one that is not."""
        ready = self._cast.get(slug)
        return "" if ready is None else ready.program.domain

    def why_domain(self, slug: str) -> str:
        """Return the reason for a ready piece's domain, "" for one that is not ready."""
        ready = self._cast.get(slug)
        return "" if ready is None else ready.program.reason

    def repairs(self, slug: str) -> tuple[str, ...]:
        """Return what was changed in a ready piece's old GLSL."""
        ready = self._cast.get(slug)
        return () if ready is None else ready.program.repairs

    @property
    def sounds(self) -> Sounds:
        """What pieces hear."""
        return self._drawer.sounds

    @property
    def pieces(self) -> tuple[str, ...]:
        """The slugs that are ready, in alphabetical order."""
        return self._cast.names()

    @property
    def faults(self) -> dict[str, str]:
        """Slug -> why it is not shown as its files say."""
        return self.roster.faults | self.reels.problems

    @property
    def canvas_scales(self) -> dict[str, float]:
        """Slug -> share of its canvas's width and height, of the pieces drawn on smaller ones because they are slow."""
        return self._watch.scales

    @property
    def piece_cost_ms(self) -> dict[str, float]:
        """Slug -> what the last draw of it took, in milliseconds."""
        return self._meter.cost_ms

    # ---- a frame ----

    def frame(self, tick: Tick, look: Look, snapshot: ControlSnapshot) -> Rgb:
        """Draw one tick. Returns float32 (P, 3), linear light, the same array every frame; NaN is left in."""
        started = self._clock.now()
        self._watch.reprieve(started)
        self.gpu.begin()
        self.reels.tend(tick.time_s)
        scene = Scene(tick, snapshot, self.civil.at(tick.time_s))
        self._on_air.follow(look, tick)
        self._cues.follow(look, tick)
        sampled_ms = 0.0
        for slot, _, _ in self._on_air.mixed:
            sampled_ms += self._draw_slot(slot, scene)
        drawn = self._clock.now()
        light = self._cues.mix(self._on_air.by_cue(), self._on_air.cells, scene)
        self.gpu.wait()
        mixed = self._clock.now()
        rgb = self._readback.read(light)
        done = self._clock.now()
        self._last = scene
        self.cost_ms["render"] = (drawn - started) * 1e3 - sampled_ms
        self.cost_ms["sample"] = sampled_ms
        self.cost_ms["mix"] = (mixed - drawn) * 1e3
        self.cost_ms["readback"] = (done - mixed) * 1e3
        self._watch.frame((done - started) * 1e3, alone=len(look.cues) == 1)
        return rgb

    def canvas(self, *, size_px: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """Return the mix of the last frame as a picture: uint8 sRGB (H, W, 3), top row first. Draws it now.

        size_px: width and height, the stage's canvas if absent; pixel pieces are drawn at that size, canvases scaled.
        Placement and masks belong to the building and are not in it, but in what transitions and filters of whole cues
        make of its light.
        """
        self.gpu.begin()
        view = self._view_of(size_px or self._site.canvas_px)
        for i, (slot, _, _) in enumerate(self._on_air.mixed):
            assert self._last is not None
            for drawing, cell in ((slot.own, 2 * i), (slot.fallback, 2 * i + 1)):
                ready = None if drawing is None else self._cast.get(drawing.slug)
                if drawing is not None and ready is not None:
                    self._painter.picture(ready, drawing, slot, self._last, view.cells, cell)
                else:
                    view.cells.use(cell, clear=True)
        return view.read(self._cues.picture(self._on_air.by_cue(apart=True), view, self._passes.copy))

    def not_a_number(self) -> int:
        """Return how many texels of the layers' own pictures in the last frame are NaN, before a screen's become 0."""
        self.gpu.begin()
        count = 0
        for slot, _, _ in self._on_air.mixed:
            ready = self._cast.get(slot.own.slug)
            if ready is not None and self._last is not None:
                count += self._painter.not_a_number(ready, slot.own, slot, self._last)
        return count

    def _view_of(self, size_px: tuple[int, int]) -> CanvasView:
        layers = max(1, len(self._on_air.mixed))
        if self._view is None or not self._view.fits(size_px, layers):
            if self._view is not None:
                self._view.release()
            self._view = CanvasView(self.gpu, size_px, layers=layers)
        return self._view

    def release(self) -> None:
        """Free everything on the GPU."""
        if self._view is not None:
            self._view.release()
        drawing = (self._cast, self._drawer, self._painter, self._passes, self._grounds)
        for thing in (self._on_air, self._cues, *drawing, self._positions):
            thing.release()
        self.gpu.spares.drain()

    def _draw_slot(self, slot: LayerSlot, scene: Scene) -> float:
        """Draw a layer, its fallback, or both while one fades to the other. Returns milliseconds spent on sampling."""
        sampled_ms = 0.0
        if not self.roster.is_down(slot.own.slug):
            sampled_ms += self._draw(slot, slot.own, scene)
        self._on_air.give_stand_in(slot)
        if slot.fallback is not None:
            sampled_ms += self._draw(slot, slot.fallback, scene)
        return sampled_ms

    def _draw(self, slot: LayerSlot, drawing: Drawing, scene: Scene) -> float:
        ready = self._cast.get(drawing.slug)
        assert ready is not None
        before = self._clock.now()
        try:
            with self._meter.of(drawing.slug, self._painter.domain(ready, drawing, slot)):
                scale = self._watch.scale(drawing.slug)
                self._painter.piece(ready, drawing, slot, scene, self._on_air.cells, scale=scale)
        except PieceError as error:
            self._watch.failed(drawing.slug, located(error), now=self._clock.now())
            if not drawing.drawn:
                self._on_air.cells.use(drawing.cell, clear=True)
            return 0.0
        if drawing.shown is not None and drawing is slot.own:
            drawing.shown = self._filters.draw(drawing.shown, slot.filters, slot.started_at_s, scene)
        after = self._clock.now()
        if drawing.shown is not None:
            self._watch.layer(drawing.slug, (after - before) * 1e3)
            self._painter.sample(drawing.shown, drawing.cell, slot, self._on_air.cells)
        elif slot.ground.mask is None:
            return 0.0
        self._grounds.hide(slot.ground, self._on_air.cells, drawing.cell)
        self.gpu.wait()
        return (self._clock.now() - after) * 1e3
