"""The fixed order in which light leaves. The order is law; each step may only darken what the one before let through.

    sanitise -> white balance -> master -> brightness caps -> power limit -> device curve -> dither -> quantise
    -> flash guard

The flash guard comes last, after the steps that are here to be written down as bytes: it judges what the lamps will
really do, dither and rounding included, and takes away bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.core.errors import MappingError
from facade.core.frame import Levels, Rgb
from facade.light import walks
from facade.light.bank import banks
from facade.light.brightness import BrightnessCap
from facade.light.caps import Cap
from facade.light.flash_guard import FlashCounters, FlashGuard, Rest
from facade.light.power import PowerLimit, ceilings_of, in_total, total_power
from facade.light.walker import Walker
from facade.mapping.model import CONSTANTS, PixelMap


@dataclass(frozen=True, slots=True)
class LightCounters:
    """not_finite: pixels that went black for NaN or infinity, since start. power: scale of each power group now.

    power_scale: the smallest of them, 1 when nothing is held back. flash: what the flash guard holds back.
    cap: the brightness cap in force. cap_scale: what the mean luminance that it allows multiplies with now.
    """

    not_finite: int
    power_scale: float
    power: dict[str, float]
    flash: FlashCounters
    cap: Cap
    cap_scale: float


class LightPipeline:
    """Linear light in, channel bytes out, at the venue's rate.

    rests: (n, bool (L,)), bytes that leave with every n-th frame only; between those they stay as they are.
    levels: uint8 (L + 256,), written anew by every process; ends in the constants 0..255.
    Raises MappingError at construction if a profile or a power group cannot work.
    """

    def __init__(self, pixels: PixelMap, *, rests: Sequence[Rest] = ()) -> None:
        bank_list = banks(pixels)
        self._n_pixels = pixels.n_pixels
        self.levels: Levels = np.zeros(pixels.n_levels + CONSTANTS, np.uint8)
        self.levels[pixels.n_levels :] = np.arange(CONSTANTS)
        self._brightness = BrightnessCap(pixels, bank_list)
        self._power = PowerLimit(pixels, bank_list)
        self._total = total_power(pixels, bank_list)
        self._walker = Walker(pixels, bank_list, self.levels, every=_every(pixels, rests))
        # One row a power group and one for pixels in none.
        self._scales = np.ones((len(pixels.power_amps) + 1, 4), np.float32)
        self._sums = np.zeros((len(pixels.power_amps) + 1, 2))
        self._nothing = self._sums.tolist()
        self._flash = FlashGuard(pixels, bank_list, self.levels, rests=rests)
        self._not_finite = 0

    @property
    def counters(self) -> LightCounters:
        limits, bright = [self._power, *([self._total] if self._total.limits else ())], self._brightness
        scales = {name: scale for p in limits for name, scale in zip(p.names, p.scale, strict=True)}
        worst = min(p.worst for p in limits)
        return LightCounters(self._not_finite, worst, scales, self._flash.counters, bright.cap, bright.scale)

    def set_cap(self, cap: Cap) -> None:
        """Move to a brightness cap from now on, gently; the first one holds at once."""
        self._brightness.set(cap)

    def tighten(self, pixels: PixelMap, *, area_m2: float) -> None:
        """Let other ratings of the same pixels count from the next frame on.

        pixels: as at construction, but for amperes and candela; area_m2: of the facade. That they are stricter is the
        caller's part. Raises MappingError if a supply cannot even feed its black pixels; then nothing has changed.
        """
        bank_list = banks(pixels)
        supplies, together = ceilings_of(pixels, bank_list), ceilings_of(in_total(pixels), bank_list)
        self._power.renew(supplies)
        self._total.renew(together)
        self._brightness.renew(pixels, bank_list, area_m2=area_m2)
        self._walker.redraw(bank_list)

    def share_allowed(self, rgb: Rgb) -> float:
        """Return the master, 0..1, at which a still picture keeps every supply and the brightness cap in force.

        rgb: (P, 3), 0..1.
        """
        sums = self._add_up(_flat(rgb), (1.0, 1.0, 1.0, 1.0))
        amps = [wanted for wanted, _ in sums]
        supplies = min(self._power.share_allowed(amps[:-1]), self._total.share_allowed([sum(amps)]))
        return min(supplies, self._brightness.share_allowed(sum(candela for _, candela in sums)))

    def process(self, rgb: Rgb, *, master: float, delta_s: float, frame: int, instead: Levels | None = None) -> Levels:
        """Return the levels of one frame; the array is the same every time and is overwritten by the next.

        rgb: float32 (P, 3), linear light 0..1, venue order; not modified. master: 0..1.
        delta_s: since the frame before. frame: its number, which together with the pixel id decides the dither.
        instead: levels that leave in place of the picture's; they pass the flash guard all the same.
        Raises MappingError if rgb has another shape.
        """
        if rgb.shape != (self._n_pixels, 3):
            raise MappingError(f"a frame of shape {rgb.shape}: this venue has {self._n_pixels} pixels of 3 colours.")
        light = _flat(rgb)
        self._limit(light, master=master, delta_s=max(delta_s, 0.0))
        self._not_finite += self._walker.write(light, self._scales, frame=frame)
        return self._last_step(instead, delta_s=delta_s, frame=frame)

    def _limit(self, light: NDArray[np.float32], *, master: float, delta_s: float) -> None:
        """Find by what this frame is to be multiplied. Where nothing can be limited, that costs no walk."""
        # In plain numbers: there are few groups, and NumPy takes longer over a few than machine code over a strip.
        bright, power, total = self._brightness, self._power, self._total
        unlimited = (min(max(master, 0.0), 1.0), 1.0, 1.0, 1.0)
        sums = self._nothing
        bright.move(delta_s)
        if bright.limits or power.limits or total.limits:
            sums = self._add_up(light, unlimited)
        cap = bright.factor(sum(candela for _, candela in sums), delta_s=delta_s)
        # After the cap, so that a supply sees what is left; and all together after the supplies.
        amps = [cap * wanted for wanted, _ in sums]
        supplies = [*power.scales(amps[:-1], delta_s=delta_s), 1.0]
        wanted = sum(each * supply for each, supply in zip(amps, supplies, strict=True))
        everything = total.scales([wanted], delta_s=delta_s)[0] if total.limits else 1.0
        self._scales[:] = [(unlimited[walks.MASTER], cap, supply, everything) for supply in supplies]

    def _add_up(self, light: NDArray[np.float32], scales: tuple[float, float, float, float]) -> list[list[float]]:
        """Return what each power group and the pixels in none draw: amperes and candela."""
        self._scales[:] = scales
        self._sums[:] = 0.0
        self._walker.add_up(light, self._scales, self._sums)
        found: list[list[float]] = self._sums.tolist()
        return found

    def guard(self, levels: Levels, *, delta_s: float, frame: int) -> Levels:
        """Return levels that were made beforehand as they may leave: the last step alone, whatever ails the others."""
        return self._last_step(levels, delta_s=delta_s, frame=frame)

    def spend(self) -> None:
        """Take it that the lamps have just flashed as often as they may: nothing rises within the first second."""
        self._flash.spend()

    def _last_step(self, instead: Levels | None, *, delta_s: float, frame: int) -> Levels:
        if instead is not None:
            np.copyto(self.levels, instead)
        self._flash.hold(delta_s=delta_s, frame=frame)
        return self.levels

    def forget(self) -> None:
        """Drop what earlier frames left behind in the limiters, as at start."""
        self._brightness.reset()
        self._power.reset()
        self._total.reset()
        self._flash.forget()


def _flat(rgb: Rgb) -> NDArray[np.float32]:
    return np.ascontiguousarray(rgb, np.float32).reshape(-1)


def _every(pixels: PixelMap, rests: Sequence[Rest]) -> NDArray[np.intp] | None:
    """Return of which pixel every how many-th frame leaves, (P,); None if every frame does."""
    if not rests:
        return None
    found = np.ones(pixels.n_pixels, np.intp)
    for n, bytes_of in rests:
        ids = np.searchsorted(pixels.offset, np.flatnonzero(bytes_of), side="right") - 1
        np.maximum.at(found, ids, n)
    return found
