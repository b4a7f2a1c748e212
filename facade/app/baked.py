"""Shows baked into files, as sources: FSEQ (channel bytes of every pixel) and .npy (linear light of every pixel).

What comes from a file passes the same light pipeline as what is rendered: channel bytes are turned back into light
first. A file therefore cannot get round a power limit, a cap or a blackout.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from facade.app.engines import live_engine
from facade.core.clock import Clock
from facade.core.errors import InputError, MappingError
from facade.core.frame import PixelFrame, Rgb, Tick
from facade.core.health import DeliveryHealth
from facade.light.decode import LightDecoder
from facade.mapping.model import Patch, PixelMap
from facade.outputs.virtual import VirtualNetwork
from facade.protocols import fseq

SUFFIXES = (".fseq", ".npy")
_HEADER_READ = 65_536


class BakedShow(Protocol):
    """Frames in a file. rate_hz: 0 where the file does not say."""

    n_frames: int
    rate_hz: float

    def frame_into(self, number: int, rgb: Rgb) -> None:
        """Write frame number 0..n_frames-1 as linear light (P, 3)."""
        ...

    def close(self) -> None: ...


def open_baked(path: Path, pixels: PixelMap) -> BakedShow:
    """Open a file of frames for a venue.

    Raises InputError if it is no sound file of its kind, MappingError if it was made for other pixels.
    """
    if path.suffix.lower() == ".fseq":
        return FseqShow(path, pixels)
    return ArrayShow(path, pixels)


class FseqReader:
    """The frames of an FSEQ file, one block in memory at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("rb")
        try:
            self.header = fseq.decode_header(self._file.read(_HEADER_READ))
            self._check(path.stat().st_size)
        except InputError as error:
            self._file.close()
            raise InputError(f'"{path}": {error}') from error
        self._block = -1
        self._frames = b""

    @property
    def channels(self) -> int:
        """Channels of a frame; of a sparse file, up to the last one it holds."""
        return max((first + n for first, n in self.header.ranges), default=self.header.channels)

    def frame(self, number: int) -> bytes:
        """Return the channels of a frame; those that a sparse file leaves out are 0. Raises InputError if torn."""
        data = self._stored(number)
        if not self.header.ranges:
            return data
        whole, at = bytearray(self.channels), 0
        for first, n in self.header.ranges:
            whole[first : first + n] = data[at : at + n]
            at += n
        return bytes(whole)

    def close(self) -> None:
        self._file.close()

    def _check(self, size: int) -> None:
        header = self.header
        if header.compression not in (fseq.PLAIN, fseq.ZLIB, fseq.ZSTD):
            raise InputError(f"compression {header.compression} is not known.")
        if header.compression == fseq.ZSTD:
            _zstd()
        plain = header.compression == fseq.PLAIN
        stored = header.frames * header.channels if plain else sum(n for _, n in header.blocks)
        if header.data_at + stored > size:
            raise InputError(f"it ends at byte {size}; its frames need {header.data_at + stored}. It was cut off.")
        firsts = [first for first, _ in header.blocks]
        if not plain and (not firsts or firsts[0] or firsts != sorted(set(firsts))):
            raise InputError("its blocks do not begin at frame 0 and go on in order.")

    def _stored(self, number: int) -> bytes:
        header, n = self.header, self.header.channels
        if header.compression == fseq.PLAIN:
            self._file.seek(header.data_at + number * n)
            return self._file.read(n)
        block = max(i for i, (first, _) in enumerate(header.blocks) if first <= number)
        if block != self._block:
            self._frames, self._block = self._read_block(block), block
        at = (number - header.blocks[block][0]) * n
        return self._frames[at : at + n]

    def _read_block(self, block: int) -> bytes:
        header = self.header
        first, length = header.blocks[block]
        last = header.blocks[block + 1][0] if block + 1 < len(header.blocks) else header.frames
        self._file.seek(header.data_at + sum(n for _, n in header.blocks[:block]))
        wanted = (last - first) * header.channels
        unpack = _unzlib if header.compression == fseq.ZLIB else _unzstd
        try:
            data = unpack(self._file.read(length), wanted)
        except ValueError as error:
            raise InputError(f'"{self._path}": frames {first}..{last - 1} are damaged ({error}).') from error
        if len(data) < wanted:
            raise InputError(f'"{self._path}": frames {first}..{last - 1} are cut off.')
        return data


