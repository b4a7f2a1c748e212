"""socat as a serial cable: a pair of pseudo-terminals, plugged in and pulled out."""

from __future__ import annotations

import os
import time
from contextlib import AbstractContextManager
from pathlib import Path

from tests.support.arrivals import PATIENCE_S
from tests.support.peers import child, need_program


class SerialCable:
    """device is what a show names; the sensor's end is written with ``say``."""

    def __init__(self, folder: Path) -> None:
        self.device = folder / "ttySENSOR"
        self._sensor = folder / "sensor_end"
        self._log = folder / "socat.log"
        self._running: AbstractContextManager[object] | None = None

    def plug(self) -> None:
        ends = [f"pty,raw,echo=0,link={path}" for path in (self._sensor, self.device)]
        self._running = child([need_program("socat", "socat"), *ends], log=self._log)
        self._running.__enter__()
        end = time.monotonic() + PATIENCE_S
        while not (self.device.exists() and self._sensor.exists()):
            if time.monotonic() > end:
                raise AssertionError(f"socat made no terminals: {self._log.read_text()}")
            time.sleep(0.01)
        self._end = os.open(self._sensor, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def unplug(self) -> None:
        if self._running is not None:
            os.close(self._end)
            self._running.__exit__(None, None, None)
            self._running = None

    def say(self, text: bytes) -> None:
        """Print this on the sensor. Waits while the cable is full."""
        at = 0
        end = time.monotonic() + PATIENCE_S
        while at < len(text):
            try:
                at += os.write(self._end, text[at:])
            except BlockingIOError:
                if time.monotonic() > end:
                    raise AssertionError("nobody reads the cable") from None
                time.sleep(0.001)

    def __enter__(self) -> SerialCable:
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()
