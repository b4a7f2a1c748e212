#!/usr/bin/env python3
"""What ``facade bench delivery`` measures, but without a receiver: through an ifb interface of a network namespace.

    .venv/bin/python tools/measure_sending.py

Packets pass UDP, IP and the queue and are dropped by the interface, which is nearest to a network card. It needs root.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from facade.app.bench.delivery import measure  # noqa: E402 - the checkout must be on the path first

HOSTS = [(f"198.18.200.{i + 2}", 6454) for i in range(19)]
"""Of 198.18.0.0/15, which RFC 2544 sets aside for tests."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--seconds", type=float, default=0.5)
    given = options.parse_args()
    if not given.inside:
        _in_namespace(given.seconds)
        return
    for each in measure(seconds=given.seconds, hosts=HOSTS).senders:
        print(
            f"{each.sender:14}{each.packets_per_s:12,.0f} packets/s {each.cpu_us:9.3f} CPU us each "
            f"{each.of_best_c:8.2f} of the best in C {each.gigabit_core:8.1%} of a core at 1 Gb/s"
        )


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


if __name__ == "__main__":
    main()
