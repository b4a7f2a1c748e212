"""A screen nobody looks at, for windows."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.peers import end, need_program


@contextmanager
def virtual_screen(size_px: tuple[int, int]) -> Iterator[str]:
    """Run Xvfb for the length of a with block; gives the DISPLAY."""
    program = need_program("Xvfb", "xvfb")
    reading, writing = os.pipe()
    size = f"{size_px[0]}x{size_px[1]}x24"
    command = [program, "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as numbers:
        number = numbers.readline().strip()
    try:
        assert number, "Xvfb did not come up"
        yield f":{number}"
    finally:
        end(server)
