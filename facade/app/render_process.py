"""The render process: everything that is GPU. Replaceable at any moment.

Every tick: take the control events that have arrived, render, publish the frame, say what was applied. Pieces are
compiled and drawn by the rehearsal process first; what passed is taken over here in small steps, one a tick, and the
parent is told which piece that is, so that a crash or a hang can be laid at the right door.
"""

from __future__ import annotations

import gc
import logging
import math
import select
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import numpy as np

from facade.app.process import Heartbeat, Place, ProcessLinks, child_main
from facade.app.rehearsals import Rehearsals
from facade.app.reload import PieceWatcher
from facade.app.renderer import Renderer
from facade.control.events import ControlEvent
from facade.core import places
from facade.core.clock import Clock, RealClock
from facade.core.errors import located
from facade.core.frame import Rgb, Tick, tick_at
from facade.core.health import as_json, shortened
from facade.gpu.context import GpuContext

_log = logging.getLogger(__name__)

BUDGET_MS = 250.0
"""A piece slower than this for three frames in a row, or four times slower once, gives way to its fallback."""

FRAME_SHARE = 0.9
"""Of the time between two frames, what drawing one may take before canvases are made smaller."""

_CHECKPOINT_S = 1.0
_STEP_S = 0.005
"""A step of taking a piece over is left for the next frame if this one is nearer; one a frame is taken in any case."""

_OVER = object()
_CANVAS_S = 0.1
_CANVAS_SHARE = 0.05
"""Of the time of this process. Drawn in software, a canvas may take longer than the LEDs of the whole building."""


