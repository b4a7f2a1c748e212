"""Fields that flash although no pixel flashes too often: both sides of every threshold, and the guard at them."""

from __future__ import annotations

import numpy as np
import pytest

from facade.light.decode import LightDecoder
from facade.light.flash_report import analyse
from facade.light.pipeline import LightPipeline
from tests.support.venues import wall_map

RATE_HZ = 50.0
N = 20


def wall(**flash):
    """Twenty columns of ten lamps; without viewpoints one column is a twentieth of the facade."""
    return wall_map(N, 10, pitch_m=0.1, flash=flash)


def stream(columns):
    """Light (F, P, 3) of what each column shows in each frame, (F, 20)."""
    light = np.asarray(columns, np.float32)
    return np.repeat(np.tile(light, (1, 10))[:, :, None], 3, axis=2)


def in_turn(groups, *, step_s, steps):
    """One group of columns is lit after the other, each for step_s."""
    frames = np.zeros((round(steps * step_s * RATE_HZ), N), np.float32)
    for n in range(len(frames)):
        frames[n, groups[int(n / RATE_HZ / step_s + 1e-6) % len(groups)]] = 1.0
    return frames


def held(pixels, columns):
    """What leaves, (F, P, 3), of light that comes."""
    pipeline, decoder = LightPipeline(pixels), LightDecoder(pixels)
    shown = np.zeros((len(columns), pixels.n_pixels, 3), np.float32)
    for n, frame in enumerate(stream(columns)):
        decoder.rgb_into(pipeline.process(frame, master=1.0, delta_s=1 / RATE_HZ, frame=n), shown[n])
    return shown


THIRDS = [range(0, 6), range(6, 12), range(12, 18)]
QUARTERS = [range(0, 5), range(5, 10), range(10, 15), range(15, 20)]


@pytest.mark.parametrize(
    ("groups", "step_s", "too_many"),
    [
        # 30 % of the facade each: three and a bit or four rises a second, each lamp once a second or so.
        (THIRDS, 0.34, False),
        (THIRDS, 0.32, True),
        # Exactly a quarter is allowed, a column more is not.
        (QUARTERS, 0.1, False),
        ([range(0, 6), range(6, 12), range(12, 18), [*range(18, 20), *range(0, 4)]], 0.1, True),
        # Halves in counterphase, which leave the mean of the picture as it is.
        ([range(0, 10), range(10, 20)], 0.34, False),
        ([range(0, 10), range(10, 20)], 0.32, True),
    ],
)
def test_areas_that_flash_in_turn_count_together(groups, step_s, too_many):
    pixels, columns = wall(), in_turn(groups, step_s=step_s, steps=10)

    report = analyse(stream(columns), pixels, rate_hz=RATE_HZ)

    assert {f.kind for f in report.findings} == ({"turns"} if too_many else set())


@pytest.mark.parametrize(("apart_s", "together"), [(0.02, True), (0.04, False)])
def test_what_rises_less_than_40_ms_apart_rises_at_once(apart_s, together):
    # Twice a second two fifths rise and two more, neither a quarter alone; then all fall for a while.
    apart = round(apart_s * RATE_HZ)
    columns = np.zeros((200, N), np.float32)
    for n in range(200):
        columns[n, :4] = n % 24 < 12
        columns[n, 4:8] = apart <= n % 24 < 12 + apart
        columns[n, 8:12] = n % 24 >= 12
        columns[n, 12:16] = (n - apart) % 24 >= 12

    report = analyse(stream(columns), wall(), rate_hz=RATE_HZ)

    assert report.passes is not together


def test_a_field_rises_again_only_after_it_has_fallen():
    # Four quarters and a bit light up within a second, and all go out together, every 1.2 s.
    columns = np.zeros((300, N), np.float32)
    for n in range(300):
        for k in range(4):
            columns[n, 5 * k : 5 * k + 6] = np.maximum(columns[n, 5 * k : 5 * k + 6], n % 60 >= 10 * k)

    assert analyse(stream(columns), wall(), rate_hz=RATE_HZ).passes


@pytest.mark.parametrize("dark", [0, 1, 3])
def test_a_dark_moment_between_turns_does_not_hide_them(dark):
    columns = np.zeros((200, N), np.float32)
    for n in range(200):
        columns[n, :10] = n % 26 < 13 - dark
        columns[n, 10:] = 13 <= n % 26 < 26 - dark

    assert not analyse(stream(columns), wall(), rate_hz=RATE_HZ).passes


