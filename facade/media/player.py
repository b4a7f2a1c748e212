"""Who reads a file while it is shown: at once and exactly offline, or ahead of the show on a thread of its own.

Both answer ``at`` with a frame and its stamp; the same stamp is the same picture. The live one never makes its caller
wait: it answers with the newest frame it has, and takes the file anew when it was saved.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Protocol

from facade.core.errors import FacadeError
from facade.media.footage import Footage, Frame, open_footage

Stamp = tuple[int, int]
"""Which opening of the file, and which of its frames."""

AHEAD = 4
"""Decoded frames in memory: the one that is on and those that follow it."""

_LOOK_S = 0.25


class Player(Protocol):
    """Shows one file or device. problem: why what is there now cannot be shown, "" if it can."""

    problem: str

    def at(self, time_s: float) -> tuple[Stamp, Frame] | None:
        """Return the frame that is on at a time, seconds since its start; None while there is none."""

    def close(self) -> None: ...


class ExactPlayer:
    """Reads when asked. For everything that must be the same on every run."""

    def __init__(self, file: Path, *, limit_px: int) -> None:
        """Raises FacadeError if the file cannot be shown."""
        self.problem = ""
        self._file = file
        self._limit_px = limit_px
        self._opening = 0
        self._signature = _signature(file)
        self._footage = open_footage(file, limit_px=limit_px)

    def look(self) -> None:
        """Take the file anew if it was saved since; what was there stays if it cannot be shown, with ``problem``."""
        self.problem = ""
        now = _signature(self._file)
        if now == self._signature:
            return
        try:
            footage = open_footage(self._file, limit_px=self._limit_px)
        except FacadeError as error:
            self.problem = str(error)
            return
        self._footage.close()
        self._footage, self._signature = footage, now
        self._opening += 1

    def at(self, time_s: float) -> tuple[Stamp, Frame] | None:
        index = self._footage.index_at(time_s)
        try:
            return (self._opening, index), self._footage.read(index)
        except FacadeError as error:
            self.problem = str(error)
            return None

    def close(self) -> None:
        self._footage.close()


class LivePlayer:
    """Reads on a thread. late: how often a frame that was asked for was not ready yet."""

    def __init__(self, file: Path, *, limit_px: int) -> None:
        self.problem = ""
        self.late = 0
        self._file = file
        self._limit_px = limit_px
        self._footage: Footage | None = None
        self._opening = 0
        self._frames: dict[int, Frame] = {}
        self._shown: tuple[Stamp, Frame] | None = None
        self._wanted_s = 0.0
        self._index = -1
        self._changed = threading.Condition()
        self._closed = False
        self._is_settled = False
        self._signature: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._run, name=f"picture {file.name}", daemon=True)
        self._thread.start()

    def at(self, time_s: float) -> tuple[Stamp, Frame] | None:
        with self._changed:
            self._wanted_s = time_s
            footage = self._footage
            if footage is not None:
                index = footage.index_at(time_s)
                frame = self._frames.get(index)
                if frame is not None:
                    self._shown = (self._opening, index), frame
                else:
                    self.late += 1
                if index != self._index:
                    # A still never wakes its thread.
                    self._index = index
                    self._changed.notify()
            return self._shown

    def look(self) -> None:
        """Look now whether the file was saved since; it does so by itself four times a second."""
        now = _signature(self._file)
        with self._changed:
            if now is None:
                self.problem = self._missing()
            elif now != self._signature:
                self._is_settled = False
                self._changed.notify_all()

    def is_settled(self, wait_s: float) -> bool:
        """Whether the file has been opened, or has turned out to be none. Waits so long for it."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_settled or self._closed, wait_s)

    def close(self) -> None:
        """Stop reading. Does not wait for a frame that is being read; the thread ends after it."""
        with self._changed:
            self._closed = True
            self._shown = None
            self._changed.notify_all()

    def _run(self) -> None:
        while not self._closed:
            now = _signature(self._file)
            if now is not None and now != self._signature:
                with self._changed:
                    self._signature, self._is_settled = now, False
                self._open()
            elif now is None and self._signature is None:
                self._settle(self._missing())
            self._work()
        self._exchange(None, {})

    def _missing(self) -> str:
        return f"{self._file.name} is not there. Put it back."

    def _open(self) -> None:
        try:
            footage = open_footage(self._file, limit_px=self._limit_px)
        except FacadeError as error:
            self._settle(str(error))
            return
        first: dict[int, Frame] = {}
        try:
            with self._changed:
                index = footage.index_at(self._wanted_s)
            first[index] = footage.read(index)
        except FacadeError as error:
            footage.close()
            self._settle(str(error))
            return
        self._exchange(footage, first)
        self._settle("")

    def _exchange(self, footage: Footage | None, frames: dict[int, Frame]) -> None:
        with self._changed:
            old, self._footage = self._footage, footage
            self._frames = frames
            self._opening += 1
        if old is not None:
            old.close()

    def _settle(self, problem: str) -> None:
        with self._changed:
            self.problem = problem
            self._is_settled = True
            self._changed.notify_all()

    def _work(self) -> None:
        """Read the frames that will be asked for next, until there is nothing to do for a while."""
        while True:
            with self._changed:
                if self._closed:
                    return
                missing = self._next()
                footage = self._footage
                if missing is None or footage is None:
                    self._changed.wait(_LOOK_S)
                    return
            try:
                frame = footage.read(missing)
            except FacadeError as error:
                self._settle(str(error))
                with self._changed:
                    self._changed.wait(_LOOK_S)
                return
            with self._changed:
                self._frames[missing] = frame
                self._catch_up(missing, frame, footage)

    def _catch_up(self, index: int, frame: Frame, footage: Footage) -> None:
        """A machine that is too slow for a film shows what it has got to, as long as that is no step back."""
        if self._shown is None:
            return
        (opening, shown), _ = self._shown
        wanted, count = footage.index_at(self._wanted_s), footage.n_frames
        if opening != self._opening or (wanted - index) % count < (wanted - shown) % count:
            self._shown = (self._opening, index), frame

    def _next(self) -> int | None:
        """Return the next frame to read, forgetting those that are over."""
        if self._footage is None:
            return None
        count = self._footage.n_frames
        index = self._footage.index_at(self._wanted_s)
        soon = [(index + n) % count for n in range(min(AHEAD, count))]
        for gone in [i for i in self._frames if i not in soon]:
            del self._frames[gone]
        return next((i for i in soon if i not in self._frames), None)


def _signature(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
