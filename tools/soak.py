#!/usr/bin/env python3
"""A day of delivery in accelerated time: does anything grow? Real light, packets and sockets; a stepped clock.

    .venv/bin/python tools/soak.py                       a day at 10 frames a second: 864,000 frames, 20 to 30 minutes
    .venv/bin/python tools/soak.py --hours 1 --rate 40

Controllers are sockets on loopback: they close and come back, on their port or, after an edit of the venue, on another.
Frames stop and return, some of them of the wrong size, master and
blackout are hammered, supplies and caps are edited, curfews begin and end, the light sensor talks and falls silent, OSC
comes in, good and bad. Memory, file descriptors and threads are noted every so often, with all controllers there, and
must not grow. Exit status 1 if they do.

What it does not show: other processes, the GPU, real inputs, and what takes real time rather than frames. A day at ten
frames a second is a quarter of what a venue sends.
"""

from __future__ import annotations

import argparse
import gc
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from facade.config.loader import load_hardware  # noqa: E402 - the checkout must be on the path first
from facade.config.venue import Venue  # noqa: E402
from facade.core import places  # noqa: E402
from facade.core.clock import StepClock  # noqa: E402
from facade.core.errors import FacadeError  # noqa: E402
from facade.core.frame import PixelFrame, Tick  # noqa: E402
from facade.delivery.build import build_delivery  # noqa: E402
from facade.delivery.engine import DeliveryEngine  # noqa: E402
from facade.delivery.loop import DeliveryLoop  # noqa: E402
from facade.light.ratings import ratings_of  # noqa: E402
from facade.mapping.compile import compile_venue  # noqa: E402
from facade.outputs.identity import Identity  # noqa: E402
from facade.protocols import osc  # noqa: E402

RATE_HZ = 10.0
SAMPLES = 24
SETTLE = 0.25
"""Share of the time after which things must have reached their size."""

HOST = "127.0.0.9"
"""Of the controllers: no socket that sends takes a port there while one of them is away."""

CHANGE_FRAMES = 150
"""Between two changes of the world."""

CALM_S = 8.0
"""Before each sample all controllers are there again: as many sockets are open then as at any other sample."""

MAY_GROW_KIB = 512
"""Room for the allocator's own movements; a leak of one small object a frame is 200 MiB in a day."""


@dataclass(frozen=True, slots=True)
class Sample:
    """At hours: resident memory in KiB, open file descriptors, threads, objects that the collector knows."""

    hours: float
    resident_kib: int
    descriptors: int
    threads: int
    objects: int


@dataclass(frozen=True, slots=True)
class Soak:
    """What a soak has seen. arrived: packets that controllers have read. gone, moved: how often one went away, or got
    another port."""

    samples: tuple[Sample, ...]
    frames: int
    arrived: int
    gone: int
    moved: int
    safe_looks: int
    held_frames: int
    caps_seen: tuple[str, ...]

    def growth(self) -> Sample:
        """What the last sample has more than the largest before SETTLE."""
        early = [s for s in self.samples if s.hours <= SETTLE * self.samples[-1].hours] or [self.samples[0]]
        last = self.samples[-1]
        return Sample(
            last.hours,
            last.resident_kib - max(s.resident_kib for s in early),
            last.descriptors - max(s.descriptors for s in early),
            last.threads - max(s.threads for s in early),
            last.objects - max(s.objects for s in early),
        )

    @property
    def steady(self) -> bool:
        more = self.growth()
        return more.resident_kib <= MAY_GROW_KIB and more.descriptors <= 0 and more.threads <= 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Does anything grow in a day?")
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--rate", type=float, default=RATE_HZ, help="Frames a second.")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    print(f"{'hours':>6} {'KiB':>9} {'files':>6} {'threads':>8} {'objects':>9}")
    soak = run(given.hours, rate_hz=given.rate, seed=given.seed, tell=_print)
    more = soak.growth()
    print(
        f"{soak.frames:,} frames, {soak.arrived:,} packets arrived, a controller gone {soak.gone:,} times, moved "
        f"{soak.moved:,} times, "
        f"safe look {soak.safe_looks:,} times, light held back in {soak.held_frames:,} frames\n"
        f"caps: {', '.join(soak.caps_seen)}\n"
        f"since the first quarter: {more.resident_kib:+,} KiB, {more.descriptors:+} files, {more.threads:+} threads, "
        f"{more.objects:+,} objects: {'steady' if soak.steady else 'IT GROWS'}"
    )
    return 0 if soak.steady else 1


