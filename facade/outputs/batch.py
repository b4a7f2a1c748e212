"""A burst with its headers for the kernel, laid out once: one system call, from Python or from machine code.

Where one destination takes segments, the whole burst is one message that the kernel cuts (UDP_SEGMENT, udp(7)); else
it is a message a packet, for sendmmsg: multicast has a group for every universe, and some interfaces refuse segments.
Linux only, and only with pointers of eight bytes, because the headers are laid out here by hand (sendmmsg(2), cmsg(3),
and struct msghdr in the kernel's include/linux/socket.h).
"""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
import sys
from collections.abc import Callable

import numpy as np

from facade.outputs.contract import Burst

UDP_SEGMENT = 103
"""Option and control message of include/uapi/linux/udp.h; the socket module does not name it."""

IS_LAID_OUT = sys.platform == "linux" and ctypes.sizeof(ctypes.c_void_p) == 8
"""Whether this system's headers are those made here."""

_NAME_BYTES = 16
"""Of a sockaddr_in."""

_CONTROL_BYTES = 18
"""Of a cmsghdr with two bytes of data."""


class _Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class _Message(ctypes.Structure):
    """struct mmsghdr: a message header, and how many bytes of it were sent."""

    _fields_ = [
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint),
        ("iov", ctypes.c_void_p),
        ("iov_length", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
        ("sent", ctypes.c_uint),
        ("_", ctypes.c_uint),
    ]


MESSAGE_BYTES = ctypes.sizeof(_Message)


class Batch:
    """The messages of a burst. named: whether each says where it goes, for sockets not connected.

    segments: one message, to be cut into packets of burst.size; the socket is connected.
    The headers point at the burst's memory: what is sent is what lies there at that moment.
    address: of the first header; n_messages: how many follow each other from there.
    """

    def __init__(self, burst: Burst, *, named: bool = False, segments: bool = False) -> None:
        self._burst = burst
        pieces = burst.pieces if segments else burst.packets
        self.n_messages = 1 if segments else len(burst)
        self._iovecs = (_Iovec * len(pieces))()
        for i, piece in enumerate(pieces):
            self._iovecs[i] = _Iovec(np.frombuffer(piece, np.uint8).ctypes.data, len(piece))
        self._headers = (_Message * self.n_messages)()
        self.address = ctypes.addressof(self._headers)
        for i, header in enumerate(self._headers):
            header.iov = ctypes.addressof(self._iovecs) + i * ctypes.sizeof(_Iovec)
            header.iov_length = len(pieces) // self.n_messages
        if segments:
            # A cmsghdr, the size of a packet, and what fills it up to a multiple of eight.
            about = struct.pack("=QiiH6x", _CONTROL_BYTES, socket.IPPROTO_UDP, UDP_SEGMENT, burst.size)
            self._extra = ctypes.create_string_buffer(about, len(about))
            self._headers[0].control = ctypes.addressof(self._extra)
            self._headers[0].control_length = len(about)
        elif named:
            names = [_sockaddr(*address) for _, address in burst]
            self._extra = ctypes.create_string_buffer(b"".join(names), _NAME_BYTES * len(names))
            for i, header in enumerate(self._headers):
                header.name = ctypes.addressof(self._extra) + i * _NAME_BYTES
                header.name_length = _NAME_BYTES
        self._at = [ctypes.c_void_p(self.address + i * MESSAGE_BYTES) for i in range(self.n_messages)]

    def send(self, call: Callable[..., int], fileno: int) -> tuple[int, int, int]:
        """Send through sendmmsg a burst whose messages are packets; see Wire.send for what comes back."""
        done, n = 0, self.n_messages
        while done < n:
            sent = call(fileno, self._at[done], n - done, 0)
            if sent <= 0:
                code = ctypes.get_errno() or errno.EIO
                if code == errno.EINTR:
                    continue
                return done, sum(len(packet) for packet in self._burst.packets[:done]), code
            done += sent
        return self._burst.done


def _sockaddr(host: str, port: int) -> bytes:
    name = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton(host)
    return name.ljust(_NAME_BYTES, b"\0")


def find_sendmmsg() -> Callable[..., int] | None:
    """Return the C library's sendmmsg, or None where there is none that is laid out as above."""
    if not IS_LAID_OUT:
        return None
    try:
        call = ctypes.CDLL(None, use_errno=True).sendmmsg
    except (OSError, AttributeError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    call.restype = ctypes.c_int
    found: Callable[..., int] = call
    return found
