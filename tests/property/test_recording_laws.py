"""Laws of recordings: what is written is read back, and a file cut anywhere still gives all its whole lines."""

from __future__ import annotations

import contextlib
import math
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from facade.control.events import Arg, InputEvent
from facade.control.recording import RecordedFrame, RecordingHeader, RecordWriter, Stale, read_recording
from facade.core.errors import InputError

HEADER = RecordingHeader(show="first_light", venue="imal_minimal", seed=7, rate_hz=60.0, started="2026-01-01T20:00:00Z")

values = st.one_of(
    st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20), st.binary(max_size=20)
)
events = st.one_of(
    st.builds(
        InputEvent,
        at_s=st.floats(0, 1e6),
        input=st.sampled_from(["osc", "knobs"]),
        address=st.text(max_size=20),
        args=st.lists(values, max_size=4).map(tuple),
        trigger=st.booleans(),
    ),
    st.builds(Stale, at_s=st.floats(0, 1e6), input=st.just("sensor")),
)
frames = st.builds(
    RecordedFrame,
    frame=st.integers(0, 10**9),
    events=st.lists(events, max_size=4).map(tuple),
    skipped=st.integers(0, 9),
    crc=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
).filter(lambda f: f.events or f.skipped or f.crc is not None)
recordings = st.lists(frames, max_size=6, unique_by=lambda f: f.frame).map(lambda fs: sorted(fs, key=lambda f: f.frame))


def write(path: Path, wanted: list[RecordedFrame]) -> None:
    writer = RecordWriter(path.open("w", encoding="utf-8"), HEADER)
    for each in wanted:
        for event in each.events:
            if isinstance(event, Stale):
                writer.stale(event.input, each.frame, at_s=event.at_s)
            else:
                writer.event(event, each.frame)
        if each.skipped:
            writer.skipped(each.frame, each.skipped)
        if each.crc is not None:
            writer.checkpoint(each.frame, each.crc)
    writer.close()


def kinds(wanted: list[RecordedFrame]) -> list[type[Arg]]:
    return [type(a) for f in wanted for e in f.events if isinstance(e, InputEvent) for a in e.args]


@given(recordings)
def test_what_is_written_is_read_back(wanted: list[RecordedFrame]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evening.jsonl"
        write(path, wanted)
        recording = read_recording(path)
        read = list(recording.frames())
    assert recording.header == HEADER
    assert read == wanted
    assert kinds(read) == kinds(wanted)
    assert recording.torn is None


@given(recordings, st.data())
def test_a_file_cut_anywhere_gives_its_whole_lines(wanted: list[RecordedFrame], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evening.jsonl"
        write(path, wanted)
        whole = path.read_bytes()
        head = whole.index(b"\n") + 1
        path.write_bytes(whole[: data.draw(st.integers(head, len(whole)))])
        kept = [e for f in read_recording(path).frames() for e in f.events]
    sent = [e for f in wanted for e in f.events]
    assert kept == sent[: len(kept)]


@given(st.binary(max_size=200))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evening.jsonl"
        write(path, [])
        path.write_bytes(path.read_bytes() + content)
        with contextlib.suppress(InputError):
            list(read_recording(path).frames())


def test_infinity_and_nan_survive(tmp_path: Path) -> None:
    path = tmp_path / "evening.jsonl"
    write(path, [RecordedFrame(0, (InputEvent(0.0, "osc", "/a", (math.inf, -math.inf, math.nan)),))])
    ((event,),) = [f.events for f in read_recording(path).frames()]
    assert isinstance(event, InputEvent)
    assert event.args[:2] == (math.inf, -math.inf)
    assert math.isnan(event.args[2])  # type: ignore[arg-type]
