"""A frame's bursts handed to the kernel without passing through Python: one call for all controllers, in their turns.

A wire that has nothing to find out (``Lane``) says once how the kernel takes its bursts; from then on a frame costs a
walk over a table. What goes wrong is written beside the lane, that lane stops, and the others go on; the caller then
sends the rest of its frame through its sender, which knows what errors mean and which other ways there are.

Linux with Numba only (IS_AVAILABLE); elsewhere no lane joins, and senders do it all.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade.core.compiled import IS_COMPILED, compiled, external
from facade.outputs.batch import IS_LAID_OUT, MESSAGE_BYTES
from facade.outputs.contract import Burst, Lane, Prepared

IS_AVAILABLE = IS_COMPILED and IS_LAID_OUT
"""Whether this system can send so."""

NO_KEY = NOBODY = -1

# Columns of the bursts: whose; address and number of the messages; what only one lane sends, or NO_KEY; packets, bytes.
_LANE, _MESSAGES, _N_MESSAGES, _KEY, _N_PACKETS, _N_BYTES = range(6)

# Columns of the lanes: descriptor; whether it goes in this frame; the error reported about earlier packets; the burst
# at which it stopped, and how many messages of that had left; packets and bytes since they were last counted.
_FD, _GOES, _PENDING, _BURST, _DONE, _PACKETS, _BYTES = range(7)

_EINTR = errno.EINTR


@dataclass(frozen=True, slots=True)
class Item:
    """A burst in its place of a frame. lane: whose. key: of what is sent once, whoever sends it; NO_KEY for others."""

    lane: int
    burst: Burst
    key: int = NO_KEY


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happened to a lane. pending: an error after which the same burst left, so about earlier packets; or 0.

    at: the burst that did not leave, -1 if all did; done: how many packets of it did.
    """

    lane: int
    pending: int
    at: int
    done: int


class Express:
    """The bursts of a whole frame, and the lanes by which they leave.

    said: int64, for each key the lane that has sent it in this frame, or NOBODY; who sends one otherwise says so here.
    """

    def __init__(self, items: Sequence[Item], *, n_lanes: int) -> None:
        self._items = tuple(items)
        self._bursts = np.zeros((len(items), 6), np.int64)
        for row, item in zip(self._bursts, items, strict=True):
            row[:] = item.lane, 0, 0, item.key, item.burst.n_packets, item.burst.n_bytes
        self._lanes = np.zeros((n_lanes, 7), np.int64)
        self._lanes[:, _FD] = -1
        self._prepared: dict[int, list[Prepared]] = {}
        self._scratch = np.zeros(2, np.int32)
        self.said = np.zeros(max((item.key for item in items), default=0) + 1, np.int64)

    def join(self, which: int, lane: Lane) -> bool:
        """Let a lane carry its bursts from now on, until it leaves; false if it cannot."""
        if not IS_AVAILABLE:
            return False
        found = [(k, lane.prepared(item.burst)) for k, item in enumerate(self._items) if item.lane == which]
        prepared = [made for _, made in found if made is not None]
        if not found or len(prepared) < len(found):
            return False
        for (k, _), made in zip(found, prepared, strict=True):
            self._bursts[k, _MESSAGES : _N_MESSAGES + 1] = made.batch.address, made.batch.n_messages
        # Kept, because the table holds addresses only.
        self._prepared[which] = prepared
        self._lanes[which, _FD] = prepared[0].fileno
        return True

    def leave(self, which: int) -> None:
        """Touch a lane no more: its descriptor may be closed, and given to somebody else."""
        self._lanes[which, _FD : _GOES + 1] = -1, 0
        self._prepared.pop(which, None)

    def take(self, which: int) -> tuple[int, int]:
        """Return packets and bytes that have left by a lane since this was last asked."""
        packets, n_bytes = self._lanes[which, _PACKETS : _BYTES + 1].tolist()
        self._lanes[which, _PACKETS : _BYTES + 1] = 0
        return packets, n_bytes

    def start(self, due: NDArray[np.bool_]) -> None:
        """Begin a frame of the lanes that are due."""
        _start(self._lanes, due, self.said)

    def send(self, first: int, last: int) -> bool:
        """Send bursts first..last - 1 of the lanes that go; whether there is trouble."""
        return self._prepared != {} and _send(first, last, self._bursts, self._lanes, self.said, self._scratch) > 0

    def troubles(self) -> list[Trouble]:
        """What has gone wrong in this frame, lane by lane."""
        return [
            Trouble(which, int(row[_PENDING]), int(row[_BURST]), int(row[_DONE]))
            for which, row in enumerate(self._lanes)
            if row[_FD] >= 0 and (row[_PENDING] or row[_BURST] >= 0)
        ]


def _if_available(signature: str) -> Callable[[Any], Any]:
    """Compile where the names of the C library exist; elsewhere the function is never called."""
    return compiled(signature) if IS_AVAILABLE else lambda function: function


_sendmmsg = external("sendmmsg", "int32(int32, intp, uint32, int32)")
_memcpy = external("memcpy", "intp(intp, intp, intp)")
_errno_at = external("__errno_location", "intp()")


@compiled("void(int64[:, ::1], boolean[::1], int64[::1])")
def _start(lanes: NDArray[np.int64], due: NDArray[np.bool_], said: NDArray[np.int64]) -> None:
    said[:] = NOBODY
    for c in range(len(lanes)):
        lanes[c, _GOES] = due[c] and lanes[c, _FD] >= 0
        lanes[c, _PENDING] = lanes[c, _DONE] = 0
        lanes[c, _BURST] = -1


@_if_available("int64(int64, int64, int64[:, ::1], int64[:, ::1], int64[::1], int32[::1])")
def _send(
    first: int,
    last: int,
    bursts: NDArray[np.int64],
    lanes: NDArray[np.int64],
    said: NDArray[np.int64],
    scratch: NDArray[np.int32],
) -> int:
    troubles = 0
    for k in range(first, last):
        c, key = bursts[k, _LANE], bursts[k, _KEY]
        if not lanes[c, _GOES] or (key >= 0 and said[key] >= 0):
            continue
        done, n, earlier = 0, bursts[k, _N_MESSAGES], lanes[c, _PENDING]
        while done < n:
            at = bursts[k, _MESSAGES] + done * MESSAGE_BYTES
            sent = _sendmmsg(np.int32(lanes[c, _FD]), at, np.uint32(n - done), np.int32(0))
            if sent > 0:
                done += sent
                continue
            # The number of the error is this thread's, at an address that the C library tells.
            _memcpy(scratch.ctypes.data, _errno_at(), 4)
            if scratch[0] == _EINTR:
                continue
            if lanes[c, _PENDING]:
                break
            # It may be about packets of the frame before (a closed port answers late), and then nothing was tried.
            lanes[c, _PENDING] = scratch[0]
            troubles += 1
        if done == n:
            lanes[c, _PACKETS] += bursts[k, _N_PACKETS]
            lanes[c, _BYTES] += bursts[k, _N_BYTES]
            if key >= 0:
                said[key] = c
        else:
            # Messages that have left of a burst that is stopped are packets each: segments leave as one.
            lanes[c, _GOES], lanes[c, _PENDING] = 0, earlier
            lanes[c, _BURST], lanes[c, _DONE] = k, done
            troubles += 1
    return troubles
