"""What the flash guard and the report both ask: is this frame one flash too many, for whom, and how much of the field?

Three questions, under each of the four rules of flash_rules.py, asked of one frame after the other:

  rate   has any pixel a fourth rise within a second, and do such pixels fill more than a field may hold?
  turns  does a whole field rise for the fourth time within a second, by whichever pixels? (flash_turns.py)
  long   does a pixel go on after four seconds, and so on as for rate? (flash_long.py) Only where it is asked for
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from facade.config.limits import Flash
from facade.light.balance import Planes
from facade.light.bank import Bank
from facade.light.emission import white_cd_m2
from facade.light.fields import AREA_SR, Fields
from facade.light.flash_rules import RULES, FlashRules
from facade.light.flash_turns import Screen, Turns, View
from facade.mapping.model import PixelMap

Kind = Literal["rate", "turns", "long"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Offence:
    """rule: its number in RULES. area_sr: the most of any field, 0 in strict mode. over: as a factor of what may be."""

    kind: Kind
    rule: int
    area_sr: float
    over: float


class FlashJudge:
    """Judges the light of a venue. long: whether long sequences are looked at; the venue may ask for it too.

    rate_hz: of the frames, if it is not the venue's.
    """

    def __init__(
        self, pixels: PixelMap, bank_list: tuple[Bank, ...], *, long: bool = False, rate_hz: float | None = None
    ) -> None:
        flash = pixels.venue.flash
        white, most = white_cd_m2(pixels, bank_list), flash.max_flashes
        self.rules = FlashRules(white, max_flashes=most, long=long or flash.extended)
        self.fields = fields_of(pixels, flash)
        views: tuple[View, ...] = self.fields or (Screen(pixels),)
        rate = rate_hz or pixels.venue.venue.rate_hz
        self._turns = [Turns(views, pixels.n_pixels, rate_hz=rate, max_flashes=most) for _ in RULES]
        self._seen = False
        self._in_turn = np.zeros(len(RULES), np.bool_)
        self._mask = np.zeros(pixels.n_pixels, np.bool_)

    @property
    def counts_time(self) -> bool:
        """Whether light that stands still may matter too: long sequences end by it."""
        return bool(self.rules.long)

    def advance(self, delta_s: float) -> None:
        """Move time on to the frame that is looked at next. delta_s >= 0; the first frame ever is at 0."""
        back_s = self.rules.advance(delta_s if self._seen else 0.0)
        if back_s:
            for turns in self._turns:
                turns.rebase(back_s)

    def look(self, planes: Planes) -> bool:
        """Say what a frame would do, without letting it happen; see FlashRules.look. Returns whether it is in doubt."""
        rules, edge = self.rules, self.rules.edge
        doubt = rules.look(planes)
        for rule, turns in enumerate(self._turns):
            self._in_turn[rule] = turns.look(rules.rises[rule], rules.falls[rule], rules.now, edge)
        return doubt or bool(self._in_turn.any())

    def forbidden_into(self, held: Mask) -> str:
        """Write which pixels must not rise as they would; return why, "" if all may."""
        rules, why = self.rules, ""
        held[:] = False
        for rule, name in enumerate(RULES):
            if rules.excess[rule].any() and not self._allowed(rule):
                np.logical_or(held, rules.excess[rule], out=held)
                why = why or name
            if rules.long and rules.long[rule].excess.any() and not self._allowed_long(rule):
                np.logical_or(held, rules.long[rule].excess, out=held)
                why = why or f"{name}, long"
            if self._in_turn[rule]:
                np.logical_or(held, rules.rises[rule], out=held)
                why = why or f"{name}, in turn"
        return why

    def offences(self) -> list[tuple[Offence, Mask]]:
        """Return what offends in the second that ends with the frame looked at, and which pixels do. For reports."""
        rules, found = self.rules, []
        for rule in range(len(RULES)):
            if rules.offending(rule, self._mask):
                found.append((self._by_area("rate", rule), self._mask.copy()))
            if rules.long and rules.long[rule].offending_into(rules.edge, self._mask):
                found.append((self._by_area("long", rule), self._mask.copy()))
            if self._turns[rule].offends(rules.edge):
                over = max(self._turns[rule].over, 1.0)
                area = over * AREA_SR if self.fields else 0.0
                found.append((Offence("turns", rule, area, over), rules.rises[rule].copy()))
        return found

    def fastest(self, offence: Offence, among: Mask) -> tuple[int, float]:
        """Return the pixel that offends most and how often a second it, or its field, rises. After commit."""
        if offence.kind == "turns":
            return int(np.argmax(among)), self._turns[offence.rule].fastest()
        return self.rules.fastest(offence.rule, among)

    def commit(self) -> None:
        """Let what was last looked at happen."""
        rules, self._seen = self.rules, True
        rules.commit()
        for turns, rises, falls in zip(self._turns, rules.rises, rules.falls, strict=True):
            turns.commit(rises, falls, rules.now)

    def forget(self, *, spent: bool = False) -> None:
        """As at start: nothing has been seen; see FlashRules.forget."""
        self._seen = False
        self.rules.forget(spent=spent)
        for turns in self._turns:
            turns.forget(spent=spent)

    def _by_area(self, kind: Kind, rule: int) -> Offence:
        if not self.fields:
            return Offence(kind, rule, 0.0, np.inf)
        area = max(field.most_sr(self._mask) for field in self.fields)
        return Offence(kind, rule, area, area / AREA_SR)

    def _allowed(self, rule: int) -> bool:
        """Whether offending pixels, the new ones included, are too small an area from every viewing point."""
        if not self.fields:
            return False
        self.rules.offending(rule, self._mask)
        return all(field.most_sr(self._mask) <= AREA_SR for field in self.fields)

    def _allowed_long(self, rule: int) -> bool:
        if not self.fields:
            return False
        self.rules.long[rule].offending_into(self.rules.edge, self._mask)
        return all(field.most_sr(self._mask) <= AREA_SR for field in self.fields)


def fields_of(pixels: PixelMap, flash: Flash) -> tuple[Fields, ...]:
    """Return the fields of view of each viewing point; none in strict mode."""
    return () if flash.strict else tuple(Fields(pixels, eye) for eye in flash.viewpoints_m)
