"""A whole show in real processes, and a receiver that times the light that arrives. Used by fault, peer and show tests."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pythonosc.osc_message_builder import OscMessageBuilder

ROOT = Path(__file__).resolve().parents[2]
_PAGE = re.compile(r"http://127\.0\.0\.1:(\d+)/")


@dataclass(frozen=True)
class Packet:
    at_s: float
    universe: int
    data: bytes


class Receiver:
    """A node on loopback: keeps every frame of Art-Net or sACN with its time of arrival (CLOCK_MONOTONIC).

    Decoded here by the standards' offsets (Art-Net 4 ArtDmx; ANSI E1.31 section 4), not by facade's own decoders.
    """

    def __init__(self, port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", port))
        self._socket.settimeout(0.2)
        self.port = self._socket.getsockname()[1]
        self.packets: list[Packet] = []
        self._open = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self._open:
            try:
                raw = self._socket.recv(2048)
            except TimeoutError:
                continue
            except OSError:
                return
            if raw[:8] == b"Art-Net\0" and raw[8:10] == b"\x00\x50":
                universe = int.from_bytes(raw[14:16], "little")
                self.packets.append(Packet(time.monotonic(), universe, raw[18:]))
            elif raw[4:16] == b"ASC-E1.17\0\0\0" and raw[18:22] == b"\0\0\0\4" and raw[125:126] == b"\0":
                universe = int.from_bytes(raw[113:115], "big")
                self.packets.append(Packet(time.monotonic(), universe, raw[126:]))

    def close(self) -> None:
        self._open = False
        self._socket.close()
        self._thread.join(1.0)

    def since(self, at_s: float) -> list[Packet]:
        return [p for p in self.packets if p.at_s >= at_s]

    @property
    def newest(self) -> Packet:
        """What is shown now. Raises AssertionError while nothing has arrived."""
        assert self.packets, "no light has arrived yet"
        return self.packets[-1]

    def longest_gap_s(self, start_s: float, end_s: float) -> float:
        """Longest silence between two times, the edges included."""
        times = [start_s, *(p.at_s for p in self.packets if start_s <= p.at_s <= end_s), end_s]
        return max(b - a for a, b in zip(times, times[1:], strict=False))

    def wait_for(self, condition: Any, timeout_s: float = 20.0, what: str = "the condition") -> Packet:
        """Return the first packet, from now on, that fits condition(packet)."""
        seen, end = len(self.packets), time.monotonic() + timeout_s
        while time.monotonic() < end:
            while seen < len(self.packets):
                packet = self.packets[seen]
                seen += 1
                if condition(packet):
                    return packet
            time.sleep(0.005)
        last = self.packets[-1].data[:24].hex() if self.packets else "nothing at all"
        raise AssertionError(f"{what} did not arrive within {timeout_s} s; last: {last}")


def is_lit(packet: Packet) -> bool:
    return any(packet.data)


def is_dark(packet: Packet) -> bool:
    return not any(packet.data)


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as end:
        end.bind(("127.0.0.1", 0))
        port: int = end.getsockname()[1]
        return port


def venue_at(folder: Path, port: int, *, venue: str = "imal_minimal", **replacements: str) -> Path:
    """Copy a shipped venue, let its controllers send to a port of this machine, and make its safe look black."""
    target = folder / venue
    shutil.copytree(ROOT / "hardware" / "venues" / venue, target)
    file = target / "venue.toml"
    text = re.sub(r'^(host = "[^"]*")', rf"\1\nport = {port}", file.read_text(), flags=re.M)
    text = re.sub(r"^color = .*$", "color = [0.0, 0.0, 0.0]", text, flags=re.M)
    for old, new in replacements.items():
        text = text.replace(old, new)
    file.write_text(text)
    return file


TWO_NODES = """\
schema = 1

[venue]
id = "two_nodes"
name = "Two nodes"
rate_hz = 40.0

[surface.front]
size_m = [6.0, 2.0]

[controller.east]
profile = "artnet_node"
host = "127.0.0.1"
port = {artnet_port}

[controller.west]
profile = "sacn_gateway"
host = "127.0.0.1"
port = {sacn_port}

[fixture.lower]
profile = "rgb_node"
surface = "front"
shape = "grid"
columns = 6
rows = 1
pitch_m = [1.0, 1.0]
at_m = [0.5, 0.5]
[[fixture.lower.segment]]
controller = "east"
universe = 1

