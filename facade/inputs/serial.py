"""Lines of text from a serial port, or from anything pyserial opens by URL (socket://host:port).

The reader is our own: pyserial's ReaderThread ends at the first exception. A port is looked for again by its name after
it vanished, so prefer a /dev/serial/by-id/ name, or any part of one, which survives replugging.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Callable
from typing import Any, Protocol

from facade.config.input import SerialInput as SerialConfig
from facade.control.events import InputEvent
from facade.core.clock import Clock
from facade.core.errors import InputError
from facade.core.health import State
from facade.core.serial_names import find_port
from facade.inputs.budget import TokenBucket
from facade.inputs.worker import Backoff, ThreadedInput
from facade.protocols.sensorline import LineSplitter, decode

LINES_PER_S = 2000.0
"""921,600 baud carry 15,000 of the shortest lines; no sensor on a building needs more than this."""

_READ_S = 0.1
_READ_BYTES = 4096
_BREATH_S = 0.01
"""After a full read: at most 400 kB/s are taken from a port that babbles."""


class Port(Protocol):
    """What a reader needs of an open pyserial port."""

    @property
    def in_waiting(self) -> int: ...
    def read(self, size: int = 1) -> bytes: ...
    def close(self) -> None: ...


OpenPort = Callable[[str, int], Port]


class SerialInput(ThreadedInput):
    """Reads config.port. open_port: opens a device or URL at a baud rate; raises OSError or ValueError."""

    def __init__(
        self, name: str, config: SerialConfig, *, clock: Clock, backoff: Backoff, open_port: OpenPort | None = None
    ) -> None:
        super().__init__(name, "serial", config.port, stale_s=config.stale_s, clock=clock, backoff=backoff)
        self._config = config
        self._open_port = open_port or open_serial

    def _attempt(self) -> float:
        device = find_port(self._config.port)
        try:
            port = self._open_port(device, self._config.baud)
        except (OSError, ValueError) as error:
            return self._refuse(*_why(device, error))
        self._status.opened(device)
        self._backoff.reset()
        try:
            self._read_lines(port)
        # TypeError: pyserial's own, when its file descriptor is gone in the middle of a read.
        except (OSError, TypeError) as error:
            self._status.closed(State.ABSENT, f"{device}: gone ({error}). It is opened again when it is back.")
        finally:
            # Closing a port that was unplugged may fail; there is nothing left to close.
            with contextlib.suppress(OSError):
                port.close()
        return self._backoff.next_s()

    def _read_lines(self, port: Port) -> None:
        splitter = LineSplitter()
        budget = TokenBucket(rate_per_s=LINES_PER_S, burst=LINES_PER_S / 4, now_s=self._clock.now())
        while not self._worker.stopping:
            data = port.read(1)
            if not data:
                continue
            data += port.read(min(port.in_waiting, _READ_BYTES))
            dropped = splitter.dropped
            lines = splitter.feed(data)
            if splitter.dropped > dropped:
                problem = "a line longer than 1024 bytes. Compare the baud rate, and let the sensor print newlines."
                self._status.rejected(problem, count=splitter.dropped - dropped)
            now = self._clock.now()
            for line in lines:
                self._take(line, budget, now)
            if len(data) > _READ_BYTES:
                self._worker.pause(_BREATH_S)

    def _take(self, line: bytes, budget: TokenBucket, now: float) -> None:
        if not budget.take(1.0, now):
            self._status.overflowed()
            return
        try:
            messages = decode(line, self._config.format)
        except InputError as error:
            self._status.rejected(str(error))
            return
        for message in messages:
            event = InputEvent(now, self._name, message.address, message.args)
            self._hand_on(event)


def open_serial(device: str, baud: int) -> Port:
    """Open a device path or a pyserial URL. Raises OSError or ValueError."""
    import termios

    import serial  # type: ignore[import-untyped, unused-ignore]

    # Two programs reading one port each get half of every line.
    options: dict[str, Any] = {} if "://" in device else {"exclusive": True}
    try:
        port: Port = serial.serial_for_url(device, baudrate=baud, timeout=_READ_S, **options)
    except termios.error as error:
        raise OSError(*error.args) from error
    return port


def _why(device: str, error: OSError | ValueError) -> tuple[State, str]:
    code = error.errno if isinstance(error, OSError) else None
    if code in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return State.ABSENT, f"{device}: not there. Plug it in, or correct the port; it is tried again by itself."
    if code in (errno.EACCES, errno.EPERM):
        return State.FAILED, f"{device}: not allowed. Add this user to the group that owns it, often dialout."
    if code in (errno.EAGAIN, errno.EBUSY):
        return State.FAILED, f"{device}: taken by another program. Close the one that reads it."
    return State.FAILED, f"{device}: {error}."
