"""Laws of light: no supply is ever exceeded, limits only darken, and what dither shows is what was asked for.

Amperes are counted here from the bytes that leave, with the profile's own formula written out again.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from facade.light.curve import level_lights
from facade.light.decode import LightDecoder
from facade.light.pipeline import LightPipeline
from tests.support.venues import pixel_map

CHANNELS = st.sampled_from(
    [
        ["R", "G", "B"],
        ["G", "B", "R", "W"],
        ["W"],
        ["R", "R_fine", "B", "B_fine", "G", "G_fine"],
        ["R", "G", "W", "W_fine", "fixed:3"],
    ]
)
AMPS = st.floats(0.0, 0.1)


@st.composite
def profiles(draw):
    return {
        "channels": draw(CHANNELS),
        "curve": draw(st.sampled_from(["linear", "gamma", "srgb"])),
        "gamma": draw(st.floats(1.0, 4.0)),
        "amps": draw(st.tuples(AMPS, AMPS, AMPS, AMPS)),
        "idle_amps": draw(st.sampled_from([0.0, 0.001])),
        "dither": draw(st.booleans()),
        "white_mode": draw(st.sampled_from(["subtract", "add"])),
    }


def amperes(pixels, levels):
    """Draw of each power group, from levels."""
    total = np.zeros(len(pixels.power_amps))
    for p in range(pixels.n_pixels):
        if pixels.power[p] < 0:
            continue
        profile = pixels.profiles[pixels.profile[p]]
        own = levels[pixels.offset[p] : pixels.offset[p + 1]].astype(int)
        byte = dict(zip(profile.channels, own.tolist(), strict=True))
        total[pixels.power[p]] += profile.idle_amps
        for letter, amps in zip("RGBW", profile.amps, strict=True):
            if f"{letter}_fine" in byte:
                light = level_lights(profile, n_levels=65536)[byte[letter] * 256 + byte[f"{letter}_fine"]]
            else:
                light = level_lights(profile)[byte.get(letter, 0)]
            total[pixels.power[p]] += amps * light
    return total


@settings(max_examples=150, deadline=None)
@given(st.data(), st.lists(profiles(), min_size=1, max_size=3), st.integers(1, 24), st.integers(0, 2**31))
def test_no_supply_is_ever_exceeded(data, profile_list, n, seed):
    rng = np.random.default_rng(seed)
    order = rng.integers(0, len(profile_list), n)
    idle = sum(0.001 for _ in range(n))
    supplies = [(f"g{i}", idle * 1.01 + data.draw(st.floats(0.001, 2.0))) for i in range(2)]
    pixels = pixel_map(profile_list, order=order, power=supplies, power_of=rng.integers(-1, 2, n))
    pipeline = LightPipeline(pixels)

    for frame in range(6):
        rgb = rng.random((n, 3), dtype=np.float32) ** rng.integers(1, 6)
        levels = pipeline.process(rgb, master=1.0, delta_s=rng.random() * 0.1, frame=frame)

        assert np.all(amperes(pixels, levels) <= [a for _, a in supplies])


@settings(max_examples=60, deadline=None)
@given(st.floats(0.02, 1.0), st.integers(0, 2**31), st.floats(0.05, 2.0))
def test_limiter_only_darkens_and_keeps_hue(brightness, seed, supply):
    fine = {"channels": ["R", "R_fine", "G", "G_fine", "B", "B_fine"], "curve": "linear", "idle_amps": 0.0}
    free, limited = pixel_map([fine], [20]), pixel_map([fine], [20], power=[("a", supply)])
    rgb = (np.random.default_rng(seed).random((20, 3)) * brightness).astype(np.float32)

    before, after = (shown(p, rgb) for p in (free, limited))

    assert np.all(after <= before)
    scale = after.sum() / before.sum()
    assert np.allclose(after, before * scale, atol=2 / 65535)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 1.0), st.sampled_from([40.0, 60.0, 100.0, 400.0]), st.sampled_from(["linear", "gamma", "srgb"]))
def test_mean_over_a_dither_pattern_is_the_light_that_was_asked_for(light, rate_hz, curve):
    # 610 pixels: the golden-ratio thresholds of a Fibonacci number of pixels fill 0..1 most evenly.
    pixels = pixel_map([{"channels": ["R", "G", "B"], "curve": curve}], [610], rate_hz=rate_hz)
    pipeline, decoder = LightPipeline(pixels), LightDecoder(pixels)
    rgb = np.full((610, 3), light, np.float32)
    out, total = np.zeros((610, 3), np.float32), np.zeros(3)
    for frame in range(16):
        decoder.rgb_into(pipeline.process(rgb, master=1.0, delta_s=0.025, frame=frame), out)
        total += out.mean(axis=0) / 16

    lights = level_lights(pixels.profiles[0])
    upper = min(int(np.searchsorted(lights, light)), 255)
    step = lights[upper] - lights[max(upper - 1, 0)]
    assert np.all(np.abs(total - light) <= max(step, 1e-6) / 32)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 1.0), st.integers(0, 609))
def test_a_lamp_above_the_still_range_averages_to_a_half_level_in_two_frames(light, pixel):
    pixels = pixel_map([{"channels": ["R", "G", "B"], "curve": "linear"}], [610])
    pipeline = LightPipeline(pixels)
    rgb = np.full((610, 3), light, np.float32)

    pair = [pipeline.process(rgb, master=1.0, delta_s=0.025, frame=f)[pixel * 3] / 1.0 for f in (0, 1)]

    assert abs(pair[0] - pair[1]) <= 1
    assert abs(sum(pair) / 2 - light * 255) <= 0.5 + 1 / 64


def test_low_light_ramps_have_no_steps():
    # From black to level 8 of a gamma device in 400 frames: the facade's mean must never fall, and never jump by more
    # than a small part of what one level would be.
    pixels = pixel_map([{"channels": ["R", "G", "B"], "curve": "gamma", "gamma": 2.2}], [987])
    pipeline = LightPipeline(pixels)
    top = float(level_lights(pixels.profiles[0])[8])
    means = []
    for frame in range(400):
        rgb = np.full((987, 3), top * frame / 400, np.float32)
        means.append(pipeline.process(rgb, master=1.0, delta_s=0.025, frame=frame)[:2961].mean())
    steps = np.diff(means)

    assert np.all(steps >= 0)
    assert len(set(means)) > 250
    assert steps[40:].max() < 0.08


def test_sixteen_bit_ramps_show_every_level_on_the_way():
    pixels = pixel_map([{"channels": ["R", "R_fine"], "curve": "gamma", "gamma": 2.2}], [4000])
    drive = np.arange(1000, 5000) / 65535
    rgb = np.repeat(np.power(drive, 2.2).astype(np.float32)[:, None], 3, axis=1)

    levels = LightPipeline(pixels).process(rgb, master=1.0, delta_s=0.025, frame=0)[:8000].astype(int)

    shown_levels = levels[0::2] * 256 + levels[1::2]
    assert np.all(np.abs(shown_levels - np.arange(1000, 5000)) <= 2)


def shown(pixels, rgb):
    out = np.zeros_like(rgb)
    LightDecoder(pixels).rgb_into(LightPipeline(pixels).process(rgb, master=1.0, delta_s=0.025, frame=0), out)
    return out
