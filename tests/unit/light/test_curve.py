"""Device curves and the tables that invert them."""

from __future__ import annotations

import numpy as np
import pytest

from facade.config.fixture import FixtureProfile
from facade.light.curve import INDEX_SCALE, drive_of, inverse_table, level_lights, light_of

CURVES = [
    {"curve": "linear"},
    {"curve": "gamma", "gamma": 1.0},
    {"curve": "gamma", "gamma": 1.4},
    {"curve": "gamma", "gamma": 1.99},
    {"curve": "gamma", "gamma": 2.2},
    {"curve": "gamma", "gamma": 2.8},
    {"curve": "gamma", "gamma": 4.0},
    {"curve": "srgb"},
]


def profile(curve):
    return FixtureProfile.model_validate({"id": "p", "channels": ["R", "G", "B"], **curve})


@pytest.mark.parametrize("curve", CURVES)
def test_drive_undoes_light(curve):
    drive = np.linspace(0, 1, 1001)

    assert np.allclose(drive_of(profile(curve), light_of(profile(curve), drive)), drive, atol=1e-6)


@pytest.mark.parametrize("curve", CURVES)
def test_light_of_every_level_comes_back_as_that_level(curve):
    table = inverse_table(profile(curve), fine=False)
    lights = level_lights(profile(curve)).astype(np.float32)
    for _ in range(table.roots):
        lights = np.sqrt(lights)

    assert np.array_equal(table.words[(lights * INDEX_SCALE).astype(int)], np.arange(256) * 256)


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("fine", [False, True])
def test_table_never_falls_and_spans_everything(curve, fine):
    words = inverse_table(profile(curve), fine=fine).words.astype(int)

    assert np.all(np.diff(words) >= 0)
    assert words[0] == 0
    assert words[-1] == (65535 if fine else 65280)


@pytest.mark.parametrize("curve", CURVES)
def test_fine_table_leaves_out_no_more_than_two_levels_at_once(curve):
    steps = np.diff(inverse_table(profile(curve), fine=True).words.astype(int))

    assert steps.max() <= 3


def test_shares_between_levels_are_measured_in_light():
    # Half way in light between levels 1 and 2 of a gamma 2.2 device is at 0.606 of the way in drive.
    made = profile({"curve": "gamma", "gamma": 2.2})
    lights = level_lights(made)
    table = inverse_table(made, fine=False)
    index = int(((lights[1] + lights[2]) / 2) ** (0.5**table.roots) * 65535)

    assert abs(int(table.words[index]) - (256 + 128)) <= 4
