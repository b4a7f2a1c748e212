"""A wire of bare Ethernet frames on one interface (packet(7)), for receiver cards that know no IP. Linux only.

It needs the right to send raw frames (CAP_NET_RAW), which no ordinary user has: grant it to the one program that plays,
and give such cards an interface of their own.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence

from facade.outputs.contract import Datagram

SEND_BUFFER = 4 << 20


class EthernetWire:
    """A road to whatever hangs on one interface. Frames bring their own header."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        self._socket: socket.socket | None = None

    @property
    def where(self) -> str:
        return self._interface

    @property
    def local(self) -> bool:
        return False

    def open(self) -> int:
        if self._socket is not None:
            return 0
        if not hasattr(socket, "AF_PACKET"):
            return errno.EAFNOSUPPORT
        link = None
        try:
            # Protocol 0: nothing is ever received.
            link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            link.setblocking(False)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            link.bind((self._interface, 0))
        except OSError as error:
            if link is not None:
                link.close()
            # EPERM would be read as a firewall's; this is a missing right.
            return errno.EACCES if error.errno == errno.EPERM else error.errno or errno.EIO
        self._socket = link
        return 0

    def pending(self) -> int:
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
        sent = n_bytes = 0
        try:
            for frame, _ in datagrams:
                n_bytes += link.send(frame)
                sent += 1
        except OSError as error:
            return sent, n_bytes, error.errno or errno.EIO
        return sent, n_bytes, 0

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