def _unzlib(packed: bytes, most: int) -> bytes:
    """Unpack at most so many bytes. Raises ValueError if they are damaged."""
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error as error:
        raise ValueError(str(error)) from error


def _unzstd(packed: bytes, most: int) -> bytes:
    zstandard = _zstd()
    try:
        data: bytes = zstandard.ZstdDecompressor().stream_reader(packed).read(most)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error
    return data


def _zstd() -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise InputError(
            "it is compressed with zstd, which needs the package zstandard: pip install 'media-facade[fseq]'. "
            "Or save it with zlib."
        ) from error
    return zstandard


class FseqShow:
    """An FSEQ file as light. Its channels are the bytes of every pixel, in the order of the pixel ids."""

    def __init__(self, path: Path, pixels: PixelMap) -> None:
        self._reader = FseqReader(path)
        if self._reader.channels != pixels.n_levels:
            self._reader.close()
            raise MappingError(
                f'"{path}" has {self._reader.channels} channels a frame; venue {pixels.venue.venue.id} has '
                f"{pixels.n_levels}. Bake it for this venue: facade render ... --venue {pixels.venue.venue.id}."
            )
        self.n_frames = self._reader.header.frames
        self.rate_hz = 1000.0 / self._reader.header.step_ms
        self._decoder = LightDecoder(pixels)

    def frame_into(self, number: int, rgb: Rgb) -> None:
        self._decoder.rgb_into(np.frombuffer(self._reader.frame(number), np.uint8), rgb)

    def close(self) -> None:
        self._reader.close()


class ArrayShow:
    """A NumPy file (frames, pixels, 3) of linear light, as ``render --view pixels`` writes it."""

    def __init__(self, path: Path, pixels: PixelMap) -> None:
        try:
            self._frames: Any = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise InputError(f'"{path}": it is no array that can be read ({error}).') from error
        if self._frames.ndim != 3 or self._frames.shape[1:] != (pixels.n_pixels, 3) or not len(self._frames):
            raise MappingError(
                f'"{path}" has the shape {self._frames.shape}; venue {pixels.venue.venue.id} needs '
                f"(frames, {pixels.n_pixels}, 3), as facade render --view pixels writes it."
            )
        if self._frames.dtype.kind != "f":
            raise MappingError(f'"{path}" holds {self._frames.dtype}: linear light is float32. Use --view pixels.')
        self.n_frames = len(self._frames)
        self.rate_hz = 0.0

    def frame_into(self, number: int, rgb: Rgb) -> None:
        rgb[:] = self._frames[number]

    def close(self) -> None:
        self._frames = None


def play_baked(
    show: BakedShow,
    pixels: PixelMap,
    patch: Patch,
    clock: Clock,
    *,
    until: Callable[[], bool],
    duration_s: float | None = None,
    real: bool = True,
    network: VirtualNetwork | None = None,
) -> DeliveryHealth:
    """Play a file round and round until asked to end or the time is over; ends black. Returns the delivery's health."""
    engine = live_engine(pixels, patch, clock, network=network or VirtualNetwork(), real=real)
    rgb = np.zeros((pixels.n_pixels, 3), dtype=np.float32)
    rate_hz = show.rate_hz or engine.rate_hz
    start = deadline = clock.now()
    shown, sent = -1, 0
    try:
        while not until() and (duration_s is None or deadline - start < duration_s):
            number = int((deadline - start) * rate_hz + 1e-6)
            if number != shown:
                show.frame_into(number % show.n_frames, rgb)
                engine.offer(PixelFrame(Tick(number, deadline - start, 1.0 / rate_hz), rgb))
                shown = number
            engine.step()
            sent += 1
            deadline = start + sent / engine.rate_hz
            clock.wait_until(deadline)
        return engine.health()
    finally:
        engine.close(fade_s=0.3)
        show.close()
