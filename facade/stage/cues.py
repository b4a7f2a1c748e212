"""Whole cues: each mixed by itself, changed by its filters, led over the one before by its transition.

A look without either takes the short way: one draw mixes all layers of all cues. Otherwise every cue's light is worked
out LED by LED, placed and masked, and what filters and transitions read is the wall as it is seen: a picture in which
every place has the light of the nearest LED. So nothing changes when a transition begins or ends but what it draws
itself, and for the first and last tenth of its way it fades in and out of the plain crossfade.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.gpu.passes import CopyPass, CrossPass, MixLayer, MixPass, SamplePass, SpreadPass
from facade.gpu.positions import NearestLeds
from facade.gpu.targets import Canvas, LayerCells, MixTarget
from facade.mapping.model import PixelMap
from facade.mapping.nearest import nearest_pixels
from facade.show.look import CueLook, HelperLook, Look
from facade.stage.filters import Filters
from facade.stage.moment import Scene
from facade.stage.roster import Roster
from facade.stage.site import Site
from facade.stage.slots import FALLBACK_FADE_S, HelperSlot, Shown
from facade.stage.values import starting_values
from facade.stage.view import CanvasView

EASE = 0.1
"""Part of a transition's way over which it comes out of the crossfade, and goes back into it at the end."""

CueLayers = tuple[CueLook, Sequence[MixLayer]]


@dataclass(slots=True)
class _CueSlot:
    """What a cue on air remembers of its own. trust: share of its transition's light that may be shown, 0..1."""

    filters: list[HelperSlot]
    transition: HelperSlot | None
    lights: dict[str, LayerCells] = field(default_factory=dict)
    trust: float = 1.0

    def helpers(self) -> list[HelperSlot]:
        return self.filters if self.transition is None else [*self.filters, self.transition]

    def looks(self) -> list[HelperLook]:
        return [helper.look for helper in self.helpers()]

    def release(self) -> None:
        for helper in self.helpers():
            helper.release()
        for light in self.lights.values():
            light.release()


_After = Callable[[CueLook, _CueSlot, MixTarget], LayerCells | None]
"""A cue's light -> its light after its filters; None where there is no other."""

_Between = Callable[[CueLook, _CueSlot, MixTarget, MixTarget], LayerCells | None]
"""The light below and above -> what the cue's transition makes of both."""


