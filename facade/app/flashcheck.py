"""The flash part of ``check``: would a cue, or recorded light, flash more than the rules allow?

What is judged is the light before the guard, so that the artist hears of it and not only the street's counters. The
first half of a cue plays as it is; in the second somebody hammers on every trigger of its pieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from facade.app.finding import Verdict
from facade.app.inline import InlineHost
from facade.app.plan import Plan
from facade.config.piece import TriggerParameter
from facade.control.events import InputEvent
from facade.core.errors import InputError
from facade.core.frame import Rgb
from facade.light.flash_report import NO_CERTIFICATE, FlashReport, analyse
from facade.mapping.model import PixelMap

SECONDS = 10.0
HAMMER_HZ = 8.0
_SHOWN = 3

Told = tuple[str, Verdict, str]
"""what, verdict and says of a finding."""


def flash_of_cue(plan: Plan, name: str, host: InlineHost) -> Told:
    """Run one cue for SECONDS and judge what it draws. host: of the venue's rate, fresh."""
    host.prepare()
    host.renderer.timeline.start(name)
    report = analyse(_frames(plan, name, host), plan.pixels, rate_hz=host.rate_hz)
    return (f"flashes in {name}", *_judged(report, "with every trigger hammered"))


def flash_of_file(file: Path, pixels: PixelMap) -> Told:
    """Judge recorded light, as ``render -o x.npy`` writes it, played at the venue's rate.

    Raises InputError if the file does not hold light of this venue.
    """
    try:
        frames = np.load(file, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError(f'"{file}" cannot be read: {error}. It is written by facade render -o NAME.npy.') from error
    if frames.ndim != 3 or frames.shape[1:] != (pixels.n_pixels, 3) or frames.dtype != np.float32:
        raise InputError(
            f'"{file}" holds {frames.dtype} {frames.shape}: light of {pixels.venue.venue.name} is float32 '
            f"(frames, {pixels.n_pixels}, 3). Name the venue it was rendered for with --venue."
        )
    return ("flashes", *_judged(analyse(frames, pixels, rate_hz=pixels.venue.venue.rate_hz), "as recorded"))


def _frames(plan: Plan, name: str, host: InlineHost) -> Iterator[Rgb]:
    n_frames = round(SECONDS * host.rate_hz)
    every = max(1, round(host.rate_hz / HAMMER_HZ))
    triggers = [
        f"/piece/{layer.piece}/{parameter}"
        for _, layer in plan.show.cue[name].parts()
        for parameter, spec in plan.manifests[layer.piece].parameter.items()
        if isinstance(spec, TriggerParameter)
    ]
    for frame in range(n_frames):
        hit = frame >= n_frames // 2 and frame % every == 0
        now = frame / host.rate_hz
        yield host.step(frame, [InputEvent(now, "page", t, (1,), trigger=True) for t in triggers] if hit else ())


def _judged(report: FlashReport, how: str) -> tuple[Verdict, str]:
    mode = "any single pixel counts" if report.strict else "by area, from the venue's viewpoints"
    last = f"{mode}. {NO_CERTIFICATE}"
    warnings = _shown("no rule forbids this, and some people suffer from it:", report.warnings)
    if not report.passes:
        held = _shown("the guard will hold back light here:", report.findings)
        return "fail", "\n".join([*held, *warnings, last])
    if warnings:
        return "note", "\n".join([*warnings, last])
    return "ok", f"none too many in {report.seconds:g} s, {how}; {last}"


def _shown(heading: str, findings: Sequence[object]) -> list[str]:
    more = len(findings) - _SHOWN
    lines = [str(f) for f in findings[:_SHOWN]] + ([f"and {more} more"] if more > 0 else [])
    return [heading, *lines] if lines else []
