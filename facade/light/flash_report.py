"""Would this stream flash? The same judge as the guard's, over recorded or rendered light, with a report for people.

It is an aid, not a certificate: it knows the lamps as their profiles describe them and people where the venue says they
stand, and nobody has tested it on people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from facade.core.color import LUMINANCE_WEIGHTS
from facade.core.errors import MappingError
from facade.core.frame import Rgb
from facade.light.balance import Sanitiser
from facade.light.bank import banks
from facade.light.emission import white_cd_m2
from facade.light.fields import AREA_SR
from facade.light.flash_judge import FlashJudge, Kind, Offence
from facade.light.flash_rules import RULES
from facade.light.stripes import StripeFinding, StripeWatch
from facade.mapping.model import PixelMap

NO_CERTIFICATE = "An aid, not a certificate: nothing here has been tested on people."

PROFILES = {
    "wcag": "general flash, WCAG 2.2",
    "bt1702": "luminance flash, ITU-R BT.1702",
    "red": "red flash, WCAG 2.2",
    "red320": "red flash, WCAG 2.1",
}

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FlashFinding:
    """One stretch of time in which one rule is broken.

    rule: a key of PROFILES. kind: "rate", of single pixels; "turns", of a whole field, whichever pixels; "long", of
    pixels that go on for more than four seconds.
    start_s, end_s: of the stretch; the flashes themselves began up to a second before.
    pixels: the most that offended at once. fixture, pixel: the fastest of them, and its number in its fixture.
    flashes_per_s: its rate. area_sr: the most they filled of any 10 degree field, None in strict mode.
    over: by how much, as a factor of what is allowed: of the area, or in strict mode of the rate.
    """

    rule: str
    kind: Kind
    start_s: float
    end_s: float
    pixels: int
    fixture: str
    pixel: int
    flashes_per_s: float
    area_sr: float | None
    over: float

    def __str__(self) -> str:
        when = f"{self.start_s:.2f} to {self.end_s:.2f} s: {PROFILES[self.rule]}"
        area = f"{self.area_sr:.4f} sr of a 10° field" if self.area_sr is not None else "a quarter of the facade"
        if self.kind == "turns":
            return f"{when}: {area} rises {self.flashes_per_s:.1f} times a second, here and there in turn"
        share = "" if self.area_sr is None else f", {area} where {AREA_SR:.4f} are allowed"
        how = "for more than 4 s" if self.kind == "long" else f"({self.over:.2g} times too much)"
        return (
            f"{when}: {self.flashes_per_s:.1f} flashes a second at {self.fixture}[{self.pixel}] and "
            f"{self.pixels - 1:,} more pixels{share} {how}"
        )


@dataclass(frozen=True, slots=True)
class FlashReport:
    """What was found. findings: in order of their start. most_sr: the largest area that offended by rate, or None.

    warnings: what no rule of WCAG or BT.1702 forbids and people may still suffer from: long sequences, stripes. Long
    sequences are findings in a venue that asks for it (flash.extended).
    """

    findings: tuple[FlashFinding, ...]
    warnings: tuple[FlashFinding | StripeFinding, ...]
    frames: int
    seconds: float
    strict: bool
    most_sr: float | None

    @property
    def passes(self) -> bool:
        return not self.findings


@dataclass(slots=True)
class _Open:
    start_s: float
    pixels: int = 0
    pixel: int = 0
    rate: float = 0.0
    area_sr: float = 0.0


@dataclass(slots=True)
class _State:
    open: dict[tuple[Kind, int], _Open] = field(default_factory=dict)
    done: list[FlashFinding] = field(default_factory=list)
    most_sr: float = 0.0


def analyse(frames: Iterable[Rgb], pixels: PixelMap, *, rate_hz: float, warn: bool = True) -> FlashReport:
    """Judge a stream of light as it leaves the lamps of a venue.

    frames: float32 (P, 3) each, linear light 0..1, venue order; an array (F, P, 3) will do.
    warn: whether long sequences and stripes are looked for too. Raises MappingError for a frame of another size.
    """
    bank_list = banks(pixels)
    judge = FlashJudge(pixels, bank_list, long=warn, rate_hz=rate_hz)
    stripes = StripeWatch(pixels, judge.fields, white_cd_m2(pixels, bank_list)) if warn else None
    sanitise = Sanitiser(pixels.n_pixels)
    planes = np.zeros((3, pixels.n_pixels), np.float32)
    state, n = _State(), 0
    for n, rgb in enumerate(frames, start=1):
        if rgb.shape != (pixels.n_pixels, 3):
            raise MappingError(f"a frame of shape {rgb.shape}: this venue has {pixels.n_pixels} pixels of 3 colours.")
        sanitise.clean_into(rgb, planes)
        if stripes is not None:
            stripes.look(LUMINANCE_WEIGHTS @ planes, (n - 1) / rate_hz)
        judge.advance(1.0 / rate_hz if n > 1 else 0.0)
        judge.look(planes)
        _note_frame(state, judge, pixels, now=(n - 1) / rate_hz)
    for key, still in state.open.items():
        state.done.append(_closed(key, still, n / rate_hz, pixels, judge))
    ordered = sorted(state.done, key=lambda f: (f.start_s, f.rule))
    forbids_long = pixels.venue.flash.extended
    striped = () if stripes is None else stripes.findings(n / rate_hz)
    findings = tuple(f for f in ordered if f.kind != "long" or forbids_long)
    warnings = tuple(f for f in ordered if f not in findings)
    seconds, most_sr = n / rate_hz, state.most_sr if judge.fields else None
    return FlashReport(findings, (*warnings, *striped), n, seconds, not judge.fields, most_sr)


def _note_frame(state: _State, judge: FlashJudge, pixels: PixelMap, *, now: float) -> None:
    """Let the frame that was looked at happen, and note what offends in it."""
    found: dict[tuple[Kind, int], tuple[Offence, Mask]] = {}
    for offence, mask in judge.offences():
        if offence.kind == "rate":
            state.most_sr = max(state.most_sr, offence.area_sr)
        if offence.kind == "turns" or offence.over > 1.0:
            found[offence.kind, offence.rule] = (offence, mask)
    judge.commit()
    for key, (offence, mask) in found.items():
        _note(state.open.setdefault(key, _Open(now)), mask, offence.area_sr, judge.fastest(offence, mask))
    for key in [k for k in state.open if k not in found]:
        state.done.append(_closed(key, state.open.pop(key), now, pixels, judge))


def _note(entry: _Open, mask: Mask, area_sr: float, fastest: tuple[int, float]) -> None:
    entry.pixels = max(entry.pixels, int(np.count_nonzero(mask)))
    entry.area_sr = max(entry.area_sr, area_sr)
    pixel, rate = fastest
    if rate > entry.rate:
        entry.pixel, entry.rate = pixel, rate


def _closed(key: tuple[Kind, int], entry: _Open, end_s: float, pixels: PixelMap, judge: FlashJudge) -> FlashFinding:
    kind, rule = key
    fixture = int(pixels.fixture[entry.pixel])
    first = int(np.flatnonzero(pixels.fixture == fixture)[0])
    allowed = pixels.venue.flash.max_flashes
    return FlashFinding(
        rule=RULES[rule],
        kind=kind,
        start_s=entry.start_s,
        end_s=end_s,
        pixels=entry.pixels,
        fixture=pixels.fixtures[fixture],
        pixel=entry.pixel - first,
        flashes_per_s=entry.rate,
        area_sr=entry.area_sr if judge.fields else None,
        over=entry.area_sr / AREA_SR if judge.fields else entry.rate / allowed,
    )
