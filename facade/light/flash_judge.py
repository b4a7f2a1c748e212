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
from facade.core.compiled import compiled
from facade.light.balance import Planes
from facade.light.bank import Bank
from facade.light.emission import white_cd_m2
from facade.light.fields import AREA_SR, Fields
from facade.light.flash_look import CHUNK
from facade.light.flash_rate import Bits, Chunked
from facade.light.flash_rules import RULES, FlashRules, Found
from facade.light.flash_turns import Recent, Turns
from facade.light.views import FELL, LONG, RATE, ROSE, Screen, View
from facade.mapping.model import PixelMap

Kind = Literal["rate", "turns", "long"]

Mask = NDArray[np.bool_]

_ALL_RULES = 15


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
        self._views: tuple[View, ...] = self.fields or (Screen(pixels),)
        rate = rate_hz or pixels.venue.venue.rate_hz
        n, n_chunks = pixels.n_pixels, self.rules.n_chunks
        self._recent = Recent(n_chunks, rate_hz=rate)
        self.rules.turned = self._recent.turned
        self._turns = [Turns(view, len(RULES), max_flashes=most) for view in self._views]
        self._concurrent: Chunked = np.zeros(n_chunks * CHUNK, np.uint8), np.zeros(n_chunks, np.uint8)
        self._offending: Chunked = np.zeros(n_chunks * CHUNK, np.uint8), np.zeros(n_chunks, np.uint8)
        self._n_rising = np.zeros(n_chunks, np.int64)
        for view in self._views:
            view.watch(self._concurrent, self._offending)
        self._n = n
        self._is_marked = self._knows_offending = False
        self._turned, self._excess, self._in_turn = 0, 0, 0
        self._seen = False

    @property
    def counts_time(self) -> bool:
        """Whether light that stands still may matter too: long sequences end by it."""
        return self.rules.long is not None

    def advance(self, delta_s: float) -> None:
        """Move time on to the frame that is looked at next. delta_s >= 0; the first frame ever is at 0."""
        self._turned = self._excess = self._in_turn = 0
        self.rules.advance(delta_s if self._seen else 0.0)

    def look(self, planes: Planes) -> bool:
        """Say what a whole frame would do, without letting it happen. planes: (3, P), light as it leaves the lamps.

        Returns whether anything is in doubt. May be called again at the same moment.
        """
        self.rules.due[:] = 1
        return self.weigh(self.rules.look_at(planes))

    def weigh(self, found: Found) -> bool:
        """After a look of rules at all that is due, which found so much: return whether anything is in doubt."""
        rules = self.rules
        self._turned, self._excess = found
        self._is_marked = self._knows_offending = False
        self._in_turn = 0
        rising, falling = self._turned & _ALL_RULES, self._turned >> 4
        if rising:
            self._mark_concurrent()
        for view, turns in zip(self._views, self._turns, strict=True):
            if not rising or not view.may_be_over(self._n_rising):
                turns.skip_all()
                continue
            for rule in range(len(RULES)):
                if not (rising >> rule) & 1:
                    turns.skip(rule)
                elif turns.look(rule, falls=bool((falling >> rule) & 1), now=rules.now, edge=rules.edge):
                    self._in_turn |= 1 << rule
        return bool(self._excess or self._in_turn)

    def forbidden_into(self, held: Bits) -> tuple[int, str]:
        """Write which pixels must not rise as they would into held (P,), and the chunks that hold any into rules.due.

        In chunks that hold none, held may be left. Returns how many pixels must not, and why, "" if all may.
        """
        why, excess = "", 0
        for rule, name in enumerate(RULES):
            if (self._excess >> rule) & 1 and not self._allowed(RATE, rule):
                excess |= 1 << rule
                why = why or name
            if (self._excess >> (4 + rule)) & 1 and not self._allowed(LONG, rule):
                excess |= 16 << rule
                why = why or f"{name}, long"
            if (self._in_turn >> rule) & 1:
                why = why or f"{name}, in turn"
        rules = self.rules
        n = _forbid(*rules.turned, *rules.excess, excess, self._in_turn, held, rules.due)
        return int(n), why

    def offences(self) -> list[tuple[Offence, Mask]]:
        """Return what offends in the second that ends with the frame looked at, and which pixels do. For reports."""
        rules, found = self.rules, []
        self._mark_offending()
        for rule in range(len(RULES)):
            for kind, bit in (RATE, 1 << rule), (LONG, 16 << rule):
                mask = (self._offending[0] & bit)[: self._n] != 0
                if mask.any():
                    found.append((self._by_area("rate" if kind == RATE else "long", rule, mask), mask))
            too_often = (self._in_turn >> rule) & 1 != 0
            if too_often or any(turns.offends(rule, rules.edge) for turns in self._turns):
                over = max(1.0, *(turns.over(rule, rules.edge) for turns in self._turns))
                area = over * AREA_SR if self.fields else 0.0
                found.append((Offence("turns", rule, area, over), rules.rising(rule)))
        return found

    def fastest(self, offence: Offence, among: Mask) -> tuple[int, float]:
        """Return the pixel that offends most and how often a second it, or its field, rises. After commit."""
        if offence.kind == "turns":
            return int(np.argmax(among)), max(turns.fastest(offence.rule) for turns in self._turns)
        return self.rules.fastest(offence.rule, among)

    def commit(self) -> None:
        """Let what was last looked at happen."""
        rules, self._seen = self.rules, True
        falling = self._turned >> 4
        for turns in self._turns:
            for rule in range(len(RULES)):
                falls = bool((falling >> rule) & 1)
                if not turns.is_idle(rule, falls=falls):
                    if not self._is_marked:
                        self._mark_concurrent()
                    turns.keep(rule, falls=falls, now=rules.now)
        rules.keep()
        if self._turned:
            self._recent.keep(rules.now)
            rules.turned = self._recent.turned

    def forget(self, *, spent: bool = False) -> None:
        """As at start: nothing has been seen; see FlashRules.forget."""
        self._seen = False
        self.rules.forget(spent=spent)
        self._recent.forget()
        for turns in self._turns:
            turns.forget(spent=spent)

    def _mark_concurrent(self) -> None:
        self._recent.mark(self.rules.now, self._concurrent, self._n_rising)
        self._is_marked = True
        for view in self._views:
            view.renew(ROSE, FELL)

    def _mark_offending(self) -> None:
        self.rules.mark_offending(self._offending)
        self._knows_offending = True
        for view in self._views:
            view.renew(RATE, LONG)

    def _by_area(self, kind: Kind, rule: int, mask: Mask) -> Offence:
        if not self.fields:
            return Offence(kind, rule, 0.0, np.inf)
        area = max(field.most(mask) for field in self.fields)
        return Offence(kind, rule, area, area / AREA_SR)

    def _allowed(self, kind: int, rule: int) -> bool:
        """Whether offending pixels, the new ones included, are too small an area from every viewing point."""
        if not self.fields:
            return False
        if not self._knows_offending:
            self._mark_offending()
        return not any(field.is_over(kind, rule) for field in self.fields)


