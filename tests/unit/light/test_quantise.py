"""The rule of dither: fast or gentle enough to be unseen, or still."""

from __future__ import annotations

import numpy as np
import pytest

from facade.config.fixture import FixtureProfile
from facade.light.curve import level_lights
from facade.light.pipeline import LightPipeline
from facade.light.quantise import DEEPEST, SLOWEST_HZ, phase_count, phase_offset, still_below
from tests.support.venues import RGB_GAMMA, pixel_map


def profile(**curve):
    return FixtureProfile.model_validate({"id": "p", "channels": ["R"], **curve})


@pytest.mark.parametrize(
    ("rate_hz", "n"), [(10, 1), (30, 1), (40, 2), (44, 2), (60, 2), (80, 4), (100, 4), (200, 8), (320, 16), (1000, 16)]
)
def test_patterns_are_as_long_as_the_rate_allows(rate_hz, n):
    assert phase_count(rate_hz) == n
    assert n == 1 or rate_hz / n >= SLOWEST_HZ


@pytest.mark.parametrize("phases", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("letter", "RGBW")
def test_thresholds_are_spread_evenly_over_a_pattern(phases, letter):
    offsets = sorted(phase_offset(f, phases=phases, letter=letter) for f in range(phases))

    assert offsets == [k * 256 // phases for k in range(phases)]


def test_pattern_alternates_as_fast_as_it_can():
    assert [phase_offset(f, phases=4, letter="R") for f in range(5)] == [0, 128, 64, 192, 0]


@pytest.mark.parametrize("curve", [{"curve": "linear"}, {"curve": "gamma", "gamma": 2.2}, {"curve": "srgb"}])
def test_lamps_stand_still_where_a_level_more_is_seen(curve):
    lights = level_lights(profile(**curve))
    depth = (lights[1:] - lights[:-1]) / (lights[1:] + lights[:-1])
    still = still_below(profile(**curve))

    assert np.all(depth[still:] <= DEEPEST)
    assert depth[still - 1] > DEEPEST
    assert still > 2


def sent_changes(rate_hz, n):
    """How often a second the bytes of half a level change, per lamp, on a controller that takes every n-th frame."""
    pixels = pixel_map([RGB_GAMMA], [300], rate_hz=rate_hz)
    lights = level_lights(pixels.profiles[0])
    rests = () if n == 1 else ((n, np.ones(pixels.n_levels, np.bool_)),)
    pipeline = LightPipeline(pixels, rests=rests)
    rgb = np.full((300, 3), (lights[100] + lights[101]) / 2, np.float32)
    frames = int(rate_hz) * 2
    shown = [
        pipeline.process(rgb, master=1.0, delta_s=1 / rate_hz, frame=f)[: pixels.n_levels].copy()
        for f in range(frames)
        if True
    ]
    return np.count_nonzero(np.diff(np.array(shown[::n]).astype(int), axis=0), axis=0) / 2.0


@pytest.mark.parametrize(
    ("rate_hz", "n", "changes"),
    [(40.0, 1, 40), (120.0, 3, 40), (60.0, 3, 0), (80.0, 3, 0), (90.0, 2, 45), (240.0, 2, 120)],
)
def test_patterns_are_made_of_the_frames_that_a_controller_takes(rate_hz, n, changes):
    found = sent_changes(rate_hz, n)

    # A pattern of p sent frames between two levels repeats rate / n / p times a second: never below SLOWEST_HZ.
    assert found.max() == pytest.approx(changes, abs=2)
    assert found.max() == found.min() == 0 or found.min() >= 2 * SLOWEST_HZ - 2


def test_a_controller_that_takes_every_frame_is_dithered_as_if_it_were_alone():
    pixels = pixel_map([RGB_GAMMA], [300], rate_hz=120.0)
    half = np.zeros(pixels.n_levels, np.bool_)
    half[450:] = True
    mixed, alone = LightPipeline(pixels, rests=((3, half),)), LightPipeline(pixels)
    rgb = np.random.default_rng(1).random((300, 3), dtype=np.float32)

    for frame in range(24):
        one, other = (p.process(rgb, master=1.0, delta_s=1 / 120, frame=frame) for p in (mixed, alone))
        assert one[:450].tobytes() == other[:450].tobytes()


def test_dim_lamps_do_not_blink():
    pixels = pixel_map([RGB_GAMMA], [300])
    lights = level_lights(pixels.profiles[0])
    pipeline = LightPipeline(pixels)
    rgb = np.full((300, 3), (lights[1] + lights[2]) / 2, np.float32)

    shown = [pipeline.process(rgb, master=1.0, delta_s=0.025, frame=f)[:900].tobytes() for f in range(16)]

    assert len(set(shown)) == 1
    assert set(shown[0]) == {1, 2}


def test_bright_lamps_alternate_between_neighbours_only():
    pixels = pixel_map([RGB_GAMMA], [300])
    lights = level_lights(pixels.profiles[0])
    pipeline = LightPipeline(pixels)
    rgb = np.full((300, 3), (lights[150] + lights[151]) / 2, np.float32)

    shown = [pipeline.process(rgb, master=1.0, delta_s=0.025, frame=f)[:900].tobytes() for f in range(4)]

    assert shown[0] != shown[1]
    assert shown[0] == shown[2]
    assert set(b"".join(shown)) == {150, 151}


def test_dim_grey_stays_grey():
    pixels = pixel_map([RGB_GAMMA], [300])
    pipeline = LightPipeline(pixels)
    rgb = np.full((300, 3), 2e-5, np.float32)

    levels = pipeline.process(rgb, master=1.0, delta_s=0.025, frame=3)[:900].reshape(300, 3)

    assert np.all(levels == levels[:, :1])
    assert set(levels.ravel().tolist()) == {1, 2}


def test_undithered_profile_rounds_to_the_nearer_level_and_never_moves():
    pixels = pixel_map([{**RGB_GAMMA, "dither": False}], [100])
    lights = level_lights(pixels.profiles[0])
    pipeline = LightPipeline(pixels)
    rgb = np.full((100, 3), 0.3 * lights[80] + 0.7 * lights[81], np.float32)

    for frame in range(4):
        assert set(pipeline.process(rgb, master=1.0, delta_s=0.025, frame=frame)[:300].tolist()) == {81}
