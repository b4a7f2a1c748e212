"""Placed and masked layers show what they say in both domains, at the cost of any other layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facade.config.show import Layer, Place
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.mapping.layers import ground_of
from facade.mapping.model import PixelMap
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import count_objects, look, pixel_grid, snapshot, write_piece

NOW = Tick(0, 0.0, 1 / 60)
SHOWN_UV = "vec4 piece(vec2 uv) { return vec4(uv, 0.25, 1.0); }\n"
SICK = "vec4 piece(vec2 uv) { float x = uv.x < 0.5 ? 0.0 : 1.0; return vec4(vec3(x / x), 1.0); }\n"
SIZES = "vec4 piece(vec2 uv) { return vec4(facade_pixel_size(), 0.0, 1.0); }\n"
PLACES = [
    Place(surface="front", mirror="x"),
    Place(surface="front", rotate_deg=90.0),
    Place(surface="front", rotate_deg=33.0, mirror="y"),
    Place(surface="front", tile=(3, 2)),
    Place(surface="front", crop=(0.25, 0.25, 0.75, 1.0)),
    Place(surface="front", crop=(0.1, 0.0, 0.9, 0.8), tile=(2, 2), mirror="both", rotate_deg=-20.0),
]


def halves() -> PixelMap:
    """12 x 8 pixels, a metre each; fixture "left" is the western half, "right" the eastern."""
    pixels = pixel_grid(12, 8, canvas_px=(384, 256))
    return replace(pixels, fixture=(pixels.uv[:, 0] > 0.5).astype(np.int32), fixtures=("left", "right"))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> PieceLibrary:
    folder = tmp_path_factory.mktemp("pieces")
    for domain in ("pixel", "canvas"):
        for name, text in (("uv", SHOWN_UV), ("sick", SICK)):
            write_piece(folder, f"{name}_{domain}", text, manifest=f'domain = "{domain}"\n')
    write_piece(folder, "sizes", SIZES)
    write_piece(folder, "flat", "vec4 piece(vec2 uv) { return vec4(0.5, 0.5, 0.5, 1.0); }\n")
    return PieceLibrary([folder])


@pytest.fixture(scope="module")
def stage(gpu: GpuContext, library: PieceLibrary) -> Iterator[Stage]:
    stage = Stage(gpu, halves(), library, budget_ms=None)
    yield stage
    stage.release()


@pytest.mark.parametrize("place", PLACES, ids=lambda p: f"{p.mirror}-{p.rotate_deg:g}-{p.tile}-{p.crop}")
def test_a_pixel_piece_is_asked_where_the_placement_says(stage: Stage, place: Place) -> None:
    layer = Layer(piece="uv_pixel", place=(place,))
    rgb = stage.frame(NOW, look(layer), snapshot())
    np.testing.assert_allclose(rgb[:, :2], ground_of(halves(), layer).uv, atol=1e-3)


@pytest.mark.parametrize("place", PLACES[:3] + PLACES[4:5], ids=lambda p: f"{p.mirror}-{p.rotate_deg:g}-{p.crop}")
def test_both_domains_agree_about_a_placed_layer(stage: Stage, place: Place) -> None:
    """The mean of a linear picture over a footprint is its value in the middle, but for the rounding of texels."""
    drawn = [
        stage.frame(NOW, look(Layer(piece=f"uv_{domain}", place=(place,))), snapshot()).copy()
        for domain in ("pixel", "canvas")
    ]
    # Where a turned footprint hangs over the edge of the picture it is cut, and its middle moves by a part of itself.
    np.testing.assert_allclose(drawn[1], drawn[0], atol=0.02)


def test_an_led_of_a_cropped_layer_covers_less_of_the_picture(stage: Stage) -> None:
    half = Place(surface="front", crop=(0.0, 0.0, 0.5, 0.25))
    rgb = stage.frame(NOW, look(Layer(piece="sizes", place=(half,))), snapshot())
    np.testing.assert_allclose(rgb[:, :2], np.broadcast_to([0.5, 0.25], (96, 2)), atol=1e-3)


@pytest.mark.parametrize("domain", ["pixel", "canvas"])
def test_a_masked_layer_leaves_the_others_light_as_it_was(stage: Stage, domain: str) -> None:
    below = stage.frame(NOW, look("flat"), snapshot()).copy()
    whole = stage.frame(NOW, look("flat", f"uv_{domain}"), snapshot()).copy()
    rgb = stage.frame(NOW, look("flat", Layer(piece=f"uv_{domain}", fixtures=("right",))), snapshot())
    right = halves().fixture == 1
    assert np.array_equal(rgb[~right], below[~right])
    assert np.array_equal(rgb[right], whole[right])


@pytest.mark.parametrize("domain", ["pixel", "canvas"])
def test_not_even_nan_leaves_the_mask(stage: Stage, domain: str) -> None:
    rgb = stage.frame(NOW, look("flat", Layer(piece=f"sick_{domain}", fixtures=("right",))), snapshot())
    assert np.isfinite(rgb).all()


def test_a_mask_that_names_nothing_of_this_venue_shows_nothing(stage: Stage) -> None:
    assert not stage.frame(NOW, look(Layer(piece="flat", surfaces=("elsewhere",))), snapshot()).any()


def test_placements_come_and_go_without_leaving_anything(gpu: GpuContext, library: PieceLibrary) -> None:
    stage = Stage(gpu, halves(), library, budget_ms=None)
    layers = [Layer(piece="uv_pixel", place=(place,), fixtures=("left",)) for place in PLACES]
    for layer in layers:
        stage.frame(NOW, look(layer), snapshot())
    before = count_objects(gpu)
    for n in range(60):
        stage.frame(NOW, look(layers[n % len(layers)], name=f"cue{n}"), snapshot())
    assert count_objects(gpu) == before
    stage.release()


def test_the_picture_before_mapping_knows_nothing_of_placement(stage: Stage) -> None:
    stage.frame(NOW, look("uv_pixel"), snapshot())
    plain = stage.canvas(size_px=(24, 16)).copy()
    stage.frame(NOW, look(Layer(piece="uv_pixel", place=(PLACES[0],), fixtures=("left",))), snapshot())
    assert np.array_equal(stage.canvas(size_px=(24, 16)), plain)


def test_a_layer_may_change_its_place_while_it_is_on(stage: Stage) -> None:
    first = look(Layer(piece="uv_pixel"))
    stage.frame(NOW, first, snapshot())
    moved = Layer(piece="uv_pixel", place=(PLACES[0],))
    rgb = stage.frame(NOW, look(moved), snapshot())
    np.testing.assert_allclose(rgb[:, 0], 1 - halves().uv[:, 0], atol=1e-3)


def test_a_show_that_names_a_surface_of_another_venue_is_refused(tmp_path: Path) -> None:
    from facade.app.plan import make_plan
    from facade.core.errors import ConfigError

    show = tmp_path / "show.toml"
    show.write_text('title = "x"\n[cue.a]\nlayer = [{ piece = "ember", surfaces = ["side"] }]\n')
    with pytest.raises(ConfigError, match="none of this name"):
        make_plan(str(show), "imal_minimal")
