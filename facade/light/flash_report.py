"""Would this stream flash? The same rules as the guard, over recorded or rendered light, with a report for people.

It is an aid, not a certificate: it knows the lamps as their profiles describe them and people where the venue says they
stand, and nobody has tested it on people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from facade.core.errors import MappingError
from facade.core.frame import Rgb
from facade.light.balance import Sanitiser
from facade.light.bank import banks
from facade.light.fields import AREA_SR, Fields
from facade.light.flash_guard import fields_of, rules_of
from facade.light.flash_rules import RULES
from facade.mapping.model import PixelMap

NO_CERTIFICATE = "An aid, not a certificate: nothing here has been tested on people."

PROFILES = {
    "wcag": "general flash, WCAG 2.2",
    "bt1702": "luminance flash, ITU-R BT.1702",
    "red": "red flash, WCAG 2.2",
    "red320": "red flash, WCAG 2.1",
}


@dataclass(frozen=True, slots=True)
class FlashFinding:
    """One stretch of time in which one rule is broken.

    rule: a key of PROFILES. start_s, end_s: of the stretch; the flashes themselves began up to a second before.
    pixels: the most that offended at once. fixture, pixel: the fastest of them, and its number in its fixture.
    flashes_per_s: its rate. area_sr: the most they filled of any 10 degree field, None in strict mode.
    over: by how much, as a factor of what is allowed: of the area, or in strict mode of the rate.
    """

    rule: str
    start_s: float
    end_s: float
    pixels: int
    fixture: str
    pixel: int
    flashes_per_s: float
    area_sr: float | None
    over: float

    def __str__(self) -> str:
        share = (
            "" if self.area_sr is None else f", {self.area_sr:.4f} sr of a 10° field where {AREA_SR:.4f} are allowed"
        )
        return (
            f"{self.start_s:.2f} to {self.end_s:.2f} s: {PROFILES[self.rule]}: {self.flashes_per_s:.1f} flashes a "
            f"second at {self.fixture}[{self.pixel}] and {self.pixels - 1:,} more pixels{share} "
            f"({self.over:.2g} times too much)"
        )


@dataclass(frozen=True, slots=True)
class FlashReport:
    """What was found. findings: in order of their start. most_sr: the largest area that offended by rate, or None."""

    findings: tuple[FlashFinding, ...]
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
    open: dict[int, _Open] = field(default_factory=dict)
    done: list[FlashFinding] = field(default_factory=list)
    most_sr: float = 0.0


def analyse(frames: Iterable[Rgb], pixels: PixelMap, *, rate_hz: float) -> FlashReport:
    """Judge a stream of light as it leaves the lamps of a venue.

    frames: float32 (P, 3) each, linear light 0..1, venue order; an array (F, P, 3) will do.
    Raises MappingError for a frame of another size.
    """
    bank_list = banks(pixels)
    rules, fields = rules_of(pixels, bank_list), fields_of(pixels, pixels.venue.flash)
    sanitise = Sanitiser(pixels.n_pixels)
    planes = np.zeros((3, pixels.n_pixels), np.float32)
    offending = np.zeros(pixels.n_pixels, np.bool_)
    state, n = _State(), 0
    for n, rgb in enumerate(frames, start=1):
        if rgb.shape != (pixels.n_pixels, 3):
            raise MappingError(f"a frame of shape {rgb.shape}: this venue has {pixels.n_pixels} pixels of 3 colours.")
        sanitise.clean_into(rgb, planes)
        rules.advance(1.0 / rate_hz if n > 1 else 0.0)
        rules.look(planes)
        found = {}
        for rule in range(len(RULES)):
            if rules.offending(rule, offending):
                area = max((f.most_sr(offending) for f in fields), default=0.0)
                state.most_sr = max(state.most_sr, area)
                if not fields or area > AREA_SR:
                    found[rule] = (offending.copy(), area)
        rules.commit()
        now = (n - 1) / rate_hz
        for rule, (mask, area) in found.items():
            _note(state.open.setdefault(rule, _Open(now)), mask, area, rules.fastest(rule, mask))
        for rule in [r for r in state.open if r not in found]:
            state.done.append(_closed(rule, state.open.pop(rule), now, pixels, fields))
    for rule, still in state.open.items():
        state.done.append(_closed(rule, still, n / rate_hz, pixels, fields))
    ordered = tuple(sorted(state.done, key=lambda f: (f.start_s, f.rule)))
    return FlashReport(ordered, n, n / rate_hz, not fields, state.most_sr if fields else None)


def _note(entry: _Open, mask: NDArray[np.bool_], area_sr: float, fastest: tuple[int, float]) -> None:
    entry.pixels = max(entry.pixels, int(np.count_nonzero(mask)))
    entry.area_sr = max(entry.area_sr, area_sr)
    pixel, rate = fastest
    if rate > entry.rate:
        entry.pixel, entry.rate = pixel, rate


def _closed(rule: int, entry: _Open, end_s: float, pixels: PixelMap, fields: tuple[Fields, ...]) -> FlashFinding:
    fixture = int(pixels.fixture[entry.pixel])
    first = int(np.flatnonzero(pixels.fixture == fixture)[0])
    allowed = pixels.venue.flash.max_flashes
    return FlashFinding(
        rule=RULES[rule],
        start_s=entry.start_s,
        end_s=end_s,
        pixels=entry.pixels,
        fixture=pixels.fixtures[fixture],
        pixel=entry.pixel - first,
        flashes_per_s=entry.rate,
        area_sr=entry.area_sr if fields else None,
        over=entry.area_sr / AREA_SR if fields else entry.rate / allowed,
    )
