"""Walls of any size for measurements."""

from __future__ import annotations

import math

import pytest

from facade.app.synthetic import PIXELS_PER_UNIVERSE, UNIVERSES_PER_CONTROLLER, wall
from facade.config.loader import load_hardware
from facade.core import places


@pytest.fixture(scope="module")
def hardware():
    return load_hardware(places.hardware())


@pytest.mark.parametrize("n", [1, 18, 1000, 1009, 20_480, 200_000])
def test_a_wall_has_the_pixels_asked_for(hardware, n):
    pixels, patch = wall(n, hardware)

    assert n <= pixels.n_pixels <= max(n + 2, n * 1.01)
    assert patch.n_universes == math.ceil(pixels.n_pixels / PIXELS_PER_UNIVERSE)
    assert max(len(c.universes) for c in patch.controllers) <= UNIVERSES_PER_CONTROLLER


def test_a_wall_of_round_numbers_is_exact_and_about_four_to_three(hardware):
    pixels, patch = wall(200_000, hardware)
    width, height = pixels.size_venue_m

    assert pixels.n_pixels == 200_000
    assert width / height == pytest.approx(4 / 3, rel=0.1)
    assert patch.n_universes == 1177


def test_its_controllers_keep_within_their_profile(hardware):
    _, patch = wall(50_000, hardware)

    for controller in patch.controllers:
        assert len(controller.universes) <= controller.profile.max_universes
        assert controller.length <= controller.profile.universe_size
