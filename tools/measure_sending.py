"""Packets a second, and processor time a packet, of delivery's own way out: 589 universes, 32 a controller.

    .venv/bin/python tools/measure_sending.py                   every way on loopback, a process reading along
    .venv/bin/python tools/measure_sending.py --no-receiver     through an ifb interface of a network namespace

Without a receiver packets pass UDP, IP and the queue and are dropped by the interface, which is nearest to a network
card; it needs root. Assembling the packets is part of every figure; the light before them is not.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from facade.app.bench.drain import Drain  # noqa: E402 - the checkout must be on the path first
from facade.core.clock import RealClock  # noqa: E402
from facade.delivery.dispatch import Dispatch  # noqa: E402
from facade.outputs.sender import NetworkSender  # noqa: E402
from facade.outputs.slab import PacketSlab  # noqa: E402
from facade.outputs.udp import UdpWire  # noqa: E402
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map  # noqa: E402

UNIVERSES = 589
PER_CONTROLLER = 32
ROUNDS = 3
WAYS = ("segments", "batch", "single")


class Wire(UdpWire):
    """A wire that is held to one way of sending."""

    def __init__(self, address: tuple[str, int], way: str) -> None:
        self._only = way
        super().__init__(address)

    def open(self) -> int:
        error = super().open()
        self._segments = self._segments and self._only == "segments"
        if self._only == "single":
            self._sendmmsg = None
        return error


def measure(way: str, hosts: list[str], port: int, seconds: float) -> tuple[float, float, float]:
    """Return packets a second, processor microseconds a packet, and the median milliseconds of a frame."""
    pixels = pixel_map([RGB_LINEAR], [UNIVERSES * 170], rate_hz=60.0)
    n = -(-UNIVERSES // PER_CONTROLLER)
    fields = {"protocol": "artnet", "port": port, "max_rate_hz": 1000.0}
    patch = patch_of(pixels, controllers={f"c{i}": {**fields, "host": hosts[i % len(hosts)]} for i in range(n)})
    slab, clock = PacketSlab(patch, cid=uuid4()), RealClock()
    wires = [Wire((block.patch.controller.host, port), way) for block in slab.blocks]
    senders = [
        NetworkSender(b.name, w, kind="artnet", universes=32, clock=clock)
        for b, w in zip(slab.blocks, wires, strict=True)
    ]
    dispatch = Dispatch(slab, senders, rate_hz=60.0, always_send=True)
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, pixels.n_levels + 256, dtype=np.uint8) for _ in range(2)]
    for k in range(5):
        dispatch.send(frames[k % 2], now=clock.now(), frame=k)
    times: list[float] = []
    sent, started, cpu = dispatch.packets(), time.perf_counter(), _cpu_s()
    while time.perf_counter() - started < seconds:
        began = time.perf_counter()
        dispatch.send(frames[len(times) % 2], now=clock.now(), frame=len(times))
        times.append(time.perf_counter() - began)
    wall_s, cpu_s, n_packets = time.perf_counter() - started, _cpu_s() - cpu, dispatch.packets() - sent
    dispatch.close()
    return n_packets / wall_s, cpu_s / n_packets * 1e6, statistics.median(times) * 1e3


def report(hosts: list[str], port: int, seconds: float) -> None:
    """Print a line for each way, the median of some rounds one after the other."""
    found: dict[str, list[tuple[float, float, float]]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way in WAYS:
            found[way].append(measure(way, hosts, port, seconds))
    for way, results in found.items():
        rate, cpu_us, frame_ms = (statistics.median(column) for column in zip(*results, strict=True))
        print(f"{way:9} {rate:12,.0f} packets/s {cpu_us:6.3f} CPU us/packet {frame_ms:7.3f} ms/frame")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--no-receiver", action="store_true")
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--seconds", type=float, default=1.0)
    given = options.parse_args()
    if given.inside:
        report([f"198.18.200.{i + 2}" for i in range(19)], 6454, given.seconds)
    elif given.no_receiver:
        _in_namespace(given.seconds)
    else:
        with Drain() as drain:
            report(["127.0.0.1"], drain.ports[0], given.seconds)


def _in_namespace(seconds: float) -> None:
    name = f"facade{os.getpid() % 100_000}"
    inside = ["ip", "-n", name]
    subprocess.run(["ip", "netns", "add", name], check=True, timeout=10)
    try:
        subprocess.run([*inside, "link", "add", "out", "type", "ifb"], check=True, timeout=10)
        subprocess.run([*inside, "addr", "add", "198.18.200.1/24", "dev", "out"], check=True, timeout=10)
        subprocess.run([*inside, "link", "set", "out", "up"], check=True, timeout=10)
        again = [sys.executable, __file__, "--inside", "--seconds", str(seconds)]
        subprocess.run(["ip", "netns", "exec", name, *again], check=True, timeout=300)
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, timeout=10)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
