"""Wires that are streams: messages one behind the other, over TCP or a serial port. Nothing here waits.

A message leaves whole or not at all. What the other end has not taken yet is kept and goes first; while anything is
kept, new messages are dropped, so that a slow device shows a late frame now and then, never half of one.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import select
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

from facade.core.serial_names import find_port
from facade.outputs.contract import Address, Datagram
from facade.outputs.interfaces import local_address

STUCK_TRIES = 200
"""So many tries in a row without a byte taken, two a frame, and the other end counts as gone."""

_DRAIN_S = 0.25
_DRAIN_STEPS = 25
_WOULD_BLOCK = (errno.EAGAIN, errno.EWOULDBLOCK)


class StreamWire:
    """What TCP and serial ports share. Subclasses open and close, and write what can be written now."""

    def __init__(self) -> None:
        self._kept: bytes = b""
        self._stuck = 0

    def pending(self) -> int:
        """Send what was kept; what that meets, or that nothing has moved for long."""
        error = self._flush()
        if error:
            return error
        if self._stuck > STUCK_TRIES:
            self._forget()
            return errno.ETIMEDOUT
        return 0

    def send(self, datagrams: Sequence[Datagram]) -> tuple[int, int, int]:
        sent = n_bytes = 0
        error = self._flush()
        for packet, _ in datagrams:
            if error or self._kept:
                break
            written, error = self._write(packet)
            if error:
                break
            # The rest of this message must follow before anything else; the slab's bytes change with the next frame.
            self._kept = bytes(packet[written:])
            sent += 1
            n_bytes += len(packet)
        return sent, n_bytes, error

    def _flush(self) -> int:
        if not self._kept:
            return 0
        written, error = self._write(memoryview(self._kept))
        self._stuck = 0 if written else self._stuck + 1
        self._kept = self._kept[written:]
        return error

    def _drain(self, fileno: int) -> None:
        """Give the last message a quarter of a second to leave: it is the black one. Only ever called to close."""
        for _ in range(_DRAIN_STEPS):
            if not self._kept or self._flush():
                return
            select.select([], [fileno], [], _DRAIN_S / _DRAIN_STEPS)

    def _forget(self) -> None:
        self._kept = b""
        self._stuck = 0

    def _write(self, data: memoryview) -> tuple[int, int]:
        """Write what can be written now: how many bytes, and an errno; a full buffer is 0 bytes and no error."""
        raise NotImplementedError


class TcpWire(StreamWire):
    """A connection to one host, made without waiting and made again when it ends.

    interface: address or name of the interface to send from, "" for any.
    """

    def __init__(self, address: Address, *, interface: str = "") -> None:
        super().__init__()
        self._address = address
        self._interface = interface
        self._socket: socket.socket | None = None
        self._connected = False

    @property
    def where(self) -> str:
        return f"{self._address[0]}:{self._address[1]}"

    @property
    def local(self) -> bool:
        return ipaddress.ip_address(self._address[0]).is_loopback

    def open(self) -> int:
        if self._socket is None:
            self._socket = link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            link.setblocking(False)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if sys.platform == "linux":
                # Two calls and then an answer, rather than two minutes: the sender's own pauses decide when to try
                # again.
                link.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, 1)
            if self._interface:
                try:
                    link.bind((local_address(self._interface), 0))
                except OSError as error:
                    self.close()
                    return error.errno or errno.EIO
        if not self._connected:
            # Called again on a connection in the making, connect says how it stands (connect(2)).
            error_number = self._socket.connect_ex(self._address)
            if error_number in (0, errno.EISCONN):
                self._connected = True
            elif error_number in (errno.EALREADY, errno.EINPROGRESS):
                return errno.EINPROGRESS
            else:
                self.close()
                return error_number
        return 0

    def close(self) -> None:
        if self._socket is not None:
            if self._connected:
                self._drain(self._socket.fileno())
            self._socket.close()
            self._socket = None
        self._forget()
        self._connected = False

    def pending(self) -> int:
        error = super().pending()
        if error or not self._connected or self._socket is None:
            return error
        try:
            # Protocols written this way have no answers: all that can be read is the end.
            if self._socket.recv(4096) == b"":
                return errno.ECONNRESET
        except OSError as failure:
            return 0 if failure.errno in _WOULD_BLOCK else failure.errno or errno.EIO
        return 0

    def _write(self, data: memoryview) -> tuple[int, int]:
        if self._socket is None or not self._connected:
            return 0, errno.ENOTCONN
        try:
            return self._socket.send(data), 0
        except OSError as error:
            return 0, 0 if error.errno in _WOULD_BLOCK else error.errno or errno.EIO


OpenPort = Callable[[str, int], Any]


class SerialWire(StreamWire):
    """A serial port. device: a path, or part of a name in /dev/serial/by-id. open_port: opens it; for tests."""

    def __init__(self, device: str, *, baud: int, open_port: OpenPort | None = None) -> None:
        super().__init__()
        self._device = device
        self._baud = baud
        self._open_port = open_port or open_serial
        self._port: Any = None

    @property
    def where(self) -> str:
        return self._device

    @property
    def local(self) -> bool:
        return False

    def open(self) -> int:
        if self._port is not None:
            return 0
        try:
            self._port = self._open_port(find_port(self._device), self._baud)
        except (OSError, ValueError) as error:
            return (error.errno if isinstance(error, OSError) else None) or errno.EIO
        return 0

    def close(self) -> None:
        if self._port is None:
            return
        # Unplugged, there is nothing left to drain or close. TypeError and ValueError: pyserial's, for a descriptor
        # that is gone.
        with contextlib.suppress(OSError, TypeError, ValueError):
            self._drain(self._port.fileno())
        with contextlib.suppress(OSError, TypeError):
            self._port.close()
        self._port = None
        self._forget()

    def pending(self) -> int:
        return 0 if self._port is None else super().pending()

    def _write(self, data: memoryview) -> tuple[int, int]:
        if self._port is None:
            return 0, errno.ENOTCONN
        try:
            # Not the port's own write: with nothing to wait for, pyserial 3.5 spins while the buffer is full.
            return os.write(self._port.fileno(), data), 0
        except (OSError, TypeError, ValueError) as error:
            code = error.errno if isinstance(error, OSError) else None
            return 0, 0 if code in _WOULD_BLOCK else code or errno.EIO


def open_serial(device: str, baud: int, *, stop_bits: int = 1) -> Any:
    """Open a port for writing without waiting; stop_bits: 1 or 2. Raises OSError or ValueError."""
    import termios

    import serial  # type: ignore[import-untyped, unused-ignore]

    # Two programs writing to one port mix their frames.
    options: dict[str, Any] = {} if "://" in device else {"exclusive": True}
    try:
        return serial.serial_for_url(device, baudrate=baud, stopbits=stop_bits, timeout=0, write_timeout=0, **options)
    except termios.error as error:
        raise OSError(*error.args) from error
