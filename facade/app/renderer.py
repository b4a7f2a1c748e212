"""The render side of a show, the same object in both hosts: control events and ticks in, linear light out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime

from facade.app.plan import Plan
from facade.app.process import Place
from facade.app.rehearsals import Answer
from facade.config.piece import PieceManifest
from facade.config.show import Played
from facade.control.bindings import smoothing_of
from facade.control.events import ControlEvent
from facade.control.parameters import ParameterBank
from facade.control.sound import from_text, input_of
from facade.core.clock import Clock
from facade.core.errors import FacadeError, InputError, located
from facade.core.frame import Rgb, Tick
from facade.core.health import RenderHealth, told_faults
from facade.gpu.context import GpuContext
from facade.show.pause import Pause
from facade.show.timeline import Timeline
from facade.stage.meter import Announce
from facade.stage.stage import Stage

_log = logging.getLogger(__name__)


class Renderer:
    """Timeline, parameter bank and stage of one show.

    budget_ms: cost of a frame of one piece above which its fallback takes over; None never (offline, deterministic).
    frame_ms: cost of a whole frame above which canvases are made smaller; None never. picture_px, announce: see Stage.
    """

    def __init__(
        self,
        plan: Plan,
        gpu: GpuContext,
        clock: Clock,
        *,
        budget_ms: float | None,
        frame_ms: float | None = None,
        canvas_px: tuple[int, int] | None = None,
        civil_at_0: datetime | None = None,
        picture_px: tuple[int, int] | None = None,
        announce: Announce = lambda slug: None,
    ) -> None:
        self.plan = plan
        self.gpu = gpu
        self.timeline = Timeline(plan.show)
        self.pause = Pause()
        self.bank = ParameterBank(plan.manifests, smooth_s=smoothing_of(plan.show.binding))
        self._library = plan.library()
        self.stage = Stage(
            gpu,
            plan.pixels,
            self._library,
            clock=clock,
            canvas_px=canvas_px,
            budget_ms=budget_ms,
            frame_ms=frame_ms,
            picture_px=picture_px,
            announce=announce,
        )
        self.stage.sounds.connect(name for name, each in plan.show.input.items() if each.type == "audio")
        for to in {binding.to for binding in plan.show.binding}:
            self.bank.connect(to)
        if civil_at_0 is not None:
            self.stage.civil.at_0 = civil_at_0
        self._presets = dict(plan.presets)
        self._manifests = dict(plan.manifests)
        self.applied_seq = 0
        self._on_air: set[tuple[str, int]] = set()
        self._place: Place | None = None

    def pieces(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Slugs of the pieces the show needs: those of the first cue with what would stand in for them, and the others.

        What stands in comes before what it stands in for.
        """
        cue = [part.piece for _, part in self.plan.show.cue[self.timeline.cue].parts()]
        first = dict.fromkeys(slug for own in cue for slug in (*self._stand_ins(own), own))
        default = self.stage.roster.default_fallback
        if default is not None:
            first = {default: None, **first}
        return tuple(first), tuple(slug for slug in self.plan.manifests if slug not in first)

    def _parts(self) -> Iterator[Played]:
        return (part for cue in self.plan.show.cue.values() for _, part in cue.parts())

    def _stand_ins(self, slug: str) -> Iterator[str]:
        manifest = self.plan.manifests.get(slug)
        if manifest is not None and manifest.fallback is not None:
            yield manifest.fallback

    def prepare(self, announce: Callable[[str], None] = lambda slug: None) -> dict[str, str]:
        """Compile and warm every piece off air. announce: called with each slug before. Returns slug -> what failed."""
        faults: dict[str, str] = {}
        self.stage.lay_out(self.plan.show.cue.values(), helpers=self.plan.helpers, fallbacks=self.plan.fallbacks)
        for slug in [slug for slugs in self.pieces() for slug in slugs]:
            announce(slug)
            for name, error in self.stage.prepare((slug,)).items():
                if error is not None:
                    faults[name] = located(error)
        problems = _at_once(self.stage.open_pictures(self._parts()))
        faults |= {slug: located(error) for slug, error in problems.items()}
        return faults

    def admit(self, answer: Answer) -> Iterator[None]:
        """Take over what was rehearsed off air, in small steps between frames; then ``settle``."""
        if answer.rehearsal is not None:
            yield from self.stage.admit(answer.rehearsal)
            parts = [part for part in self._parts() if part.piece == answer.slug]
            for slug, error in (yield from self.stage.open_pictures(parts)).items():
                _log.warning("piece %s: %s", slug, located(error))
        elif answer.problem:
            self.stage.roster.refuse(answer.slug, answer.error)
        else:
            self.stage.reload(answer.slug)

    def settle(self, slug: str) -> tuple[PieceManifest | None, FacadeError | None]:
        """Make a piece's new manifest and presets count. Returns it, or why the last good piece stays on."""
        error = self.stage.roster.problem(slug)
        piece = self.stage.piece(slug)
        if error is not None or piece is None:
            return None, error
        manifest = self.plan.controlled(piece)
        if slug in self._manifests:
            if manifest != self._manifests[slug]:
                self.bank.reload(slug, manifest)
            self._manifests[slug] = manifest
            self._presets[slug] = piece.presets
        return manifest, None

    def apply(self, event: ControlEvent) -> None:
        """Take one control event; it shows from the next frame on."""
        self.applied_seq = event.seq
        try:
            self._apply(event)
        except InputError as error:
            _log.warning("%s", error)

    def be_at(self, place: Place) -> None:
        """From the next frame on be where a predecessor was, or the other machine of a pair is; see Timeline.be_at."""
        self._place = place
        self.timeline.hold(place.holding)
        self.pause.on = place.paused

    def _apply(self, event: ControlEvent) -> None:
        if event.address.startswith("/piece/"):
            self.bank.apply(event)
        elif event.address.startswith("/show/") and self.timeline.following:
            pass  # said to both machines; the other one does it, and this one follows
        elif event.address == "/show/go":
            self.timeline.go()
        elif event.address == "/show/back":
            self.timeline.back()
        elif event.address == "/show/cue":
            self.timeline.start(str(event.value))
        elif event.address == "/show/hold":
            self.timeline.hold(bool(event.value))
        elif event.address == "/show/pause":
            self.pause.on = bool(event.value)
        elif event.address == "/show/step":
            self.pause.step()
        elif (name := input_of(event.address)) is not None:
            self.stage.sounds.take(name, from_text(str(event.value)))

    def frame(self, tick: Tick) -> Rgb:
        """Render one tick: float32 (P, 3) linear light, valid until the next call."""
        now_s = tick.time_s
        tick = self.pause.shown(tick)
        if self._place is not None:
            place, self._place = self._place, None
            age_s = place.age_s if place.paused else place.age_s + max(0.0, now_s - place.at_s)
            self.timeline.be_at(place.cue, position=place.position, started_at_s=tick.time_s - age_s)
        look = self.timeline.at(tick)
        parts = tuple(look.parts())
        keys = {part.key for part in parts}
        for part in parts:
            if part.key not in self._on_air:
                preset = self._presets[part.played.piece].get(part.played.preset or "", {})
                self.bank.start_layer(part, preset)
        for key in self._on_air - keys:
            self.bank.end_layer(key)
        self._on_air = keys
        return self.stage.frame(tick, look, self.bank.snapshot(tick))

    def values(self) -> Mapping[str, object]:
        """Address -> value of every parameter of the newest cue on air, as a fader would show it."""
        return self.bank.current()

    def health(self, tick: Tick, *, frames: int, late: int, rate_hz: float) -> RenderHealth:
        line = self.timeline
        pieces = tuple(part.piece for _, part in self.plan.show.cue[line.cue].parts())
        faults, more_faults = told_faults(self.stage.faults, pieces)
        return RenderHealth(
            frame=tick.frame,
            frames=frames,
            late_frames=late,
            rate_hz=round(rate_hz, 2),
            cost_ms={name: round(ms, 3) for name, ms in self.stage.cost_ms.items()},
            cue=line.cue,
            next_cue=line.next_cue,
            progress=round(line.progress, 3),
            holding=line.holding,
            paused=self.pause.on,
            pieces=pieces,
            piece_ms={s: round(self.stage.piece_cost_ms[s], 2) for s in pieces if s in self.stage.piece_cost_ms},
            domains={slug: self.stage.domain(slug) for slug in pieces},
            scales={s: scale for s, scale in self.stage.canvas_scales.items() if s in pieces},
            faults=faults,
            more_faults=more_faults,
            renderer=self.gpu.renderer,
            cameras=self.stage.reels.cameras,
        )


def _at_once(steps: Generator[None, None, dict[str, FacadeError]]) -> dict[str, FacadeError]:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            problems: dict[str, FacadeError] = end.value
            return problems
