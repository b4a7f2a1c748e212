"""Clocks in pieces: the time is given, so that a rendering chooses it and a replay tells it as it was."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from facade.app.inline import InlineHost
from facade.app.offline import Job, render_to_file
from facade.app.plan import make_plan
from facade.app.replay import Replay
from facade.app.wiring import gpu_without_screen
from facade.control.recording import RecordingHeader, RecordWriter
from tests.support.gl import write_piece

EVENING = datetime(2026, 11, 27, 20, 15, 30, tzinfo=UTC)


@pytest.fixture(name="wall")
def clock_piece(tmp_path: Path) -> str:
    shader = "vec4 piece(vec2 uv) { return vec4(here.xyz / vec3(24.0, 60.0, 60.0), 1.0); }\n"
    return str(write_piece(tmp_path, "wall", shader, manifest='[clock.here]\nzone = "Europe/Helsinki"\n'))


def test_a_rendering_begins_when_it_is_told_by_the_venue_s_clocks(wall: str, tmp_path: Path) -> None:
    at = datetime(2026, 7, 1, 21, 30)  # noqa: DTZ001  as a person says it, in Brussels
    render_to_file(Job(wall, tmp_path / "a.npy", "pixels", "imal_minimal", frames=2, rate_hz=1.0, at=at))
    light = np.load(tmp_path / "a.npy")[:, 0]
    np.testing.assert_allclose(light[0], [22.5 / 24, 0.5, 0.0], atol=1e-3)
    np.testing.assert_allclose(light[1, 2], 1 / 60, atol=1e-3)


@pytest.mark.parametrize("told", [True, False])
def test_a_replay_tells_the_time_of_its_recording(wall: str, tmp_path: Path, told: bool) -> None:
    file = tmp_path / "tonight.jsonl"
    with gpu_without_screen() as gpu:
        played = InlineHost(make_plan(wall, None), gpu, rate_hz=10.0, deliver=False, civil_at_0=EVENING)
        played.prepare()
        civil = EVENING.timestamp() if told else EVENING.timestamp() + 60.0
        header = RecordingHeader(wall, "imal_minimal", seed=1, rate_hz=10.0, played=True, civil=civil)
        with file.open("w", encoding="utf-8") as sink:
            writer = RecordWriter(sink, header)
            for frame in range(5):
                writer.checkpoint(frame, zlib.crc32(played.step(frame).data))

        replay = Replay(file)
        for _ in replay.frames(gpu, deliver=False):
            pass

    assert (replay.verdict.checked, replay.verdict.same) == (5, 5 if told else 0)
