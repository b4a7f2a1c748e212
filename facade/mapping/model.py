"""The compiled venue: every pixel's place, every byte's place. Frozen arrays, made at load.

A pixel id is the index into these arrays: fixtures in the order of the venue file, pixels of a fixture in wiring order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.config.controller import ControllerProfile
from facade.config.fixture import FixtureProfile
from facade.config.venue import Surface, Venue, VenueController

CONSTANTS = 256
"""A levels array ends in the 256 bytes 0..255, so that fixed and unused slots are gathered like any other."""


@dataclass(frozen=True, slots=True)
class PixelMap:
    """Where the pixels are. All arrays are read-only; P pixels, venue order.

    position_m: float32 (P, 3), metres, venue axes (x right from the street, y up, z towards the viewer).
    uv: float32 (P, 2), 0..1 over the venue's bounding rectangle seen from the street, origin bottom left.
    size_m: float32 (P, 2), lit width and height. pitch_m: float32 (P, 2), to the next pixel across and up, typically.
    fixture, profile, surface: int32 (P,), indices into fixtures, profiles, surfaces.
    power: int32 (P,), index into power_amps, or -1 for a pixel no power group names.
    offset: int32 (P + 1,), first byte of each pixel in a levels array; the last entry is the number of pixel bytes L.
    bounds_m: x0, y0, x1, y1 of the lit rectangle; canvas_px: width and height that suit a canvas for this venue.
    """

    venue: Venue
    position_m: NDArray[np.float32]
    uv: NDArray[np.float32]
    size_m: NDArray[np.float32]
    pitch_m: NDArray[np.float32]
    fixture: NDArray[np.int32]
    profile: NDArray[np.int32]
    surface: NDArray[np.int32]
    power: NDArray[np.int32]
    offset: NDArray[np.int32]
    fixtures: tuple[str, ...]
    profiles: tuple[FixtureProfile, ...]
    surfaces: tuple[tuple[str, Surface], ...]
    power_amps: tuple[tuple[str, float], ...]
    bounds_m: tuple[float, float, float, float]
    canvas_px: tuple[int, int]

    @property
    def n_pixels(self) -> int:
        return len(self.position_m)

    @property
    def n_levels(self) -> int:
        """Pixel bytes, without the constants at the end of a levels array."""
        return int(self.offset[-1])

    @property
    def size_venue_m(self) -> tuple[float, float]:
        """Width and height of the lit rectangle."""
        x0, y0, x1, y1 = self.bounds_m
        return x1 - x0, y1 - y0


@dataclass(frozen=True, slots=True)
class ControllerPatch:
    """What one controller receives. U universes in ascending order, all of the same length in slots.

    The length is even and 2..512 for Art-Net, sACN and KiNET; others take up to universe_size, odd ones too.

    universes: wire numbers. gather: int32 (U, length), index into a levels array for every slot; unused slots point at
    the constant 0. Slots a universe does not use at its end are constant 0 too. used: slots in use per universe.
    """

    name: str
    controller: VenueController
    profile: ControllerProfile
    universes: tuple[int, ...]
    length: int
    gather: NDArray[np.int32]
    used: tuple[int, ...]

    @property
    def universe_size(self) -> int:
        """Slots from the start of one universe to that of the next."""
        return self.controller.universe_size or self.profile.universe_size


@dataclass(frozen=True, slots=True)
class Patch:
    """The table pixel id -> controller, universe, channel, as gather arrays."""

    controllers: tuple[ControllerPatch, ...]

    @property
    def n_universes(self) -> int:
        return sum(len(c.universes) for c in self.controllers)
