"""A node on loopback that times the light it receives, and words for what its light looks like."""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

_SO_TIMESTAMPNS = 35


@dataclass(frozen=True)
class Packet:
    at_s: float
    universe: int
    data: bytes
    sender: int = 0
    """Port it came from: which of two machines on this one."""


class Receiver:
    """A node on loopback: keeps every frame of Art-Net or sACN with its time of arrival (CLOCK_MONOTONIC).

    Decoded here by the standards' offsets (Art-Net 4 ArtDmx; ANSI E1.31 section 4), not by facade's own decoders.
    """

    def __init__(self, port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._socket.bind(("127.0.0.1", port))
        self._socket.settimeout(0.2)
        if sys.platform == "linux":
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.port = self._socket.getsockname()[1]
        self.packets: list[Packet] = []
        self._open = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self._open:
            try:
                raw, about, _, (_, sender) = self._socket.recvmsg(2048, 64)
            except TimeoutError:
                continue
            except OSError:
                return
            at_s = _arrival_s(about)
            if raw[:8] == b"Art-Net\0" and raw[8:10] == b"\x00\x50":
                universe = int.from_bytes(raw[14:16], "little")
                self.packets.append(Packet(at_s, universe, raw[18:], sender))
            elif raw[4:16] == b"ASC-E1.17\0\0\0" and raw[18:22] == b"\0\0\0\4" and raw[125:126] == b"\0":
                universe = int.from_bytes(raw[113:115], "big")
                self.packets.append(Packet(at_s, universe, raw[126:], sender))

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
        return max(b - a for a, b in pairwise(times))

    def wait_for(self, condition: Any, timeout_s: float = 60.0, what: str = "the condition") -> Packet:
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


def _arrival_s(about: list[tuple[int, int, bytes]]) -> float:
    """When the kernel got a packet, on the monotonic clock: this thread may have been kept from reading it."""
    now_s = time.monotonic()
    for level, kind, data in about:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack("=qq", data[:16])
            return now_s - max(0.0, time.time() - seconds - nanoseconds * 1e-9)
    return now_s


def is_lit(packet: Packet) -> bool:
    return any(packet.data)


def is_dark(packet: Packet) -> bool:
    return not any(packet.data)


def level_byte(light: float, *, gamma: float = 2.2) -> int:
    """The DMX level at which a fixture of this gamma shows linear light; dithering may show the neighbour."""
    return round(255.0 * float(max(0.0, light) ** (1.0 / gamma)))


def shows(light: float, *, channel: int = 0, gamma: float = 2.2) -> Callable[[Packet], bool]:
    """Return a condition for Receiver.wait_for: the first pixel's channel shows this linear light, dithering aside."""
    wanted = level_byte(light, gamma=gamma)
    return lambda packet: abs(packet.data[channel] - wanted) <= 1
