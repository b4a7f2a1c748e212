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
