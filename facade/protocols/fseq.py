"""FSEQ version 2 as bytes: shows baked into channel data, as FPP and xLights write and play them.

Source: FalconChristmas/fpp, docs/FSEQ_Sequence_File_Format.txt. Numbers are low byte first. A header of 32 bytes, an
index of blocks (first frame, bytes), sparse ranges (first channel, channels), variable headers, then channel data:
every frame one after the other, or blocks of frames compressed one by one. The upper half of the compression byte
holds bits 8..11 of the number of blocks.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from facade.core.errors import InputError, OutputError

MAGIC = b"PSEQ"
HEADER = 32
PLAIN, ZSTD, ZLIB = 0, 1, 2
MOST_BLOCKS = 255
MOST_STEP_MS = 255
MOST_CHANNELS = 16 << 20
"""Of one frame: five million pixels. What claims more is torn."""

_FIXED = struct.Struct("<4sHBBHIIBBBBBBQ")
_BLOCK = struct.Struct("<II")
_PRODUCER = b"sp"


@dataclass(frozen=True, slots=True)
class FseqHeader:
    """What stands before the channel data.

    channels: bytes of a frame in the file. blocks: (first frame, bytes) each; empty for plain data.
    ranges: (first channel from 0, channels) of sparse files; empty means all from the first.
    """

    data_at: int
    channels: int
    frames: int
    step_ms: int
    compression: int = PLAIN
    blocks: tuple[tuple[int, int], ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()
    unique: int = 0


def step_ms(rate_hz: float) -> int:
    """Return the milliseconds of a frame. Raises OutputError for rates that are no whole number of milliseconds."""
    ms = round(1000.0 / rate_hz)
    if not 1 <= ms <= MOST_STEP_MS or abs(1000.0 / ms - rate_hz) > 1e-6 * rate_hz:
        raise OutputError(
            f"{rate_hz:g} frames a second in FSEQ: its frames last whole milliseconds, 1..{MOST_STEP_MS}. "
            "Use --rate 20, 25, 40 or 50."
        )
    return ms


def encode_header(header: FseqHeader, *, producer: str = "") -> bytes:
    """Return everything before the channel data, data_at bytes as header_length says."""
    variable = _variable(producer)
    first = HEADER + len(header.blocks) * _BLOCK.size + len(header.ranges) * 6
    n = len(header.blocks)
    fixed = _FIXED.pack(
        MAGIC,
        header_length(n, len(header.ranges), producer=producer),
        0,
        2,
        first,
        header.channels,
        header.frames,
        header.step_ms,
        0,
        header.compression | (n >> 8) << 4,
        n & 0xFF,
        len(header.ranges),
        0,
        header.unique,
    )
    index = b"".join(_BLOCK.pack(*block) for block in header.blocks)
    sparse = b"".join(a.to_bytes(3, "little") + b.to_bytes(3, "little") for a, b in header.ranges)
    return (fixed + index + sparse + variable).ljust(header_length(n, len(header.ranges), producer=producer), b"\0")


def header_length(n_blocks: int, n_ranges: int = 0, *, producer: str = "") -> int:
    """Return where channel data begins: a multiple of four."""
    length = HEADER + n_blocks * _BLOCK.size + n_ranges * 6 + len(_variable(producer))
    return (length + 3) // 4 * 4


def decode_header(data: bytes) -> FseqHeader:
    """Read the start of a file, at least its first 65,536 bytes. Raises InputError if it is not sound."""
    if len(data) < HEADER or not data.startswith(MAGIC):
        raise InputError(f"{data[:4]!r}: an FSEQ file starts with {MAGIC!r} and a header of {HEADER} bytes.")
    fields = _FIXED.unpack_from(data)
    _, data_at, _, major, _, channels, frames, step, _, packed, low, n_ranges, _, unique = fields
    if major != 2:
        raise InputError(f"FSEQ version {major}: version 2 is read. Save it again with a newer xLights.")
    n_blocks = low | packed >> 4 << 8
    compression = packed & 0x0F
    end = HEADER + n_blocks * _BLOCK.size + n_ranges * 6
    if not end <= data_at <= len(data) or not 1 <= channels <= MOST_CHANNELS or not frames or not step:
        raise InputError(
            f"FSEQ header: {frames} frames of {channels} channels, {step} ms, data from byte {data_at}: it is torn."
        )
    blocks = tuple(_BLOCK.unpack_from(data, HEADER + i * _BLOCK.size) for i in range(n_blocks))
    at = HEADER + n_blocks * _BLOCK.size
    ranges = tuple(
        (int.from_bytes(data[i : i + 3], "little"), int.from_bytes(data[i + 3 : i + 6], "little"))
        for i in range(at, end, 6)
    )
    if ranges and sum(n for _, n in ranges) != channels:
        raise InputError(f"FSEQ sparse ranges hold {sum(n for _, n in ranges)} channels, the frames {channels}.")
    # Writers reserve room for more blocks than they need; those hold nothing.
    used = tuple(block for block in blocks if block[1])
    return FseqHeader(data_at, channels, frames, step, compression, used, ranges, unique)


def _variable(producer: str) -> bytes:
    text = producer.encode()[:200] + b"\0" if producer else b""
    return (len(text) + 4).to_bytes(2, "little") + _PRODUCER + text if text else b""