def test_a_wipe_is_one_rise_however_fast():
    columns = np.array([[float(c < n) for c in range(N)] for n in range(0, 40, 2)], np.float32)

    assert analyse(stream(columns), wall(), rate_hz=RATE_HZ).passes


def test_a_bar_that_wanders_over_the_facade_does_not_flash_but_one_that_races_does():
    def bar(speed):
        at = np.arange(200)[:, None] / RATE_HZ * speed
        return ((np.arange(N) - at) % N < 6).astype(np.float32)

    assert analyse(stream(bar(20.0)), wall(), rate_hz=RATE_HZ).passes
    assert not analyse(stream(bar(200.0)), wall(), rate_hz=RATE_HZ).passes


def test_red_in_turn_counts_as_red():
    columns = in_turn([range(0, 10), range(10, 20)], step_s=0.2, steps=10)
    light = stream(columns) * np.float32([0.3, 0.0, 0.0])

    rules = {f.rule for f in analyse(light, wall(white_cd_m2=200.0), rate_hz=RATE_HZ).findings if f.kind == "turns"}

    assert {"red", "red320"} <= rules


@pytest.mark.parametrize("viewpoint", [[], [[0.0, 0.0, 6.0]]])
@pytest.mark.parametrize("step_s", [0.06, 0.1, 0.2, 0.32])
def test_the_guard_holds_back_what_flashes_in_turn(viewpoint, step_s):
    pixels = wall(viewpoints_m=viewpoint)
    columns = in_turn([range(0, 10), range(10, 20)], step_s=step_s, steps=round(4 / step_s))
    assert not analyse(stream(columns), pixels, rate_hz=RATE_HZ).passes

    shown = held(pixels, columns)

    assert analyse(shown, pixels, rate_hz=RATE_HZ).passes
    assert shown.max() == 1.0
    assert np.all(shown <= stream(columns) + 1e-6)


def test_the_guard_says_that_it_is_not_one_pixel():
    pixels = wall()
    pipeline = LightPipeline(pixels)
    for n, frame in enumerate(stream(in_turn([range(0, 10), range(10, 20)], step_s=0.26, steps=8))):
        pipeline.process(frame, master=1.0, delta_s=1 / RATE_HZ, frame=n)

    assert pipeline.counters.flash.rule == "wcag, in turn"


@pytest.mark.parametrize(("distance_m", "too_many"), [(4.0, True), (18.0, False)])
def test_from_far_away_the_same_light_is_too_small_to_count(distance_m, too_many):
    # Each half is 1 m2: 0.06 sr from 4 m, 0.003 sr from 18 m.
    pixels = wall(viewpoints_m=[[0.0, 0.0, distance_m]])
    columns = in_turn([range(0, 10), range(10, 20)], step_s=0.2, steps=10)

    assert analyse(stream(columns), pixels, rate_hz=RATE_HZ).passes is not too_many


@pytest.mark.parametrize("frames", [4, 12])
def test_what_rises_at_once_counts_together_in_however_many_frames_it_arrives(frames):
    # Given more frames than a venue's rate promises: late ones that are made up for
    pixels = wall()
    pipeline = LightPipeline(pixels)
    piece = np.arange(N) % frames

    held = 0
    for n in range(8):
        # When two fifths or three rise piece by piece, all within 36 ms, and the rest is out; then the others
        lit = (np.arange(N) < 12) == (n % 2 == 0)
        for k in range(frames):
            light = stream([lit & (piece <= k)])[0]
            pipeline.process(light, master=1.0, delta_s=0.036 / frames if k else 0.2, frame=n * frames + k)
            held = max(held, pipeline.counters.flash.held)

    assert held > 0
    assert pipeline.counters.flash.rule == "wcag, in turn"


def test_frames_that_come_too_fast_do_not_add_up_for_ever():
    # Given lamps that change two in a frame, one up and one down, in more frames than agreed
    pixels = wall()
    pipeline, light = LightPipeline(pixels), np.zeros((10 * N, 3), np.float32)
    light[::2] = 1.0

    held = 0
    for n in range(800):
        which = [n % len(light), (n + 101) % len(light)]
        light[which] = 1.0 - light[which]
        pipeline.process(light, master=1.0, delta_s=0.005, frame=n)
        held += pipeline.counters.flash.held

    assert held == 0
