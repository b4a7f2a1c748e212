"""Where a layer's picture falls: crop, tile, mirror and turn, worked out for every pixel of a surface."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from facade.config.show import Cue, Layer, Place, Show
from facade.mapping.layers import ground_of, layer_problems
from facade.mapping.model import PixelMap
from tests.support.documents import compiled, row

WALL = {"size_m": (8.0, 4.0)}


def grid(columns: int, rows: int, *, at: tuple[float, float] = (0.5, 0.5), first: int = 1, **more: Any) -> dict:
    """Pixels one metre apart, each a metre wide, so that the lit rectangle is columns x rows metres."""
    table = row(columns, rows=rows, pitch_m=(1.0, 1.0), at_m=at, outline_m=(1.0, 1.0), **more)
    return table | {"segment": ({"controller": "node", "universe": 0, "channel": first},)}


def two_walls(yaw_deg: float = 0.0) -> PixelMap:
    surfaces = {"left": {"size_m": (4.0, 4.0)}, "right": {"size_m": (4.0, 4.0), "origin_m": (4.0, 0.0, 0.0)}}
    surfaces["right"]["yaw_deg"] = yaw_deg
    fixtures = {"a": grid(4, 4, surface="left"), "b": grid(4, 4, surface="right", first=101)}
    return compiled(surface=surfaces, fixture=fixtures)[0]


def wall() -> PixelMap:
    return compiled(surface={"wall": WALL}, fixture={"a": grid(8, 4)})[0]


def uv_of(pixels: PixelMap, **place: Any) -> NDArray[np.float32]:
    return ground_of(pixels, Layer(piece="x", place=(Place(surface=pixels.surfaces[0][0], **place),))).uv


def test_a_place_that_says_nothing_changes_nothing() -> None:
    for pixels in (wall(), two_walls(), two_walls(yaw_deg=60.0)):
        places = tuple(Place(surface=name) for name, _ in pixels.surfaces)
        ground = ground_of(pixels, Layer(piece="x", place=places))
        np.testing.assert_allclose(ground.uv, pixels.uv, atol=1e-6)
        assert ground.shown is None


def test_a_layer_without_a_place_keeps_the_venues_own_arrays() -> None:
    pixels = wall()
    assert ground_of(pixels, Layer(piece="x")).uv is pixels.uv


def test_mirrors_swap_the_ends() -> None:
    pixels = wall()
    np.testing.assert_allclose(uv_of(pixels, mirror="x"), pixels.uv * [-1, 1] + [1, 0], atol=1e-6)
    np.testing.assert_allclose(uv_of(pixels, mirror="y"), pixels.uv * [1, -1] + [0, 1], atol=1e-6)
    np.testing.assert_allclose(uv_of(pixels, mirror="both"), 1 - pixels.uv, atol=1e-6)
    np.testing.assert_allclose(uv_of(pixels, rotate_deg=180.0), 1 - pixels.uv, atol=1e-6)


def test_a_crop_is_spread_over_the_surface() -> None:
    pixels = wall()
    crop = uv_of(pixels, crop=(0.25, 0.5, 0.5, 1.0))
    np.testing.assert_allclose(crop, [0.25, 0.5] + pixels.uv * [0.25, 0.5], atol=1e-6)


def test_the_whole_picture_can_be_on_one_of_two_walls_also_on_one_seen_from_its_edge() -> None:
    for yaw_deg in (0.0, 90.0):
        pixels = two_walls(yaw_deg)
        whole = Place(surface="right", crop=(0.0, 0.0, 1.0, 1.0))
        ground = ground_of(pixels, Layer(piece="x", place=(whole,)))
        on = pixels.surface == 1
        assert np.allclose(np.unique(ground.uv[on].round(4)), [0.125, 0.375, 0.625, 0.875])
        assert np.array_equal(ground.uv[~on], pixels.uv[~on])


def test_tiles_repeat_the_part_and_each_pixel_covers_more_of_it() -> None:
    pixels = wall()
    layer = Layer(piece="x", place=(Place(surface="wall", tile=(4, 2)),))
    ground = ground_of(pixels, layer)
    np.testing.assert_allclose(ground.uv, (pixels.uv * [4, 2]) % 1.0, atol=1e-6)
    np.testing.assert_allclose(ground.size_m, pixels.size_m * [4, 2], atol=1e-5)


def test_a_quarter_turn_keeps_the_shape_of_things_and_fills_the_corners() -> None:
    """8 x 4 m turned by 90 degrees shows the middle quarter of the width over its whole length, enlarged twice."""
    pixels = wall()
    uv = uv_of(pixels, rotate_deg=90.0)
    metres = (pixels.uv - 0.5) * [8, 4]
    wanted = np.column_stack((metres[:, 1], -metres[:, 0])) / 2 / [8, 4] + 0.5
    np.testing.assert_allclose(uv, wanted, atol=1e-6)


@given(
    angle=st.floats(-360, 360),
    mirror=st.sampled_from(["none", "x", "y", "both"]),
    tile=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    corner=st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)),
)
def test_whatever_is_asked_only_the_part_is_shown(angle, mirror, tile, corner) -> None:
    crop = (*corner, 0.9, 0.7)
    uv = uv_of(wall(), rotate_deg=angle, mirror=mirror, tile=tile, crop=crop)
    assert np.isfinite(uv).all()
    assert (uv >= np.array(corner) - 1e-6).all()
    assert (uv <= np.array([0.9, 0.7]) + 1e-6).all()


@given(angle=st.floats(-180, 180))
def test_turning_keeps_distances_in_proportion(angle: float) -> None:
    metres = uv_of(wall(), rotate_deg=angle) * [8.0, 4.0]
    steps = np.linalg.norm(np.diff(metres.reshape(4, 8, 2), axis=1), axis=2)
    rises = np.linalg.norm(np.diff(metres.reshape(4, 8, 2), axis=0), axis=2)
    np.testing.assert_allclose(steps, steps[0, 0], rtol=1e-4)
    np.testing.assert_allclose(rises, steps[0, 0], rtol=1e-4)


def test_a_mask_names_surfaces_or_fixtures_and_shows_both() -> None:
    pixels = two_walls()
    assert ground_of(pixels, Layer(piece="x", surfaces=("left",))).shown.tolist() == [True] * 16 + [False] * 16
    assert ground_of(pixels, Layer(piece="x", fixtures=("b",))).shown.tolist() == [False] * 16 + [True] * 16
    assert ground_of(pixels, Layer(piece="x", surfaces=("left",), fixtures=("b",))).shown.all()


def test_names_the_venue_does_not_have_are_told_with_the_nearest() -> None:
    layer = Layer(piece="x", place=(Place(surface="lefd"),), surfaces=("right",), fixtures=("c",))
    show = Show(title="x", cue={"a": Cue(layer=(layer,))})
    problems = [str(p) for p in layer_problems(show, two_walls().venue)]
    assert len(problems) == 2
    assert 'cue.a.layer[0].place[0].surface = "lefd"' in problems[0]
    assert 'Did you mean "left"' in problems[0]
    assert "cue.a.layer[0].fixtures[0]" in problems[1]


@pytest.mark.parametrize(
    "place", [{"crop": (0.5, 0.0, 0.5, 1.0)}, {"crop": (0.0, 0.6, 1.0, 0.4)}, {"tile": (0, 1)}, {"rotate_deg": 400.0}]
)
def test_places_that_mean_nothing_are_refused(place: dict) -> None:
    with pytest.raises(ValidationError):
        Place(surface="wall", **place)


def test_a_surface_is_placed_once() -> None:
    with pytest.raises(ValidationError, match="placed twice"):
        Layer(piece="x", place=(Place(surface="wall"), Place(surface="wall", mirror="x")))
