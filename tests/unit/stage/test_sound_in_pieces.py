"""What a piece hears: the frame that came last, in the form it asked for; the test sound in a show without an input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facade.control.sound import COLUMNS, LEVELS, SILENCE, SoundFrame
from facade.core import places
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks, write_piece

FRAME = SoundFrame(
    tuple(float(n) / 16 for n in range(len(LEVELS))),
    bytes(n % 256 for n in range(COLUMNS)),
    bytes(255 - n % 256 for n in range(COLUMNS)),
)
MANIFEST = 'domain = "pixel"\n[parameter.sound]\ntype = "audio"\nform = "{form}"\nsamples = {samples}\n{more}'
READ = "vec4 piece(vec2 uv) {{ return vec4(vec3(texelFetch(sound, ivec2({column}, {row}), 0).r), 1.0); }}"

Seen = Callable[..., float]


@pytest.fixture
def seen(gpu: GpuContext, tmp_path: Path) -> Seen:
    """What a piece of one pixel reads from one texel of its sound. prepare: of the stage's sounds, before the frame."""

    def read(
        form: str,
        column: int,
        row: int = 0,
        *,
        samples: int = COLUMNS,
        prepare: Callable[[Stage], None] = lambda stage: None,
        more: str = "",
        value: str | None = None,
    ) -> float:
        manifest = MANIFEST.format(form=form, samples=samples, more=more)
        write_piece(tmp_path, "ear", READ.format(column=column, row=row), manifest=manifest)
        stage = Stage(gpu, pixel_grid(1, 1), PieceLibrary([tmp_path]))
        prepare(stage)
        values = {} if value is None else {("cue", 0): {"sound": value}}
        (tick,) = ticks(1, start=30)
        light = float(stage.frame(tick, look("ear"), snapshot(values))[0, 0])
        stage.release()
        return light

    return read


def mic(stage: Stage) -> None:
    stage.sounds.connect(["mic", "line"])
    stage.sounds.take("mic", FRAME)


def near(value: float) -> object:
    return pytest.approx(value, abs=1e-3)


def test_a_piece_sees_the_spectrum_below_and_the_wave_above(seen: Seen) -> None:
    assert seen("spectrum", 200, prepare=mic) == near(200 / 255)
    assert seen("wave", 200, prepare=mic) == near((55 - 128) / 256 + 0.5)
    assert seen("both", 200, 0, prepare=mic) == near(200 / 255)
    assert seen("both", 200, 1, prepare=mic) == near((55 - 128) / 256 + 0.5)


@pytest.mark.parametrize("samples", [2, 64, 100, 256])
def test_fewer_columns_are_the_means_of_what_they_cover(seen: Seen, samples: int) -> None:
    spectrum = np.frombuffer(FRAME.spectrum, dtype=np.uint8) / 255.0
    found = [seen("spectrum", column, samples=samples, prepare=mic) for column in (0, samples - 1)]
    if COLUMNS % samples == 0:
        means = spectrum.reshape(samples, -1).mean(axis=1)
        assert found == [near(means[0]), near(means[-1])]
    assert all(0.0 <= f <= 1.0 for f in found)


@pytest.mark.parametrize("name", LEVELS)
def test_levels_are_the_numbers_of_the_frame(seen: Seen, name: str) -> None:
    assert seen("levels", LEVELS.index(name), prepare=mic) == near(LEVELS.index(name) / 16)


def test_an_input_that_has_said_nothing_is_silence_and_no_test_sound(seen: Seen) -> None:
    assert seen("levels", 0, prepare=lambda stage: stage.sounds.connect(["mic"])) == 0.0
    assert seen("wave", 5, prepare=lambda stage: stage.sounds.connect(["mic"])) == 0.5
    assert seen("levels", 8, prepare=lambda stage: stage.sounds.connect(["mic"])) > 1e4


def test_a_show_without_an_input_has_the_test_sound(seen: Seen) -> None:
    assert seen("levels", 0) > 0.3
    assert seen("levels", 9) < 0.5


def test_a_layer_may_name_one_of_several_inputs_or_silence(seen: Seen) -> None:
    assert seen("levels", 1, prepare=mic, value="mic") == near(1 / 16)
    assert seen("levels", 1, prepare=mic, value="line") == 0.0
    assert seen("levels", 1, prepare=mic, value="silence") == 0.0


def test_silence_stays_what_it_is(seen: Seen) -> None:
    def changed(stage: Stage) -> None:
        stage.sounds.connect(["mic"])
        stage.sounds.take("mic", FRAME)
        stage.sounds.take("mic", SILENCE)

    assert seen("spectrum", 200, prepare=changed) == 0.0


