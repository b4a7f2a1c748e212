"""Sound from a file through a whole show: the same on every render, and replayed from a recording bit for bit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facade.app.check import check
from facade.app.inline import InlineHost
from facade.app.plan import Plan, make_plan
from facade.app.recorder import Recorder
from facade.app.replay import Replay
from facade.cli.main import main
from facade.core.clock import StepClock
from facade.core.errors import ConfigError
from facade.gpu.context import GpuContext
from tests.support.gl import one_gpu
from tests.support.playable import piece_at, show_at
from tests.support.sound import beats, write_wav

__all__ = ["one_gpu"]

EAR = """
#include "sound.glsl"
vec4 piece(vec2 uv) { return vec4(sound_bass(sound), exp(-since_beat(sound)), heat, 1.0); }
"""
EAR_MANIFEST = """\
domain = "pixel"
[parameter.sound]
type = "audio"
form = "levels"
[parameter.heat]
type = "float"
"""
MORE = """
[input.mic]
type = "audio"
file = "song.wav"

[[binding]]
from = "mic/level"
to = "/piece/ear/heat"
"""
FRAMES = 90


@pytest.fixture
def show(tmp_path: Path) -> Path:
    folder = tmp_path / "evening"
    file = show_at(folder, 9000, piece="ear", more=MORE)
    piece_at(folder, "ear", EAR, manifest=EAR_MANIFEST)
    write_wav(folder / "song.wav", beats(0.2, 0.7, 1.2, seconds=1.5))
    return file


def light(plan: Plan, gpu: GpuContext) -> Iterator[np.ndarray]:
    host = InlineHost(plan, gpu, rate_hz=60.0, deliver=False)
    host.prepare()
    for frame in range(FRAMES):
        yield host.step(frame).copy()
    host.renderer.stage.release()


def test_a_render_hears_the_file_at_the_time_of_the_show(gpu: GpuContext, show: Path) -> None:
    plan = make_plan(str(show), None)
    first, second = (np.stack(list(light(plan, gpu))) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    beat = first[:, 0, 1]
    rises = np.flatnonzero(np.diff(beat) > 0.3) / 60.0
    assert [float(r) for r in rises] == [pytest.approx(t, abs=0.06) for t in (0.2, 0.7, 1.2)]
    assert first[:, 0, 0].max() > 0.5
    assert first[:, 0, 2].max() > 0.5, "the binding to the level"


def test_an_evening_with_sound_is_replayed_bit_for_bit_and_stays_small(
    gpu: GpuContext, show: Path, tmp_path: Path
) -> None:
    plan = make_plan(str(show), None)
    log = tmp_path / "evening.jsonl"
    recorder = Recorder.open(str(log), plan, StepClock(), epoch=0.0, played=True)
    host = InlineHost(plan, gpu, rate_hz=60.0, deliver=False)
    host.prepare()
    wanted = []
    tracks, host._tracks = host._tracks, ()  # the recorder stands between, as it does in the control process
    for frame in range(FRAMES):
        for track in tracks:
            for event in track.until(frame / 60.0, at_s=frame / 60.0):
                changes = host.desk.handle(event)
                recorder.add(event, changes)
                for change in changes:
                    host.command(change)
        wanted.append(host.step(frame).copy())
        recorder.applied(frame, host.renderer.applied_seq, skipped=0, crc=None)
    recorder.close()
    replay = Replay(log, target=str(show))
    again = [rgb.copy() for _, rgb in replay.frames(gpu, deliver=False)]
    assert np.stack(again).tobytes() == np.stack(wanted[-len(again) :]).tobytes()
    lines = [json.loads(line) for line in log.read_text().splitlines()[1:]]
    assert not any(line.get("a") == "/sound" for line in lines), "what its change says is not said twice"
    assert log.stat().st_size / FRAMES < 2000


def test_a_sound_given_on_the_command_line_is_heard_by_a_piece(show: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "song.npy", tmp_path / "silent.npy"]
    silent = write_wav(tmp_path / "silent.wav", np.zeros(48_000, dtype=np.float32))
    for out, sound in zip(outs, (show.parent / "song.wav", silent), strict=True):
        assert main(["render", str(show), "--frames", "30", "--rate", "60", "--sound", str(sound), "-o", str(out)]) == 0
    song, quiet = (np.load(out) for out in outs)
    assert song[:, :, 0].max() > 0.4
    assert quiet[:, :, 0].max() == 0.0


def test_a_layer_hears_the_input_that_its_values_name(gpu: GpuContext, show: Path) -> None:
    quiet = '[input.hush]\ntype = "audio"\nfile = "hush.wav"\n\n'
    write_wav(show.parent / "hush.wav", beats(seconds=1.5))
    text = show.read_text().replace("[input.mic]", quiet + "[input.mic]")
    show.write_text(text)
    first = np.stack(list(light(make_plan(str(show), None), gpu)))
    show.write_text(text.replace('piece = "ear"', 'piece = "ear"\nvalues = { sound = "mic" }'))
    named = np.stack(list(light(make_plan(str(show), None), gpu)))
    assert first[:, 0, 0].max() < 0.01, "of several the first"
    assert named[:, 0, 0].max() > 0.5


def test_a_check_judges_the_light_of_the_sound_it_is_given(show: Path) -> None:
    silent = write_wav(show.parent / "silent.wav", beats(seconds=1.0))
    said = {
        file.name: next(
            f.says for f in check(str(show), "imal_minimal", quick=True, sound=str(file)) if "cue" in f.what
        )
        for file in (show.parent / "song.wav", silent)
    }
    assert "moves" in said["song.wav"]
    assert said["silent.wav"] != said["song.wav"]


def test_a_sound_file_that_is_not_there_is_named_at_load(show: Path) -> None:
    (show.parent / "song.wav").unlink()
    with pytest.raises(ConfigError, match=r"song\.wav: cannot be read") as refused:
        make_plan(str(show), None)
    assert refused.value.problems[0].key == "input.mic.file"
