"""A process that receives what a measurement sends, and really reads it: controllers on ports of loopback.

It notes when the first universe of its first port comes by again: that is the frame rate as a controller sees it.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Self

from facade.app.bench.arrival import Arrivals
from facade.core.clock import RealClock
from facade.core.errors import MachineError
from facade.protocols import artnet, sacn

_MOST_TIMES = 1_000_000
_RECEIVE_BUFFER = 8 << 20
_SO_RCVBUFFORCE = 33
_END_S = 2.0


@dataclass(frozen=True, slots=True)
class Drained:
    """What arrived since the last time it was asked for. frames_at: when the watched universe came, seconds."""

    packets: int
    bytes: int
    frames_at: tuple[float, ...]


class Drain:
    """The receiving process, from the outside. ports: n_ports of them on 127.0.0.1, chosen by the system."""

    def __init__(self, n_ports: int = 1) -> None:
        command = (sys.executable, "-m", "facade.app.bench.drain", str(n_ports))
        # In a session of its own, so that Ctrl-C is for the measurement alone.
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        self.pid = self._process.pid
        self.ports: tuple[int, ...] = tuple(self._hear())

    def take(self) -> Drained:
        """Return what arrived since the last call."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        packets, n_bytes, frames_at = self._hear()
        return Drained(packets, n_bytes, tuple(frames_at))

    def _hear(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise MachineError("The process that receives packets has ended. Is loopback up on this machine?")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()


class _Counter:
    """Reads sockets empty and counts. watched: the one whose first universe is timed."""

    def __init__(self, watched: socket.socket) -> None:
        self._buffer = bytearray(2048)
        self._watched = watched
        self._arrivals = Arrivals(watched, RealClock())
        self._where = slice(0)
        self._universe: bytes | None = None
        self.reset()

    def reset(self) -> None:
        self.packets = self.bytes = 0
        self.times: list[float] = []

    def read(self, source: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            if source is self._watched:
                while True:
                    self._take_timed()
            buffer = self._buffer
            while True:
                self.bytes += source.recv_into(buffer)
                self.packets += 1

    def _take_timed(self) -> None:
        buffer = self._buffer
        length, at_s = self._arrivals.into(buffer)
        self.bytes += length
        self.packets += 1
        if self._universe is None:
            where = universe_at(bytes(buffer[:length]))
            if where is not None:
                self._where, self._universe = where, bytes(buffer[where])
        if bytes(buffer[self._where]) == self._universe and len(self.times) < _MOST_TIMES:
            self.times.append(at_s)


def universe_at(packet: bytes) -> slice | None:
    """Return where an ArtDmx or E1.31 data packet carries its universe, None for anything else."""
    if packet[:10] == artnet.ID + artnet.OP_DMX.to_bytes(2, "little"):
        return slice(14, 16)
    return slice(113, 115) if len(packet) > sacn.DATA_HEADER else None


def _bound() -> socket.socket:
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    with contextlib.suppress(OSError):  # past the system's limit, which only root may
        end.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BUFFER)
    end.bind(("127.0.0.1", 0))
    end.setblocking(False)
    return end


def main(n_ports: int) -> None:
    """Receive until standard input ends; every line of it is answered by a line of JSON."""
    ends = [_bound() for _ in range(n_ports)]
    counter = _Counter(ends[0])
    sys.stdout.write(json.dumps([end.getsockname()[1] for end in ends]) + "\n")
    sys.stdout.flush()
    selector = selectors.DefaultSelector()
    for end in ends:
        selector.register(end, selectors.EVENT_READ)
    selector.register(0, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if isinstance(key.fileobj, socket.socket):
                counter.read(key.fileobj)
            elif not os.read(0, 1):
                return
            else:
                for end in ends:
                    counter.read(end)
                sys.stdout.write(json.dumps([counter.packets, counter.bytes, counter.times]) + "\n")
                sys.stdout.flush()
                counter.reset()


if __name__ == "__main__":
    main(int(sys.argv[1]))
