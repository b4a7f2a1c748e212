"""Events and health between processes: JSON in local datagrams, bounded, never blocking.

A socket pair is made by the parent and inherited by the children, so a killed child leaves the other end intact and
its successor takes over the same one. A full or closed link drops the message and counts it; nobody ever waits.

A message longer than one datagram goes in several, the first marked so that what a killed writer left half said is
forgotten. Nothing that is sent raises: a report must never end the process that it is about.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

MAX_BYTES = 60_000
"""Of one datagram."""

MAX_DATAGRAMS = 20
"""Of one message; longer ones are dropped."""

_FIRST, _NEXT, _LAST = b"^", b"+", b"$"
"""First byte of a datagram that is a part of a message; no JSON starts with one of them."""

_BUFFER_BYTES = 1 << 20


class Datagrams:
    """One end of a link. ``dropped`` counts messages that found no room, ``malformed`` what could not be read."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
        self._end = end
        self._begun: bytearray | None = None
        self.dropped = 0
        self.malformed = 0

    @classmethod
    def inherited(cls, fd: int) -> Datagrams:
        """Adopt an end that the parent made."""
        return cls(socket.socket(fileno=fd))

    def send(self, kind: str, body: Any) -> bool:
        """Send one message; False if it was dropped. body: anything json can write."""
        message = json.dumps([kind, body], separators=(",", ":")).encode()
        if len(message) > MAX_BYTES * MAX_DATAGRAMS:
            self.dropped += 1
            return False
        try:
            for datagram in _datagrams(message):
                self._end.send(datagram)
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
            whole = self._joined(raw)
            if whole is None:
                continue
            try:
                kind, body = json.loads(whole)
            except ValueError:
                self.malformed += 1
                continue
            messages.append((str(kind), body))
        return messages

    def _joined(self, raw: bytes) -> bytes | None:
        """Return the message that a datagram is or completes, None while some of it is to come or was lost."""
        mark, part = raw[:1], raw[1:]
        if mark not in (_FIRST, _NEXT, _LAST):
            self._begun = None
            return raw
        if mark == _FIRST:
            self._begun = bytearray(part)
        elif self._begun is not None and len(self._begun) <= MAX_BYTES * MAX_DATAGRAMS:
            self._begun += part
            if mark == _LAST:
                whole, self._begun = bytes(self._begun), None
                return whole
        return None

    def close(self) -> None:
        self._end.close()


def _datagrams(message: bytes) -> Iterator[bytes]:
    if len(message) <= MAX_BYTES:
        yield message
        return
    for start in range(0, len(message), MAX_BYTES):
        ends = start + MAX_BYTES >= len(message)
        yield (_FIRST if start == 0 else _LAST if ends else _NEXT) + message[start : start + MAX_BYTES]


def pair() -> tuple[socket.socket, socket.socket]:
    """Make the two ends of a link, inheritable by children that are given their descriptors."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
