"""From an OSC datagram to a changed byte in a controller's packet, through the real three processes.

A piece that is one flat colour, set by one unsmoothed parameter, is switched between two levels at moments that have
nothing to do with any frame. The time runs from before the datagram is sent until the packet with the other level
arrives here, by the kernel's stamp. The two loops alone take half a period of each on average, one of each at worst.
"""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facade.app.bench.arrival import Arrivals
from facade.app.bench.drain import universe_at
from facade.app.bench.figures import Aim, Spread, spread
from facade.app.bench.player import PlayedShow, show_file
from facade.app.bench.subjects import SMALL, free_udp_port, load_subject
from facade.core.clock import Clock, RealClock
from facade.core.errors import MachineError
from facade.protocols import artnet, sacn
from facade.protocols.osc import encode

SAMPLES = 200
AIM_FRAMES = 2.0
RENDER_HZ = 60.0
LEVELS = (0.50, 0.55)
"""Linear light: far enough apart that no dither reaches from one to the other, near enough that the flash guard does
not take many switches for flashes and hold them back (contrast under 1/17, change under a tenth of full white)."""

_PIECE = "jump"
_SHADER = "vec4 piece(vec2 uv) { return vec4(vec3(level), 1.0); }\n"
_MANIFEST = """\
schema = 1
title = "Jump"
author = "facade"
license = "CC0-1.0"
domain = "pixel"

[parameter.level]
type = "float"
default = 0.5
smooth_s = 0.0
help = "Light of the whole wall."
"""
STEP = 4
"""Levels of eight bits that count as changed; dither moves one."""

_LOST_S = 1.0
_FIRST_S = 15.0
_PAUSE_S = (0.060, 0.110)
_WARM_S = 2.0
_RECEIVE_BUFFER = 4 << 20


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds, and frames of delivery's rate. lost: samples without an answer within a second.

    floor_ms, ceiling_ms: mean and worst that the two rates alone would give.
    """

    venue: str
    rate_hz: float
    render_hz: float
    samples: int
    lost: int
    ms: Spread
    frames: Spread
    floor_ms: float
    ceiling_ms: float


def measure(
    venue: str | None = None,
    *,
    seconds: float | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Latency:
    """Measure on a venue. seconds: at most so long, else until there are 200 samples. Raises MachineError."""
    name, clock = venue or SMALL, RealClock()
    subject, osc_port = load_subject(name), free_udp_port()
    n_controllers = len(subject.patch.controllers)
    with tempfile.TemporaryDirectory() as folder, Node(clock) as node:
        write_piece(Path(folder))
        file = show_file(Path(folder), _PIECE, osc_port=osc_port, rate_hz=RENDER_HZ)
        say(f"latency: starting on {name}")
        # The first controller is watched; the others send where nobody listens.
        ports = (node.port, *(free_udp_port() for _ in range(n_controllers - 1)))
        with PlayedShow(str(file), name, ports, clock=clock, page=False) as show:
            show.wait_until_live()
            clock.wait_until(clock.now() + _WARM_S)
            took, lost = _sample(_Probe(node, osc_port, clock), clock, seconds, say)
    rate_hz = subject.rate_hz
    return Latency(
        venue=name,
        rate_hz=rate_hz,
        render_hz=RENDER_HZ,
        samples=len(took),
        lost=lost,
        ms=spread([s * 1e3 for s in took]),
        frames=spread([s * rate_hz for s in took]),
        floor_ms=(0.5 / RENDER_HZ + 0.5 / rate_hz) * 1e3,
        ceiling_ms=(1.0 / RENDER_HZ + 1.0 / rate_hz) * 1e3,
    )


def aims(result: Latency) -> list[Aim]:
    """Two frames of delivery, for ninety-nine of a hundred."""
    aim = f"p99 < {AIM_FRAMES / result.rate_hz * 1e3:.0f} ms"
    figure = f"{result.ms.p99:.1f} ms, {result.frames.p99:.2f} frames"
    return [Aim("OSC in to byte out", aim, figure, result.frames.p99 < AIM_FRAMES and not result.lost)]


def write_piece(folder: Path) -> None:
    """Write the piece that jumps beside a show."""
    piece = folder / "pieces" / _PIECE
    piece.mkdir(parents=True)
    (piece / "piece.toml").write_text(_MANIFEST, encoding="utf-8")
    (piece / "main.frag").write_text(_SHADER, encoding="utf-8")


def _sample(probe: _Probe, clock: Clock, seconds: float | None, say: Callable[[str], None]) -> tuple[list[float], int]:
    """Return the seconds that each change took, and how many never came."""
    if probe.switch(_FIRST_S) is None:
        raise MachineError("An OSC message changed nothing within 15 s. Is the loopback interface filtered?")
    rng = np.random.default_rng(1)
    end = float("inf") if seconds is None else clock.now() + seconds
    took: list[float] = []
    lost = 0
    while len(took) + lost < SAMPLES and (not took or clock.now() < end):
        probe.rest(rng.uniform(*_PAUSE_S))
        answer = probe.switch(_LOST_S)
        if answer is None:
            lost += 1
        else:
            took.append(answer)
        if len(took) % 20 == 0:
            say(f"latency: {len(took)} of {SAMPLES} samples")
        if lost > SAMPLES // 10:
            raise MachineError(f"{lost} OSC messages changed nothing within a second each: the show has stopped.")
    return took, lost


class Node:
    """A controller that hears the first universe that comes."""

    def __init__(self, clock: Clock) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._arrivals = Arrivals(self._socket, clock)
        self._buffer = bytearray(2048)
        self._universe: bytes | None = None

    def hear(self, timeout_s: float) -> tuple[NDArray[np.int16], float] | None:
        """Return levels and arrival of the next packet of that universe, None if none came or it was another's."""
        self._socket.settimeout(max(timeout_s, 1e-4))
        try:
            length, at_s = self._arrivals.into(self._buffer)
        except TimeoutError:
            return None
        packet = bytes(self._buffer[:length])
        where = universe_at(packet)
        if where is None:
            return None
        if self._universe is None:
            self._universe = packet[where]
        if packet[where] != self._universe:
            return None
        head = artnet.DMX_HEADER if packet.startswith(artnet.ID) else sacn.DATA_HEADER
        return np.frombuffer(packet, np.uint8, offset=head).astype(np.int16), at_s

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *reason: object) -> None:
        self._socket.close()


class _Probe:
    """Switches the level and waits for it to arrive."""

    def __init__(self, node: Node, osc_port: int, clock: Clock) -> None:
        self._node = node
        self._clock = clock
        self._to = ("127.0.0.1", osc_port)
        self._osc = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._turn = 0
        self._before: NDArray[np.int16] | None = None

    def rest(self, seconds: float) -> None:
        """Listen for so long."""
        end = self._clock.now() + seconds
        while (left := end - self._clock.now()) > 0:
            heard = self._node.hear(left)
            self._before = self._before if heard is None else heard[0]

    def switch(self, patience_s: float) -> float | None:
        """Ask for the other level. Returns the seconds until it arrived, None if it did not."""
        while self._before is None:
            self.rest(0.1)
        before = self._before
        self._turn += 1
        message = encode(f"/piece/{_PIECE}/level", (LEVELS[self._turn % 2],))
        started = self._clock.now()
        self._osc.sendto(message, self._to)
        while (left := started + patience_s - self._clock.now()) > 0:
            heard = self._node.hear(left)
            if heard is not None and np.abs(heard[0] - before).max() >= STEP:
                self._before = heard[0]
                return heard[1] - started
        self._before = None
        return None
