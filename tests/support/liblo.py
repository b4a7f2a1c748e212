"""liblo's oscsend and oscdump: the OSC library that Pure Data users and score have on their machines."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.arrivals import PATIENCE_S
from tests.support.peers import child, need_program

_PACKAGE = "liblo-tools"


def oscsend(port: int, address: str, types: str = "", *values: object) -> None:
    """Send one message with liblo."""
    command = [need_program("oscsend", _PACKAGE), "127.0.0.1", str(port), address]
    if types:
        command += [types, *map(str, values)]
    subprocess.run(command, check=True, timeout=PATIENCE_S)


class OscDump:
    """What oscdump has printed: one line a message, ``time.fraction address types values``."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def lines(self) -> list[str]:
        return self._log.read_text().splitlines()

    def wait_for(self, text: str) -> str:
        """Return the first line that holds text."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            for line in self.lines():
                if text in line:
                    return line
            time.sleep(0.01)
        raise AssertionError(f"oscdump never printed {text!r}; it printed {self.lines()[-5:]}")


@contextmanager
def oscdump(port: int, folder: Path) -> Iterator[OscDump]:
    """Run oscdump on a port; it is listening when the block begins."""
    log = folder / "oscdump.log"
    with child([need_program("oscdump", _PACKAGE), "-L", str(port)], log=log):
        dump = OscDump(log)
        end = time.monotonic() + PATIENCE_S
        # It says nothing when it is ready, so it is asked until it answers.
        while not dump.lines():
            if time.monotonic() > end:
                raise AssertionError("oscdump never answered")
            oscsend(port, "/are/you/there")
            time.sleep(0.02)
        yield dump
