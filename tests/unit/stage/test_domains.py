"""One source, two domains: they agree where both make sense, and a canvas reaches the LEDs as the mean behind each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.mapping.model import PixelMap
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, stepped_wall, windows, write_piece

NOW = Tick(30, 0.5, 1 / 60)


def light(
    gpu: GpuContext,
    folder: Path,
    pixels: PixelMap,
    shader: str,
    *,
    manifest: str = "",
    canvas_px: tuple[int, int] | None = None,
) -> NDArray[np.float32]:
    write_piece(folder, "probe", shader, manifest=manifest)
    stage = Stage(gpu, pixels, PieceLibrary([folder]), budget_ms=None, canvas_px=canvas_px)
    assert stage.prepare(["probe"]) == {"probe": None}
    rgb = stage.frame(NOW, look("probe"), snapshot()).copy()
    stage.release()
    return rgb


@pytest.mark.parametrize(
    "expression",
    [
        "vec3(uv, 0.5 + 0.5 * sin(u_time + 6.0 * uv.x))",
        "facade_position() / vec3(u_size_m, 1.0)",
        "vec3(facade_pixel_size(), u_seed)",
        "vec3(u_resolution / 512.0, u_size_m.x / 20.0)",
        "vec3(value_noise(vec3(uv * 9.0, u_time)), float(u_frame), u_delta)",
    ],
)
def test_both_domains_agree_on_a_dense_grid(gpu: GpuContext, tmp_path: Path, expression: str) -> None:
    shader = f'#include "noise.glsl"\nvec4 piece(vec2 uv) {{ return vec4({expression}, 1.0); }}\n'
    pixels = pixel_grid(40, 24, pitch_m=(0.5, 0.25), canvas_px=(40, 24))
    direct = light(gpu, tmp_path, pixels, shader, manifest='domain = "pixel"\n')
    canvas = light(gpu, tmp_path, pixels, shader, manifest='domain = "canvas"\n')
    np.testing.assert_allclose(direct, canvas, atol=2e-3)


def test_uv_runs_from_the_bottom_left_seen_from_the_street(gpu: GpuContext, tmp_path: Path) -> None:
    rgb = light(gpu, tmp_path, pixel_grid(4, 2), "vec4 piece(vec2 uv) { return vec4(uv, 0.0, 1.0); }\n")
    np.testing.assert_allclose(rgb[0], (0.125, 0.25, 0.0), atol=1e-3)
    np.testing.assert_allclose(rgb[7], (0.875, 0.75, 0.0), atol=1e-3)


def test_every_led_knows_its_number(gpu: GpuContext, tmp_path: Path) -> None:
    shader = "vec4 piece(vec2 uv) { int n = facade_pixel_id(); return vec4(n % 64, n / 64 % 64, n / 4096, 1.0); }\n"
    rgb = light(gpu, tmp_path, stepped_wall(), shader)
    ids = rgb @ np.array([1, 64, 4096])
    assert np.array_equal(ids, np.arange(26_688))


@pytest.mark.parametrize("canvas_px", [(6, 3), (60, 31), (600, 300)])
def test_a_window_shows_the_mean_of_what_lies_behind_it(
    gpu: GpuContext, tmp_path: Path, canvas_px: tuple[int, int]
) -> None:
    shader = "vec4 piece(vec2 uv) { return vec4(uv.x * uv.x, step(0.5, fract(uv.y * 3.0)), 0.0, 1.0); }\n"
    pixels = windows()
    rgb = light(gpu, tmp_path, pixels, shader, manifest='domain = "canvas"\n', canvas_px=canvas_px)
    half = pixels.size_m[:, 0] / 12.0 / 2
    left, right = pixels.uv[:, 0] - half, pixels.uv[:, 0] + half
    mean = (right**3 - left**3) / (3 * (right - left))
    if canvas_px[0] > 6:
        np.testing.assert_allclose(rgb[:, 0], mean, atol=0.012)
        np.testing.assert_allclose(rgb[:, 1], 0.5, atol=0.07)
    else:
        np.testing.assert_allclose(rgb[:, 0], pixels.uv[:, 0] ** 2, atol=2e-3)


def test_soft_edges_of_a_canvas_are_averaged_as_light_not_as_paint(gpu: GpuContext, tmp_path: Path) -> None:
    shader = "vec4 piece(vec2 uv) { return uv.x < 0.5 ? vec4(1.0, 0.0, 0.0, 1.0) : vec4(0.0, 9.0, 0.0, 0.0); }\n"
    pixels = pixel_grid(1, 1, pitch_m=(8.0, 8.0), canvas_px=(8, 8))
    rgb = light(gpu, tmp_path, pixels, shader, manifest='domain = "canvas"\n')
    np.testing.assert_allclose(rgb[0], (0.5, 0.0, 0.0), atol=1e-3)


def test_pixels_at_the_very_edge_of_the_canvas_see_it(gpu: GpuContext, tmp_path: Path) -> None:
    pixels = pixel_grid(3, 3, pitch_m=(1.0, 1.0), lit_m=(3.0, 3.0), canvas_px=(9, 9))
    rgb = light(gpu, tmp_path, pixels, "vec4 piece(vec2 uv) { return vec4(1.0); }\n", manifest='domain = "canvas"\n')
    np.testing.assert_allclose(rgb, 1.0, atol=1e-3)


def test_a_shader_that_discards_leaves_darkness_not_the_last_picture(gpu: GpuContext, tmp_path: Path) -> None:
    shader = "vec4 piece(vec2 uv) { if (u_frame > 0 && uv.x > 0.5) discard; return vec4(1.0); }\n"
    for domain in ("pixel", "canvas"):
        write_piece(tmp_path, "holes", shader, manifest=f'domain = "{domain}"\n')
        stage = Stage(gpu, pixel_grid(2, 1), PieceLibrary([tmp_path]), budget_ms=None)
        assert stage.frame(Tick(0, 0.0, 0.0), look("holes"), snapshot()).all()
        assert stage.frame(Tick(1, 0.1, 0.1), look("holes"), snapshot())[:, 0].tolist() == [1.0, 0.0]
        stage.release()


def test_more_leds_than_one_row_of_the_tile_come_back_in_order(gpu: GpuContext, tmp_path: Path) -> None:
    pixels = stepped_wall()
    rgb = light(gpu, tmp_path, pixels, "vec4 piece(vec2 uv) { return vec4(uv, 0.0, 1.0); }\n")
    assert rgb.shape == (26_688, 3)
    np.testing.assert_allclose(rgb[:, :2], pixels.uv, atol=1e-3)