def fields_of(pixels: PixelMap, flash: Flash) -> tuple[Fields, ...]:
    """Return the fields of view of each viewing point; none in strict mode."""
    return () if flash.strict else tuple(Fields(pixels, eye) for eye in flash.viewpoints_m)


@compiled("int64(uint8[::1], uint8[::1], uint8[::1], uint8[::1], uint8, uint8, uint8[::1], uint8[::1])")
def _forbid(
    turned: Bits,
    turned_in: Bits,
    excess: Bits,
    excess_in: Bits,
    too_many: int,
    in_turn: int,
    held: Bits,
    due: Bits,
) -> int:
    """Write which pixels are one too many by a bit of too_many, or rise at all by a bit of in_turn; count them."""
    found = 0
    for k in range(len(due)):
        due[k] = 0
        if (excess_in[k] & too_many) == 0 and (turned_in[k] & in_turn) == 0:
            continue
        lo, hi = k * CHUNK, min((k + 1) * CHUNK, len(held))
        told, over, out = turned[lo:hi], excess[lo:hi], held[lo:hi]
        here = 0
        for i in range(hi - lo):
            out[i] = ((over[i] & too_many) | (told[i] & in_turn)) != 0
            here += int(out[i])
        due[k] = here > 0
        found += here
    return found
