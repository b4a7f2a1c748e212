"""Power groups: down at once, up slowly, colour kept, nobody else touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facade.core.errors import MappingError
from facade.light.decode import LightDecoder
from facade.light.pipeline import LightPipeline
from tests.support.venues import RGB_GAMMA, RGB_LINEAR, pixel_map

FINE = {
    "channels": ["R", "R_fine", "G", "G_fine", "B", "B_fine"],
    "curve": "linear",
    "amps": (0.02, 0.02, 0.02, 0.02),
    "idle_amps": 0.0,
}


def light_after(pipeline, pixels, rgb, *, delta_s=0.025):
    out = np.zeros((pixels.n_pixels, 3), np.float32)
    light = np.ascontiguousarray(np.broadcast_to(np.asarray(rgb, np.float32), out.shape))
    LightDecoder(pixels).rgb_into(pipeline.process(light, master=1.0, delta_s=delta_s, frame=0), out)
    return out


def test_group_is_scaled_to_its_supply_at_once():
    pixels = pixel_map([FINE], [100], power=[("east", 3.0)])  # 6 A at full white
    pipeline = LightPipeline(pixels)

    light = light_after(pipeline, pixels, [1.0, 1.0, 1.0])

    assert light.sum() * 0.02 <= 3.0
    assert np.allclose(light, 0.5, atol=0.001)
    assert pipeline.counters.power == {"east": pytest.approx(0.5, abs=0.001)}


def test_colour_is_kept():
    pixels = pixel_map([FINE], [100], power=[("east", 1.0)])

    light = light_after(LightPipeline(pixels), pixels, [1.0, 0.5, 0.25])

    assert np.allclose(light[:, 1] / light[:, 0], 0.5, atol=0.001)
    assert np.allclose(light[:, 2] / light[:, 0], 0.25, atol=0.001)


def test_idle_draw_is_subtracted_first():
    pixels = pixel_map([{**FINE, "idle_amps": 0.01}], [100], power=[("east", 3.0)])

    light = light_after(LightPipeline(pixels), pixels, [1.0, 1.0, 1.0])

    assert light.sum() * 0.02 + 100 * 0.01 <= 3.0
    assert np.allclose(light, 2.0 / 6.0, atol=0.001)


def test_limit_releases_over_two_seconds():
    pixels = pixel_map([FINE], [100], power=[("east", 3.0)])
    pipeline = LightPipeline(pixels)
    light_after(pipeline, pixels, [1.0, 1.0, 1.0])

    scales = []
    for _ in range(50):
        light_after(pipeline, pixels, [0.1, 0.1, 0.1])
        scales.append(pipeline.counters.power_scale)

    assert scales[0] == pytest.approx(0.5 + 0.025 / 2, abs=0.001)
    assert np.all(np.diff(scales) >= 0)
    assert scales[38] < 1.0
    assert scales[40] == 1.0


def test_groups_do_not_disturb_each_other_or_pixels_without_a_group():
    pixels = pixel_map([FINE], [30], power=[("east", 0.3), ("west", 10.0)], power_of=[0] * 10 + [1] * 10 + [-1] * 10)

    light = light_after(LightPipeline(pixels), pixels, [1.0, 1.0, 1.0])

    assert np.all(light[:10] < 0.51)
    assert np.all(light[10:] == 1.0)


def test_members_of_a_group_may_lie_scattered():
    pixels = pixel_map([FINE, RGB_LINEAR], order=[0, 1] * 10, power=[("a", 0.3), ("b", 9.0)], power_of=[0, 1, 1, 0] * 5)

    light = light_after(LightPipeline(pixels), pixels, [1.0, 1.0, 1.0])

    dark = np.array([True, False, False, True] * 5)
    assert np.all(light[dark] < 0.51)
    assert np.all(light[~dark] == 1.0)


def test_white_channel_counts_with_its_own_amperes():
    # Subtracting leaves white alone lit: 10 pixels of 0.08 A.
    rgbw = {**FINE, "channels": ["R", "G", "B", "W", "W_fine"], "amps": (0.02, 0.02, 0.02, 0.08)}
    pixels = pixel_map([rgbw], [10], power=[("east", 0.4)])
    pipeline = LightPipeline(pixels)

    light_after(pipeline, pixels, [1.0, 1.0, 1.0])

    assert pipeline.counters.power_scale == pytest.approx(0.5, abs=0.01)


def test_supply_that_cannot_feed_black_pixels_is_refused():
    pixels = pixel_map([RGB_GAMMA], [1000], power=[("east", 0.5)])

    with pytest.raises(MappingError, match=r"'east' gives 0\.5 A .* 1 A when black"):
        LightPipeline(pixels)


def test_supply_that_is_large_enough_costs_nothing():
    limited = pixel_map([RGB_GAMMA], [100], power=[("east", 100.0)])
    free = pixel_map([RGB_GAMMA], [100])
    rgb = np.random.default_rng(2).random((100, 3), dtype=np.float32)

    one, other = (LightPipeline(p).process(rgb, master=1.0, delta_s=0.025, frame=5) for p in (limited, free))

    assert one.tobytes() == other.tobytes()


def test_all_groups_together_keep_the_total():
    linear = {
        "channels": ["R", "G", "B"],
        "curve": "linear",
        "dither": False,
        "amps": [0.1, 0.1, 0.1, 0],
        "idle_amps": 0,
    }
    pixels = pixel_map([linear], [20], power=[("a", 100.0), ("b", 100.0)], power_of=[0] * 10 + [1] * 10)
    facts = pixels.venue.venue.model_copy(update={"total_amps": 3.0})
    pixels = replace(pixels, venue=pixels.venue.model_copy(update={"venue": facts}))
    pipeline = LightPipeline(pixels)

    levels = pipeline.process(np.ones((20, 3), np.float32), master=1.0, delta_s=0.025, frame=0)

    assert levels[:60].astype(float).sum() / 255 * 0.1 <= 3.0
    assert levels[0] == levels[59] > 120
    assert pipeline.counters.power["in total"] == pipeline.counters.power_scale < 0.51
