"""The flash guard alone: what it costs to judge and to hold a frame, at three sizes, strict and from two viewpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from facade.app.bench.figures import Spread, spread
from facade.app.bench.subjects import load_subject
from facade.app.synthetic import wall
from facade.config.limits import Flash
from facade.config.loader import load_hardware
from facade.core import places
from facade.core.clock import RealClock
from facade.core.frame import Levels
from facade.light.bank import banks
from facade.light.flash_guard import FlashGuard
from facade.mapping.model import PixelMap

SIZES = (27_000, 100_000, 1_000_000)
DEFAULT_SECONDS = 1.0
PICTURES = ("calm", "strobe", "noise")
"""One that moves and passes; one that is held; every pixel at random, the worst there is."""

FEWEST = 12
_FRAMES = 16


@dataclass(frozen=True, slots=True)
class GuardCost:
    """viewpoints: 0 is strict. held: share of frames in which light was held back. ms: of one frame."""

    pixels: int
    viewpoints: int
    picture: str
    held: float
    ms: Spread


def measure(
    venue: str | None = None, *, seconds: float | None = None, say: Callable[[str], None] = lambda text: None
) -> list[GuardCost]:
    """Measure on one venue, or on walls of SIZES. seconds: for each picture."""
    hardware = load_hardware(places.hardware())
    maps = [wall(n, hardware)[0] for n in SIZES] if venue is None else [load_subject(venue).pixels]
    results = []
    for pixels in maps:
        for seen in (pixels, _seen(pixels)):
            for picture in PICTURES:
                say(f"guard: {picture}, {pixels.n_pixels:,} pixels")
                results.append(_measure(seen, picture, seconds=seconds or DEFAULT_SECONDS))
    return results


def _seen(pixels: PixelMap) -> PixelMap:
    """The same venue with two people before it."""
    x0, y0, x1, _ = pixels.bounds_m
    middle = (x0 + x1) / 2
    flash = Flash(viewpoints_m=((middle, y0, 20.0), (middle, y0, 60.0)))
    return replace(pixels, venue=pixels.venue.model_copy(update={"flash": flash}))


def _measure(pixels: PixelMap, picture: str, *, seconds: float) -> GuardCost:
    levels, clock = np.zeros(pixels.n_levels, np.uint8), RealClock()
    guard = FlashGuard(pixels, banks(pixels), levels)
    spent: list[float] = []
    end = clock.now() + seconds
    for n, frame in enumerate(_pictures(picture, pixels.n_levels)):
        np.copyto(levels, frame)
        started = clock.now()
        if started > end and len(spent) >= FEWEST:
            break
        guard.hold(delta_s=1.0 / pixels.venue.venue.rate_hz, frame=n)
        spent.append(1e3 * (clock.now() - started))
    held = guard.counters.frames / len(spent)
    return GuardCost(pixels.n_pixels, len(pixels.venue.flash.viewpoints_m), picture, held, spread(spent))


def _pictures(picture: str, n: int) -> Iterator[Levels]:
    """Yield frames without end."""
    rng, at = np.random.default_rng(0), np.arange(n) / n
    if picture == "calm":
        turns = np.arange(_FRAMES) / _FRAMES
        pool = [(128 + 3 * np.sin(2 * np.pi * (at + turn))).astype(np.uint8) for turn in turns]
    elif picture == "strobe":
        pool = [np.full(n, 255 * (k % 4 < 2), np.uint8) for k in range(_FRAMES)]
    else:
        pool = [rng.integers(0, 256, n).astype(np.uint8) for _ in range(_FRAMES)]
    k = 0
    while True:
        yield pool[k % _FRAMES]
        k += 1
