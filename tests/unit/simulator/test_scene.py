"""A scene is pure numbers that show the whole building, whatever the window's shape."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.simulator.scene import MAP_TEXELS, Scene
from tests.support.gl import pixel_grid
from tests.support.pages import compiled

VENUES = ["imal_minimal", "medialab_prado", "willow_house"]


@pytest.mark.parametrize("venue", VENUES)
def test_every_lit_pixel_lies_in_building_map_and_picture(venue: str):
    scene = Scene.of(compiled(venue))
    for rect in (scene.map_m, scene.frame(16 / 9), scene.frame(0.5)):
        x, y = scene.quads[:, 0], scene.quads[:, 1]
        assert rect[0] <= x.min()
        assert x.max() <= rect[2]
        assert rect[1] <= y.min()
        assert y.max() <= rect[3]


@given(aspect=st.floats(0.2, 5.0))
def test_a_picture_of_any_shape_shows_the_focus_undistorted(aspect: float):
    scene = Scene.of(pixel_grid(6, 3))
    x0, y0, x1, y1 = scene.frame(aspect)
    f0, g0, f1, g1 = scene.focus_m
    assert (x1 - x0) / (y1 - y0) == pytest.approx(aspect)
    slack = 1e-6
    assert x0 <= f0 + slack
    assert x1 >= f1 - slack
    assert y0 <= g0 + slack
    assert y1 >= g1 - slack


def test_the_canal_venue_leaves_room_for_the_reflection_of_its_windows():
    scene = Scene.of(compiled("imal_minimal"))
    lowest_window = scene.quads[:, 1].min()
    mirrored = 2 * scene.uniforms()["u_water"] - lowest_window
    assert scene.focus_m[1] < mirrored


@pytest.mark.parametrize("venue", VENUES)
def test_the_page_receives_plain_finite_json_and_one_record_a_pixel(venue: str):
    scene = Scene.of(compiled(venue))
    text = json.dumps(scene.as_json(), allow_nan=False)
    assert set(json.loads(text)) == {"pixel", "look", "ground", "focus_m", "map_px", "uniforms"}
    quads = np.frombuffer(scene.quads_bytes(), dtype="<f4").reshape(-1, 6)
    assert np.array_equal(quads, scene.quads)


def test_a_grid_knows_its_pitch_and_scattered_points_share_the_wall():
    scene = Scene.of(compiled("medialab_prado"))
    assert scene.pitch_m == pytest.approx((0.0755208, 0.0598726), abs=2e-3)
    irregular = Scene.of(compiled("willow_house"))
    x0, y0, x1, y1 = irregular.lit_m
    assert irregular.pitch_m[0] ** 2 * irregular.n_pixels == pytest.approx((x1 - x0) * (y1 - y0), rel=1e-3)


def test_small_lamps_far_apart_shine_harder_than_windows():
    assert Scene.of(compiled("willow_house")).gain > Scene.of(compiled("imal_minimal")).gain


@pytest.mark.parametrize("venue", VENUES)
def test_the_light_map_has_square_texels_and_a_bounded_size(venue: str):
    scene = Scene.of(compiled(venue))
    x0, y0, x1, y1 = scene.map_m
    assert max(scene.map_px) in (MAP_TEXELS, MAP_TEXELS + 1)
    assert (x1 - x0) / scene.map_px[0] == pytest.approx((y1 - y0) / scene.map_px[1], rel=0.02)
