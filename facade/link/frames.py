"""Frames from one process to another: three slots in memory without a name, one writer, no locks.

The writer fills the slot after the newest one and then moves the head. A reader copies the head's slot and checks
that the slot's sequence number was the same before and after and that the sum of its words fits; a torn frame is
ignored. Readers leave word that they have looked, so that a writer need not make what nobody looks at.
The memory is an open file without a name, handed to children as a file descriptor: nothing can be left behind.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile

import numpy as np
from numpy.typing import DTypeLike, NDArray

from facade.core.frame import Tick

_SLOTS = 3
_LINE = 64
"""Bytes of what shares a line of the processor's memory; slots and what stands before them begin with one."""

_HEAD, _LOOKED = range(2)
"""Words at the start: sequence number of the newest frame; whether a reader has looked since the writer last asked."""

_BEGIN, _FRAME, _SUM, _END = range(4)
_TIME_S, _DELTA_S = 4, 5
"""Words before a slot's frame, the last two of them floats."""

_WORD = 8

_Words = NDArray[np.uint64]


class FrameRing:
    """Three slots for arrays of one shape and type.

    shape, dtype: of every frame. fd: an existing ring's descriptor (a child's end), or None to make a new ring.
    Raises OSError if there is no memory for it.
    """

    def __init__(self, shape: tuple[int, ...], dtype: DTypeLike, *, fd: int | None = None) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self._payload = int(np.prod(shape)) * self.dtype.itemsize
        self._n_words = -(-self._payload // _LINE) * (_LINE // _WORD)
        size = _LINE + _SLOTS * (_LINE + self._n_words * _WORD)
        self.fd = unnamed_file(size) if fd is None else fd
        self._map = mmap.mmap(self.fd, size)
        self._words = np.frombuffer(self._map, "<u8", count=_LINE // _WORD)
        self._slots = [self._slot(index) for index in range(_SLOTS)]
        # One is read into while the other is what latest returned last.
        self._copies = [np.zeros(self._n_words, "<u8") for _ in range(2)]
        self._frames = [copy.view(np.uint8)[: self._payload].view(self.dtype).reshape(shape) for copy in self._copies]
        self._free = 0
        self._seen = 0

    def _slot(self, index: int) -> tuple[_Words, NDArray[np.float64], _Words]:
        """Return a slot's head as whole numbers and as floats, and its frame with what fills the last line."""
        start = _LINE + index * (_LINE + self._n_words * _WORD)
        head = np.frombuffer(self._map, "<u8", count=_LINE // _WORD, offset=start)
        words = np.frombuffer(self._map, "<u8", count=self._n_words, offset=start + _LINE)
        return head, head.view("<f8"), words

    def write(self, tick: Tick, frame: NDArray[np.generic]) -> None:
        """Publish one frame of this ring's shape and type. Never waits for a reader."""
        sequence = int(self._words[_HEAD]) + 1
        head, floats, words = self._slots[sequence % _SLOTS]
        head[_BEGIN] = sequence
        words.view(np.uint8)[: self._payload] = frame.reshape(-1).view(np.uint8)
        head[_FRAME], floats[_TIME_S], floats[_DELTA_S] = tick.frame, tick.time_s, tick.delta_s
        head[_SUM] = np.add.reduce(words)
        head[_END] = sequence
        self._words[_HEAD] = sequence

    def latest(self) -> tuple[Tick, NDArray[np.generic]] | None:
        """Return the newest frame not returned before, or None. The array stays as it is until the next is returned."""
        self._words[_LOOKED] = 1
        sequence = int(self._words[_HEAD])
        if sequence == self._seen:
            return None
        head, floats, words = self._slots[sequence % _SLOTS]
        copy, frame = self._copies[self._free], self._frames[self._free]
        copy[:] = words
        tick = Tick(int(head[_FRAME]), float(floats[_TIME_S]), float(floats[_DELTA_S]))
        total = head[_SUM]
        if not head[_BEGIN] == head[_END] == sequence or np.add.reduce(copy) != total:
            return None
        self._seen, self._free = sequence, 1 - self._free
        return tick, frame

    def was_looked_at(self) -> bool:
        """Whether a reader has asked for a frame since this was last asked. For the writer."""
        looked = bool(self._words[_LOOKED])
        self._words[_LOOKED] = 0
        return looked

    def close(self) -> None:
        """Give the memory back. Safe to call twice."""
        self._slots = []
        self._words = np.zeros(2, "<u8")
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
