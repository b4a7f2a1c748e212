"""Recordings: damage is named, a full disk costs the recording and nothing else."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from facade.control.events import InputEvent
from facade.control.recording import RecordingHeader, RecordWriter, read_recording
from facade.core.errors import InputError

HEADER = RecordingHeader(show="first_light", venue="imal_minimal", seed=1, rate_hz=60.0)
HEAD = '{"facade_recording":1,"show":"s","venue":"v","seed":1,"rate_hz":60.0}\n'


def a_file(folder: Path, text: str) -> Path:
    path = folder / "evening.jsonl"
    path.write_text(text)
    return path


def test_show_time_counts_from_the_epoch() -> None:
    file = io.StringIO()
    writer = RecordWriter(file, HEADER, epoch_s=1000.0)
    writer.event(InputEvent(1002.5, "osc", "/a", (1, 0.5, True), trigger=True), frame=150)
    assert json.loads(file.getvalue().splitlines()[1]) == {
        "frame": 150,
        "t": 2.5,
        "in": "osc",
        "a": "/a",
        "v": [1, 0.5, True],
        "trig": True,
    }


def test_a_full_disk_is_told_once_and_the_show_goes_on() -> None:
    writer = RecordWriter(Path("/dev/full").open("w", buffering=1 << 16), HEADER)  # noqa: SIM115
    with pytest.raises(InputError, match="recording stops here: No space left"):
        writer.flush()
    assert writer.failed
    for frame in range(10_000):
        writer.event(InputEvent(0.0, "osc", "/a", (1,)), frame)
    writer.flush()
    writer.close()


def test_a_disk_that_fills_between_flushes_is_told_once_too() -> None:
    writer = RecordWriter(Path("/dev/full").open("w", buffering=256), HEADER)  # noqa: SIM115
    told = 0
    for frame in range(5000):
        try:
            writer.checkpoint(frame, 1)
        except InputError:
            told += 1
    writer.close()
    assert told == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r":1: is no header"),
        ("hello\n", r":1: is no header"),
        ("[1]\n", r":1: is no header"),
        ('{"show":"s"}\n', r":1: is no header"),
        ('{"facade_recording":2}\n', r":1: recording version 2; this facade reads version 1"),
        ('{"facade_recording":1,"show":"s","venue":"v","seed":"x"}\n', r":1: the header lacks a usable seed, rate_hz"),
        (HEAD + '{"frame":1,"crc":2}\nnonsense\n{"frame":3,"crc":2}\n', r":3: is no JSON object"),
        (HEAD + "[1]\n", r":2: is no JSON object"),
        (HEAD + '{"crc":2}\n', r":2: has no frame number"),
        (HEAD + '{"frame":-1,"crc":2}\n', r":2: has no frame number"),
        (HEAD + '{"frame":2,"crc":2}\n{"frame":1,"crc":2}\n', r":3: frame 1 after frame 2"),
        (HEAD + '{"frame":2,"what":2}\n', r":2: is none of"),
        (HEAD + '{"frame":2,"skip":0}\n', r":2: is none of"),
        (HEAD + '{"frame":2,"t":1,"in":"osc","a":"/x","v":[{"b":"?"}]}\n', r":2: holds a value"),
        (HEAD + '{"frame":2,"t":1,"in":"osc","a":"/x","v":[[1]]}\n', r":2: holds a value"),
    ],
)
def test_damage_is_named_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = a_file(tmp_path, text)
    with pytest.raises(InputError, match=says):
        list(read_recording(path).frames())


def test_a_torn_last_line_is_left_out_and_reported(tmp_path: Path) -> None:
    recording = read_recording(a_file(tmp_path, HEAD + '{"frame":1,"crc":2}\n{"frame":2,"t":0.5,"in":"os'))
    assert [f.frame for f in recording.frames()] == [1]
    assert recording.torn == 3


@pytest.mark.parametrize("cut", [0, 1, 20])
def test_a_recording_goes_on_after_its_writer_was_killed(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "evening.jsonl"
    writer = RecordWriter(path.open("w"), HEADER)
    for frame in (1, 2):
        writer.event(InputEvent(0.0, "osc", "/a", (frame,)), frame)
    writer.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - cut])
    writer = RecordWriter(path.open("a"), None)
    writer.event(InputEvent(0.0, "osc", "/a", (3,)), 3)
    writer.close()
    recording = read_recording(path)
    assert [f.frame for f in recording.frames()] == ([1, 3] if cut > 1 else [1, 2, 3])
    assert recording.torn == (3 if cut > 1 else None)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_recording(tmp_path / "none.jsonl")


def test_header_keys_of_later_versions_are_passed_over(tmp_path: Path) -> None:
    recording = read_recording(a_file(tmp_path, HEAD.replace('"seed"', '"mood":"calm","seed"')))
    assert recording.header.seed == 1
