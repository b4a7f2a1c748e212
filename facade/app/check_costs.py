"""What a piece costs: milliseconds a frame in either domain, and texture memory at the worst moment of a show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

from facade.app.finding import Finding, Verdict
from facade.app.plan import Plan
from facade.config.show import Layer
from facade.control.snapshot import ControlSnapshot
from facade.core.errors import FacadeError
from facade.core.frame import tick_at
from facade.gpu.context import GpuContext
from facade.gpu.memory import texture_bytes
from facade.pieces.library import Piece, PieceLibrary
from facade.pieces.program import Domain
from facade.show.look import CueLook, LayerLook, Look
from facade.show.timeline import cue_look
from facade.stage.stage import Stage

DOMAINS: tuple[Domain, ...] = ("pixel", "canvas")
FRAMES = 9
_WARM = 2
MEMORY_NOTE_MB = 512
"""Small computers share their memory with the graphics; more than this deserves a look."""


def domain_costs(target: str, plan: Plan, gpu: GpuContext) -> Iterator[Finding]:
    """Yield, for each piece that is shown, what a frame costs drawn per LED and drawn as a canvas."""
    for slug in dict.fromkeys(part.piece for cue in plan.show.cue.values() for _, part in cue.parts()):
        costs = {domain: _cost_ms(plan, gpu, slug, domain) for domain in DOMAINS}
        width, height = plan.pixels.canvas_px
        places = {"pixel": f"{plan.pixels.n_pixels:,} LEDs", "canvas": f"a canvas of {width} x {height}"}
        said = [
            f"{cost:.2f} ms on {places[domain]}" if isinstance(cost, float) else f"not per LED: {cost}"
            for domain, cost in costs.items()
        ]
        data = {f"{d}_ms": round(c, 3) if isinstance(c, float) else None for d, c in costs.items()}
        yield Finding(target, f"cost of {slug}", "ok", "; ".join(said), data | {"canvas_px": [width, height]})


def memory(target: str, plan: Plan, gpu: GpuContext) -> Finding:
    """Draw every cue beside the one after it, as in a crossfade, and say what the worst of them holds in textures."""
    before = texture_bytes(gpu)
    stage = Stage(gpu, plan.pixels, plan.library(), budget_ms=None)
    stage.lay_out(plan.show.cue.values(), helpers=plan.helpers, fallbacks=plan.fallbacks)
    names = list(plan.show.cue)
    worst, where = 0, ""
    for n, (name, following) in enumerate(zip(names, [*names[1:], names[0]], strict=True)):
        both = dict.fromkeys((name, following))
        cues = [
            cue_look(plan.show, each, run=each, rise=0.5 if i else 1.0, weight=1.0 / len(both), follows=i > 0)
            for i, each in enumerate(both)
        ]
        look = Look(tuple(cues))
        stage.frame(tick_at(n, rate_hz=60.0, previous=None), look, ControlSnapshot(n, {}))
        held = texture_bytes(gpu) - before
        if held > worst:
            worst, where = held, " into ".join(both)
    stage.release()
    megabytes = worst / 2**20
    says = f"{megabytes:.1f} MB of textures at most (cue {where}), without what the driver adds"
    verdict: Verdict = "ok" if megabytes <= MEMORY_NOTE_MB else "note"
    return Finding(target, "memory", verdict, says, {"texture_bytes": worst})


class _InDomain(PieceLibrary):
    """A library whose pieces all ask for one domain."""

    def __init__(self, search: tuple[Path, ...], domain: Domain) -> None:
        super().__init__(search)
        self._domain = domain

    def get(self, name: str | Path) -> Piece:
        piece = super().get(name)
        return replace(piece, manifest=piece.manifest.model_copy(update={"domain": self._domain}))


def _cost_ms(plan: Plan, gpu: GpuContext, slug: str, domain: Domain) -> float | str:
    """Return what a frame of one piece costs in a domain, or why it cannot be drawn there."""
    stage = Stage(gpu, plan.pixels, _InDomain(plan.search, domain), budget_ms=None)
    try:
        fault: FacadeError | None = stage.prepare([slug])[slug]
        if fault is not None or stage.domain(slug) != domain:
            return str(fault or "it asks for a canvas").split(". ")[0].rstrip(".")
        look = Look((CueLook("cost", 1.0, 0.0, (LayerLook(("cost", 0), Layer(piece=slug), 1),)),))
        costs = []
        for frame in range(FRAMES + _WARM):
            tick = tick_at(frame, rate_hz=60.0, previous=frame - 1 if frame else None)
            stage.frame(tick, look, ControlSnapshot(frame, {}))
            costs.append(stage.cost_ms["render"] + stage.cost_ms["sample"])
        return median(costs[_WARM:])
    finally:
        stage.release()
