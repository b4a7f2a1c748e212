"""What wires of single packets share, over UDP and over bare Ethernet: one non-blocking socket, and bursts.

A burst leaves by sendmmsg where there is one, else packet by packet.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

from facade.outputs.batch import Batch, find_sendmmsg
from facade.outputs.contract import Burst, Datagram, Prepared

SEND_BUFFER = 4 << 20
"""Bytes asked of the kernel, so that a whole frame fits while the neighbour is being found."""


class DatagramWire:
    """A socket, and how packets leave through it. Subclasses open it.

    named: whether every packet says where it goes, for sockets that are not connected.
    """

    def __init__(self, *, named: bool = False) -> None:
        self._named = named
        self._socket: socket.socket | None = None
        self._sendmmsg = find_sendmmsg()
        self._batches: dict[tuple[Burst, bool], Batch] = {}

    @property
    def way(self) -> str:
        """How a burst leaves now: segments, batch or single."""
        return "single" if self._sendmmsg is None else "batch"

    def pending(self) -> int:
        # Asked once a frame, before anything is sent: a send that met the error instead would not be made.
        if self._socket is None:
            return 0
        try:
            return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        except OSError as error:
            return error.errno or errno.EIO

    def send(self, datagrams: Sequence[Datagram]) -> tuple[int, int, int]:
        link = self._socket
        if link is None:
            return 0, 0, errno.ENOTCONN
        if self._sendmmsg is not None and isinstance(datagrams, Burst) and datagrams.lasting and len(datagrams) > 1:
            return self._batch(datagrams).send(self._sendmmsg, link.fileno())
        sent = n_bytes = 0
        try:
            for packet, address in datagrams:
                n_bytes += link.sendto(packet, address) if self._named else link.send(packet)
                sent += 1
        except OSError as error:
            return sent, n_bytes, error.errno or errno.EIO
        return sent, n_bytes, 0

    def prepared(self, burst: Burst) -> Prepared | None:
        """Return the burst as the kernel takes it now, for as long as the socket stays open; None where it cannot."""
        if self._socket is None or self._sendmmsg is None:
            return None
        return Prepared(self._socket.fileno(), self._batch(burst))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _batch(self, burst: Burst, *, segments: bool = False) -> Batch:
        batch = self._batches.get((burst, segments))
        if batch is None:
            batch = self._batches[burst, segments] = Batch(burst, named=self._named, segments=segments)
        return batch
