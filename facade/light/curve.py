"""How a level becomes light on a device, and back: the curve a fixture profile names, and fast tables of its inverse.

A word is what the tables hold. For an 8-bit channel it is 256 times the level below the wanted light plus the share,
in 256ths, of the way to the next level, **measured in light**: showing the upper level for that share of the time
gives the wanted light exactly. For a 16-bit channel it is the 16-bit level itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.config.fixture import FixtureProfile

INDEX_MAX = 65535
INDEX_SCALE = np.float32(INDEX_MAX * (1.0 + 2.0**-22))
"""What a root is multiplied by to be an index. Four roundings more than INDEX_MAX: the light of a level, rounded to
float32, must not fall to the entry below it."""

WORD = np.dtype("<u2")
"""Little end first on every machine: the coarse byte is always the second one."""

_SHARES = 64
"""Steps between two levels. Rounding shares to 64ths keeps a light that falls exactly on a level on that level."""

_SRGB_TOE = 0.04045


def light_of(profile: FixtureProfile, drive: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the linear light 0..1 a device gives for a drive 0..1 (level over full scale)."""
    if profile.curve == "linear":
        return drive
    if profile.curve == "gamma":
        return np.power(drive, profile.gamma)
    high = np.power((drive + 0.055) / 1.055, 2.4)
    return np.where(drive <= _SRGB_TOE, drive / 12.92, high)


def drive_of(profile: FixtureProfile, light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the drive 0..1 that makes a device give linear light 0..1: the inverse of light_of."""
    if profile.curve == "linear":
        return light
    if profile.curve == "gamma":
        return np.power(light, 1.0 / profile.gamma)
    high = 1.055 * np.power(light, 1.0 / 2.4) - 0.055
    return np.where(light <= _SRGB_TOE / 12.92, light * 12.92, high)


def level_lights(profile: FixtureProfile, *, n_levels: int = 256) -> NDArray[np.float64]:
    """Return the light of every level, (n_levels,): 256 of them for a coarse channel alone, 65536 with a fine one."""
    return light_of(profile, np.arange(n_levels) / (n_levels - 1))


@dataclass(frozen=True, slots=True)
class InverseTable:
    """Light to words by one look-up.

    roots: how many square roots to take of the light before indexing with INDEX_SCALE times the result; they spread the
    dark end, so that no step of the index is more than three 65535ths of full scale on any curve.
    words: uint16 (65536,).
    """

    roots: int
    words: NDArray[np.uint16]


def inverse_table(profile: FixtureProfile, *, fine: bool) -> InverseTable:
    """Return the table of a profile's channels: words of 16-bit levels if fine, else of levels and shares."""
    roots = _roots(profile)
    light = np.power(np.arange(INDEX_MAX + 1) / INDEX_MAX, 2.0**roots)
    drive = np.clip(drive_of(profile, light), 0.0, 1.0)
    if fine:
        return InverseTable(roots, np.floor(drive * 65535.0 + 0.5).astype(WORD))
    lights = level_lights(profile)
    # The small constant keeps a light that is exactly a level from falling below it by a rounding error.
    lower = np.minimum(np.floor(drive * 255.0 + 1e-9), 254).astype(np.int64)
    share = (light - lights[lower]) / (lights[lower + 1] - lights[lower])
    steps = np.floor(np.clip(share, 0.0, 1.0) * _SHARES + 0.5)
    return InverseTable(roots, (lower * 256 + steps * (256 // _SHARES)).astype(WORD))


def _roots(profile: FixtureProfile) -> int:
    if profile.curve == "linear" or (profile.curve == "gamma" and profile.gamma <= 1.0):
        return 0
    # One root spreads the first level of steeper curves over too few entries to tell its shares apart.
    return 2 if profile.curve == "gamma" and profile.gamma >= 2.0 else 1
