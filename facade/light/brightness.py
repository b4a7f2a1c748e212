"""Brightness caps on every frame: a share of all light, and the mean luminance of the facade.

Mean luminance is the luminous intensity of all pixels, from the candela of their profiles, over the facade's area. A
frame that asks for more is scaled down as a whole, so that colours hold; at once on the way down, slowly on the way up.
The caps themselves move over RAMP_S when a curfew begins or a sensor changes its mind, never in a jump. As in
power.py, what dither may add to a frame is taken off the budget beforehand.
"""

from __future__ import annotations

import math

from facade.core.errors import MappingError
from facade.light.bank import LETTERS, Bank
from facade.light.caps import Cap
from facade.light.power import RISE_S, highest_mean, rounded_down
from facade.mapping.model import PixelMap

RAMP_S = 10.0
"""From all light to none, and for luminance a factor of a thousand."""

_STEPS = 100.0
_ROUNDING = 1e-5
_DARK = 1e-9


class BrightnessCap:
    """Says by what a frame is to be multiplied so that it keeps a Cap.

    Raises MappingError if the venue caps luminance and a profile has no candela.
    """

    def __init__(self, pixels: PixelMap, bank_list: tuple[Bank, ...]) -> None:
        self.scale = 1.0
        self._target = Cap()
        self._level = 1.0
        self._cd_m2 = math.inf
        self._started = False
        self._ceilings: dict[float, float] = {}
        self.renew(pixels, bank_list, area_m2=facade_area_m2(pixels))

    def renew(self, pixels: PixelMap, bank_list: tuple[Bank, ...], *, area_m2: float) -> None:
        """Count with other candela of the same banks, or another area, from the next frame on."""
        self._area_m2 = area_m2
        self._banks = bank_list
        self._full_cd = 0.0
        self._is_measured = False
        self._ceilings.clear()
        # Also where it may be capped later: an edit while the show plays may name a darker limit.
        if caps_luminance(pixels) or all(bank.profile.candela is not None for bank in bank_list):
            self._is_measured = True
            self._full_cd = sum(
                b.n * sum(c for letter, c in zip(LETTERS, _candela(b), strict=True) if letter in b.letters)
                for b in bank_list
            )

    @property
    def cap(self) -> Cap:
        """What is in force now: between the last one and the one it is moving to."""
        return Cap(self._level, self._cd_m2, self._target.why)

    def set(self, cap: Cap) -> None:
        """Move to a cap from now on. The first one is in force at once."""
        self._target = cap
        if not self._started:
            self._started = True
            self._level, self._cd_m2 = cap.level, cap.cd_m2

    def move(self, delta_s: float) -> None:
        """Go on towards the cap that was set. delta_s: since the last frame."""
        reach = delta_s / RAMP_S
        self._level += max(-reach, min(reach, self._target.level - self._level))
        target = self._target.cd_m2
        if not self._is_measured or self._cd_m2 == target:
            return
        # inf is no place to start from: nothing can be brighter than all lamps at full.
        brightest = self._full_cd / self._area_m2
        now, goal = (math.log(max(min(v, brightest), _DARK)) for v in (self._cd_m2, target))
        step = reach * math.log(1000.0)
        arrived = abs(goal - now) <= step
        self._cd_m2 = target if arrived else math.exp(now + math.copysign(step, goal - now))

    @property
    def limits(self) -> bool:
        """Whether luminance is capped now, so that candela must be counted."""
        return self._is_measured and math.isfinite(self._cd_m2)

    def factor(self, candela: float, *, delta_s: float) -> float:
        """Return by what this frame is to be multiplied. candela: of its light as it comes, if limits."""
        factor, target = self._level, 1.0
        if self.limits:
            wanted = candela * factor
            ceiling = self._ceiling(self._cd_m2)
            target = ceiling / wanted if wanted > ceiling else 1.0
        # Also once nothing is capped any more: what the last cap took comes back slowly.
        self.scale = min(target, self.scale + delta_s / RISE_S)
        factor *= self.scale
        return rounded_down(factor)

    def share_allowed(self, candela: float) -> float:
        """Return by what a still picture of so many candela must at least be multiplied to keep the cap."""
        share = self._level
        if self.limits:
            share = min(share, self._ceiling(self._cd_m2) / max(candela, _DARK))
        return share

    def reset(self) -> None:
        """As at start, with no cap known yet."""
        self.scale, self._level, self._cd_m2 = 1.0, 1.0, math.inf
        self._target, self._started = Cap(), False

    def _ceiling(self, cd_m2: float) -> float:
        """Candela that the wanted light may add up to, so that no dither pattern of it exceeds the cap."""
        if self._full_cd <= 0.0:
            return math.inf
        budget = cd_m2 * self._area_m2
        if budget >= self._full_cd:
            return math.inf
        # Steps of a hundredth: fine enough for a ramp, and the cap itself, which is asked for most, is exact.
        key = math.exp(math.floor(math.log(budget) * _STEPS) / _STEPS)
        key = max(key, min(budget, self._target.cd_m2 * self._area_m2))
        if key not in self._ceilings:
            if len(self._ceilings) > 2048:
                self._ceilings.clear()
            self._ceilings[key] = self._full_cd * highest_mean(list(self._banks), key / self._full_cd)
        return self._ceilings[key] * (1.0 - _ROUNDING)


def caps_luminance(pixels: PixelMap) -> bool:
    """Whether anything in the venue is capped in cd/m2."""
    venue = pixels.venue
    return bool(venue.permit or venue.light_sensor or any(c.max_cd_m2 is not None for c in venue.curfew.values()))


def facade_area_m2(pixels: PixelMap) -> float:
    """The area that a permit counts."""
    permit = pixels.venue.permit
    if permit is not None and permit.area_m2 is not None:
        return permit.area_m2
    return sum(surface.size_m[0] * surface.size_m[1] for _, surface in pixels.surfaces)


def _candela(bank: Bank) -> tuple[float, float, float, float]:
    if bank.profile.candela is None:
        raise MappingError(
            f"fixture profile {bank.profile.id!r} has no candela, and this venue caps luminance in cd/m2. "
            "Measure one pixel at full drive of each channel, and write candela = [r, g, b, w]."
        )
    return bank.profile.candela
