"""A DMX line whose break this computer makes: the Enttec Open DMX USB and other bare USB-to-RS485 converters.

The one wire that waits: for the break, BREAK_S a frame, plus what USB takes to switch it. DMX allows a break of
anything from 92 us to a second, and the mark after it is the time the port takes to begin. A frame that comes before
the last one has left is dropped whole. The converter's own buffer is out of sight, so a profile's max_rate_hz must
leave it time: a packet of 513 slots takes 22.6 ms.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from facade.core.clock import Clock
from facade.core.serial_names import find_port
from facade.outputs.contract import Datagram
from facade.outputs.stream import open_serial
from facade.protocols.dmx512 import BAUD

BREAK_S = 120e-6
"""Transmitters make 92 us at least (ANSI E1.11, table 6); receivers know a break by 88."""

OpenPort = Callable[[str], Any]


class OpenDmxWire:
    """One line. device: a path, or part of a name in /dev/serial/by-id. open_port: opens it; for tests."""

    def __init__(self, device: str, *, clock: Clock, open_port: OpenPort | None = None) -> None:
        self._device = device
        self._clock = clock
        self._open_port = open_port or partial(open_serial, baud=BAUD, stop_bits=2)
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
            self._port = self._open_port(find_port(self._device))
        except (OSError, ValueError) as error:
            return (error.errno if isinstance(error, OSError) else None) or errno.EIO
        return 0

    def pending(self) -> int:
        return 0

    def send(self, datagrams: Sequence[Datagram]) -> tuple[int, int, int]:
        port = self._port
        if port is None:
            return 0, 0, errno.ENOTCONN
        packet, _ = datagrams[-1]
        # TypeError and ValueError: pyserial's, for a descriptor that is gone.
        try:
            if port.out_waiting:
                return 0, 0, 0
            port.break_condition = True
            self._clock.wait_until(self._clock.now() + BREAK_S)
            port.break_condition = False
            written = os.write(port.fileno(), packet)
        except (OSError, TypeError, ValueError) as error:
            return 0, 0, (error.errno if isinstance(error, OSError) else None) or errno.EIO
        # The line has seen part of a packet then; receivers wait for the next break.
        return (1, written, 0) if written == len(packet) else (0, written, errno.ENOBUFS)

    def close(self) -> None:
        if self._port is None:
            return
        with contextlib.suppress(OSError, TypeError, ValueError):
            self._port.break_condition = False
        with contextlib.suppress(OSError, TypeError):
            self._port.close()
        self._port = None