class CueMixer:
    """Mixes cues into one light. ``follow`` once a frame, then ``mix``."""

    def __init__(
        self,
        gpu: GpuContext,
        pixels: PixelMap,
        site: Site,
        *,
        roster: Roster,
        filters: Filters,
        sample: SamplePass,
        passes: Path,
    ) -> None:
        self._gpu = gpu
        self._pixels = pixels
        self._positions = site.positions
        self._canvas_px = site.canvas_px
        self._roster = roster
        self._filters = filters
        self._sample = sample
        self._mix_pass = MixPass(gpu, passes)
        self._spread = SpreadPass(gpu, passes)
        self._cross = CrossPass(gpu, passes)
        self._targets = [MixTarget(gpu, site.positions.size_px)]
        self._nearest: NearestLeds | None = None
        self._slots: dict[tuple[str, float], _CueSlot] = {}

    def lay_out(self) -> None:
        """Work out off air which LED is nearest to each place; takes up to a second on large canvases."""
        if self._nearest is None:
            self._nearest = NearestLeds(
                self._gpu, nearest_pixels(self._pixels, self._canvas_px), columns=self._positions.size_px[0]
            )
            self._targets += [MixTarget(self._gpu, self._positions.size_px) for _ in range(2)]

    def warm(self, cells: LayerCells) -> MixTarget:
        """Draw once with all that the cues of this show take, off air. Returns the light it made, which is black."""
        seen = LayerCells(self._gpu, self._positions.size_px, count=1)
        light = self._warm_mix(cells, self._targets, seen)
        if self._nearest is not None:
            wall = Canvas(self._gpu, self._canvas_px, feedback=False)
            self._spread.draw(light, self._nearest, wall)
            self._sample.draw(wall, seen, 0, srgb=True, screen=True)
            self._filters.warm(wall)
            wall.release()
        seen.release()
        return light

    def warm_picture(self, view: CanvasView) -> MixTarget:
        """Do the same for ``picture``."""
        return self._warm_mix(view.cells, view.targets, view.whole(0))

    def _warm_mix(self, cells: LayerCells, targets: Sequence[MixTarget], seen: LayerCells) -> MixTarget:
        self._mix_pass.draw(cells, (), targets[0])
        if self._nearest is not None:
            self._cross.draw(targets[0], targets[1], seen, rise=0.5, trust=1.0, target=targets[2])
        return targets[0]

    def follow(self, look: Look, tick: Tick) -> None:
        """Make slots for the cues that have filters or a transition, and free those that are gone."""
        wanted = {_key(cue): cue for cue in look.cues if cue.filters or cue.transition is not None}
        for key, slot in list(self._slots.items()):
            if key not in wanted or slot.looks() != _looks(wanted[key]):
                self._slots.pop(key).release()
        for key, cue in wanted.items():
            if key not in self._slots:
                self.lay_out()
                transition = None if cue.transition is None else self._slot_of(cue.transition)
                self._slots[key] = _CueSlot([self._slot_of(each) for each in cue.filters], transition)
            slot = self._slots[key]
            if slot.transition is not None:
                step = tick.delta_s / FALLBACK_FADE_S
                if not self._roster.is_down(slot.transition.slug):
                    slot.trust = min(1.0, slot.trust + step)
                else:
                    # What has drawn nothing yet has nothing to fade away from.
                    slot.trust = max(0.0, slot.trust - step) if "between" in slot.lights else 0.0

    def restart(self, slug: str) -> None:
        """Take a piece that was read again into the cues that use it."""
        for slot in self._slots.values():
            for each in slot.helpers():
                if each.slug == slug:
                    self._start(each)

    def mix(self, cues: Sequence[CueLayers], cells: LayerCells, scene: Scene) -> MixTarget:
        """Return the light of all cues, the oldest first; with none it is black."""

        def after(cue: CueLook, slot: _CueSlot, light: MixTarget) -> LayerCells | None:
            wall = self._wall(slot.filters[0], "mix", light)
            shown = self._filters.draw(wall, slot.filters, cue.started_at_s, scene)
            return None if shown is wall else self._on_leds(shown, slot, "after")

        def between(cue: CueLook, slot: _CueSlot, below: MixTarget, above: MixTarget) -> LayerCells | None:
            if slot.transition is not None and not self._roster.is_down(slot.transition.slug):
                ends = {"startImage": below, "endImage": above}
                walls = {name: self._wall(slot.transition, name, light) for name, light in ends.items()}
                shown = self._filters.transition(slot.transition, walls, cue.rise, cue.started_at_s, scene)
                return self._on_leds(shown, slot, "between")
            return slot.lights.get("between")

        return self._folded(cues, cells, self._targets, after, between)

    def picture(self, cues: Sequence[CueLayers], view: CanvasView, copy: CopyPass) -> MixTarget:
        """Return the last mix again as a picture, one of the view's targets. Its cells hold the layers.

        Filters of cues and transitions are seen as they were drawn, from the light of the LEDs.
        """
        free = itertools.count()

        def copied(helper: HelperSlot | None, *, sick: bool = False) -> LayerCells | None:
            if helper is None or helper.board is None:
                return None
            made = view.whole(next(free))
            copy.draw(helper.board, made, 0, srgb=True, screen=True, sick=sick)
            return made

        def after(cue: CueLook, slot: _CueSlot, light: MixTarget) -> LayerCells | None:
            shown = [each for each in slot.filters if not self._roster.is_down(each.slug)]
            return copied(shown[-1]) if shown else None

        return self._folded(
            cues, view.cells, view.targets, after, lambda cue, slot, below, above: copied(slot.transition, sick=True)
        )

    def _folded(
        self,
        cues: Sequence[CueLayers],
        cells: LayerCells,
        targets: Sequence[MixTarget],
        after: _After,
        between: _Between,
    ) -> MixTarget:
        """Mix every cue by itself and lay one over the other. Returns one of the targets."""
        if not self._slots:
            self._mix_pass.draw(cells, [layer for _, layers in cues for layer in layers], targets[0])
            return targets[0]
        light: MixTarget | None = None
        for cue, layers in cues:
            slot = self._slots.get(_key(cue))
            above = _other(targets, light)
            self._mix_pass.draw(cells, [replace(layer, weight=1.0) for layer in layers], above)
            if slot is not None and slot.filters and (filtered := after(cue, slot, above)) is not None:
                target = _other(targets, light, above)
                self._cross.draw(above, above, filtered, rise=1.0, trust=1.0, target=target)
                above = target
            if light is None:
                light = above
                continue
            trust = 0.0 if slot is None else slot.trust * min(1.0, min(cue.rise, 1.0 - cue.rise) / EASE)
            seen = between(cue, slot, light, above) if slot is not None and trust > 0.0 else None
            target = _other(targets, light, above)
            self._cross.draw(light, above, seen, rise=cue.rise, trust=trust, target=target)
            light = target
        return targets[0] if light is None else light

    def _wall(self, helper: HelperSlot, name: str, light: MixTarget) -> Shown:
        """Return the wall as it is seen in this light, as a picture kept with the helper that reads it."""
        assert self._nearest is not None
        picture = helper.inputs.get(name)
        if picture is None:
            picture = helper.inputs[name] = Canvas(self._gpu, self._canvas_px, feedback=False)
        self._spread.draw(light, self._nearest, picture)
        return Shown(picture, srgb=True, screen=True)

    def _on_leds(self, shown: Shown, slot: _CueSlot, name: str) -> LayerCells:
        """Bring a picture of the wall back to the LEDs, into a cell the cue keeps."""
        if name not in slot.lights:
            slot.lights[name] = LayerCells(self._gpu, self._positions.size_px, count=1)
        # What a transition fails to draw must be told apart, so that the crossfade takes it over.
        sick = name == "between"
        self._sample.draw(shown.picture, slot.lights[name], 0, srgb=shown.srgb, screen=True, sick=sick)
        return slot.lights[name]

    def _slot_of(self, look: HelperLook) -> HelperSlot:
        slot = HelperSlot(look)
        self._start(slot)
        return slot

    def _start(self, slot: HelperSlot) -> None:
        ready = self._roster.first_seen(slot.slug)
        slot.starting = {} if ready is None else starting_values(ready.piece, slot.look.played)

    def release(self) -> None:
        for slot in self._slots.values():
            slot.release()
        self._slots.clear()
        for thing in (self._mix_pass, self._spread, self._cross, self._nearest, *self._targets):
            if thing is not None:
                thing.release()


def _key(cue: CueLook) -> tuple[str, float]:
    return cue.name, cue.started_at_s


def _looks(cue: CueLook) -> list[HelperLook]:
    return [*cue.filters] if cue.transition is None else [*cue.filters, cue.transition]


def _other(targets: Sequence[MixTarget], *taken: MixTarget | None) -> MixTarget:
    return next(target for target in targets if target not in taken)
