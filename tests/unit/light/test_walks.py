"""The compiled walks: what the machine code says is what the functions say as Python, and the way back agrees."""

from __future__ import annotations

import numpy as np
import pytest

from facade.core.color import LUMINANCE_WEIGHTS
from facade.light import walks
from facade.light.bank import banks
from facade.light.decode import LightDecoder
from facade.light.pipeline import LightPipeline
from facade.light.stretches import stretches_of
from tests.support.venues import RGB_GAMMA, RGB_LINEAR, pixel_map

FULL = {"amps": (0.02, 0.03, 0.01, 0.08), "candela": (1.0, 2.0, 0.5, 3.0)}
MIXED = [
    {**RGB_GAMMA, **FULL, "white_xy": [0.28, 0.29]},
    {**FULL, "channels": ["G", "fixed:7", "R", "B", "W"], "curve": "srgb", "white_mode": "subtract"},
    {**FULL, "channels": ["R", "R_fine", "G", "W", "W_fine", "B"], "gamma": 2.8, "white_mode": "add"},
    {**FULL, "channels": ["W"], "curve": "linear", "dither": False},
    {**FULL, "channels": ["R", "R", "G"], "curve": "gamma", "gamma": 1.4},
]


@pytest.fixture
def plain(monkeypatch):
    """Have every kernel run as plain Python."""

    def switch():
        for name in [name for name, kernel in vars(walks).items() if hasattr(kernel, "py_func")]:
            monkeypatch.setattr(walks, name, getattr(walks, name).py_func)

    return switch


def venue(n, **changes):
    rng = np.random.default_rng(n)
    order = np.sort(rng.integers(0, len(MIXED), n))
    groups = rng.integers(-1, 2, n)
    power = [("a", 0.004 * n), ("b", 0.5 * n)]
    return pixel_map(MIXED, order=order, power=power, power_of=np.sort(groups), rate_hz=80.0, **changes)


def frames_of(pixels, rests=()):
    pipeline, rng, found = LightPipeline(pixels, rests=rests), np.random.default_rng(5), []
    for frame in range(4):
        rgb = rng.random((pixels.n_pixels, 3), dtype=np.float32) * np.float32(1.2) - np.float32(0.1)
        rgb[frame, 1], rgb[-1, 0] = np.nan, -np.inf
        found.append(pipeline.process(rgb, master=0.9, delta_s=0.025, frame=frame).tobytes())
    return found, pipeline.counters


@pytest.mark.parametrize("n", [5, 611])
def test_machine_code_and_python_write_the_same_bytes(plain, n):
    pixels = venue(n)
    third = np.arange(pixels.n_levels) < pixels.n_levels // 3
    by_machine = frames_of(pixels, rests=((2, third),))
    plain()
    by_python = frames_of(pixels, rests=((2, third),))

    assert by_machine[1].power_scale < 1.0, "no supply was at its limit"
    assert by_machine == by_python


def test_machine_code_and_python_read_the_same_light(plain):
    pixels = venue(300)
    levels = np.random.default_rng(0).integers(0, 256, pixels.n_levels).astype(np.uint8)
    one, other = np.zeros((300, 3), np.float32), np.zeros((300, 3), np.float32)
    LightDecoder(pixels).rgb_into(levels, one)
    plain()
    LightDecoder(pixels).rgb_into(levels, other)

    assert one.any()
    assert one.tobytes() == other.tobytes()


def summed(pixels, rgb):
    bank_list, n_groups = banks(pixels), len(pixels.power_amps) + 1
    sums, draws = np.zeros((n_groups, 2)), np.zeros((len(bank_list), 2, 4), np.float32)
    draws[:, walks.AMPS, :3] = 1.0
    facts = np.zeros((len(bank_list), 6), np.int64)
    gains = np.ones((len(bank_list), 3 * walks.BLOCK), np.float32)
    scales = np.ones((n_groups, 4), np.float32)
    stretches = stretches_of(pixels, bank_list)
    walks.add_up(
        rgb.reshape(-1),
        stretches,
        gains,
        scales,
        facts,
        LUMINANCE_WEIGHTS,
        draws,
        sums,
        np.zeros(4 * walks.BLOCK, np.float32),
    )
    return sums[:, walks.AMPS]


@pytest.mark.parametrize("n", [1, 2, 3, walks.BLOCK - 1, walks.BLOCK, walks.BLOCK + 1, 5 * walks.BLOCK + 77])
def test_sums_leave_out_no_pixel_and_err_by_less_than_the_limits_allow_for(n):
    rgb = np.random.default_rng(n).random((n, 3), dtype=np.float32)

    (found,) = summed(pixel_map([RGB_LINEAR], [n]), rgb)

    assert found == pytest.approx(float(rgb.sum(dtype=np.float64)), rel=1e-6)


def test_every_power_group_has_its_own_sum_and_pixels_in_none_the_last():
    pixels = pixel_map([RGB_LINEAR], [6], power=[("a", 9.0), ("b", 9.0)], power_of=[1, 1, 0, -1, 0, 1])
    rgb = np.repeat(np.float32([[1], [2], [4], [8], [16], [32]]) / np.float32(64), 3, axis=1)

    assert (summed(pixels, rgb) * 64 / 3).tolist() == [20.0, 35.0, 8.0]


def test_stretches_end_where_profile_group_or_rate_change():
    pixels = pixel_map(
        [RGB_LINEAR, {"channels": ["W"]}],
        order=[0, 0, 0, 1, 1, 1],
        power=[("a", 9.0)],
        power_of=[0, -1, -1, -1, -1, -1],
    )

    found = stretches_of(pixels, banks(pixels), rates=np.array([0, 0, 0, 0, 0, 1]))

    assert found.tolist() == [[0, 1, 0, 0, 0, 0], [1, 3, 3, 0, 1, 0], [3, 5, 9, 1, 1, 0], [5, 6, 11, 1, 1, 1]]


@pytest.mark.parametrize("master", [float("nan"), float("inf"), -1.0, 2.0])
def test_no_master_whatever_leads_out_of_a_table(master):
    pixels = pixel_map([RGB_GAMMA], [9])

    levels = LightPipeline(pixels).process(np.ones((9, 3), np.float32), master=master, delta_s=0.025, frame=0)

    assert set(levels[:27].tolist()) <= {0, 255}


def test_a_frame_that_cannot_be_written_to_is_read():
    pixels = pixel_map([RGB_LINEAR], [2])
    rgb = np.full((2, 3), 0.6, np.float32)
    rgb.setflags(write=False)

    assert LightPipeline(pixels).process(rgb, master=1.0, delta_s=0.025, frame=0)[:6].tolist() == [153] * 6
