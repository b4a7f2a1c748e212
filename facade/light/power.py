"""No supply gives more than it can: a whole power group is scaled down so that its colours stay what they are.

Amperes are counted on what the fixtures will really be sent. Dither may put a lamp one level above its wanted light
for a frame, so the budget is reduced by the most that this can cost. With φ(l) the light of the level above l, made
concave (its upper hull), Jensen's inequality says that lamps of full-drive amperes a_i at lights l_i draw no more than
A·φ(Σ a_i l_i / A), A = Σ a_i, whatever the picture: one number per group, found at load. On a gamma 2.2 device a
group limited to 30 % of its full drive gives up 1.5 % of its light for a promise that holds in every single frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from facade.core.errors import MappingError
from facade.light.bank import LETTERS, Bank, banks
from facade.light.curve import level_lights
from facade.mapping.model import PixelMap

RISE_S = 2.0
"""From dark to full. Down in one frame, up slowly: supplies trip in milliseconds, eyes forgive slow recovery."""

TOTAL = "in total"
"""The name of the group of all pixels: no group of a document can have it."""

_ROUNDING = 1e-5
"""Float32 light and its sums err by less than this share, scales applied after the sums were taken included."""


class PowerLimit:
    """Finds the scale of each power group of a venue. Pixels in no group are left alone.

    scale: what each group is multiplied with now, 1 where nothing is held back.
    Raises MappingError if a supply cannot even feed its black pixels.
    """

    def __init__(self, pixels: PixelMap, bank_list: tuple[Bank, ...]) -> None:
        self.names = tuple(name for name, _ in pixels.power_amps)
        self.scale = [1.0] * len(self.names)
        self._ceiling: list[float] = []
        self.renew(ceilings_of(pixels, bank_list))

    def renew(self, ceilings: Sequence[float]) -> None:
        """Let other ceilings count from the next frame on: lower ones at once, what higher ones give comes slowly."""
        self._ceiling = list(ceilings)
        self._is_limited = any(math.isfinite(ceiling) for ceiling in self._ceiling)

    @property
    def limits(self) -> bool:
        """Whether anything may be held back now."""
        return self._is_limited or self.worst < 1.0

    def share_allowed(self, wanted: Sequence[float]) -> float:
        """Return by what a still picture must be multiplied to keep every supply. wanted: amperes of each group."""
        shares = [ceiling / amps for ceiling, amps in zip(self._ceiling, wanted, strict=True) if amps > ceiling]
        return min(shares, default=1.0)

    @property
    def worst(self) -> float:
        """The smallest scale of any group."""
        return min(self.scale, default=1.0)

    def reset(self) -> None:
        """Forget the past: every group starts at full scale again."""
        self.scale = [1.0] * len(self.names)

    def scales(self, wanted: Sequence[float], *, delta_s: float) -> list[float]:
        """Return by what each group is to be multiplied, in float32's numbers.

        wanted: amperes that the light of each group draws. delta_s: since the last frame, for the slow way up.
        """
        rise = max(delta_s, 0.0) / RISE_S
        for group, (ceiling, amps) in enumerate(zip(self._ceiling, wanted, strict=True)):
            target = ceiling / amps if amps > ceiling else 1.0
            self.scale[group] = min(target, self.scale[group] + rise)
        return [rounded_down(scale) for scale in self.scale]


def total_power(pixels: PixelMap, bank_list: tuple[Bank, ...]) -> PowerLimit:
    """Return the limit of all pixels together: one more group, after those of the supplies."""
    return PowerLimit(in_total(pixels), bank_list)


def in_total(pixels: PixelMap) -> PixelMap:
    """Return the pixels of a venue as one group that is fed with what all may draw together."""
    amps = pixels.venue.venue.total_amps
    everything = np.zeros(pixels.n_pixels, np.int32)
    return replace(pixels, power=everything, power_amps=((TOTAL, math.inf if amps is None else amps),))


def check_supplies(pixels: PixelMap) -> None:
    """Raise MappingError if a supply, or what all may draw together, cannot even feed its black pixels."""
    bank_list = banks(pixels)
    ceilings_of(pixels, bank_list)
    ceilings_of(in_total(pixels), bank_list)


def rounded_down(scale: float) -> float:
    """Return the float32 below a scale under 1: what is limited promises "never above"."""
    return 1.0 if scale >= 1.0 else float(np.nextafter(np.float32(max(scale, 0.0)), np.float32(0)))


def ceilings_of(pixels: PixelMap, bank_list: tuple[Bank, ...]) -> list[float]:
    """Return, per group, the amperes above idle that the wanted light may add up to; inf where it cannot be reached.

    Raises MappingError if a supply cannot even feed its black pixels.
    """
    ceilings = np.full(len(pixels.power_amps), np.inf)
    for group, (name, supply) in enumerate(pixels.power_amps):
        full = idle = 0.0
        hull_banks = []
        for bank in bank_list:
            n = int(np.count_nonzero(pixels.power[bank.pixels] == group))
            if n == 0:
                continue
            amps = dict(zip(LETTERS, bank.profile.amps, strict=True))
            full += n * sum(amps[c] for c in bank.letters)
            idle += n * bank.profile.idle_amps
            hull_banks.append(bank)
        budget = supply - idle
        if budget <= 0 < full:
            raise MappingError(
                f"power group {name!r} gives {supply:g} A and its pixels draw {idle:g} A when black: "
                "nothing is left for light. Write the supply's true rating, or feed fewer fixtures from it."
            )
        if full > budget:
            ceilings[group] = full * highest_mean(hull_banks, budget / full) * (1.0 - _ROUNDING)
    found: list[float] = ceilings.tolist()
    return found


def highest_mean(bank_list: list[Bank], share: float) -> float:
    """Return the mean light whose worst-case emission is share of full drive; see the top of this file."""
    points = np.concatenate([_worst_emission(b) for b in bank_list])
    x, y = _upper_hull(points)
    return float(np.interp(share, y, x)) if share > y[0] else 0.0


def _worst_emission(bank: Bank) -> NDArray[np.float64]:
    """Return points (n, 2): a light, and the most that its level may give while it lies just above that light."""
    points = []
    if any(not d.fine for d in bank.drives):
        lights = level_lights(bank.profile)
        points.append(np.stack([lights, np.append(lights[1:], 1.0)], axis=1))
    if any(d.fine for d in bank.drives):
        # The top step is the largest, as every curve bends upwards; 65,536 points more would say nothing new.
        step = 1.0 - float(level_lights(bank.profile, n_levels=65536)[-2])
        points.append(np.array([(0.0, step), (1.0 - step, 1.0), (1.0, 1.0)]))
    return np.concatenate(points)


def _upper_hull(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x and y of the upper convex hull, both increasing, of points in any order (Andrew's monotone chain)."""
    ordered = points[np.lexsort((-points[:, 1], points[:, 0]))]
    hull: list[tuple[float, float]] = []
    for x, y in ordered.tolist():
        if hull and x == hull[-1][0]:
            continue
        while len(hull) >= 2:
            (x0, y0), (x1, y1) = hull[-2], hull[-1]
            if (x1 - x0) * (y - y0) < (x - x0) * (y1 - y0):
                break
            hull.pop()
        hull.append((x, y))
    steep = np.array(hull)
    return steep[:, 0], steep[:, 1]
