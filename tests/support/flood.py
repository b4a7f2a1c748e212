"""A hostile sender in a process of its own: OSC packets of one kind, 50,000 a second or as many as the machine sends.

Run as a program: PORT KIND SECONDS; prints how many packets it sent.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

RATE_PER_S = 50_000
KINDS = ("garbage", "wildcards", "strangers", "bundles")


def packets(kind: str) -> list[bytes]:
    """A thousand different packets of one kind."""
    if kind == "garbage":
        return [bytes((i * 7 + k * 13) % 256 for k in range(1 + i % 60)) for i in range(1000)]
    if kind == "wildcards":
        return [_padded(f"/{'*' * (i % 10 + 1)}a*b*c*d*{i}") + b",\0\0\0" for i in range(1000)]
    if kind == "strangers":
        return [_padded(f"/no/such/{i}") + b",f\0\0" + bytes(4) for i in range(1000)]
    message = b"/x\0\0,\0\0\0"
    return [b"#bundle\0" + bytes(7) + b"\1" + (b"\0\0\0\x08" + message) * (i % 100) for i in range(1000)]


def _padded(text: str) -> bytes:
    return text.encode() + bytes(4 - len(text) % 4)


def main(port: int, kind: str, seconds: float) -> int:
    """Send in bursts of one millisecond. Returns how many packets left."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", port))
    store = packets(kind)
    start = time.monotonic()
    sent = 0
    while (elapsed := time.monotonic() - start) < seconds:
        while sent < elapsed * RATE_PER_S:
            sender.send(store[sent % len(store)])
            sent += 1
        time.sleep(0.001)
    return sent


@contextmanager
def flood(port: int, kind: str, *, seconds: float = 60.0) -> Iterator[None]:
    """Flood a port for the length of a with block, at most for seconds."""
    command = [sys.executable, __file__, str(port), kind, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield
        finally:
            process.kill()


if __name__ == "__main__":
    print(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
