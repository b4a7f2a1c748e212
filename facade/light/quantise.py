"""The rule of dither, and the numbers that follow from it.

Between two levels of eight bits lies light that a lamp can only show by alternating, and a lamp
that alternates slowly or strongly is seen to flicker. So a lamp alternates only
  - fast enough: no pattern repeats more slowly than SLOWEST_HZ. At a venue's 40 Hz that leaves every other frame, at
    80 Hz patterns of four frames, at 320 Hz and more of sixteen; a controller that takes every third frame only has
    patterns of those;
  - and gently enough: only between levels whose light differs by at most DEEPEST (Michelson contrast). On a gamma 2.2
    device that is from level 22 on. Below, where one level more is a tenth, a half or twice the light, and at levels
    0, 1 and 2 plainly a blinking lamp, nothing moves.
What time may not carry is left to place: each pixel has its own threshold, spread evenly by the golden ratio, so that
the share of neighbouring pixels on the upper level is right in every frame, a dim ramp has no step in which the whole
facade jumps, and the sum of all lamps hardly alternates at all. Thresholds depend on frame number and pixel id alone:
the same input gives the same light. A grey stays grey: the three colours of a pixel share their threshold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.config.fixture import FixtureProfile
from facade.light.bank import Bank
from facade.light.curve import level_lights

SLOWEST_HZ = 20.0
"""Above the eye's most sensitive 8 to 15 Hz (de Lange 1958), and what a 40 Hz wire can carry at all."""

DEEPEST = 0.05
"""Greatest contrast between the two levels that one lamp may alternate between."""

MOST_PHASES = 16
_GOLDEN = 0.6180339887498949
_UNDITHERED = 128
"""The threshold that rounds to the nearer level."""


def phase_count(rate_hz: float) -> int:
    """Return how many frames a dither pattern may last at a frame rate: a power of two, 1 (none) to 16."""
    n = 1
    while n < MOST_PHASES and rate_hz / (2 * n) >= SLOWEST_HZ:
        n *= 2
    return n


def still_below(profile: FixtureProfile) -> int:
    """Return the lowest level from which a lamp of this profile may alternate with the next one."""
    light = level_lights(profile)
    depth = (light[1:] - light[:-1]) / (light[1:] + light[:-1])
    too_deep = np.flatnonzero(depth > DEEPEST)
    return int(too_deep[-1]) + 1 if len(too_deep) else 0


def thresholds_of(n_pixels: int, bank_list: tuple[Bank, ...]) -> NDArray[np.uint8]:
    """Return the threshold of every pixel's dither, (P,): from which 256th of the way on it shows the upper level."""
    found: NDArray[np.uint8] = np.floor(np.modf(np.arange(n_pixels) * _GOLDEN)[0] * 256).astype(np.uint8)
    for bank in bank_list:
        if not bank.profile.dither:
            found[bank.pixels] = _UNDITHERED
    return found


def phase_offset(frame: int, *, phases: int, letter: str) -> int:
    """Return by how much thresholds are turned in a frame, 0..255.

    Offsets come in bit-reversed order, so that the shares of a pattern lie as far apart in time as they can. Green, the
    brightest colour, takes the opposite turn: what it adds in luminance the others take away.
    """
    step, offset, weight = frame % phases, 0, 128
    while weight >= 256 // phases and phases > 1:
        offset += weight * (step & 1)
        step >>= 1
        weight //= 2
    if letter == "G" and phases > 1:
        offset += 128
    return offset & 255
