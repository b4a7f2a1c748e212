"""Writes FSEQ 2 files: blocks of frames compressed with zlib, which FPP and xLights read too."""

from __future__ import annotations

import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade.app.writers import Whole
from facade.protocols import fseq

_PRODUCER = "facade"
_BLOCK_BYTES = 4 << 20
"""A block is about this large before it is compressed: players keep one or two in memory."""


class FseqWriter(Whole):
    """An FSEQ file, written as it grows. channels: bytes of a frame.

    Raises OutputError for a rate that FSEQ cannot say.
    """

    def __init__(self, path: Path, *, n_frames: int, channels: int, rate_hz: float) -> None:
        super().__init__(path)
        self._step_ms = fseq.step_ms(rate_hz)
        self._n_frames = n_frames
        self._channels = channels
        self._per_block = max(1, _BLOCK_BYTES // channels, math.ceil(n_frames / fseq.MOST_BLOCKS))
        self._n_blocks = math.ceil(n_frames / self._per_block)
        self._blocks: list[tuple[int, int]] = []
        self._waiting: list[bytes] = []
        self._next = 0
        self._check = 0
        self._file = self._part.open("wb")
        self._file.write(bytes(fseq.header_length(self._n_blocks, producer=_PRODUCER)))

    def add(self, frame: NDArray[Any]) -> None:
        data = np.ascontiguousarray(frame, np.uint8).tobytes()
        self._check = zlib.crc32(data, self._check)
        self._waiting.append(data)
        if len(self._waiting) == self._per_block:
            self._write_block()

    def close(self) -> None:
        if self._waiting:
            self._write_block()
        header = fseq.FseqHeader(
            data_at=fseq.header_length(self._n_blocks, producer=_PRODUCER),
            channels=self._channels,
            frames=self._n_frames,
            step_ms=self._step_ms,
            compression=fseq.ZLIB,
            blocks=tuple(self._blocks),
            # Made of the frames, not of the time: the same show is the same file.
            unique=self._check,
        )
        self._file.seek(0)
        self._file.write(fseq.encode_header(header, producer=_PRODUCER))
        self._file.close()
        self._appear()

    def abandon(self) -> None:
        self._file.close()
        super().abandon()

    def _write_block(self) -> None:
        packed = zlib.compress(b"".join(self._waiting), 6)
        self._file.write(packed)
        self._blocks.append((self._next, len(packed)))
        self._next += len(self._waiting)
        self._waiting.clear()
