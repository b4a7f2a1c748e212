"""Layers and cues add up to what the blend modes say, in linear light, each pixel for itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.config.show import Layer
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.show.look import CueLook, Look
from facade.stage.stage import Stage
from tests.support.gl import cue, look, pixel_grid, snapshot, write_piece

NOW = Tick(0, 0.0, 1 / 60)
BACKDROP = np.array([0.75, 0.25, 0.5])
FLAT = "vec4 piece(vec2 uv) { return vec4(tone, cover); }\n"
FLAT_MANIFEST = 'color_space = "linear"\n[parameter.cover]\ntype = "float"\ndefault = 1.0\n'
MODES = ("normal", "add", "multiply", "screen", "overlay", "lighten", "darken", "difference")


@pytest.fixture(scope="module")
def stage(gpu: GpuContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("pieces")
    tones = {"under": (0.75, 0.25, 0.5), "over": (0.2, 0.6, 0.5), "bright": (3.0, 2.0, 0.0)}
    for name, rgb in tones.items():
        tone = f"const vec3 tone = vec3({rgb[0]}, {rgb[1]}, {rgb[2]});\n"
        write_piece(folder, name, tone + FLAT, manifest=FLAT_MANIFEST)
    write_piece(
        folder, "coded", "vec4 piece(vec2 uv) { return vec4(vec3(0.5), 1.0); }\n", manifest='color_space = "srgb"\n'
    )
    sick = "vec4 piece(vec2 uv) { float x = uv.x < 0.5 && uv.y < 0.5 ? 0.0 : 1.0; return vec4(vec3(x / x), 1.0); }\n"
    write_piece(folder, "sick", sick)
    write_piece(folder, "sick_canvas", sick, manifest='domain = "canvas"\n')
    stage = Stage(gpu, pixel_grid(4, 4), PieceLibrary([folder]), budget_ms=None)
    yield stage
    stage.release()


def drawn(stage: Stage, *cues: CueLook) -> NDArray[np.float32]:
    return stage.frame(NOW, Look(cues), snapshot())


def expected(mode: str, below: NDArray[np.float64], over: NDArray[np.float64], alpha: float) -> NDArray[np.float64]:
    """The W3C formula with straight colours: backdrop and source are mixed by alpha after blending."""
    blended = {
        "normal": over,
        "add": below + over,
        "multiply": below * over,
        "screen": below + over - below * over,
        "overlay": np.where(below <= 0.5, 2 * below * over, 1 - 2 * (1 - below) * (1 - over)),
        "difference": np.abs(below - over),
        "lighten": np.maximum(below, over),
        "darken": np.minimum(below, over),
    }[mode]
    return (1 - alpha) * below + alpha * blended


@pytest.mark.parametrize("opacity", [1.0, 0.4, 0.0])
@pytest.mark.parametrize("cover", [1.0, 0.3])
@pytest.mark.parametrize("mode", MODES)
def test_blend_modes_are_what_they_say(stage: Stage, mode: str, cover: float, opacity: float) -> None:
    over = Layer(piece="over", blend=mode, opacity=opacity, values={"cover": cover})
    rgb = drawn(stage, cue("under", over))
    wanted = expected(mode, BACKDROP, np.array([0.2, 0.6, 0.5]), cover * opacity)
    np.testing.assert_allclose(rgb, np.broadcast_to(wanted, rgb.shape), atol=1e-3)


def test_many_layers_are_mixed_in_order(stage: Stage) -> None:
    modes = MODES[1:]
    layers = [Layer(piece="over", blend=m, opacity=0.3 + 0.1 * i) for i, m in enumerate(modes)]
    rgb = drawn(stage, cue("under", *layers))
    wanted = BACKDROP
    for i, mode in enumerate(modes):
        wanted = expected(mode, wanted, np.array([0.2, 0.6, 0.5]), 0.3 + 0.1 * i)
    np.testing.assert_allclose(rgb[5], wanted, atol=2e-3)


def test_light_above_one_survives_until_an_opacity_brings_it_down(stage: Stage) -> None:
    rgb = drawn(stage, cue(Layer(piece="bright", opacity=0.5)))
    np.testing.assert_allclose(rgb[0], (1.5, 1.0, 0.0), atol=1e-3)


def test_a_backdrop_brighter_than_one_is_not_darkened_by_overlay(stage: Stage) -> None:
    rgb = drawn(stage, cue("bright", Layer(piece="over", blend="overlay")))
    np.testing.assert_allclose(rgb[0], (3.0, 2.0, 0.0), atol=2e-3)


def test_two_cues_share_the_light_by_their_weights(stage: Stage) -> None:
    rgb = drawn(stage, cue("under", name="a", weight=0.25), cue("over", name="b", weight=0.75))
    np.testing.assert_allclose(rgb[3], 0.25 * BACKDROP + 0.75 * np.array([0.2, 0.6, 0.5]), atol=1e-3)


def test_layers_of_one_cue_do_not_blend_with_those_of_another(stage: Stage) -> None:
    multiply = Layer(piece="over", blend="multiply")
    rgb = drawn(stage, cue("under", name="a", weight=0.5), cue(multiply, name="b", weight=0.5))
    np.testing.assert_allclose(rgb[3], 0.5 * BACKDROP, atol=1e-3)


def test_a_crossfade_ends_in_exactly_the_new_cue(stage: Stage) -> None:
    alone = drawn(stage, cue("over", name="b")).copy()
    faded = drawn(stage, cue("under", name="a", weight=0.0), cue("over", name="b", weight=1.0))
    assert np.array_equal(alone, faded)


def test_nothing_on_is_black(stage: Stage) -> None:
    assert not drawn(stage).any()


def test_srgb_pieces_are_decoded_before_mixing(stage: Stage) -> None:
    np.testing.assert_allclose(drawn(stage, cue("coded"))[0], 0.2140, atol=1e-3)


@pytest.mark.parametrize("piece", ["sick", "sick_canvas"])
def test_nan_stays_in_its_own_pixels(stage: Stage, piece: str) -> None:
    rgb = drawn(stage, cue("under", Layer(piece=piece, blend="add")))
    ill = ~np.isfinite(rgb).all(axis=1)
    lower_left = [i for i in range(16) if i % 4 < 2 and i // 4 < 2]
    assert np.flatnonzero(ill).tolist() == lower_left
    np.testing.assert_allclose(rgb[~ill], np.broadcast_to(BACKDROP + 1.0, (12, 3)), atol=1e-3)


def test_a_layer_nobody_sees_costs_no_light_even_if_it_is_nan(stage: Stage) -> None:
    rgb = drawn(stage, cue("under", name="a", weight=1.0), cue("sick", name="b", weight=0.0))
    assert np.isfinite(rgb).all()


def test_the_canvas_shows_the_same_mix(stage: Stage) -> None:
    rgb = drawn(stage, cue("under", Layer(piece="over", blend="screen", opacity=0.5)))
    picture = stage.canvas(size_px=(10, 6))
    assert picture.shape == (6, 10, 3)
    assert picture.dtype == np.uint8
    encoded = 255 * (1.055 * rgb[0] ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(picture[2, 2], encoded, atol=1.5)


def test_the_canvas_is_black_before_anything_was_drawn(gpu: GpuContext, tmp_path: Path) -> None:
    stage = Stage(gpu, pixel_grid(3, 2), PieceLibrary([tmp_path]), budget_ms=None)
    assert not stage.canvas().any()
    stage.frame(NOW, look("nothing"), snapshot())
    assert not stage.canvas().any()
    stage.release()


@pytest.mark.parametrize("domain", ["pixel", "canvas"])
def test_what_is_no_number_in_screen_colours_stays_none_to_be_counted(
    gpu: GpuContext, tmp_path: Path, domain: str
) -> None:
    write_piece(
        tmp_path,
        "sick",
        "vec4 piece(vec2 uv) { float x = uv.x < 0.5 ? 0.0 : 1.0; return vec4(vec3(x / x), 1.0); }\n",
        manifest=f'color_space = "srgb"\ndomain = "{domain}"\n',
    )
    stage = Stage(gpu, pixel_grid(4, 1), PieceLibrary([tmp_path]), budget_ms=None)
    rgb = drawn(stage, cue("sick"))
    assert np.isnan(rgb[:2]).all()
    np.testing.assert_allclose(rgb[2:], 1.0, atol=1e-3)
    stage.release()
