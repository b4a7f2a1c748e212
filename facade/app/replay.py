"""Playing a recording back through the inline host: the same frames, the same events before them, the same light."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from facade.app.inline import InlineHost
from facade.app.plan import Plan, make_plan
from facade.control.events import ControlEvent
from facade.control.recording import Change, RecordedFrame, Recording, Stale, read_recording
from facade.core.errors import InputError
from facade.core.frame import Rgb
from facade.gpu.context import GpuContext


@dataclass(slots=True)
class Verdict:
    """How the light compared. checked, same: checkpoints. first_wrong: frame of the first that differs."""

    frames: int = 0
    events: int = 0
    checked: int = 0
    same: int = 0
    first_wrong: int | None = None
    torn: int | None = None


class Replay:
    """A recording and the host that plays it. target, venue: instead of what the recording names."""

    def __init__(self, path: Path, *, target: str | None = None, venue: str | None = None) -> None:
        self.recording: Recording = read_recording(path)
        header = self.recording.header
        self.plan: Plan = make_plan(target or header.show, venue or header.venue)
        if self.plan.show.seed != header.seed:
            raise InputError(
                f"{path}: was recorded with seed {header.seed}, the show now says {self.plan.show.seed}. "
                "Set the show's seed back, or name the show as it was."
            )
        self.verdict = Verdict()

    def frames(self, gpu: GpuContext, *, deliver: bool) -> Iterator[tuple[InlineHost, Rgb]]:
        """Yield every frame that was rendered, in order: the host after its step, and the light."""
        header = self.recording.header
        civil = None if header.civil is None else datetime.fromtimestamp(header.civil, UTC)
        host = InlineHost(self.plan, gpu, rate_hz=header.rate_hz, deliver=deliver, listen=False, civil_at_0=civil)
        faults = host.prepare()
        for slug, fault in faults.items():
            raise InputError(f"{slug}: {fault}")
        following: int | None = None
        for record in self.recording.frames():
            first = record.frame if following is None else following
            for frame in range(first, record.frame):
                yield host, self._step(host, RecordedFrame(frame))
            following = record.frame + record.skipped
            if not record.skipped:
                yield host, self._step(host, record)
                following = record.frame + 1
        self.verdict.torn = self.recording.torn

    def _step(self, host: InlineHost, record: RecordedFrame) -> Rgb:
        self.verdict.events += len(record.events)
        for address, value in self._changes(host, record):
            host.command(ControlEvent(0, 0.0, address, value))
        rgb = host.step(record.frame)
        self.verdict.frames += 1
        if record.crc is not None:
            self.verdict.checked += 1
            if zlib.crc32(rgb.data) == record.crc:
                self.verdict.same += 1
            elif self.verdict.first_wrong is None:
                self.verdict.first_wrong = record.frame
        return rgb

    def _changes(self, host: InlineHost, record: RecordedFrame) -> Iterator[Change]:
        """What a frame's events changed: as noted, or as this show's desk has it now."""
        if self.recording.header.played:
            yield from record.changes
            return
        for event in record.events:
            made = host.desk.stale(event.input, event.at_s) if isinstance(event, Stale) else host.desk.handle(event)
            yield from ((change.address, change.value) for change in made)
