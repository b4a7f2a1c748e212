"""The acceptance gate: does it load, compile, run and draw, and what does it cost. Later issues add to the list.

A report is what an artist reads days before the opening: one line per thing looked at, in plain words.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from facade.app.check_costs import domain_costs, memory
from facade.app.check_fuzz import fuzz
from facade.app.check_papers import papers
from facade.app.finding import Finding
from facade.app.flashcheck import flash_of_cue, flash_of_file
from facade.app.inline import InlineHost
from facade.app.plan import Plan, make_plan
from facade.app.rehearsals import LIMIT_S, rehearse_all
from facade.app.venues import guard_words, open_venue_here
from facade.app.wiring import gpu_without_screen
from facade.config.loader import venue_names
from facade.core import places
from facade.core.clock import RealClock
from facade.core.errors import ConfigError, FacadeError, located
from facade.core.frame import Rgb, not_a_number
from facade.pieces.walking import pieces_in
from facade.stage.faults import BUDGET_MS, OUTRIGHT

FRAMES = 60
SECONDS = 6.0
_DARK = 1.0 / 512.0
_STILL = 1.0 / 512.0


_DOMAINS = {
    "pixel": "drawn once per LED, at its true position",
    "canvas": "drawn as a picture first, and each LED shows the mean behind it",
}


def check(
    target: str, venue: str, *, quick: bool = False, sound: str = "", limit_s: float = LIMIT_S
) -> Iterator[Finding]:
    """Yield findings about a venue, a piece, a show, or recorded light (.npy); all but a venue are judged on venue.

    quick: leave out what takes most of the time, the fuzz and the costs. Every problem of a document is a finding of
    its own. sound: a sound file that is heard instead of the show's own. limit_s: for reading, compiling and drawing
    one piece for the first time. Raises MachineError where there is no GL.
    """
    try:
        if _is_venue(target):
            yield from _venue(target)
            return
        if Path(target).suffix.lower() == ".npy":
            pixels, _ = open_venue_here(venue)
            yield Finding(target, *flash_of_file(Path(target), pixels))
            return
        plan = make_plan(target, venue, sound=sound)
    except ConfigError as error:
        for problem in error.problems:
            yield Finding(target, "document", "fail", str(problem))
        return
    except FacadeError as error:
        yield Finding(target, "document", "fail", str(error))
        return
    yield Finding(
        target, "document", "ok", f"{_count(len(plan.manifests), 'piece')}, {_count(len(plan.show.cue), 'cue')}"
    )
    refused = list(_rehearse(target, plan, limit_s))
    yield from refused
    if not refused:
        yield from _run(target, plan, quick=quick)


def _is_venue(target: str) -> bool:
    path = Path(target)
    return path.name == "venue.toml" or (path / "venue.toml").is_file() or target in venue_names(places.hardware())


def _venue(target: str) -> Iterator[Finding]:
    path = Path(target) / "venue.toml" if (Path(target) / "venue.toml").is_file() else target
    pixels, patch = open_venue_here(path)
    counted = ((pixels.n_pixels, "pixel"), (len(patch.controllers), "controller"), (patch.n_universes, "universe"))
    says = ", ".join(_count(n, what) for n, what in counted)
    yield Finding(target, "document", "ok", says)
    loose = int((pixels.power < 0).sum())
    if loose:
        yield Finding(
            target, "power", "note", f"{loose:,} pixels belong to no power group: nothing limits their current"
        )
    else:
        yield Finding(target, "power", "ok", f"every pixel is fed by one of {_count(len(pixels.power_amps), 'supply')}")
    flash = pixels.venue.flash
    yield Finding(target, "flash guard", "ok" if flash.viewpoints_m or flash.strict else "note", guard_words(flash))


def _rehearse(target: str, plan: Plan, limit_s: float) -> Iterator[Finding]:
    """Try every piece in a process of its own first, as a show does: a shader may keep a driver busy for minutes."""
    for answer in rehearse_all(plan, RealClock(), limit_s=limit_s):
        slug, rehearsal = answer.slug, answer.rehearsal
        if answer.problem:
            yield Finding(target, f"compile {slug}", "fail", located(answer.error))
        elif rehearsal is not None and rehearsal.cost_ms > BUDGET_MS * OUTRIGHT:
            cost = f"about {rehearsal.cost_ms:,.0f} ms to draw a frame"
            says = f"{cost}; a piece may take {BUDGET_MS:.0f} ms. Make it cheaper and save it."
            yield Finding(target, f"cost of {slug}", "fail", says)


def _run(target: str, plan: Plan, *, quick: bool) -> Iterator[Finding]:
    with gpu_without_screen() as gpu:
        host = InlineHost(plan, gpu, rate_hz=plan.show.rate_hz, deliver=False)
        faults = host.prepare()
        for slug, fault in faults.items():
            yield Finding(target, f"compile {slug}", "fail", fault)
        if faults:
            return
        for slug in plan.manifests:
            stage = host.renderer.stage
            domain, reason = stage.domain(slug), stage.why_domain(slug)
            says = f"{domain}, because {reason}: {_DOMAINS[domain]}"
            yield Finding(target, f"domain of {slug}", "ok", says, {"domain": domain})
            for repair in stage.repairs(slug):
                yield Finding(target, f"repairs of {slug}", "note", repair)
        yield from papers(target, plan, gpu)
        for name in plan.show.cue:
            yield from _cue(target, plan, name, InlineHost(plan, gpu, rate_hz=FRAMES / SECONDS))
            rate_hz = plan.pixels.venue.venue.rate_hz
            yield Finding(target, *flash_of_cue(plan, name, InlineHost(plan, gpu, rate_hz=rate_hz, deliver=False)))
        yield from _repeats(target, [_frames(plan, InlineHost(plan, gpu, rate_hz=10.0), 8) for _ in range(2)])
        if not quick:
            yield from domain_costs(target, plan, gpu)
            yield memory(target, plan, gpu)
            yield from fuzz(target, plan, gpu)


def _cue(target: str, plan: Plan, name: str, host: InlineHost) -> Iterator[Finding]:
    """Run one cue for SECONDS of show time and look at what came out."""
    clock = RealClock()
    host.prepare()
    host.renderer.timeline.start(name)
    lowest = np.full((plan.pixels.n_pixels, 3), np.inf, dtype=np.float32)
    highest = -lowest
    not_finite, sick, costs, power = 0, 0, [], 1.0
    for frame in range(FRAMES):
        start = clock.now()
        rgb = host.step(frame)
        costs.append((clock.now() - start) * 1000.0)
        not_finite = max(not_finite, not_a_number(rgb))
        if frame in (0, FRAMES - 1):
            sick = max(sick, host.renderer.stage.not_a_number())
        if host.engine is not None:
            power = min(power, host.engine.health().power_scale)
        clean = np.nan_to_num(rgb)
        np.minimum(lowest, clean, out=lowest)
        np.maximum(highest, clean, out=highest)
    what = f"cue {name}"
    for reason in host.renderer.stage.faults.values():
        yield Finding(target, what, "fail", reason)
    if not_finite:
        yield Finding(target, what, "fail", f"up to {not_finite:,} pixels are not a number; they are sent black")
    elif sick:
        says = f"{sick:,} texels of its pictures are not a number; they are 0, as on a screen"
        yield Finding(target, what, "note", says)
    if float(highest.max()) < _DARK:
        yield Finding(target, what, "fail", f"is black for all of {SECONDS:g} s on {plan.pixels.venue.venue.name}")
    elif float((highest - lowest).max()) < _STILL:
        yield Finding(target, what, "note", f"stands still for {SECONDS:g} s")
    else:
        share = float((highest.max(axis=1) >= _DARK).mean())
        yield Finding(target, what, "ok", f"moves; {share:.0%} of the pixels were lit")
    budget = 1000.0 / plan.show.rate_hz
    cost = float(np.median(costs))
    says = f"{cost:.1f} ms a frame here, {budget:.1f} ms are available at {plan.show.rate_hz:g} Hz"
    yield Finding(target, what, "ok" if cost <= budget else "note", says, {"frame_ms": cost, "budget_ms": budget})
    yield power_finding(target, name, power)


def power_finding(target: str, cue: str, scale: float) -> Finding:
    """scale: what the most loaded supply was multiplied with at its worst, 1 when nothing was held back."""
    data = {"scale": round(scale, 4)}
    if scale >= 0.995:
        return Finding(target, f"power in {cue}", "ok", "no supply had to hold anything back", data)
    says = f"at its brightest the supplies take the light down to {scale:.0%}"
    return Finding(target, f"power in {cue}", "note", says, data)


def _frames(plan: Plan, host: InlineHost, n: int) -> Rgb:
    host.prepare()
    return np.stack([host.step(frame).copy() for frame in range(n)])


def _repeats(target: str, runs: list[Rgb]) -> Iterator[Finding]:
    same = runs[0].tobytes() == runs[1].tobytes()
    says = "two runs give the same light, bit for bit" if same else "two runs differ: something reads time or chance"
    yield Finding(target, "determinism", "ok" if same else "fail", says)


def every_target() -> list[str]:
    """All shipped pieces, shows and venues."""
    own = places.pieces()
    pieces = sorted(p.parent.name for p in own.glob("*/piece.toml"))
    shows = sorted(p.parent.name for p in own.glob("shows/*/show.toml"))
    return [*pieces, *shows, *venue_names(places.hardware())]


def targets_in(folder: Path) -> list[str]:
    """Pieces (single shader files too), shows and venues at and below a folder, by path; nothing hidden."""
    found = [p.parent for name in ("show.toml", "venue.toml") for p in sorted(folder.rglob(name))]
    seen = [p for p in found if not any(part.startswith(".") for part in p.relative_to(folder).parts)]
    return [str(p) for p in (*pieces_in(folder), *seen)]


def _count(n: int, what: str) -> str:
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{n:,} {what if n == 1 else many}"
