"""glslViewer, where the program is on the path: its frames of a shader, without a screen of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from facade.core.clock import Clock

_SETTLE_S = 2.0
_ASKED = 8
_NUMBER = re.compile(r"\d+\.\d+(?:e[-+]?\d+)?")


def seconds_a_frame(shader: Path, size_px: tuple[int, int], clock: Clock) -> list[float]:
    """Return what glslViewer says of single frames; empty where it is not to be had. It needs an X server, or xvfb."""
    program, xvfb = shutil.which("glslViewer"), shutil.which("xvfb-run")
    if program is None or not (os.environ.get("DISPLAY") or xvfb):
        return []
    screen = [] if os.environ.get("DISPLAY") else [str(xvfb), "-a"]
    width, height = (str(side) for side in size_px)
    size = ["-w", width, "-h", height]
    command = [*screen, program, str(shader), "--headless", "--noncurses", *size, "--fps", "10000"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdin is not None
        try:
            for pause_s in (_SETTLE_S, *[0.5] * _ASKED):
                clock.wait_until(clock.now() + pause_s)
                running.stdin.write("delta\n")
                running.stdin.flush()
            told, _ = running.communicate("exit\n", timeout=20.0)
        except (OSError, subprocess.TimeoutExpired):
            running.kill()
            return []
    return [float(number) for number in _NUMBER.findall(told)][1:]
