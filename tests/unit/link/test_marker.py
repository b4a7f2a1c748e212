"""What a process was doing, read after its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from facade.link import Marker
from facade.link.marker import MAX_BYTES

WRITES = "import os, signal, sys; from facade.link import Marker; Marker(fd=int(sys.argv[1])).write(sys.argv[2]); "
DIES = "os.kill(os.getpid(), signal.SIGKILL)"


def test_the_last_word_of_a_process_that_was_killed_is_there() -> None:
    marker = Marker()
    assert marker.read() == ""
    command = (sys.executable, "-c", WRITES + DIES, str(marker.fd), "wild_piece")
    assert subprocess.run(command, pass_fds=(marker.fd,)).returncode == -signal.SIGKILL
    assert marker.read() == "wild_piece"

    marker.write("")
    assert marker.read() == ""
    marker.close()


def test_a_word_replaces_a_longer_one_and_a_long_one_is_cut() -> None:
    marker = Marker(fd=None)
    marker.write("a_long_name")
    marker.write("short")
    assert marker.read() == "short"
    marker.write("x" * 1000)
    assert marker.read() == "x" * MAX_BYTES
    fd = marker.fd
    marker.close()
    try:
        os.fstat(fd)
    except OSError:
        return
    raise AssertionError("its descriptor was left open")
