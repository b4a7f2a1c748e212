"""Areas: a pixel's solid angle, and windows that no 10 degree field can slip between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facade.core.geometry import rectangle_solid_angles
from facade.light.fields import AREA_SR, FIELD_RADIUS, Fields
from tests.support.venues import wall_map


def rectangle(size_m, *, at_m=(0.0, 0.0, 0.0), yaw_deg=0.0, eye_m=(0.0, 0.0, 10.0)):
    yaw = np.radians(yaw_deg)
    across = np.array([[np.cos(yaw), 0.0, -np.sin(yaw)]]) * size_m[0]
    return float(
        rectangle_solid_angles(np.array([at_m]), across, np.array([[0.0, size_m[1], 0.0]]), np.array(eye_m))[0]
    )


def test_the_threshold_is_a_quarter_of_a_ten_degree_field():
    assert pytest.approx(0.00598, abs=5e-6) == AREA_SR


def test_solid_angles_of_known_rectangles():
    assert rectangle((2.0, 2.0), eye_m=(0.0, 0.0, 1.0)) == pytest.approx(4 * np.pi / 6), "a face of a cube"
    assert rectangle((0.1, 0.1)) == pytest.approx(1e-4, rel=1e-3)
    assert rectangle((0.1, 0.1), yaw_deg=60) == pytest.approx(0.5e-4, rel=1e-3)
    assert rectangle((0.1, 0.1), yaw_deg=180) == pytest.approx(1e-4, rel=1e-3), "from behind"
    assert rectangle((0.1, 0.1), yaw_deg=90) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("distance_m", "area_m2"), [(5, 0.15), (10, 0.6), (20, 2.4), (30, 5.4), (50, 15), (100, 60)])
def test_the_threshold_in_square_metres_at_usual_distances(distance_m, area_m2):
    side = np.sqrt(area_m2)

    assert rectangle((side, side), eye_m=(0, 0, distance_m)) == pytest.approx(AREA_SR, rel=0.02)


def test_narrow_gaps_belong_to_the_picture_and_wide_ones_do_not():
    eye = (0.0, 0.0, 30.0)
    mesh = Fields(wall_map(2, 2, pitch_m=0.1, lit_m=0.02), eye)
    windows = Fields(wall_map(2, 2, pitch_m=5.0, lit_m=1.0), eye)

    assert mesh.area_sr.sum() == pytest.approx(4 * 0.01 / 900, rel=0.01)
    grown = 1.0 + 30.0 * np.radians(1.0)
    assert windows.area_sr.sum() == pytest.approx(4 * grown**2 / 900, rel=0.05)


def test_a_small_patch_is_counted_exactly_and_a_large_one_by_the_field_it_fills():
    fields = Fields(wall_map(160, 100, pitch_m=0.05), (0.0, 0.0, 20.0))
    some, everything = np.zeros(16000, bool), np.ones(16000, bool)
    some[:20] = True

    assert fields.most(some) == pytest.approx(fields.area_sr[:20].sum())
    field_sr = AREA_SR * 4
    assert field_sr <= fields.most(everything) <= 1.4 * field_sr


def test_two_patches_that_no_field_holds_together_are_not_added():
    wall = wall_map(200, 20, pitch_m=0.2)
    fields = Fields(wall, (0.0, 0.0, 20.0))
    both = (np.abs(wall.position_m[:, 0]) > 17.0) & (wall.position_m[:, 1] > 0.0)

    assert fields.area_sr[both].sum() > AREA_SR
    assert fields.most(both) <= AREA_SR


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.floats(-12, 12), st.floats(-3, 12), st.floats(1.0, 40)),
    st.floats(-12, 12),
    st.floats(-8, 8),
    st.integers(0, 2**31),
)
def test_no_field_anywhere_holds_more_than_the_windows_say(eye, x, y, seed):
    wall = wall_map(60, 40, pitch_m=0.3)
    chosen = np.random.default_rng(seed).random(2400) < 0.5
    fields = Fields(wall, eye)
    direction = np.array([x, y, 0.0]) - eye
    towards = wall.position_m - np.array(eye)
    cosine = towards @ direction / np.linalg.norm(towards, axis=1) / np.linalg.norm(direction)

    inside = chosen & (cosine >= np.cos(FIELD_RADIUS))

    assert fields.area_sr[inside].sum() <= fields.most(chosen) + 1e-12


def test_standing_inside_a_ring_of_light_adds_it_all_up():
    wall = wall_map(400, 3, pitch_m=0.1)
    turn = np.linspace(-np.pi, np.pi, 400, endpoint=False)
    place = wall.position_m.copy()
    place[:, 0], place[:, 2] = np.tile(np.sin(turn) * 6, 3), np.tile(-np.cos(turn) * 6, 3)

    fields = Fields(replace(wall, position_m=place), (0.0, 0.0, 0.0))
    behind = np.abs(np.tile(turn, 3)) > np.pi - np.radians(4)

    assert fields.most(np.ones(1200, bool)) >= fields.area_sr[behind].sum()