class RenderLoop:
    """The loop of the render process, apart from its start and end."""

    def __init__(self, links: ProcessLinks, clock: Clock) -> None:
        self._links = links
        self._clock = clock
        self._rate_hz = links.options.rate_hz
        self._heart = Heartbeat(links.parent, clock)
        self._rehearsals = Rehearsals(links.options, shaders=links.plan.shaders)
        if links.options.resume is None:
            # First of all, because it takes as long to start as everything here; a successor has no time for it yet.
            self._rehearsals.start(clock.now())
        self._admitting: deque[tuple[str, Iterator[None]]] = deque()
        self._settled: set[str] = set()
        gpu = GpuContext.standalone(cache=places.shader_cache())
        civil = datetime.fromtimestamp(links.options.civil, UTC)
        plan = links.plan
        # What the building cannot show need not be drawn.
        rate_hz = min(self._rate_hz, plan.pixels.venue.venue.rate_hz)
        frame_ms = FRAME_SHARE * 1e3 / rate_hz
        self._renderer = Renderer(
            plan,
            gpu,
            clock,
            budget_ms=BUDGET_MS,
            frame_ms=frame_ms,
            civil_at_0=civil,
            picture_px=links.picture_px,
            announce=links.drawing.write,
        )
        self._watcher = PieceWatcher(links.plan, uses=self._renderer.stage.files)
        self._ends = (self._watcher.fileno(), self._rehearsals.fileno())
        self._frames = 0
        self._late = 0
        self._previous: int | None = None
        self._reported_seq = 0
        self._rate_from = (clock.now(), 0)
        self._measured_hz = 0.0
        self._canvas_at = 0.0

    def prepare(self) -> None:
        """Have the first cue ready, or take up the show where a predecessor left it; the other pieces follow on air."""
        stage, resume = self._renderer.stage, self._links.options.resume
        if resume is not None:
            self._renderer.be_at(resume.place)
        for slug in self._links.options.quarantined:
            stage.quarantine(slug)
        stage.lay_out(
            self._links.plan.show.cue.values(), helpers=self._links.plan.helpers, fallbacks=self._links.plan.fallbacks
        )
        stage.warm()
        first, others = self._renderer.pieces()
        if resume is None:
            self._rehearse_first(first, others)
        else:
            self._take_over(resume.ready)
        self._rehearsals.want(stage.roster.expect((*first, *others)))
        self._heart.beat()
        self._links.control.send("hello", {"applied": 0})
        gc.freeze()

    def _rehearse_first(self, first: Iterable[str], others: Iterable[str]) -> None:
        """Wait for the pieces of the first cue; for all if the show is recorded, because a replay has them at once."""
        awaited = (*first, *others) if self._links.options.record else first
        self._rehearsals.want(self._renderer.stage.roster.expect(awaited))
        while not (self._rehearsals.idle and not self._admitting) and self._links.parent_alive():
            self._admit()
            if self._heart.due():
                self._heart.beat()
            if not self._admitting:
                self._listen(self._clock.now() + _STEP_S)

    def _take_over(self, ready: Iterable[str]) -> None:
        """Load what a predecessor had on, here and now: the light is being held, and the driver has it compiled."""
        for slug in ready:
            self._heart.busy(slug)
            self._renderer.stage.prepare((slug,))
            self._settled.add(slug)

    def run(self) -> None:
        """Render until the parent goes or ends us."""
        epoch, rate = self._links.options.epoch, self._rate_hz
        while self._links.parent_alive():
            frame = math.floor((self._clock.now() - epoch) * rate) + 1
            if self._previous is not None and frame <= self._previous:
                frame = self._previous + 1
            self._between(epoch + frame / rate)
            self._render(frame)

    def _between(self, deadline: float) -> None:
        """Wait for the next frame; until then hand on edits and take over what was rehearsed, while there is time."""
        self._take_edits()
        self._admit()
        while (now := self._clock.now()) < deadline:
            if self._admitting and now + _STEP_S < deadline:
                self._admit()
            elif self._admitting:
                self._clock.wait_until(deadline)
            elif self._listen(deadline):
                self._take_edits()
                self._rehearse()

    def _listen(self, deadline: float) -> bool:
        """Wait until then, or until a piece was saved or rehearsed; returns whether one was."""
        heard, _, _ = select.select(self._ends, (), (), max(0.0, deadline - self._clock.now()))
        return bool(heard)

    def _render(self, frame: int) -> None:
        for kind, body in self._links.control.receive():
            if kind == "event":
                self._renderer.apply(_event(body))
            elif kind == "release":
                self._renderer.stage.roster.release(str(body))
                self._rehearsals.want((str(body),), first=True)
            elif kind == "values?":
                # A new control process: it counts its events from 1 again.
                self._renderer.applied_seq = self._reported_seq = 0
                self._send_values()
        for kind, body in self._links.parent.receive():
            if kind == "follow":
                self._renderer.timeline.following = body is not None
                if body is not None:
                    self._renderer.be_at(Place(**body))
        tick = tick_at(frame, rate_hz=self._rate_hz, previous=self._previous)
        skipped = 0 if self._previous is None else frame - self._previous - 1
        cue_before = self._renderer.timeline.cue
        rgb = self._renderer.frame(tick)
        self._links.pixels.write(tick, rgb)
        self._previous = frame
        self._show_canvas(tick)
        self._frames += 1
        self._late += skipped
        is_new_cue = self._renderer.timeline.cue != cue_before or self._frames == 1
        self._report(tick, rgb, skipped=skipped, is_new_cue=is_new_cue)
        if is_new_cue:
            self._send_values()

    def _show_canvas(self, tick: Tick) -> None:
        """The canvas for a window that looks: seldom enough to leave the frames on air their time."""
        ring, started = self._links.canvas, self._clock.now()
        if ring is not None and started >= self._canvas_at and ring.was_looked_at():
            ring.write(tick, np.ascontiguousarray(self._renderer.stage.canvas(size_px=self._links.picture_px)))
            self._canvas_at = started + canvas_period_s(self._clock.now() - started)

    def _report(self, tick: Tick, rgb: Rgb, *, skipped: int, is_new_cue: bool) -> None:
        seq = self._renderer.applied_seq
        checkpoint = self._frames == 1 or tick.frame % max(1, round(self._rate_hz * _CHECKPOINT_S)) == 0
        if seq != self._reported_seq or skipped or checkpoint:
            crc = zlib.crc32(rgb.data) if checkpoint else None
            report = {"frame": tick.frame, "seq": seq, "skip": skipped, "crc": crc}
            self._links.control.send("applied", report)
            self._reported_seq = seq
        if checkpoint:
            self._renderer.stage.civil.follow(self._clock.wall(), tick.time_s)
        # A new cue is told at once, so that a crash in it is laid at its own door and its successor resumes there.
        if self._heart.due() or is_new_cue:
            self._measure()
            health = self._renderer.health(tick, frames=self._frames, late=self._late, rate_hz=self._measured_hz)
            body = as_json(health) | {"position": self._renderer.timeline.position}
            self._heart.beat(body | {"age_s": self._renderer.timeline.age_s, "time_s": tick.time_s})
            self._links.control.send("render", body)

    def _measure(self) -> None:
        since, frames = self._rate_from
        now = self._clock.now()
        if now - since >= 1.0:
            self._measured_hz = (self._frames - frames) / (now - since)
            self._rate_from = (now, self._frames)

    def _send_values(self) -> None:
        for address, value in self._renderer.values().items():
            self._links.control.send("value", [address, value, self._renderer.applied_seq])

    def _take_edits(self) -> None:
        edited = self._watcher.changed()
        if edited:
            on_air, _ = self._renderer.pieces()
            self._rehearsals.want(sorted(edited, key=lambda slug: slug not in on_air), first=True)

    def _rehearse(self) -> None:
        """Hand the rehearsal process its next piece, and hear what became of the last."""
        for answer in self._rehearsals.step(self._clock.now()):
            self._admitting.append((answer.slug, self._renderer.admit(answer)))

    def _admit(self) -> None:
        """Take one step with what was rehearsed: one shader, one image, or the first draw."""
        self._rehearse()
        if self._admitting:
            slug, steps = self._admitting[0]
            self._heart.busy(slug)
            is_over = next(steps, _OVER) is _OVER
            self._heart.calm()
            if is_over:
                self._admitting.popleft()
                self._admitted(slug)

    def _admitted(self, slug: str) -> None:
        """Tell of a piece that has been taken over, or of why it was not."""
        manifest, error = self._renderer.settle(slug)
        again = slug in self._settled
        self._settled.add(slug)
        if error is not None:
            _log.warning("piece %s: %s%s", slug, located(error), " The last good one stays on." if again else "")
        elif manifest is not None and manifest.fallback is not None:
            self._rehearsals.want(self._renderer.stage.roster.expect((manifest.fallback,)))
        if again:
            told: dict[str, object] = {"piece": slug, "problem": "" if error is None else shortened(located(error))}
            if manifest is not None:
                told["manifest"] = manifest.model_dump_json(by_alias=True)
            self._links.control.send("reloaded", told)

    def close(self) -> None:
        self._watcher.close()
        self._rehearsals.close()


def canvas_period_s(took_s: float) -> float:
    """Return the time from one picture of the canvas to the next, where one takes so long."""
    return max(_CANVAS_S, took_s / _CANVAS_SHARE)


def _event(body: list[object]) -> ControlEvent:
    seq, at_s, address, value = body
    return ControlEvent(
        seq=int(seq),  # type: ignore[call-overload]
        at_s=float(at_s),  # type: ignore[arg-type]
        address=str(address),
        value=tuple(value) if isinstance(value, list) else value,  # type: ignore[arg-type]
    )


def run(links: ProcessLinks) -> None:
    loop = RenderLoop(links, RealClock())
    loop.prepare()
    try:
        loop.run()
    finally:
        loop.close()


if __name__ == "__main__":
    child_main(run)
