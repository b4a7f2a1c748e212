"""The shared functions do what their comments say, in both domains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.core import color, places
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks, write_piece

INCLUDES = sorted((places.shaders() / "include").glob("*.glsl"))


def evaluate(
    gpu: GpuContext, tmp_path: Path, include: str, expression: str, *, domain: str = "pixel"
) -> NDArray[np.float32]:
    """Return the vec3 expression at 64 x 64 places; p is 0..1 there, n numbers them."""
    shader = f'#include "{include}"\nvec4 piece(vec2 p) {{ int n = int(floor(p.x * 64.0)) * 64 + int(p.y * 64.0);\n'
    write_piece(tmp_path, "probe", f"{shader}return vec4({expression}, 1.0); }}", manifest=f'domain = "{domain}"\n')
    stage = Stage(gpu, pixel_grid(64, 64), PieceLibrary([tmp_path]), budget_ms=None)
    assert stage.prepare(["probe"]) == {"probe": None}
    rgb = stage.frame(next(iter(ticks(1))), look("probe"), snapshot()).copy()
    stage.release()
    return rgb


@pytest.mark.parametrize("domain", ["pixel", "canvas"])
@pytest.mark.parametrize("include", INCLUDES, ids=lambda f: f.name)
def test_every_include_compiles_alone(gpu: GpuContext, tmp_path: Path, include: Path, domain: str) -> None:
    assert evaluate(gpu, tmp_path, include.name, "vec3(0.25)", domain=domain)[0, 0] == 0.25


@pytest.mark.parametrize("include", INCLUDES, ids=lambda f: f.name)
def test_every_function_says_what_it_returns_and_costs(include: Path) -> None:
    text = include.read_text(encoding="utf-8").split("\n")
    types = ("float ", "vec2 ", "vec3 ", "uint ", "int ")
    undocumented = [
        line
        for i, line in enumerate(text)
        if line.startswith(types) and "(" in line and not text[i - 1].startswith(("//", *types))
    ]
    assert undocumented == []


@pytest.mark.parametrize(
    "noise",
    [
        "random(n)",
        "random(ivec2(n, 7))",
        "random(ivec3(n, 1, 2))",
        "random2(ivec2(n, 3)).x",
        "value_noise(p * 40.0)",
        "value_noise(vec3(p * 40.0, 1.7))",
        "value_noise(p.x * 99.0 - 50.0)",
        "fbm(p * 9.0, 4)",
        "fbm(vec3(p * 9.0, 0.5), 3)",
    ],
)
def test_noise_fills_its_range_around_the_middle(gpu: GpuContext, tmp_path: Path, noise: str) -> None:
    values = evaluate(gpu, tmp_path, "noise.glsl", f"vec3({noise})")[:, 0]
    assert values.min() >= 0.0
    assert values.max() <= 1.0
    assert 0.4 < values.mean() < 0.6
    assert values.std() > 0.08


def test_noise_is_smooth_across_whole_numbers_and_below_zero(gpu: GpuContext, tmp_path: Path) -> None:
    near = evaluate(
        gpu, tmp_path, "noise.glsl", "vec3(value_noise(vec2(-3.0, 2.0)), value_noise(vec2(-3.0 - 1e-4, 2.0)), 0)"
    )
    assert abs(near[0, 0] - near[0, 1]) < 2e-3


def test_a_pulse_hit_again_and_again_hardly_shows(gpu: GpuContext, tmp_path: Path) -> None:
    hit_four_times_a_second = evaluate(gpu, tmp_path, "ease.glsl", "vec3(pulse(p.x * 0.25, 1.4, 2.0))")[:, 0]
    hit_once = evaluate(gpu, tmp_path, "ease.glsl", "vec3(pulse(p.x * 8.0, 1.4, 2.0))")[:, 0]
    assert hit_four_times_a_second.max() < 0.05
    assert hit_once.max() > 0.95


def test_the_srgb_functions_agree_with_the_rest_of_facade(gpu: GpuContext, tmp_path: Path) -> None:
    here = np.linspace(1 / 128, 127 / 128, 64, dtype=np.float32)
    decoded = evaluate(gpu, tmp_path, "colour.glsl", "srgb_to_linear(vec3(p.x))")[:64, 0]
    encoded = evaluate(gpu, tmp_path, "colour.glsl", "linear_to_srgb(vec3(p.x))")[:64, 0]
    np.testing.assert_allclose(decoded, color.srgb_to_linear(here), atol=1e-3)
    np.testing.assert_allclose(encoded, color.linear_to_srgb(here), atol=1e-3)


def test_mixing_in_oklab_ends_at_both_ends(gpu: GpuContext, tmp_path: Path) -> None:
    ends = "mix_oklab(vec3(1.0, 0.2, 0.0), vec3(0.0, 0.1, 0.9), step(0.5, p.x))"
    light = evaluate(gpu, tmp_path, "colour.glsl", ends)
    np.testing.assert_allclose(light[0], (1.0, 0.2, 0.0), atol=2e-3)
    np.testing.assert_allclose(light[63], (0.0, 0.1, 0.9), atol=2e-3)


@pytest.mark.parametrize("palette", ["heat(p.x)", "dusk(p.x)", "sea(p.x)", "polar(p.x)"])
def test_palettes_are_light_from_dark_to_bright(gpu: GpuContext, tmp_path: Path, palette: str) -> None:
    light = evaluate(gpu, tmp_path, "palette.glsl", palette)[:64]
    assert light.min() >= 0.0
    assert light.max() <= 1.0
    assert light[0].sum() < light[40].sum()


def test_a_soft_limit_stays_below_one_and_keeps_the_hue(gpu: GpuContext, tmp_path: Path) -> None:
    light = evaluate(gpu, tmp_path, "colour.glsl", "soft_limit(vec3(4.0, 2.0, 1.0) * p.x, 0.6)")[:64]
    assert light.max() < 1.0
    np.testing.assert_allclose(light[1:, 1] / light[1:, 0], 0.5, atol=2e-3)


def test_shapes_cover_their_inside_only(gpu: GpuContext, tmp_path: Path) -> None:
    covered = evaluate(gpu, tmp_path, "shape.glsl", "vec3(fill(disc(p - 0.5, 0.25), 0.001))")[:, 0]
    assert abs(covered.mean() - np.pi * 0.25**2) < 0.01
