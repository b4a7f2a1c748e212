"""Files saved below some folders, as Linux tells of them: the moment a file is closed or moved there, and not before.

A file that is still being written makes no event, so that nobody need wait and see whether more is coming.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from facade.core.errors import MachineError

_CLOSE_WRITE, _MOVED_TO, _CREATE = 0x8, 0x80, 0x100
_OVERFLOW, _IGNORED = 0x4000, 0x8000
_ONLYDIR, _ISDIR = 0x0100_0000, 0x4000_0000
_EVENT = struct.Struct("iIII")
"""Watch, mask, cookie, length of the name that follows."""

_READ_BYTES = 1 << 16


class SavedFiles:
    """A kernel queue of saved files, one reader. Readable by ``select`` when something was saved.

    folders: watched with all below them, also when one of them is replaced as a whole by another of its name.
    Raises MachineError where the system allows no more of this.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = frozenset(folder.resolve() for folder in folders)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd: int = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise _refused("watch files", "fs.inotify.max_user_instances")
        self._watched: dict[int, Path] = {}
        try:
            for folder in sorted(self._folders):
                self._add(folder.parent)
                for _ in self._enter(folder):
                    pass
        except MachineError:
            self.close()
            raise

    def fileno(self) -> int:
        return self._fd

    def take(self) -> set[Path]:
        """Return the files saved since the last call; a folder where more happened than the system remembers."""
        saved: set[Path] = set()
        while events := self._read():
            for watch, mask, name in events:
                saved |= self._saved(watch, mask, name)
        return {path for path in saved if any(path.is_relative_to(folder) for folder in self._folders)}

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _read(self) -> list[tuple[int, int, str]]:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return []
        events, at = [], 0
        while at < len(data):
            watch, mask, _, length = _EVENT.unpack_from(data, at)
            at += _EVENT.size + length
            events.append((watch, mask, os.fsdecode(data[at - length : at].rstrip(b"\0"))))
        return events

    def _saved(self, watch: int, mask: int, name: str) -> set[Path]:
        if mask & _OVERFLOW:
            return set(self._folders)
        if mask & _IGNORED:
            self._watched.pop(watch, None)
            return set()
        if watch not in self._watched:
            return set()
        path = self._watched[watch] / name
        if mask & _ISDIR:
            # Not every folder beside ours: a piece's home may be anybody's.
            ours = any(path.is_relative_to(folder) for folder in self._folders)
            return set(self._enter(path)) if ours else set()
        # A file that was created is still to be written, and closed; a link is there at once.
        return {path} if mask & (_CLOSE_WRITE | _MOVED_TO) or path.is_symlink() else set()

    def _enter(self, folder: Path) -> Iterator[Path]:
        """Watch a folder and those in it. Yields the files that are in them already."""
        for parent, _, names in os.walk(folder):
            self._add(Path(parent))
            yield from (Path(parent) / name for name in names)

    def _add(self, folder: Path) -> None:
        mask = _CLOSE_WRITE | _MOVED_TO | _CREATE | _ONLYDIR
        watch = self._libc.inotify_add_watch(self._fd, os.fsencode(folder), mask)
        if watch >= 0:
            self._watched[watch] = folder
        elif folder.is_dir():
            raise _refused(f"watch {folder}", "fs.inotify.max_user_watches")


def _refused(what: str, limit: str) -> MachineError:
    reason = os.strerror(ctypes.get_errno())
    return MachineError(
        f"this system does not let facade {what}: {reason}. Raise {limit} with sysctl, and start again."
    )