def _print(s: Sample) -> None:
    print(f"{s.hours:6.2f} {s.resident_kib:9,} {s.descriptors:6} {s.threads:8} {s.objects:9,}", flush=True)


def run(
    hours: float,
    *,
    rate_hz: float = RATE_HZ,
    seed: int = 1,
    n_samples: int = SAMPLES,
    tell: Callable[[Sample], None] | None = None,
) -> Soak:
    """Deliver for so many hours of show time. tell: called with every sample."""
    rng = np.random.default_rng(seed)
    clock = StepClock(wall_at=datetime(2026, 3, 28, 20, tzinfo=UTC))
    nodes = Nodes(("art", "sacn", "ddp"))
    pixels, patch = compile_venue(venue(rate_hz, ports=nodes.ports), load_hardware(places.hardware()))
    identity = Identity(UUID(int=1), kept=False)
    engine = build_delivery(pixels, patch, clock=clock, cid=identity.cid, identity=identity, known_start=False)
    frames = Frames(pixels.n_pixels, rng)
    loop = DeliveryLoop(engine, source=frames.next, clock=clock)
    n_frames = round(hours * 3600 * rate_hz)
    every = max(1, n_frames // n_samples)
    settle = min(every // 2, round(CALM_S * rate_hz))
    samples: list[Sample] = []
    caps: dict[str, None] = {}
    safe = 0
    for n in range(n_frames):
        is_calm = (n + 1) % every >= every - settle or (n + 1) % every == 0
        if n % CHANGE_FRAMES == 0 and not is_calm:
            nodes.change(engine, rng)
            _operate(engine, rng)
            _edit(engine, rng, rate_hz, nodes.ports)
        elif is_calm:
            nodes.all_back()
        clock.advance(1.0 / rate_hz)
        loop.once()
        if n % 40 == 0:
            nodes.read()
        if n % 400 == 0:
            safe += engine.health().look == "safe"
            caps.setdefault(engine.health().cap.split(",")[0])
        if (n + 1) % every == 0:
            samples.append(sample((n + 1) / rate_hz / 3600))
            if tell is not None:
                tell(samples[-1])
    held = engine.health().flash_frames
    engine.close(0.0)
    nodes.close()
    words = tuple(filter(None, caps))
    return Soak(tuple(samples), n_frames, nodes.arrived, nodes.gone, nodes.moved, safe, held, words)


class Nodes:
    """Controllers on loopback: sockets that are there, closed, or moved to another port."""

    def __init__(self, names: Sequence[str]) -> None:
        self._links = {name: _udp() for name in names}
        self.ports: dict[str, int] = {name: link.getsockname()[1] for name, link in self._links.items()}
        self._away: set[str] = set()
        self.arrived = self.gone = self.moved = 0

    def change(self, engine: DeliveryEngine, rng: np.random.Generator) -> None:
        """Let one go, come back, or move."""
        name = list(self._links)[int(rng.integers(len(self._links)))]
        if name in self._away:
            self.all_back()
        elif rng.random() < 0.3:
            self._links[name].close()
            self._links[name] = _udp()
            self.ports[name] = self._links[name].getsockname()[1]
            engine.move(name, {"port": self.ports[name]})
            self.moved += 1
        else:
            self._links[name].close()
            self._away.add(name)
            self.gone += 1

    def all_back(self) -> None:
        for name in self._away:
            self._links[name] = _udp(self.ports[name])
        self._away.clear()

    def read(self) -> None:
        """Read what has arrived, as a device would."""
        for name in self._links.keys() - self._away:
            with suppress(OSError):
                while True:
                    self._links[name].recv(2000)
                    self.arrived += 1

    def close(self) -> None:
        for link in self._links.values():
            link.close()


def _udp(port: int = 0) -> socket.socket:
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.setblocking(False)
    link.bind((HOST, port))
    return link


def _operate(engine: DeliveryEngine, rng: np.random.Generator) -> None:
    """What people and sensors do."""
    engine.master = float(rng.random() * 0.5 + 0.5)
    engine.blackout = bool(rng.random() < 0.1)
    if rng.random() < 0.7:
        engine.sense(float(rng.choice([np.nan, -1.0, 0.1, 100.0, 20_000.0])))
    _hear(rng)


def _edit(engine: DeliveryEngine, rng: np.random.Generator, rate_hz: float, ports: Mapping[str, int]) -> None:
    """Save the venue with other supplies and caps."""
    if rng.random() < 0.5:
        return
    edited = venue(rate_hz, ports=ports, amps=float(rng.choice([0.5, 1.0, 1.5, 3.0])), level=float(rng.random()))
    pixels, _ = compile_venue(edited, load_hardware(places.hardware()))
    engine.tighten(edited)
    engine.rate(ratings_of(pixels))


class Frames:
    """Pictures of many kinds, and often none: calm, strobing, noisy, not a number, of the wrong size."""

    def __init__(self, n_pixels: int, rng: np.random.Generator) -> None:
        self._rng = rng
        self._pool = [rng.random((n_pixels, 3), dtype=np.float32) for _ in range(4)]
        self._pool += [np.full((n_pixels, 3), v, np.float32) for v in (0.0, 1.0)]
        self._bad = [np.full((n_pixels, 3), np.nan, np.float32), np.zeros((n_pixels + 1, 3), np.float32)]
        self._tick = Tick(0, 0.0, 0.025)
        self._kinds = self._change()
        self._kind = "calm"
        self._n = 0

    def next(self) -> PixelFrame | None:
        self._n += 1
        if self._n % 200 == 1:
            self._kind = next(self._kinds)
        n, pool = self._n, self._pool
        match self._kind:
            case "none":
                return None
            case "bad":
                return PixelFrame(self._tick, self._bad[n // 40 % 2])
            case "strobe":
                return PixelFrame(self._tick, pool[4 + n // 2 % 2])
            case "noise":
                return PixelFrame(self._tick, pool[n % 4])
            case _:
                return PixelFrame(self._tick, pool[n // 200 % 4])

    def _change(self) -> Iterator[str]:
        while True:
            yield str(self._rng.choice(["calm", "calm", "none", "strobe", "noise", "bad"]))


def sample(hours: float) -> Sample:
    """What this process holds now."""
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="ascii").split()
    return Sample(
        hours,
        int(status[status.index("VmRSS:") + 1]),
        sum(1 for _ in Path("/proc/self/fd").iterdir()),
        threading.active_count(),
        len(gc.get_objects()),
    )


def venue(rate_hz: float, *, ports: Mapping[str, int], amps: float = 1.5, level: float = 0.2) -> Venue:
    """Three controllers of three kinds, with every limit there is. amps: of the supply; level: of the late curfew."""
    grid = {"profile": "rgb_node", "surface": "front", "shape": "grid", "rows": 4, "pitch_m": [0.2, 0.2]}
    fixtures = {
        name: {**grid, "columns": 10, "at_m": [0.1 + 2.2 * k, 0.1], "segment": [{"controller": name, "universe": 1}]}
        for k, name in enumerate(("art", "sacn", "ddp"))
    }
    fixtures["ddp"]["segment"] = [{"controller": "ddp", "universe": 0}]
    return Venue.model_validate(
        {
            "venue": {"id": "soak", "name": "Soak", "rate_hz": rate_hz, "total_amps": 4.0},
            "surface": {"front": {"size_m": [7.0, 1.0]}},
            "controller": {
                "art": {"profile": "artnet_node", "host": HOST, "port": ports["art"]},
                "sacn": {"profile": "sacn_pixel", "host": HOST, "port": ports["sacn"]},
                "ddp": {"profile": "ddp_pixel", "host": HOST, "port": ports["ddp"]},
            },
            "fixture": fixtures,
            "power": {"left": {"amps": amps, "fixtures": ["art"]}},
            "site": {"zone": "Europe/Brussels", "latitude": 50.85, "longitude": 4.35},
            "curfew": {
                "late": {"from": "23:00", "until": "06:00", "level": level},
                "dusk": {"from": "astronomical dusk", "until": "civil dawn", "level": 0.6},
            },
            "flash": {"viewpoints_m": [[3.5, 1.6, 6.0]], "extended": True},
            "safe": {"color": [0.1, 0.05, 0.0], "hold_s": 1.0},
        }
    )


def _hear(rng: np.random.Generator) -> None:
    """A message from outside, sound or not."""
    good = b"/master\0,f\0\0\x3f\x00\x00\x00"
    with suppress(FacadeError):
        osc.decode(good if rng.random() < 0.5 else rng.bytes(int(rng.integers(0, 64))))


if __name__ == "__main__":
    sys.exit(main())
