"""Events and health between processes: JSON in local datagrams, bounded, never blocking.

A socket pair is made by the parent and inherited by the children, so a killed child leaves the other end intact and
its successor takes over the same one. A full or closed link drops the message and counts it; nobody ever waits.
"""

from __future__ import annotations

import json
import socket
from typing import Any

MAX_BYTES = 60_000
"""One datagram. Larger messages are refused by ``send`` with ValueError: that is a programming mistake."""

_BUFFER_BYTES = 1 << 20


class Datagrams:
    """One end of a link. ``dropped`` counts messages that found no room, ``malformed`` what could not be read."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        self._end = end
        self.dropped = 0
        self.malformed = 0

    @classmethod
    def inherited(cls, fd: int) -> Datagrams:
        """Adopt an end that the parent made."""
        return cls(socket.socket(fileno=fd))

    def send(self, kind: str, body: Any) -> bool:
        """Send one message; False if it was dropped. body: anything json can write."""
        message = json.dumps([kind, body], separators=(",", ":")).encode()
        if len(message) > MAX_BYTES:
            raise ValueError(f"message {kind!r} of {len(message)} bytes is longer than {MAX_BYTES}")
        try:
            self._end.send(message)
        except (BlockingIOError, ConnectionError, OSError):
            self.dropped += 1
            return False
        return True

    def receive(self, *, limit: int = 1000) -> list[tuple[str, Any]]:
        """Return what has arrived, oldest first, at most limit messages; never waits."""
        messages: list[tuple[str, Any]] = []
        while len(messages) < limit:
            try:
                raw = self._end.recv(MAX_BYTES + 1)
            except (BlockingIOError, ConnectionError):
                break
            try:
                kind, body = json.loads(raw)
            except ValueError:
                self.malformed += 1
                continue
            messages.append((str(kind), body))
        return messages

    def close(self) -> None:
        self._end.close()


def pair() -> tuple[socket.socket, socket.socket]:
    """Make the two ends of a link, inheritable by children that are given their descriptors."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
