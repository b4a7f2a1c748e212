"""The recording of a live show: every input event, written once the renderer has said at which frame it took effect.

The file is made at the start, so that a folder that is not there is told at once. A full disk ends the recording, is
told once, and the show goes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

from facade import __version__
from facade.app.plan import Plan
from facade.app.wiring import TO_DELIVERY
from facade.control.events import ControlEvent, InputEvent
from facade.control.recording import Change, RecordingHeader, RecordWriter
from facade.control.sound import input_of
from facade.core.clock import Clock
from facade.core.errors import InputError


@dataclass(frozen=True, slots=True)
class _Waiting:
    """what: an event, (input, time) of a stale policy, or None where the changes say it all.

    seq: of its last change, or of the last one before it.
    """

    what: InputEvent | tuple[str, float] | None
    seq: int
    changes: tuple[Change, ...]


class Recorder:
    """Holds events back until the frame they belong to is known. writer: an open recording."""

    def __init__(self, writer: RecordWriter) -> None:
        self._writer = writer
        self._waiting: deque[_Waiting] = deque()
        self._seq = 0
        self._frame = 0
        self._problem = ""

    @classmethod
    def open(
        cls, path: str, plan: Plan, clock: Clock, *, epoch: float, played: bool, civil: float | None = None
    ) -> Recorder:
        """Start a recording, or go on with one that an earlier control process of this show began."""
        file = Path(path)
        again = file.exists() and file.stat().st_size > 0
        header = RecordingHeader(
            show=plan.show_name,
            venue=plan.venue_name,
            seed=plan.show.seed,
            rate_hz=plan.show.rate_hz,
            started=clock.wall().isoformat(timespec="seconds"),
            facade=__version__,
            played=played,
            civil=civil,
        )
        sink = file.open("a", encoding="utf-8")
        return cls(RecordWriter(sink, None if again else header, epoch_s=epoch))

    def add(self, event: InputEvent, changes: Sequence[ControlEvent]) -> None:
        """Take note of an event and of what it changed."""
        # A frame of sound is a kilobyte, sixty times a second, and its change holds it already.
        said_by_its_change = any(input_of(change.address) is not None for change in changes)
        self._hold(None if said_by_its_change else event, changes)

    def stale(self, name: str, at_s: float, changes: Sequence[ControlEvent]) -> None:
        """Take note that an input's stale policy was applied."""
        self._hold((name, at_s), changes)

    def _hold(self, what: InputEvent | tuple[str, float] | None, changes: Sequence[ControlEvent]) -> None:
        # The renderer never hears of what delivery does itself, so its numbers are not waited for.
        self._seq = max([self._seq, *(c.seq for c in changes if c.address not in TO_DELIVERY)])
        self._waiting.append(_Waiting(what, self._seq, tuple((c.address, c.value) for c in changes)))

    def applied(self, frame: int, seq: int, *, skipped: int, crc: int | None) -> None:
        """The renderer has rendered frame with everything up to seq applied, after skipping some frames before it."""
        try:
            if skipped:
                self._writer.skipped(frame - skipped, skipped)
            self._write_up_to(seq, frame)
            if crc is not None:
                self._writer.checkpoint(frame, crc)
        except InputError as error:
            self._problem = str(error)
        self._frame = frame

    def _write_up_to(self, seq: float, frame: int) -> None:
        changes: list[Change] = []
        while self._waiting and self._waiting[0].seq <= seq:
            each = self._waiting.popleft()
            changes.extend(each.changes)
            if isinstance(each.what, InputEvent):
                self._writer.event(each.what, frame)
            elif each.what is not None:
                self._writer.stale(each.what[0], frame, at_s=each.what[1])
        if changes:
            self._writer.changes(frame, changes)

    def flush(self) -> str:
        """Hand everything to the system; returns what went wrong, "" if nothing ever did."""
        try:
            self._writer.flush()
        except InputError as error:
            self._problem = str(error)
        return self._problem

    def close(self) -> None:
        """Write what still waits, at the frame after the last one known, and close."""
        try:
            self._write_up_to(inf, self._frame + 1)
            self._writer.close()
        except InputError as error:
            self._problem = str(error)
