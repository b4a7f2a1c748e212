"""Pictures, still and animated: upright, scaled once, all frames in memory."""

from __future__ import annotations

import bisect
import contextlib
import itertools
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, ImageSequence

from facade.core.errors import PieceError
from facade.media.footage import Frame, within

MAX_BYTES = 100_000_000
MAX_PX = 64_000_000
MAX_MEMORY = 256_000_000
"""Of all frames of an animation together, after scaling."""

BROKEN = (
    OSError,  # of which UnidentifiedImageError is one
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    NotImplementedError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What reading a file that is no picture, or a broken one, or one of a rare kind, raises."""

_UNSAID_S = 0.1
"""An animation's frame of no length lasts so long, as browsers have it."""

_SHORTEST_S = 0.0105
"""Browsers take frames of up to 10 ms for a mistake."""


class Stills:
    """One picture file. A still is an animation of one frame."""

    def __init__(self, file: Path, *, limit_px: int) -> None:
        """Read it whole. Raises PieceError if it is no picture, or too large."""
        with _opened(file) as image:
            self._frames, lengths = _frames(image, file, limit_px)
        self.n_frames = len(self._frames)
        self._ends = list(itertools.accumulate(lengths))

    def index_at(self, time_s: float) -> int:
        if self.n_frames == 1:
            return 0
        return min(bisect.bisect_right(self._ends, time_s % self._ends[-1]), self.n_frames - 1)

    def read(self, index: int) -> Frame:
        return self._frames[index]

    def close(self) -> None:
        self._frames = []


def read_still(file: Path, *, limit_px: int) -> Frame:
    """Return a picture file, of an animation its first frame, upright; the longer side is scaled to limit_px at most.

    Raises PieceError if it is no picture, or too large; its size is known before anything of it is decoded.
    """
    with _opened(file) as image:
        return _frame(image, limit_px)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[Image.Image]:
    """Open a picture file, to be read inside. Raises PieceError, there too, if it is none or too large."""
    try:
        size = file.stat().st_size
        if size > MAX_BYTES:
            raise PieceError(
                f"{file.name} has {size / 1e6:.0f} MB; a picture may have {MAX_BYTES / 1e6:.0f} MB. Scale it down.",
                file=file,
            )
        with Image.open(file) as image:
            if image.width * image.height > MAX_PX:
                raise PieceError(
                    f"{file.name} has {image.width} x {image.height} pixels; a picture may have {MAX_PX:,}. "
                    "Scale it down.",
                    file=file,
                )
            yield image
    except FileNotFoundError:
        raise PieceError(f"{file.name} is not in {file.parent} any more. Put it back.", file=file) from None
    except Image.DecompressionBombError:
        raise PieceError(
            f"{file.name} has far more pixels than the {MAX_PX:,} that a picture may have. Scale it down.", file=file
        ) from None
    except BROKEN as error:
        what = " ".join(str(error).split()) or type(error).__name__
        raise PieceError(f"{file.name} is no picture that can be read ({what}). Save it anew.", file=file) from error


def _frames(image: Image.Image, file: Path, limit_px: int) -> tuple[list[Frame], list[float]]:
    frames: list[Frame] = []
    lengths: list[float] = []
    memory = 0
    for each in ImageSequence.Iterator(image):
        each.load()  # WebP says how long a frame lasts only when it is read
        length_s = float(each.info.get("duration") or 0.0) / 1e3
        lengths.append(length_s if length_s >= _SHORTEST_S else _UNSAID_S)
        frames.append(_frame(each, limit_px))
        memory += frames[-1].nbytes
        if memory > MAX_MEMORY:
            raise PieceError(
                f"{file.name} needs more than {MAX_MEMORY / 1e6:.0f} MB for its frames. Make it a film, such as MP4.",
                file=file,
            )
    return frames, lengths


def _frame(image: Image.Image, limit_px: int) -> Frame:
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    upright = ImageOps.exif_transpose(image)
    scaled = upright.convert("RGBA")
    size = within(scaled.size, limit_px)
    if size != scaled.size:
        scaled = scaled.resize(size, Image.Resampling.BOX)
    frame = np.ascontiguousarray(np.asarray(scaled)[::-1])
    frame.flags.writeable = False
    return frame
