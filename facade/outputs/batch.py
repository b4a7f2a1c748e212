"""Many packets in one system call where one destination cannot take them as segments: sendmmsg, on headers made once.

Multicast has a group for every universe, and some kernels and interfaces refuse segmentation; there this saves the
return to Python between two packets. Linux only, and only with pointers of eight bytes, because the headers are laid
out here by hand (sendmmsg(2), and struct msghdr in the kernel's include/linux/socket.h).
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

_NAME_BYTES = 16
"""Of a sockaddr_in."""


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


class Batch:
    """A burst with headers for the kernel. named: whether every packet says where it goes, for sockets not connected.

    The headers point at the burst's memory: what is sent is what lies there at that moment.
    """

    def __init__(self, burst: Burst, *, named: bool) -> None:
        n = len(burst)
        self._burst = burst
        self._iovecs = (_Iovec * n)()
        self._headers = (_Message * n)()
        self._names = (ctypes.c_uint8 * (_NAME_BYTES * n))()
        for i, (packet, (host, port)) in enumerate(burst):
            self._iovecs[i] = _Iovec(np.frombuffer(packet, np.uint8).ctypes.data, len(packet))
            self._headers[i].iov = ctypes.addressof(self._iovecs) + i * ctypes.sizeof(_Iovec)
            self._headers[i].iov_length = 1
            if named:
                name = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton(host)
                self._headers[i].name = ctypes.addressof(self._names) + i * _NAME_BYTES
                ctypes.memmove(self._headers[i].name, name.ljust(_NAME_BYTES, b"\0"), _NAME_BYTES)
                self._headers[i].name_length = _NAME_BYTES
        self._at = [ctypes.c_void_p(ctypes.addressof(self._headers) + i * ctypes.sizeof(_Message)) for i in range(n)]

    def send(self, call: Callable[..., int], fileno: int) -> tuple[int, int, int]:
        """Send through sendmmsg; see Wire.send for what comes back."""
        done, n = 0, len(self._burst)
        while done < n:
            sent = call(fileno, self._at[done], n - done, 0)
            if sent <= 0:
                code = ctypes.get_errno() or errno.EIO
                if code == errno.EINTR:
                    continue
                return done, sum(len(packet) for packet in self._burst.packets[:done]), code
            done += sent
        return n, self._burst.n_bytes, 0


def find_sendmmsg() -> Callable[..., int] | None:
    """Return the C library's sendmmsg, or None where there is none that is laid out as above."""
    if sys.platform != "linux" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    try:
        call = ctypes.CDLL(None, use_errno=True).sendmmsg
    except (OSError, AttributeError):
        return None
    call.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    call.restype = ctypes.c_int
    found: Callable[..., int] = call
    return found
