"""Files that frames are written to: arrays, pictures, films. The file appears whole or not at all.

.npy   every frame, the view's own type       .png   one frame, or a contact sheet of at most twelve
.gif   looping, at most 50 frames a second    .mp4   H.264, needs the extra ``video``
.fseq  FSEQ 2, for other players               (fseq_writer.py)
"""

from __future__ import annotations

import contextlib
import math
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray
from PIL import Image

from facade.core.errors import MachineError, OutputError
from facade.stage.weight import in_bytes

SUFFIXES = (".npy", ".fseq", ".png", ".gif", ".mp4")
SHEET_FRAMES = 12


class FrameWriter(Protocol):
    """Takes n_frames frames in order. ``close`` makes the file appear; ``abandon`` leaves nothing behind."""

    def add(self, frame: NDArray[Any]) -> None: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...


def open_writer(path: Path, *, n_frames: int, shape: tuple[int, ...], dtype: DTypeLike, rate_hz: float) -> FrameWriter:
    """Return the writer that path's suffix asks for. shape, dtype: of one frame.

    Raises OutputError for an unknown suffix, a frame that is no picture or an array that the disk has no room for,
    MachineError if a package is missing.
    """
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return ArrayWriter(path, n_frames=n_frames, shape=shape, dtype=dtype)
    if suffix == ".fseq":
        from facade.app.fseq_writer import FseqWriter

        return FseqWriter(path, n_frames=n_frames, channels=shape[0], rate_hz=rate_hz)
    if suffix not in SUFFIXES:
        raise OutputError(f'"{path}": the suffix "{suffix}" says nothing. Use one of {", ".join(SUFFIXES)}.')
    if suffix == ".png":
        return SheetWriter(path, n_frames=n_frames)
    if suffix == ".gif":
        return GifWriter(path, rate_hz=rate_hz)
    return FilmWriter(path, shape=shape, rate_hz=rate_hz)


class Whole:
    """A file under a temporary name beside its place, renamed when it is complete."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")

    def _appear(self) -> None:
        self._part.replace(self._path)

    def abandon(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._part.unlink()


class ArrayWriter(Whole):
    """A NumPy file (frames, *shape), written as it grows: memory stays flat."""

    def __init__(self, path: Path, *, n_frames: int, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        super().__init__(path)
        self._dtype = np.dtype(dtype)
        _check_room(path, n_frames * math.prod(shape) * self._dtype.itemsize, n_frames=n_frames)
        # Not a memory map: a disk that fills would end the whole process with a bus error instead of an exception.
        self._file = self._part.open("wb")
        description = np.lib.format.dtype_to_descr(self._dtype)
        header = {"descr": description, "fortran_order": False, "shape": (n_frames, *shape)}
        np.lib.format.write_array_header_1_0(self._file, header)

    def add(self, frame: NDArray[Any]) -> None:
        self._file.write(np.ascontiguousarray(frame, dtype=self._dtype).data)

    def close(self) -> None:
        self._file.close()
        self._appear()

    def abandon(self) -> None:
        with contextlib.suppress(OSError):  # closing flushes, and the disk may be full
            self._file.close()
        super().abandon()


def _check_room(path: Path, n_bytes: int, *, n_frames: int) -> None:
    """Raise OutputError if so many bytes cannot fit: better said now than after hours."""
    free = shutil.disk_usage(path.parent).free
    if n_bytes > free:
        raise OutputError(
            f'"{path}": {n_frames:,} frames take {in_bytes(n_bytes)}, and {in_bytes(free)} are free there. '
            "Write fewer frames, or to another disk."
        )


class SheetWriter(Whole):
    """One PNG: the frame itself, or up to twelve of them evenly spaced, first and last included."""

    def __init__(self, path: Path, *, n_frames: int) -> None:
        super().__init__(path)
        n = min(n_frames, SHEET_FRAMES)
        self._wanted = {round(i * (n_frames - 1) / max(1, n - 1)) for i in range(n)}
        self._kept: list[NDArray[Any]] = []
        self._next = 0

    def add(self, frame: NDArray[Any]) -> None:
        if self._next in self._wanted:
            self._kept.append(frame.copy())
        self._next += 1

    def close(self) -> None:
        columns = math.ceil(math.sqrt(len(self._kept)))
        rows = math.ceil(len(self._kept) / columns)
        height, width, _ = self._kept[0].shape
        gap = 0 if len(self._kept) == 1 else 4
        sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 12, dtype=np.uint8)
        for index, frame in enumerate(self._kept):
            y, x = index // columns * (height + gap), index % columns * (width + gap)
            sheet[y : y + height, x : x + width] = frame
        Image.fromarray(sheet).save(self._part, format="PNG")
        self._appear()


class GifWriter(Whole):
    """A looping GIF. Frames closer than 20 ms are thinned out: browsers slow down anything faster."""

    def __init__(self, path: Path, *, rate_hz: float) -> None:
        super().__init__(path)
        self._keep_every = max(1, math.ceil(rate_hz / 50.0))
        self._duration_ms = round(1000.0 * self._keep_every / rate_hz)
        self._frames: list[Image.Image] = []
        self._next = 0

    def add(self, frame: NDArray[Any]) -> None:
        if self._next % self._keep_every == 0:
            self._frames.append(Image.fromarray(frame).quantize(256, dither=Image.Dither.NONE))
        self._next += 1

    def close(self) -> None:
        first, *rest = self._frames
        first.save(
            self._part,
            format="GIF",
            save_all=True,
            append_images=rest,
            duration=self._duration_ms,
            loop=0,
            optimize=False,
        )
        self._appear()


class FilmWriter(Whole):
    """An MP4 that plays everywhere: H.264, 4:2:0, even sides, index in front."""

    def __init__(self, path: Path, *, shape: tuple[int, ...], rate_hz: float) -> None:
        super().__init__(path)
        try:
            import av
        except ImportError as error:
            raise MachineError(
                f'"{path}": writing MP4 needs the package av. Install it with: pip install "media-facade[video]".'
            ) from error
        height, width = shape[0] // 2 * 2, shape[1] // 2 * 2
        self._size = (height, width)
        self._av = av
        self._file = av.open(str(self._part), mode="w", format="mp4", options={"movflags": "faststart"})
        stream: Any = self._file.add_stream("libx264", rate=Fraction(rate_hz).limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"crf": "18", "preset": "medium"}
        self._stream = stream

    def add(self, frame: NDArray[Any]) -> None:
        height, width = self._size
        picture = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(frame[:height, :width]), format="rgb24")
        for packet in self._stream.encode(picture):
            self._file.mux(packet)

    def close(self) -> None:
        for packet in self._stream.encode():
            self._file.mux(packet)
        self._file.close()
        self._appear()

    def abandon(self) -> None:
        with contextlib.suppress(Exception):  # whatever the encoder says, the part file must go
            self._file.close()
        super().abandon()
