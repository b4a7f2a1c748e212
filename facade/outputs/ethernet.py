"""A wire of bare Ethernet frames on one interface (packet(7)), for receiver cards that know no IP. Linux only.

It needs the right to send raw frames (CAP_NET_RAW), which no ordinary user has: grant it to the one program that plays,
and give such cards an interface of their own.
"""

from __future__ import annotations

import errno
import socket

from facade.outputs.datagram import SEND_BUFFER, DatagramWire


class EthernetWire(DatagramWire):
    """A road to whatever hangs on one interface. Frames bring their own header."""

    def __init__(self, interface: str) -> None:
        super().__init__()
        self._interface = interface

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
