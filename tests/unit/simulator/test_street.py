"""The street view shows the light where it is, beside a wall that it lights, and the same picture every time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facade.core import places
from facade.core.errors import MachineError
from facade.gpu.context import GpuContext
from facade.simulator.scene import Scene
from facade.simulator.street import StreetView
from tests.support.gl import count_objects
from tests.support.pages import compiled

SIZE = (320, 180)
VENUES = ["imal_minimal", "medialab_prado", "willow_house"]


@pytest.fixture(scope="module")
def gpu() -> Iterator[GpuContext]:
    context = GpuContext.standalone()
    yield context
    context.release()


@pytest.fixture
def canal(gpu: GpuContext) -> Iterator[tuple[Scene, StreetView]]:
    scene = Scene.of(compiled("imal_minimal"))
    view = StreetView(gpu, scene, size_px=SIZE)
    yield scene, view
    view.release()


def at(scene: Scene, x: float, y: float) -> tuple[int, int]:
    """Row and column of a place on the wall plane."""
    x0, y0, x1, y1 = scene.frame(SIZE[0] / SIZE[1])
    return int((y1 - y) / (y1 - y0) * SIZE[1]), int((x - x0) / (x1 - x0) * SIZE[0])


def light(scene: Scene, value: float = 0.0) -> np.ndarray:
    return np.full((scene.n_pixels, 3), value, dtype=np.float32)


def test_the_same_light_and_time_give_the_same_bytes(canal: tuple[Scene, StreetView], gpu: GpuContext):
    scene, view = canal
    rgb = np.random.default_rng(2).random((scene.n_pixels, 3), dtype=np.float32)

    first = view.render(rgb, 3.5)
    view.render(light(scene), 9.0)
    again = view.render(rgb, 3.5)
    other = StreetView(gpu, scene, size_px=SIZE)
    elsewhere = other.render(rgb, 3.5)
    other.release()

    assert first.shape == (180, 320, 3)
    assert np.array_equal(first, again)
    assert np.array_equal(first, elsewhere)


def test_each_window_glows_at_its_own_place(canal: tuple[Scene, StreetView]):
    scene, view = canal
    for pixel in (0, 7, 17):
        rgb = light(scene)
        rgb[pixel] = (0.0, 0.0, 1.0)

        picture = view.render(rgb, 0.0)

        blue = picture[:, :, 2].astype(int) - picture[:, :, 0]
        # Left of the middle bar and below the transom, where the glass is.
        row, column = at(scene, scene.quads[pixel, 0] - 0.3, scene.quads[pixel, 1] - 0.2)
        assert blue[row, column] > 100
        brightest = np.unravel_index(np.argmax(blue), blue.shape)
        assert abs(brightest[0] - row) < 12
        assert abs(brightest[1] - column) < 12


def test_light_spills_onto_the_wall_around_it(canal: tuple[Scene, StreetView]):
    scene, view = canal
    rgb = light(scene)
    dark = view.render(rgb, 0.0).astype(int)
    rgb[8] = (1.0, 0.3, 0.1)
    lit = view.render(rgb, 0.0).astype(int)

    near = at(scene, scene.quads[8, 0] + 1.1, scene.quads[8, 1])
    far = at(scene, scene.building_m[0] - 6.0, scene.building_m[3] - 1.0)
    assert (lit - dark)[near].sum() > 12
    assert abs((lit - dark)[far]).sum() <= 9


def test_the_canal_mirrors_the_windows_and_moves(canal: tuple[Scene, StreetView]):
    scene, view = canal
    rgb = light(scene)
    dark = view.render(rgb, 0.0).astype(int)
    rgb[:6] = (0.1, 1.0, 0.1)
    lit = view.render(rgb, 0.0).astype(int)
    later = view.render(rgb, 1.7).astype(int)

    water = at(scene, 0.0, 2 * scene.uniforms()["u_water"] - scene.quads[0, 1])[0]  # type: ignore[operator]
    assert (lit - dark)[water - 8 : water + 8, :, 1].max() > 40
    assert abs(later - lit)[water - 8 : water + 8].max() > 20


def test_without_light_the_building_is_dark_but_there(canal: tuple[Scene, StreetView]):
    scene, view = canal
    picture = view.render(light(scene), 0.0)
    wall = picture[at(scene, scene.building_m[0] + 7.0, 13.0)]
    assert 4 < wall.mean() < 70


@pytest.mark.parametrize("venue", VENUES)
def test_every_venue_shows_its_light_even_and_without_stray_values(gpu: GpuContext, venue: str):
    scene = Scene.of(compiled(venue))
    view = StreetView(gpu, scene, size_px=SIZE)
    off, on = view.render(light(scene), 2.0), view.render(light(scene, 1.0), 2.0)
    view.release()

    x0, y0, x1, y1 = scene.lit_m
    top, left = at(scene, x0, y1)
    bottom, right = at(scene, x1, y0)
    assert on[top:bottom, left:right].mean() > off[top:bottom, left:right].mean() + 25
    assert off.max() > 60, "the street lamp is on"


def test_a_dense_panel_shows_no_moire(gpu: GpuContext):
    scene = Scene.of(compiled("medialab_prado"))
    view = StreetView(gpu, scene, size_px=SIZE)
    picture = view.render(light(scene, 0.4), 0.0).astype(float)
    view.release()

    x0, y0, x1, _ = scene.lit_m
    top, left = at(scene, x0 + 1.0, y0 + 5.0)
    bottom, right = at(scene, x1 - 1.0, y0 + 1.0)
    inside = picture[top:bottom, left:right, 1]
    assert np.abs(np.diff(inside, axis=0)).max() <= 4
    assert np.abs(np.diff(inside, axis=1)).max() <= 4


def test_views_give_everything_back(gpu: GpuContext):
    scene = Scene.of(compiled("imal_minimal"))
    before = count_objects(gpu)
    for size in ((160, 90), (90, 160)):
        view = StreetView(gpu, scene, size_px=size)
        view.render(light(scene, 0.5), 0.0)
        view.release()
    assert count_objects(gpu) == before


def test_a_driver_that_refuses_a_shader_is_told_in_words(gpu: GpuContext, tmp_path: Path):
    shutil.copytree(places.shaders() / "street", tmp_path / "street")
    (tmp_path / "street" / "bloom.frag").write_text("void main() { nonsense; }", encoding="utf-8")
    with pytest.raises(MachineError, match=r"bloom\.frag.*OpenGL 3\.3"):
        StreetView(gpu, Scene.of(compiled("imal_minimal")), size_px=SIZE, shaders=tmp_path)
