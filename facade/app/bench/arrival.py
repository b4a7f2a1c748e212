"""When a datagram arrived, by the kernel's own stamp: a receiver that is itself kept waiting tells the truth too."""

from __future__ import annotations

import socket
import struct
import sys

from facade.core.clock import Clock

_SO_TIMESTAMPNS = 35
_STAMP = struct.Struct("=qq")
_ANCILLARY_BYTES = socket.CMSG_SPACE(_STAMP.size)


class Arrivals:
    """Receives from one socket with the time of arrival, on the clock given."""

    def __init__(self, end: socket.socket, clock: Clock) -> None:
        self._end = end
        self._clock = clock
        self._stamped = sys.platform == "linux"
        if self._stamped:
            end.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        # Stamps are civil time; over a measurement the two clocks stay together to well under a millisecond.
        self._offset_s = clock.wall().timestamp() - clock.now()

    def into(self, buffer: bytearray) -> tuple[int, float]:
        """Receive one packet; returns its length and when it arrived. Raises what the socket raises."""
        if not self._stamped:
            return self._end.recv_into(buffer), self._clock.now()
        length, ancillary, _, _ = self._end.recvmsg_into([buffer], _ANCILLARY_BYTES)
        for level, kind, data in ancillary:
            if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
                seconds, ns = _STAMP.unpack(data)
                return length, seconds + ns / 1e9 - self._offset_s
        return length, self._clock.now()
