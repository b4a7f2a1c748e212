"""Frames from one process to another: three slots in memory without a name, one writer, one reader, no locks.

The writer fills the slot after the newest one and then moves the head. The reader copies the head's slot and checks
that the slot's sequence number was the same before and after and that the checksum fits; a torn frame is ignored.
The memory is an open file without a name, handed to children as a file descriptor: nothing can be left behind.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
import zlib

import numpy as np
from numpy.typing import DTypeLike, NDArray

from facade.core.frame import Tick

_SLOTS = 3
_HEAD_BYTES = 64
_SLOT_HEAD = np.dtype(
    [
        ("begin", "<u8"),
        ("frame", "<i8"),
        ("time_s", "<f8"),
        ("delta_s", "<f8"),
        ("crc", "<u4"),
        ("pad", "<u4"),
        ("end", "<u8"),
    ]
)
_SLOT_HEAD_BYTES = 64


def _slot_bytes(payload: int) -> int:
    return _SLOT_HEAD_BYTES + (payload + 63) // 64 * 64


class FrameRing:
    """Three slots for arrays of one shape and type.

    shape, dtype: of every frame. fd: an existing ring's descriptor (a child's end), or None to make a new ring.
    Raises OSError if there is no memory for it.
    """

    def __init__(self, shape: tuple[int, ...], dtype: DTypeLike, *, fd: int | None = None) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self._payload = int(np.prod(shape)) * self.dtype.itemsize
        size = _HEAD_BYTES + _SLOTS * _slot_bytes(self._payload)
        self.fd = unnamed_file(size) if fd is None else fd
        self._map = mmap.mmap(self.fd, size)
        self._head: NDArray[np.uint64] = np.frombuffer(self._map, dtype="<u8", count=1)
        self._slots = [self._slot(index) for index in range(_SLOTS)]
        self._copy = np.zeros(shape, dtype=self.dtype)
        self._seen = 0

    def _slot(self, index: int) -> tuple[NDArray[np.void], NDArray[np.uint8]]:
        start = _HEAD_BYTES + index * _slot_bytes(self._payload)
        head = np.frombuffer(self._map, dtype=_SLOT_HEAD, count=1, offset=start)
        payload = np.frombuffer(self._map, dtype=np.uint8, count=self._payload, offset=start + _SLOT_HEAD_BYTES)
        return head, payload

    def write(self, tick: Tick, frame: NDArray[np.generic]) -> int:
        """Publish one frame of this ring's shape and type; returns its checksum. Never waits for the reader."""
        sequence = int(self._head[0]) + 1
        head, payload = self._slots[sequence % _SLOTS]
        source = frame.reshape(-1).view(np.uint8)
        head["begin"] = sequence
        payload[:] = source
        crc = zlib.crc32(source.data)
        head["frame"], head["time_s"], head["delta_s"] = tick.frame, tick.time_s, tick.delta_s
        head["crc"] = crc
        head["end"] = sequence
        self._head[0] = sequence
        return crc

    def latest(self) -> tuple[Tick, NDArray[np.generic]] | None:
        """Return the newest frame not returned before, or None. The array is reused by the next call."""
        sequence = int(self._head[0])
        if sequence == self._seen:
            return None
        head, payload = self._slots[sequence % _SLOTS]
        target = self._copy.reshape(-1).view(np.uint8)
        target[:] = payload
        tick = Tick(int(head["frame"][0]), float(head["time_s"][0]), float(head["delta_s"][0]))
        whole = head["begin"][0] == head["end"][0] == sequence and zlib.crc32(target.data) == head["crc"][0]
        if not whole:
            return None
        self._seen = sequence
        return tick, self._copy

    def close(self) -> None:
        """Give the memory back. Safe to call twice."""
        self._slots = []
        self._head = np.zeros(1, dtype="<u8")
        with contextlib.suppress(BufferError):
            self._map.close()
        with contextlib.suppress(OSError):
            os.close(self.fd)


def unnamed_file(size: int) -> int:
    """Return the descriptor of so many bytes that no folder lists: they are gone with the last who holds them."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("facade-frames")
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
    os.ftruncate(fd, size)
    return fd