@pytest.mark.parametrize(
    ("function", "name"),
    [("sound_level", "level"), ("sound_bass", "bass"), ("sound_mid", "mid"), ("sound_treble", "treble"),
     ("slow_level", "slow_level"), ("slow_bass", "slow_bass"), ("slow_mid", "slow_mid"), ("slow_treble", "slow_treble"),
     ("since_onset", "since_onset_s"), ("since_beat", "since_beat_s"), ("sound_drive", "drive_s")],
)  # fmt: skip
def test_the_functions_of_the_include_read_what_they_say(
    gpu: GpuContext, tmp_path: Path, function: str, name: str
) -> None:
    shader = f'#include "sound.glsl"\nvec4 piece(vec2 uv) {{ return vec4(vec3({function}(sound)), 1.0); }}'
    write_piece(tmp_path, "ear", shader, manifest=MANIFEST.format(form="levels", samples=2, more=""))
    library = PieceLibrary([tmp_path], include_paths=(places.shaders() / "include",))
    stage = Stage(gpu, pixel_grid(1, 1), library)
    mic(stage)
    (tick,) = ticks(1)
    light = float(stage.frame(tick, look("ear"), snapshot())[0, 0])
    stage.release()
    assert light == near(LEVELS.index(name) / 16)


LOUD, QUIET = (SoundFrame(FRAME.levels, bytes([height] * COLUMNS), FRAME.wave) for height in (204, 51))


def test_a_history_keeps_the_spectra_that_came_before_the_newest_below(gpu: GpuContext, tmp_path: Path) -> None:
    text = """/*{"INPUTS": [{"NAME": "past", "TYPE": "audioHistogram", "MAX": 64}]}*/
void main() {
    float rows = IMG_SIZE(past).y;
    gl_FragColor = vec4(IMG_TEXEL(past, ivec2(9, 0)).r, IMG_TEXEL(past, ivec2(9, 1)).r, rows / 300.0, 1.0);
}
"""
    (tmp_path / "a.fs").write_text(text, encoding="utf-8")
    stage = Stage(gpu, pixel_grid(1, 1), PieceLibrary([tmp_path]))
    stage.sounds.connect(["mic"])
    drawn = []
    for tick, frame in zip(ticks(4), (None, LOUD, QUIET, None), strict=True):
        if frame is not None:
            stage.sounds.take("mic", frame)
        stage.frame(tick, look("a"), snapshot())
        drawn.append(stage.canvas()[0, 0].tolist())
    assert drawn == [[0, 0, 204], [204, 0, 204], [51, 204, 204], [51, 204, 204]]
    stage.release()


def test_the_test_sound_has_a_past_that_follows_from_its_time(seen: Seen) -> None:
    now = [seen("history", 3, row, samples=16) for row in (0, 15)]
    assert now[0] == near(seen("spectrum", 3, samples=16))
    assert now[0] != near(now[1])


def test_isf_hears_a_row_a_channel_and_one_of_a_single_one(gpu: GpuContext, tmp_path: Path) -> None:
    left, right = bytes([51] * COLUMNS), bytes([204] * COLUMNS)
    low, high = bytes([128] * COLUMNS), bytes([179] * COLUMNS)
    both = SoundFrame(FRAME.levels, bytes([102] * COLUMNS), FRAME.wave, left + right + low + high)
    text = """/*{"INPUTS": [{"NAME": "bins", "TYPE": "audioFFT", "MAX": 32},
                 {"NAME": "heard", "TYPE": "audio", "MAX": 32}]}*/
void main() {
    float rows = IMG_SIZE(heard).y;
    vec3 low = vec3(IMG_NORM_PIXEL(bins, vec2(0.5, 0.25)).r, IMG_NORM_PIXEL(heard, vec2(0.5, 0.25)).r, rows * 0.2);
    vec3 high = vec3(IMG_NORM_PIXEL(bins, vec2(0.5, 0.75)).r, IMG_NORM_PIXEL(heard, vec2(0.5, 0.75)).r, rows * 0.2);
    gl_FragColor = vec4(isf_FragNormCoord.x < 0.5 ? low : high, 1.0);
}
"""
    (tmp_path / "a.fs").write_text(text, encoding="utf-8")
    stage = Stage(gpu, pixel_grid(2, 1), PieceLibrary([tmp_path]), canvas_px=(2, 1))
    stage.sounds.connect(["mic"])
    stage.sounds.take("mic", both)
    first, second = ticks(2)
    stage.frame(first, look("a"), snapshot())
    assert stage.canvas()[0].tolist() == [[51, 127, 102], [204, 178, 102]]
    stage.sounds.take("mic", SoundFrame(FRAME.levels, left, low))
    stage.frame(second, look("a"), snapshot())
    assert stage.canvas()[0].tolist() == [[51, 127, 51], [51, 127, 51]]
    stage.release()


def test_a_piece_of_ones_own_hears_the_mean_unless_it_asks(seen: Seen) -> None:
    sides = bytes([51] * COLUMNS) + bytes([204] * COLUMNS) + FRAME.wave * 2
    both = SoundFrame(FRAME.levels, bytes([102] * COLUMNS), FRAME.wave, sides)

    def stereo(stage: Stage) -> None:
        stage.sounds.connect(["mic"])
        stage.sounds.take("mic", both)

    assert seen("spectrum", 5, prepare=stereo) == near(102 / 255)
    assert seen("spectrum", 5, 1, prepare=stereo, more="channels = true\n") == near(204 / 255)
