"""The whole way from linear light to channel bytes, one promise a test."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from facade.core.errors import MappingError
from facade.light.decode import LightDecoder
from facade.light.pipeline import LightPipeline
from tests.support.venues import RGB_GAMMA, RGB_LINEAR, pixel_map


def levels_of(pixels, rgb, *, master=1.0, frame=0, delta_s=0.025):
    pipeline = LightPipeline(pixels)
    light = np.broadcast_to(np.asarray(rgb, np.float32), (pixels.n_pixels, 3))
    return pipeline.process(np.ascontiguousarray(light), master=master, delta_s=delta_s, frame=frame)


def light_of(pixels, levels):
    out = np.zeros((pixels.n_pixels, 3), np.float32)
    LightDecoder(pixels).rgb_into(levels, out)
    return out


def test_colours_lie_in_the_order_of_the_profile():
    pixels = pixel_map([{**RGB_LINEAR, "channels": ["G", "fixed:7", "B", "R"]}], [2])

    levels = levels_of(pixels, [1.0, 0.6, 0.2])

    assert levels[:8].tolist() == [153, 7, 51, 255] * 2


def test_levels_end_in_the_constants():
    pixels = pixel_map([RGB_LINEAR], [3])

    assert levels_of(pixels, [1.0, 1.0, 1.0])[9:].tolist() == list(range(256))


def test_profiles_may_alternate_along_the_venue():
    rgb, bgr = RGB_LINEAR, {**RGB_LINEAR, "channels": ["B", "G", "R", "fixed:9"]}
    pixels = pixel_map([rgb, bgr], order=[0, 1, 0, 1, 1])

    levels = levels_of(pixels, [0.2, 0.4, 0.6])

    assert levels[:18].tolist() == [51, 102, 153, 153, 102, 51, 9, 51, 102, 153] + [153, 102, 51, 9] * 2


def test_not_a_number_blackens_its_pixel_and_is_counted():
    pixels = pixel_map([RGB_LINEAR], [4])
    rgb = np.full((4, 3), 0.6, np.float32)
    rgb[1, 2], rgb[2, 0] = np.nan, np.inf
    pipeline = LightPipeline(pixels)

    levels = pipeline.process(rgb, master=1.0, delta_s=0.025, frame=0)

    assert levels[:12].tolist() == [153] * 3 + [0] * 6 + [153] * 3
    assert pipeline.counters.not_finite == 2
    assert np.isnan(rgb[1, 2]), "the caller's frame was changed"


def test_light_outside_the_range_is_clipped():
    pixels = pixel_map([RGB_LINEAR], [1])

    assert levels_of(pixels, [-5.0, 7.0, 1e38])[:3].tolist() == [0, 255, 255]


def test_master_is_linear_in_light():
    pixels = pixel_map([{**RGB_GAMMA, "dither": False}], [1])

    full, half = (light_of(pixels, levels_of(pixels, [0.8, 0.8, 0.8], master=m)) for m in (1.0, 0.5))

    assert np.allclose(half, full / 2, atol=0.004)


def test_master_zero_is_black_whatever_the_dither():
    pixels = pixel_map([RGB_GAMMA], [50])

    for frame in range(16):
        assert not levels_of(pixels, [1.0, 1.0, 1.0], master=0.0, frame=frame)[:150].any()


def test_white_balance_darkens_the_strong_colours_only():
    # A bluish device: to look like D65 it must give less blue, and no channel more than before.
    pixels = pixel_map([{**RGB_LINEAR, "white_xy": [0.28, 0.29]}], [1])

    red, green, blue = levels_of(pixels, [1.0, 1.0, 1.0])[:3].tolist()

    assert red == 255
    assert blue < green < 255


def test_balanced_white_decodes_to_the_light_that_was_asked_for():
    pixels = pixel_map([{**RGB_LINEAR, "white_xy": [0.28, 0.29]}], [1])

    assert np.allclose(light_of(pixels, levels_of(pixels, [0.5, 0.5, 0.5])), 0.5, atol=0.005)


def test_white_channel_takes_what_the_colours_share():
    pixels = pixel_map([{**RGB_LINEAR, "channels": ["R", "G", "B", "W"]}], [1])

    assert levels_of(pixels, [1.0, 0.6, 0.2])[:4].tolist() == [204, 102, 0, 51]


def test_white_channel_may_be_added_to_the_colours():
    pixels = pixel_map([{**RGB_LINEAR, "channels": ["R", "G", "B", "W"], "white_mode": "add"}], [1])

    assert levels_of(pixels, [1.0, 0.6, 0.2])[:4].tolist() == [255, 153, 51, 51]


def test_lamp_with_white_alone_shows_luminance():
    pixels = pixel_map([{**RGB_LINEAR, "channels": ["W"]}], [1])

    assert levels_of(pixels, [0.0, 1.0, 0.0])[:1].tolist() == [round(0.7152 * 255)]


def test_sixteen_bit_channels_get_coarse_and_fine_bytes_where_the_profile_has_them():
    pixels = pixel_map([{**RGB_LINEAR, "channels": ["R", "G", "R_fine", "B", "G_fine", "B_fine"]}], [1])

    levels = levels_of(pixels, [0x1234 / 65535, 0xABCD / 65535, 1 / 65535])[:6].tolist()

    assert levels == [0x12, 0xAB, 0x34, 0x00, 0xCD, 0x01]


@pytest.mark.parametrize("curve", [{"curve": "linear"}, {"curve": "gamma", "gamma": 2.8}, {"curve": "srgb"}])
def test_sixteen_bit_light_comes_back_to_five_digits(curve):
    channels = ["R", "R_fine", "G", "G_fine", "B", "B_fine", "W", "W_fine"]
    pixels = pixel_map([{"channels": channels, **curve}], [1000])
    rgb = np.random.default_rng(3).random((1000, 3), dtype=np.float32)

    assert np.allclose(light_of(pixels, levels_of(pixels, rgb)), rgb, atol=2e-4)


def test_same_input_gives_the_same_light():
    pixels = pixel_map([RGB_GAMMA], [500])
    rgb = np.random.default_rng(1).random((500, 3), dtype=np.float32)

    runs = [[levels_of(pixels, rgb, frame=f).tobytes() for f in range(6)] for _ in range(2)]

    assert runs[0] == runs[1]


def test_frame_of_another_venue_is_refused():
    with pytest.raises(MappingError, match="4 pixels"):
        LightPipeline(pixel_map([RGB_LINEAR], [4])).process(
            np.zeros((5, 3), np.float32), master=1.0, delta_s=0.0, frame=0
        )


@pytest.mark.parametrize("order", [[0] * 100_000, [0, 1] * 50_000], ids=["one profile", "two profiles, pixel by pixel"])
def test_frame_allocates_nothing_that_grows_with_pixels(order):
    rgbw = {**RGB_GAMMA, "channels": ["R", "G", "B", "W", "W_fine"]}
    n = len(order)
    pixels = pixel_map(
        [RGB_GAMMA, rgbw], order=order, power=[("a", 400.0), ("b", 400.0)], power_of=[0, 0, 1, 1] * (n // 4)
    )
    pipeline = LightPipeline(pixels)
    rgb = np.full((n, 3), 0.7, np.float32)
    pipeline.process(rgb, master=0.9, delta_s=0.025, frame=0)

    tracemalloc.start()
    for frame in range(1, 4):
        pipeline.process(rgb, master=0.9, delta_s=0.025, frame=frame)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    # NumPy converts types through fixed buffers of some 70 kB; one byte a pixel would already be more.
    assert peak < n
