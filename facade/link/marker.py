"""One word that a process leaves where its parent can read it, also after it has died: what it was doing."""

from __future__ import annotations

import mmap
import os

from facade.link.frames import unnamed_file

MAX_BYTES = 120
"""Of a word; a slug is shorter."""

_SIZE = 1 + MAX_BYTES


class Marker:
    """A word in memory without a name, "" at first. One process writes; another reads when the writer is gone.

    fd: an existing marker's descriptor (a child's end), or None to make a new one.
    """

    def __init__(self, *, fd: int | None = None) -> None:
        self.fd = unnamed_file(_SIZE) if fd is None else fd
        self._map = mmap.mmap(self.fd, _SIZE)

    def write(self, word: str) -> None:
        """Replace the word; costs a microsecond."""
        data = word.encode()[:MAX_BYTES]
        self._map[: 1 + len(data)] = bytes((len(data),)) + data

    def read(self) -> str:
        """Return the word. A writer that died in the middle of one may leave one that means nothing."""
        return bytes(self._map[1 : 1 + min(self._map[0], MAX_BYTES)]).decode(errors="replace")

    def close(self) -> None:
        self._map.close()
        os.close(self.fd)
