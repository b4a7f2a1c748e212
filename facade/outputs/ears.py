"""Sockets that only listen, beside a show: what Art-Net nodes answer, and what other sACN sources send.

They must not take what others on this machine are waiting for. Art-Net's port is opened only if nobody has it, and
given up to whoever opens it later. sACN is heard on sockets bound to one multicast group each: those get copies.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import sys
from collections.abc import Sequence

from facade.core.holders import holder_words
from facade.outputs.contract import Address
from facade.outputs.interfaces import local_address

MOST_AT_ONCE = 64
"""Datagrams read in one look: whoever floods the port costs a fraction of a millisecond, ten times a second."""

_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@qq")
_BUFFER = 1 << 18

Heard = tuple[bytes, str, float | None]
"""A datagram, the address it came from, and the civil time (s since 1970) at which the kernel received it, if known."""


class ArtNetEar:
    """Asks Art-Net nodes and hears their answers, which come to the protocol's port whoever asked.

    problem: why not all answers can be heard, "" if they can.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._link: socket.socket | None = None
        self.problem = ""
        self.asked = 0

    def open(self) -> None:
        """Get ready, again after a failure."""
        if self._link is not None:
            return
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            link.setblocking(False)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            self.problem = self._bind(link)
            # From now on a program that shares the port may have it; its claim is newer than ours.
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if sys.platform == "linux":
                link.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        except OSError as error:
            link.close()
            self.problem = f"no socket to ask Art-Net nodes with: {error.strerror}"
            return
        self._link = link

    def _bind(self, link: socket.socket) -> str:
        try:
            link.bind(("", self._port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return f"Art-Net's port {self._port} cannot be had: {error.strerror}"
            who = holder_words(self._port)
            return f"another program has Art-Net's port {self._port}: answers of nodes reach that one. {who}".rstrip()
        return ""

    def retry(self) -> None:
        """Try for the port again where another program has it; that one may have ended."""
        if self._link is None or not self.problem:
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("", self._port))
            except OSError:
                return
        self.close()
        self.open()

    def ask(self, packet: bytes, address: Address) -> None:
        """Send a question; one that cannot leave is one that is not answered."""
        if self._link is not None:
            self.asked += 1
            with contextlib.suppress(OSError):
                self._link.sendto(packet, address)

    def hear(self) -> list[Heard]:
        """Return what has arrived, at most MOST_AT_ONCE; never waits."""
        return [] if self._link is None else _read(self._link)

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


class GroupEar:
    """Hears one multicast group through some interfaces, by address or name; "" is the one that routes choose."""

    def __init__(self, group: str, port: int, interfaces: Sequence[str]) -> None:
        self._link: socket.socket | None = None
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            link.setblocking(False)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            link.bind((group, port))
        except OSError:
            link.close()
            return
        self._link = link
        for interface in interfaces:
            # An interface that is down now: the next ear for this group tries again.
            with contextlib.suppress(OSError):
                through = local_address(interface) if interface else "0.0.0.0"
                member = socket.inet_aton(group) + socket.inet_aton(through)
                link.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)

    def hear(self) -> list[Heard]:
        """Return what has arrived, at most MOST_AT_ONCE; never waits."""
        return [] if self._link is None else _read(self._link)

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


def _read(link: socket.socket) -> list[Heard]:
    found: list[Heard] = []
    # Errors too count, so that a socket which reports nothing else does not hold up the light.
    for _ in range(MOST_AT_ONCE):
        try:
            data, ancillary, _, sender = link.recvmsg(2048, 64)
        except BlockingIOError:
            break
        except OSError:
            continue
        found.append((data, sender[0], _stamp(ancillary)))
    return found


def _stamp(ancillary: Sequence[tuple[int, int, bytes]]) -> float | None:
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS) and len(data) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return float(seconds + nanoseconds * 1e-9)
    return None
