"""A bank: all pixels of one fixture profile, and where their values and bytes lie.

The light package works on planes, one array per colour, because every step then runs along memory. Pixels of one
profile that follow each other are a slice of the planes; scattered ones are gathered and scattered by index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.config.fixture import FixtureProfile
from facade.core.errors import MappingError
from facade.mapping.model import PixelMap

LETTERS = "RGBW"


@dataclass(frozen=True, slots=True)
class Drive:
    """One colour of a profile: its slots inside a pixel. fine is None for an 8-bit channel.

    A device may take the same colour in several slots.
    """

    letter: str
    coarse: tuple[int, ...]
    fine: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bank:
    """Pixels of one profile.

    pixels: their ids, as a slice or intp (n,). first_byte: intp (n,), each pixel's first byte in a levels array.
    stride: bytes a pixel; run: whether the bytes of all of them follow each other from first_byte[0].
    """

    profile: FixtureProfile
    pixels: slice | NDArray[np.intp]
    first_byte: NDArray[np.intp]
    drives: tuple[Drive, ...]

    @property
    def n(self) -> int:
        return len(self.first_byte)

    @property
    def letters(self) -> str:
        return "".join(d.letter for d in self.drives)

    @property
    def stride(self) -> int:
        return len(self.profile.channels)

    @property
    def run(self) -> bool:
        return bool(np.all(np.diff(self.first_byte) == self.stride))

    @property
    def white_only(self) -> bool:
        """A lamp without colour shows luminance."""
        return self.letters == "W"


def banks(pixels: PixelMap) -> tuple[Bank, ...]:
    """Sort the pixels of a venue into banks, one for each profile that has any.

    Raises MappingError if a profile has a fine channel without its coarse one, or no colour at all.
    """
    found = []
    for index, profile in enumerate(pixels.profiles):
        ids = np.flatnonzero(pixels.profile == index).astype(np.intp)
        if len(ids) == 0:
            continue
        whole = int(ids[-1]) - int(ids[0]) + 1 == len(ids)
        chosen = slice(int(ids[0]), int(ids[-1]) + 1) if whole else ids
        found.append(Bank(profile, chosen, pixels.offset[ids].astype(np.intp), _drives(profile)))
    return tuple(found)


def _drives(profile: FixtureProfile) -> tuple[Drive, ...]:
    def slots(name: str) -> tuple[int, ...]:
        return tuple(i for i, channel in enumerate(profile.channels) if channel == name)

    drives = []
    for letter in LETTERS:
        coarse, fine = slots(letter), slots(f"{letter}_fine")
        if fine and not coarse:
            raise MappingError(
                f"fixture profile {profile.id!r} has the channel {letter}_fine but no {letter}: "
                f'a fine channel refines a coarse one. Add "{letter}".'
            )
        if coarse:
            drives.append(Drive(letter, coarse, fine))
    if not drives:
        raise MappingError(
            f"fixture profile {profile.id!r} has channels {list(profile.channels)}: none of them is R, G, B or W, "
            "so no light can leave. Name at least one colour."
        )
    return tuple(drives)
