"""One frame of GPU work: what is on air is drawn, mixed in linear light, and read back, one colour an LED.

The order of a frame: slots follow the look, each layer is drawn into its cell (a canvas piece by way of its canvas),
one draw mixes all cells, the mix is read. Every piece is drawn inside a seam: whatever it does, the others stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facade.config.show import Layer
from facade.control.snapshot import ControlSnapshot
from facade.core import places
from facade.core.clock import Clock, RealClock
from facade.core.color import linear_to_srgb8
from facade.core.errors import FacadeError, located
from facade.core.frame import Rgb, Tick
from facade.gpu.context import GpuContext
from facade.gpu.passes import MAX_LAYERS, MixLayer, MixPass, ScalePass
from facade.gpu.positions import PixelPositions
from facade.gpu.readback import Readback
from facade.gpu.targets import LayerCells, MixTarget
from facade.mapping.model import PixelMap
from facade.pieces.library import Piece, PieceLibrary
from facade.show.look import CueLook, LayerLook, Look
from facade.stage.cast import Cast, Rehearsal, Site
from facade.stage.drawer import PassDrawer
from facade.stage.faults import BUDGET_MS, BudgetWatch
from facade.stage.grounds import Grounds
from facade.stage.painter import Painter, Scene
from facade.stage.pictures import Pictures
from facade.stage.slots import Drawing, LayerSlot
from facade.stage.values import starting_values

DEFAULT_FALLBACK = "ember"
"""Shown for a faulted piece that names no fallback, or whose fallback is faulted too; without it, black."""

_SlotKey = tuple[tuple[str, int], str, float]
_FIRST_CELLS = 4


class Stage:
    """Draws a Look. Belongs to the thread that made the GpuContext.

    clock: measures what pieces cost, the real one if absent; nothing drawn depends on it until a budget is exceeded.
    canvas_px: size of canvases; the venue's own if absent. budget_ms: None never takes a piece off for its cost.
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
        passes: Path | None = None,
    ) -> None:
        folder = places.shaders() / "passes" if passes is None else passes
        self.gpu = gpu
        self._clock = RealClock() if clock is None else clock
        self._positions = PixelPositions(gpu, pixels)
        site = Site(self._positions, canvas_px or pixels.canvas_px, pixels.size_venue_m, pixels.bounds_m[:2])
        self._site = site
        pictures = Pictures(gpu, folder, site.canvas_px)
        self._drawer = PassDrawer(gpu, pictures, ScalePass(gpu, folder), site.canvas_px)
        self._cast = Cast(gpu, library, site, self._drawer, clock=self._clock)
        self._default_fallback = DEFAULT_FALLBACK if DEFAULT_FALLBACK in library.names() else None
        self._watch = BudgetWatch(budget_ms)
        self._painter = Painter(gpu, site, self._drawer, folder)
        self._grounds = Grounds(gpu, pixels, self._positions, folder)
        self._mix_pass = MixPass(gpu, folder)
        self._mix = MixTarget(gpu, self._positions.size_px)
        self._readback = Readback(gpu, self._positions.size_px, count=pixels.n_pixels)
        self._cells = LayerCells(gpu, self._positions.size_px, count=_FIRST_CELLS)
        self._slots: dict[_SlotKey, LayerSlot] = {}
        self._quarantined: set[str] = set()
        self._last: Scene | None = None
        self._mixed: list[tuple[LayerSlot, CueLook, bool]] = []
        self.cost_ms: dict[str, float] = {"render": 0.0, "sample": 0.0, "mix": 0.0, "readback": 0.0}
        self.piece_cost_ms: dict[str, float] = {}

    # ---- pieces ----

    def prepare(self, slugs: Iterable[str]) -> dict[str, FacadeError | None]:
        """Compile and warm pieces off air, with their fallbacks. Returns slug -> error, None where it is ready."""
        result: dict[str, FacadeError | None] = {}
        for slug in slugs:
            if slug not in result:
                ready = slug in self._quarantined or self._cast.get(slug) is not None
                result[slug] = None if ready else self._load(slug)
                fallback = self._fallback_of(slug)
                if fallback is not None and self._cast.is_new(fallback):
                    self._load(fallback)
        return result

    def expect(self, slugs: Iterable[str]) -> tuple[str, ...]:
        """Load none of these by itself: each will be admitted or refused. Until then its fallback stands in.

        Returns those that are new; a piece in quarantine is not to be tried.
        """
        new = tuple(slug for slug in slugs if self._cast.is_new(slug) and slug not in self._quarantined)
        self._cast.expect(new)
        return new

    def warm(self) -> None:
        """Draw nothing with everything of our own once: the driver compiles at the first draw."""
        self.gpu.begin()
        self._painter.warm(self._cells)
        self._grounds.warm(self._cells)
        self._mix_pass.draw(self._cells, (), self._mix)
        self._readback.read(self._mix)

    @property
    def default_fallback(self) -> str | None:
        return self._default_fallback

    def piece(self, slug: str) -> Piece | None:
        """Return a piece that is ready."""
        ready = self._cast.get(slug)
        return None if ready is None else ready.piece

    def problem(self, slug: str) -> FacadeError | None:
        """Return why a piece is not as its files say, None if it is."""
        return self._cast.problems.get(slug)

    def rehearse(self, slug: str) -> Rehearsal:
        """Read, compile and draw a piece, and forget it: for the process that does so off air. Raises FacadeError."""
        return self._cast.rehearse(slug)

    def admit(self, rehearsal: Rehearsal) -> Iterator[None]:
        """Make a rehearsed piece ready, a step between two frames; the last one puts it on. See ``faults``."""
        slug = rehearsal.piece.slug
        before = self._cast.get(slug)
        yield from self._cast.admit(rehearsal)
        if self._cast.get(slug) is not before:
            self._loaded(slug, rehearsal.cost_ms)

    def refuse(self, slug: str, error: FacadeError) -> None:
        """Note why a piece could not be rehearsed; what was ready stays on."""
        self._cast.refuse(slug, error)

    def lay_out(self, layers: Iterable[Layer]) -> None:
        """Work out off air where layers fall that are placed or masked."""
        for layer in layers:
            self._grounds.of(layer)

    def _load(self, slug: str) -> FacadeError | None:
        error = self._cast.load(slug)
        if error is None:
            self._loaded(slug, None if self._watch.budget_ms is None else self._cast.foreseen_ms(slug))
        return error

    def _loaded(self, slug: str, cost_ms: float | None) -> None:
        self._watch.forgive(slug)
        if cost_ms is not None:
            self._watch.foreseen(slug, cost_ms)
        for slot in self._slots.values():
            if slot.look.layer.piece == slug:
                self._start(slot)

    def reload(self, slug: str) -> FacadeError | None:
        """Read a piece again after an edit. If it does not hold, the last good one stays and the error is returned."""
        self.release_piece(slug)
        error = self._load(slug)
        if error is None:
            self.prepare([slug])
        return error

    def release_piece(self, slug: str) -> None:
        """Let a piece out of quarantine; it has still to be loaded."""
        self._quarantined.discard(slug)

    def quarantine(self, slug: str) -> None:
        """Show the fallback of a piece instead of it, because it has crashed the renderer, until it is reloaded.

        It is not even compiled: that may be what does it.
        """
        self._quarantined.add(slug)
        self._watch.reasons[slug] = (
            f'"{slug}" has stopped the renderer too often. Its fallback is shown. Mend it, or choose another.'
        )

    def files(self, slug: str) -> tuple[Path, ...]:
        """Return the files whose change is a reason to reload a piece; empty if it was never ready."""
        ready = self._cast.get(slug)
        return () if ready is None else (*ready.piece.documents, *ready.program.files)

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
    def pieces(self) -> tuple[str, ...]:
        """The slugs that are ready, in alphabetical order."""
        return self._cast.names()

    @property
    def faults(self) -> dict[str, str]:
        """Slug -> why it is not shown as its files say."""
        return {slug: located(error) for slug, error in self._cast.problems.items()} | self._watch.reasons

    # ---- a frame ----

    def frame(self, tick: Tick, look: Look, snapshot: ControlSnapshot) -> Rgb:
        """Draw one tick. Returns float32 (P, 3), linear light, the same array every frame; NaN is left in."""
        started = self._clock.now()
        self._watch.reprieve(started)
        self.gpu.begin()
        scene = Scene(tick, snapshot)
        self._follow(look, tick)
        sampled_ms = 0.0
        layers: list[MixLayer] = []
        for slot, cue, last in self._mixed:
            sampled_ms += self._draw_slot(slot, scene)
            layers.append(_mix_layer(slot, cue, last=last))
        drawn = self._clock.now()
        self._mix_pass.draw(self._cells, layers, self._mix)
        self.gpu.wait()
        mixed = self._clock.now()
        rgb = self._readback.read(self._mix)
        done = self._clock.now()
        self._last = scene
        self.cost_ms["render"] = (drawn - started) * 1e3 - sampled_ms
        self.cost_ms["sample"] = sampled_ms
        self.cost_ms["mix"] = (mixed - drawn) * 1e3
        self.cost_ms["readback"] = (done - mixed) * 1e3
        return rgb

    def canvas(self, *, size_px: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """Return the mix of the last frame as a picture: uint8 sRGB (H, W, 3), top row first. Draws it now.

        size_px: width and height, the stage's canvas if absent; pixel pieces are drawn at that size, canvases scaled.
        Placement and masks belong to the building and are not in it.
        """
        size = size_px or self._site.canvas_px
        self.gpu.begin()
        cells = LayerCells(self.gpu, size, count=max(1, 2 * len(self._mixed)))
        target = MixTarget(self.gpu, size)
        layers: list[MixLayer] = []
        for i, (slot, cue, last) in enumerate(self._mixed):
            layers.append(_mix_layer(slot, cue, last=last, cells=(2 * i, 2 * i + 1)))
            assert self._last is not None
            for drawing, cell in ((slot.own, 2 * i), (slot.fallback, 2 * i + 1)):
                ready = None if drawing is None else self._cast.get(drawing.slug)
                if drawing is not None and ready is not None:
                    self._painter.picture(ready, drawing, slot, self._last, cells, cell)
        self._mix_pass.draw(cells, layers, target)
        rgb = Readback(self.gpu, size, count=size[0] * size[1]).read(target)
        target.release()
        cells.release()
        return linear_to_srgb8(np.nan_to_num(rgb)).reshape(size[1], size[0], 3)[::-1]

    def release(self) -> None:
        """Free everything on the GPU."""
        for slot in self._slots.values():
            slot.release()
        self._slots.clear()
        self._mixed = []
        parts = (self._cast, self._drawer, self._painter, self._grounds, self._mix_pass, self._mix, self._cells)
        for thing in (*parts, self._positions):
            thing.release()

    # ---- what is on ----

    def _follow(self, look: Look, tick: Tick) -> None:
        """Make the slots those of the look; the ones that are gone give their canvases back."""
        wanted: dict[_SlotKey, LayerLook] = {_slot_key(layer, cue): layer for cue in look.cues for layer in cue.layers}
        for key in [k for k in self._slots if k not in wanted]:
            self._slots.pop(key).release()
        for key, layer in wanted.items():
            slot = self._slots.get(key)
            if slot is None:
                drawing, ground = Drawing(layer.layer.piece, self._free_cell()), self._grounds.of(layer.layer)
                slot = LayerSlot(look=layer, started_at_s=key[2], own=drawing, ground=ground)
                self._slots[key] = slot
                self._start(slot)
            elif slot.look.layer is not layer.layer:
                slot.look = layer
                self._start(slot)
            slot.look = layer
            slot.fade(tick, faulted=self._is_down(slot.own.slug))
        self._mixed = []
        for cue in look.cues:
            shown = [layer for layer in cue.layers if cue.weight > 0.0]
            for layer in shown:
                self._mixed.append((self._slots[_slot_key(layer, cue)], cue, layer is shown[-1]))
        del self._mixed[MAX_LAYERS:]

    def _start(self, slot: LayerSlot) -> None:
        slug = slot.look.layer.piece
        slot.ground = self._grounds.of(slot.look.layer)
        if self._cast.is_new(slug):
            self.prepare([slug])
        ready = self._cast.get(slug)
        slot.starting = {} if ready is None else starting_values(ready.piece, slot.look.layer)

    def _is_down(self, slug: str) -> bool:
        return self._cast.get(slug) is None or slug in self._watch.reasons

    def _fallback_of(self, slug: str) -> str | None:
        """Return the piece to show instead of slug: its own choice, else the default; None means black."""
        for choice in (self._cast.fallback(slug), self._default_fallback):
            if choice is None or choice == slug or choice in self._watch.reasons:
                continue
            if self._cast.get(choice) is not None or choice not in self._cast.problems:
                return choice
        return None

    def _draw_slot(self, slot: LayerSlot, scene: Scene) -> float:
        """Draw a layer, its fallback, or both while one fades to the other. Returns milliseconds spent on sampling."""
        sampled_ms = 0.0
        if not self._is_down(slot.own.slug):
            sampled_ms += self._draw(slot, slot.own, scene)
        if slot.fallback is not None and (slot.fallback_share == 0.0 or self._is_down(slot.fallback.slug)):
            slot.fallback.release()
            slot.fallback = None
        if slot.fallback_share > 0.0:
            slot.fallback = slot.fallback or self._stand_in(slot)
            if slot.fallback is not None:
                sampled_ms += self._draw(slot, slot.fallback, scene)
        return sampled_ms

    def _stand_in(self, slot: LayerSlot) -> Drawing | None:
        slug = self._fallback_of(slot.own.slug)
        if slug is not None and self._cast.is_new(slug):
            self._load(slug)
        if slug is None or self._is_down(slug):
            return None
        return Drawing(slug, self._free_cell())

    def _draw(self, slot: LayerSlot, drawing: Drawing, scene: Scene) -> float:
        ready = self._cast.get(drawing.slug)
        assert ready is not None
        before = self._clock.now()
        self._painter.piece(ready, drawing, slot, scene, self._cells)
        # Waiting after every layer tells whose cost it was; one fence costs some ten microseconds.
        self.gpu.wait()
        after = self._clock.now()
        cost_ms = (after - before) * 1e3
        self.piece_cost_ms[drawing.slug] = cost_ms
        self._watch.spent(drawing.slug, cost_ms, now=after)
        if drawing.canvas is not None:
            self._painter.sample(ready, drawing, slot, self._cells)
        elif slot.ground.mask is None:
            return 0.0
        self._grounds.hide(slot.ground, self._cells, drawing.cell)
        self.gpu.wait()
        return (self._clock.now() - after) * 1e3

    def _free_cell(self) -> int:
        """Return a cell nobody draws into; more are made when all are taken, and then every picture is drawn anew."""
        drawings = [d for s in self._slots.values() for d in (s.own, s.fallback) if d is not None]
        taken = {d.cell for d in drawings}
        free = next(i for i in range(len(taken) + 1) if i not in taken)
        if free >= self._cells.count:
            self._cells.release()
            self._cells = LayerCells(self.gpu, self._positions.size_px, count=self._cells.count * 2)
            for drawing in drawings:
                drawing.drawn = False
        return free


def _slot_key(layer: LayerLook, cue: CueLook) -> _SlotKey:
    """A cue that starts again, or shows another piece in a layer, starts with nothing remembered."""
    return layer.key, layer.layer.piece, cue.started_at_s


def _mix_layer(slot: LayerSlot, cue: CueLook, *, last: bool, cells: tuple[int, int] | None = None) -> MixLayer:
    own, fallback = cells or (slot.own.cell, 0 if slot.fallback is None else slot.fallback.cell)
    # A fallback that could not be had is black, and black is what a layer of no opacity adds.
    black = slot.fallback is None and slot.fallback_share > 0.0
    return MixLayer(
        cell=own,
        opacity=slot.look.layer.opacity * (1.0 - slot.fallback_share if black else 1.0),
        blend=slot.look.layer.blend,
        weight=cue.weight,
        closes_cue=last,
        fallback_cell=fallback,
        fallback_share=0.0 if black else slot.fallback_share,
    )