[fixture.upper]
profile = "rgb_node"
surface = "front"
shape = "grid"
columns = 6
rows = 1
pitch_m = [1.0, 1.0]
at_m = [0.5, 1.5]
[[fixture.upper.segment]]
controller = "west"
universe = 2

[safe]
color = [0.0, 0.0, 0.0]
"""


def two_nodes_at(folder: Path, artnet_port: int, sacn_port: int) -> Path:
    """Write a venue of twelve pixels: the lower six on Art-Net universe 1, the upper six on sACN universe 2."""
    file = folder / "two_nodes" / "venue.toml"
    file.parent.mkdir()
    file.write_text(TWO_NODES.format(artnet_port=artnet_port, sacn_port=sacn_port))
    return file


SHOW = """\
title = "Test"
seed = 3
rate_hz = 60.0

[input.osc]
type = "osc"
port = {osc_port}
stale_s = 3600.0
{osc}
[cue.glow]
crossfade_s = 0.5
[[cue.glow.layer]]
piece = "{piece}"
"""

SIGNAL = """\
// Its parameters are what leaves: red is level, green the switch, blue a blink that dies away within a second.
vec4 piece(vec2 uv) { return vec4(level, on ? 1.0 : 0.0, max(0.0, 1.0 - blink), 1.0); }
"""

SIGNAL_MANIFEST = """\
domain = "pixel"
fallback = "ember"

[parameter.level]
type = "float"
default = 0.5

[parameter.on]
type = "bool"

[parameter.blink]
type = "trigger"
"""


def show_at(folder: Path, osc_port: int, *, piece: str = "ember", osc: str = "", more: str = "") -> Path:
    """Write a show of one piece that listens to OSC on a port of its own. osc: TOML inside its input; more: after all.

    A piece of the folder itself is found before the shipped ones; "signal" is written there.
    """
    folder.mkdir(exist_ok=True)
    file = folder / "show.toml"
    file.write_text(SHOW.format(osc_port=osc_port, piece=piece, osc=osc) + more)
    piece_at(folder, "signal", SIGNAL, manifest=SIGNAL_MANIFEST)
    return file


def piece_at(folder: Path, slug: str, shader: str, *, manifest: str = 'domain = "pixel"\nfallback = "ember"\n') -> Path:
    """Write a piece to folder/slug and return that folder. manifest: TOML after schema and title."""
    piece = folder / slug
    piece.mkdir(parents=True, exist_ok=True)
    (piece / "piece.toml").write_text(f'schema = 1\ntitle = "{slug}"\n{manifest}')
    (piece / "main.frag").write_text(shader)
    return piece


def level_byte(light: float, *, gamma: float = 2.2) -> int:
    """The DMX level at which a fixture of this gamma shows linear light; dithering may show the neighbour."""
    return round(255.0 * max(0.0, light) ** (1.0 / gamma))


def shows(light: float, *, channel: int = 0, gamma: float = 2.2) -> Callable[[Packet], bool]:
    """Return a condition for Receiver.wait_for: the first pixel's channel shows this linear light, dithering aside."""
    wanted = level_byte(light, gamma=gamma)
    return lambda packet: abs(packet.data[channel] - wanted) <= 1


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


def wait_until(condition: Callable[[], object], timeout_s: float = 20.0, what: str = "it") -> None:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {timeout_s} s")


def wait_for_control(node: Receiver, osc_port: int) -> None:
    """Return when the control process answers to OSC: the building goes dark and comes back."""
    end = time.monotonic() + 30.0
    while time.monotonic() < end:
        send_osc(osc_port, "/blackout", 1)
        time.sleep(0.3)
        if node.packets and is_dark(node.packets[-1]):
            send_osc(osc_port, "/blackout", 0)
            lit = node.wait_for(is_lit, 10.0, "light after the blackout")
            wait_until(lambda lit=lit: time.monotonic() - lit.at_s > 0.5, what="the end of the ramp")
            return
    raise AssertionError("OSC did not reach the light within 30 s")


class RunningShow:
    """``facade play`` in processes of its own. Ended by its own pid at the latest when the with block ends."""

    def __init__(self, *arguments: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
        self._err = tempfile.TemporaryFile()  # noqa: SIM115
        command = [sys.executable, "-m", "facade", "play", *map(str, arguments)]
        self.process = subprocess.Popen(
            command,
            cwd=cwd or ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._err,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
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

    def said(self) -> str:
        """Everything written to standard error so far."""
        self._err.seek(0)
        return self._err.read().decode(errors="replace")

    def page_port(self, timeout_s: float = 20.0) -> int:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            found = _PAGE.search(self.said())
            if found:
                return int(found[1])
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
