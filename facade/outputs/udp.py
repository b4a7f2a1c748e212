"""A wire over UDP: one non-blocking socket a controller, connected where it is one host.

One socket each, because two dead hosts on a shared socket fill its buffer while the kernel looks for them, and every
other controller starves. Connected, because only then does the kernel say that a port is closed.

A burst leaves in one system call: as one buffer that the kernel cuts into packets (UDP_SEGMENT, Linux 4.18, udp(7)),
else by sendmmsg, else packet by packet. Which of them, is found out by trying, for each destination: the kernel
may know segments and the interface, its MTU or its missing checksums refuse them all the same.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import struct
import sys
from collections.abc import Callable, Sequence

from facade.core.errors import OutputError
from facade.outputs.batch import UDP_SEGMENT as UDP_SEGMENT
from facade.outputs.contract import Address, Burst, Datagram, Prepared
from facade.outputs.datagram import SEND_BUFFER, DatagramWire
from facade.outputs.interfaces import local_address

DEFAULT_TTL = 8
"""Routers a multicast packet may cross."""

MOST_SEGMENTS = 64
"""UDP_MAX_SEGMENTS of kernels before 6.9."""

MOST_BYTES = 65_507
"""Of one buffer with all its segments: the payload of the largest UDP datagram."""

REFUSALS = frozenset({errno.EIO, errno.EINVAL, errno.EMSGSIZE, errno.ENOPROTOOPT, errno.EOPNOTSUPP})
"""What kernels say to segments: no checksums in the device, too many, larger than the link carries, never heard of."""

EXPEDITED = 46 << 2
"""IP_TOS of light: DSCP 46, expedited forwarding (RFC 3246). Switches that know it let light pass before files."""

_SO_MAX_PACING_RATE = 47

SocketMaker = Callable[[], socket.socket]


class UdpWire(DatagramWire):
    """A road to one host, or to the multicast groups of one controller.

    address: where unicast packets go; None for multicast, where every datagram names its own group.
    interface: address or name of the interface to send from, "" for any; a name is looked up at every opening.
    broadcast: whether address may be a broadcast address.
    max_mbit: megabits a second the kernel may let through, where its queue can pace (fq); 0 means no limit.
    make_socket: makes the socket; for tests.
    Raises OutputError for an address that is a broadcast address without leave, or no IPv4 address.
    """

    def __init__(
        self,
        address: Address | None,
        *,
        interface: str = "",
        ttl: int = DEFAULT_TTL,
        broadcast: bool = False,
        max_mbit: float = 0.0,
        make_socket: SocketMaker = lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    ) -> None:
        super().__init__(named=address is None)
        self._address = address
        self._interface = interface
        self._ttl = ttl
        self._broadcast = broadcast
        self._max_mbit = max_mbit
        self._make_socket = make_socket
        self._segments = False
        if address is not None:
            _refuse_unsuitable(address, broadcast=broadcast)
        # A broadcast address of one of this machine's own networks shows itself only when connecting. A route that
        # prohibits the way says the same, and may be gone a minute later.
        if (
            self.open() == errno.EACCES
            and not broadcast
            and address is not None
            and _is_broadcast(address, make_socket)
        ):
            raise OutputError(_broadcast_message(address[0]))

    @property
    def where(self) -> str:
        if self._address is None:
            return "multicast" + (f" from {self._interface}" if self._interface else "")
        return f"{self._address[0]}:{self._address[1]}"

    @property
    def local(self) -> bool:
        return self._address is not None and ipaddress.ip_address(self._address[0]).is_loopback

    @property
    def way(self) -> str:
        return "segments" if self._segments else super().way

    def open(self) -> int:
        if self._socket is not None:
            return 0
        link = self._make_socket()
        try:
            self._prepare(link)
        except OSError as error:
            link.close()
            return error.errno or errno.EIO
        self._socket = link
        self._segments = self._address is not None and _knows_segments(link)
        return 0

    def send(self, datagrams: Sequence[Datagram]) -> tuple[int, int, int]:
        refusal = 0
        if self._socket is not None and isinstance(datagrams, Burst) and self._may_cut(datagrams):
            refusal = self._send_segments(self._socket, datagrams)
            if refusal == 0:
                return datagrams.done
            if refusal not in REFUSALS:
                return 0, 0, refusal
        done = super().send(datagrams)
        # Only segments were refused if the packets leave one by one; they stay off until the socket is made anew.
        if refusal and done[0]:
            self._segments = False
        return done

    def prepared(self, burst: Burst) -> Prepared | None:
        if self._socket is None or self._sendmmsg is None or not self._may_cut(burst):
            return super().prepared(burst)
        return Prepared(self._socket.fileno(), self._batch(burst, segments=True))

    def _may_cut(self, burst: Burst) -> bool:
        """Whether the kernel is to get this burst in one piece."""
        return (
            self._segments and burst.size > 0 and 1 < burst.n_packets <= MOST_SEGMENTS and burst.n_bytes <= MOST_BYTES
        )

    def _send_segments(self, link: socket.socket, burst: Burst) -> int:
        ancillary = [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("=H", burst.size))]
        try:
            link.sendmsg(burst.pieces, ancillary)
        except OSError as error:
            return error.errno or errno.EIO
        return 0

    def _prepare(self, link: socket.socket) -> None:
        link.setblocking(False)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if self._max_mbit and sys.platform == "linux":
            rate = min(round(self._max_mbit * 125_000), 0xFFFF_FFFF)
            link.setsockopt(socket.SOL_SOCKET, _SO_MAX_PACING_RATE, rate)
        # Where it is not to be had, light goes unmarked.
        with contextlib.suppress(OSError):
            link.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED)
        if self._broadcast:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        local = local_address(self._interface) if self._interface else ""
        if local:
            link.bind((local, 0))
        if self._address is not None:
            link.connect(self._address)
            return
        link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, self._ttl)
        # Receivers on this machine (the simulator's neighbours, a monitor) hear multicast too.
        link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
        if local:
            link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(local))


def _knows_segments(link: socket.socket) -> bool:
    """Ask the kernel whether it has heard of segments at all."""
    if sys.platform != "linux":
        return False
    try:
        link.getsockopt(socket.IPPROTO_UDP, UDP_SEGMENT)
    except OSError:
        return False
    return True


def resolve(host: str, *, controller: str) -> str:
    """Return the IPv4 address of a host name or literal; asked once, at load.

    Raises OutputError if nothing answers to the name.
    """
    try:
        return str(socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0])
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or errno.EIO)
        raise OutputError(
            f"controller {controller!r} has host {host!r}: no IPv4 address answers to it ({reason}). "
            "Write its address, or fix the name service."
        ) from error


def _refuse_unsuitable(address: Address, *, broadcast: bool) -> None:
    host = _ipv4(address[0], what="host")
    if host == ipaddress.IPv4Address("255.255.255.255") and not broadcast:
        raise OutputError(_broadcast_message(address[0]))
    if host.is_multicast or host.is_unspecified:
        raise OutputError(f'host {address[0]}: this is no address of one controller. Write it, or host = "multicast".')


def _ipv4(text: str, *, what: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError as error:
        raise OutputError(f"{what} {text!r}: an IPv4 address such as 10.0.0.20 is needed here.") from error


def _is_broadcast(address: Address, make_socket: SocketMaker) -> bool:
    """Whether all that keeps the kernel from connecting is that nobody has asked for broadcasts."""
    with make_socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        try:
            probe.connect(address)
        except OSError:
            return False
        return True


def _broadcast_message(host: str) -> str:
    return (
        f"host {host} is a broadcast address: every device on the network would have to read every packet. "
        "Write the controller's own address. Where a device listens to nothing else, say broadcast = true."
    )
