"""What a file shows over time: frames by number, a clock to number, and one door for every kind of file.

A frame is uint8 (H, W, 4): red, green, blue and straight alpha as the file has them (sRGB), the bottom row first, so
that it can be handed to the GPU as it is. It is never changed once it was returned.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facade.pieces.pictures import is_film

Frame = NDArray[np.uint8]


class Footage(Protocol):
    """One open file. It plays in a loop. ``index_at`` may be asked from any thread, ``read`` from one at a time."""

    n_frames: int

    def index_at(self, time_s: float) -> int:
        """Return the number of the frame that is on at this time, seconds since its start; any time will do."""

    def read(self, index: int) -> Frame:
        """Return a frame. Cheap for the frame after the last one. Raises PieceError."""

    def close(self) -> None:
        """Let the file go."""


def open_footage(file: Path, *, limit_px: int) -> Footage:
    """Open a picture or a film. limit_px: the longer side of its frames is scaled down to this.

    Raises PieceError for a file that is missing, broken or too large, MachineError for a film where av is missing.
    """
    from facade.media.film import Film
    from facade.media.still import Stills

    return Film(file, limit_px=limit_px) if is_film(file) else Stills(file, limit_px=limit_px)


def within(size_px: tuple[int, int], limit_px: int) -> tuple[int, int]:
    """Return a size of the same shape whose longer side is at most limit_px."""
    longer = max(size_px)
    if longer <= limit_px:
        return size_px
    width, height = (max(1, round(side * limit_px / longer)) for side in size_px)
    return width, height
