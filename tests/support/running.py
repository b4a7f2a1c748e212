"""A whole show in real processes, and how to speak to it and wait for it. Used by fault, peer and show tests."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pythonosc.osc_message_builder import OscMessageBuilder

from tests.support.nodes import Packet, Receiver, is_dark, is_lit, level_byte, shows
from tests.support.playable import ROOT, piece_at, show_at, two_nodes_at, venue_at

__all__ = [
    "ROOT",
    "Packet",
    "Receiver",
    "RunningShow",
    "free_port",
    "is_dark",
    "is_lit",
    "level_byte",
    "osc_bytes",
    "page_state",
    "piece_at",
    "send_osc",
    "show_at",
    "shows",
    "two_nodes_at",
    "venue_at",
    "wait_for_control",
    "wait_until",
]

_PAGE = re.compile(r"http://127\.0\.0\.1:(\d+)/")


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as end:
        end.bind(("127.0.0.1", 0))
        port: int = end.getsockname()[1]
        return port


def osc_bytes(address: str, *args: Any) -> bytes:
    """Encode one OSC message with python-osc."""
    builder = OscMessageBuilder(address)
    for arg in args:
        builder.add_arg(arg)
    return builder.build().dgram


def send_osc(port: int, address: str, *args: Any) -> None:
    """Send one OSC message to this machine, encoded by python-osc."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.sendto(osc_bytes(address, *args), ("127.0.0.1", port))


def wait_until(condition: Callable[[], object], timeout_s: float = 60.0, what: str = "it") -> None:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {timeout_s} s")


def wait_for_control(node: Receiver, osc_port: int) -> None:
    """Return when the control process answers to OSC: the building goes dark and comes back."""
    end = time.monotonic() + 60.0
    while time.monotonic() < end:
        send_osc(osc_port, "/blackout", 1)
        time.sleep(0.3)
        if node.packets and is_dark(node.packets[-1]):
            send_osc(osc_port, "/blackout", 0)
            lit = node.wait_for(is_lit, 10.0, "light after the blackout")
            node.wait_for(lambda packet, lit=lit: packet.at_s > lit.at_s + 0.5, what="the end of the ramp")
            return
    raise AssertionError("OSC did not reach the light within 60 s")


class RunningShow:
    """``facade play`` in processes of its own. Ended by its own pid at the latest when the with block ends."""

    def __init__(self, *arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
        self._err = tempfile.TemporaryFile()  # noqa: SIM115
        # A show remembers who crashed it. What one test breaks on purpose must not be held against the next.
        self._state = tempfile.TemporaryDirectory()
        command = [sys.executable, "-m", "facade", "play", *map(str, arguments)]
        self.process = subprocess.Popen(
            command,
            cwd=cwd or ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._err,
            env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": self._state.name, **(env or {})},
        )

    def __enter__(self) -> RunningShow:
        return self

    def __exit__(self, *exc: object) -> None:
        children = self.children()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10.0)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5.0)
        for pid in children.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if exc[0] is not None:
            sys.stderr.write(self.said())
        self._err.close()
        self._state.cleanup()

    def said(self) -> str:
        """Everything written to standard error so far."""
        self._err.seek(0)
        return self._err.read().decode(errors="replace")

    def page_port(self, timeout_s: float = 60.0) -> int:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            found = _PAGE.search(self.said())
            if found:
                return int(found[1])
            assert self.process.poll() is None, f"the show has ended:\n{self.said()}"
            time.sleep(0.05)
        raise AssertionError(f"no page address was printed:\n{self.said()}")

    def children(self) -> dict[str, int]:
        """Process name (control, render, window) -> pid."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                line = (folder / "cmdline").read_bytes().decode(errors="replace")
                name = re.search(r"facade\.app\.(\w+)_process", line)
                if parent == self.process.pid and name:
                    found[name[1]] = int(folder.name)
        return found

    def stop(self, timeout_s: float = 10.0) -> int:
        """Press Ctrl-C and wait. Returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout_s)


def page_state(page: int) -> dict[str, Any]:
    """What the page of a show on this port would see now: render, delivery, inputs, message, values …"""
    with urllib.request.urlopen(f"http://127.0.0.1:{page}/api/state", timeout=5) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
