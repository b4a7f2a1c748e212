"""What a file holds is what the LEDs show: the right way up, in linear light, the right frame at the right time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facade.config.show import Layer
from facade.core.clock import RealClock
from facade.core.color import srgb_to_linear
from facade.core.errors import PieceError
from facade.core.frame import Tick
from facade.core.health import State
from facade.gpu.context import GpuContext
from facade.gpu.textures import Texture
from facade.media.camera import Device
from facade.pieces.library import PieceLibrary
from facade.stage.moment import START, Moment
from facade.stage.reels import Reels
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, write_piece
from tests.support.pictures import GREY_STEP, corners, write_film
from tests.support.waiting import soon

NATIVE = "vec4 piece(vec2 uv) { return texture(clip, uv); }\n"
ISF = """/*{"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}]}*/
void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage); }
"""
TOY = '#iChannel0 "video"\nvoid mainImage(out vec4 c, in vec2 p) { c = texture(iChannel0, p / iResolution.xy); }\n'


def grid(columns: int = 4, rows: int = 2) -> object:
    return pixel_grid(columns, rows, canvas_px=(columns * 8, rows * 8))


def draw(
    gpu: GpuContext, library: PieceLibrary, layer: Layer | str, *, at_s: float = 0.0, pixels: object = None
) -> NDArray[np.float32]:
    stage = Stage(gpu, pixels or grid(), library, budget_ms=None)
    slug = layer if isinstance(layer, str) else layer.piece
    assert stage.prepare([slug]) == {slug: None}
    rgb = stage.frame(Tick(0, at_s, 0.0), look(layer), snapshot()).copy()
    stage.release()
    return rgb


RED, GREEN, BLUE, WHITE = (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)


def test_a_picture_as_a_piece_stands_upright(gpu: GpuContext, tmp_path: Path) -> None:
    corners().save(tmp_path / "a.png")
    rgb = draw(gpu, PieceLibrary([tmp_path]), "a").reshape(2, 4, 3)
    np.testing.assert_allclose(rgb[0], [BLUE, BLUE, WHITE, WHITE], atol=1e-3)
    np.testing.assert_allclose(rgb[1], [RED, RED, GREEN, GREEN], atol=1e-3)


def test_a_picture_is_shown_in_linear_light(gpu: GpuContext, tmp_path: Path) -> None:
    Image.new("RGB", (16, 8), (188, 64, 10)).save(tmp_path / "a.png")
    expected = srgb_to_linear(np.array([188, 64, 10], np.float32) / 255)
    np.testing.assert_allclose(draw(gpu, PieceLibrary([tmp_path]), "a")[0], expected, atol=2e-3)
    write_piece(tmp_path, "linear", NATIVE, manifest='[parameter.clip]\ntype = "image"\ndefault = "a.png"\n')
    write_piece(
        tmp_path, "srgb", NATIVE, manifest='color_space = "srgb"\n[parameter.clip]\ntype = "image"\ndefault = "a.png"\n'
    )
    for slug in ("linear", "srgb"):
        (tmp_path / "a.png").rename(tmp_path / slug / "a.png")
        np.testing.assert_allclose(draw(gpu, PieceLibrary([tmp_path]), slug)[0], expected, atol=2e-3)
        (tmp_path / slug / "a.png").rename(tmp_path / "a.png")


def test_a_generated_picture_is_the_same_light_whichever_way_a_piece_reads_it(gpu: GpuContext, tmp_path: Path) -> None:
    shown = []
    for slug, more in (("linear", ""), ("srgb", 'color_space = "srgb"\n')):
        manifest = more + 'domain = "pixel"\n[parameter.clip]\ntype = "image"\ndefault = "bars"\n'
        write_piece(tmp_path, slug, NATIVE, manifest=manifest)
        shown.append(draw(gpu, PieceLibrary([tmp_path]), slug, pixels=grid(16, 2)))
    # Within a bar the two agree; where bars meet one mixes light and the other what stands for it.
    linear, srgb = (rgb.reshape(2, 16, 3)[1] for rgb in shown)
    np.testing.assert_allclose(linear, srgb, atol=1e-3)
    assert linear.std() > 0.2


@pytest.mark.parametrize(
    ("fit", "row"),
    [("stretch", [RED, RED, GREEN, GREEN]), ("contain", [(0, 0, 0), RED, GREEN, (0, 0, 0)]), ("cover", None)],
)
def test_a_square_picture_fits_a_wide_wall_as_it_is_told(
    gpu: GpuContext, tmp_path: Path, fit: str, row: list[tuple[int, int, int]] | None
) -> None:
    corners((32, 32)).save(tmp_path / "a.png")
    rgb = draw(gpu, PieceLibrary([tmp_path]), Layer(piece="a", values={"fit": fit})).reshape(2, 4, 3)
    np.testing.assert_allclose(rgb[1], row or [RED, RED, GREEN, GREEN], atol=2e-3)


def test_what_is_in_focus_stays_in_the_picture(gpu: GpuContext, tmp_path: Path) -> None:
    corners((32, 64)).save(tmp_path / "a.png")
    for focus, top in (((0.5, 1.0), RED), ((0.5, 0.0), BLUE)):
        layer = Layer(piece="a", values={"focus": focus})
        assert tuple(draw(gpu, PieceLibrary([tmp_path]), layer).reshape(2, 4, 3)[1, 0].round(2)) == top


@pytest.mark.parametrize(("name", "text", "parameter"), [("f.fs", ISF, "inputImage"), ("t.frag", TOY, "iChannel0")])
def test_a_layer_gives_shaders_from_elsewhere_a_file(
    gpu: GpuContext, tmp_path: Path, name: str, text: str, parameter: str
) -> None:
    (tmp_path / name).write_text(text)
    corners().save(tmp_path / "a.png")
    library = PieceLibrary([tmp_path / name])
    rgb = draw(gpu, library, Layer(piece=name[0], values={parameter: "a.png"})).reshape(2, 4, 3)
    np.testing.assert_allclose(rgb[0], [BLUE, BLUE, WHITE, WHITE], atol=2e-3)
    np.testing.assert_allclose(rgb[1], [RED, RED, GREEN, GREEN], atol=2e-3)


def levels(gpu: GpuContext, library: PieceLibrary, slug: str, times: list[float], *, start_s: float) -> list[int]:
    stage = Stage(gpu, grid(), library, budget_ms=None)
    assert stage.prepare([slug]) == {slug: None}
    found = []
    for frame, time_s in enumerate(times):
        rgb = stage.frame(Tick(frame, start_s + time_s, 0.1), look(slug, started_at_s=start_s), snapshot())
        shown = 255.0 * (1.055 * float(rgb[0, 0]) ** (1 / 2.4) - 0.055)
        found.append(round((shown - 20) / GREY_STEP))
    stage.release()
    return found


def test_a_film_counts_from_the_start_of_its_cue_and_loops(gpu: GpuContext, tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4")
    times = [0.0, 3.5 / 24, 3.9 / 24, 20.2 / 24, 1.0 + 2.5 / 24, 30_000.0 + 7.5 / 24]
    for start_s in (0.0, 100.25):
        assert levels(gpu, PieceLibrary([tmp_path]), "a", times, start_s=start_s) == [0, 3, 3, 20, 2, 7]


def test_two_cues_show_one_film_at_two_times(gpu: GpuContext, tmp_path: Path) -> None:
    write_film(tmp_path / "a.mp4")
    stage = Stage(gpu, grid(), PieceLibrary([tmp_path]), budget_ms=None)
    stage.prepare(["a"])
    old, new = look("a", name="old", weight=0.5).cues[0], look("a", name="new", weight=0.5, started_at_s=0.5).cues[0]
    both = type(look("a"))((old, new))
    rgb = stage.frame(Tick(0, 0.5 + 1.5 / 24, 0.1), both, snapshot())[0, 0]
    expected = srgb_to_linear(np.array([20 + 13 * GREY_STEP, 20 + 1 * GREY_STEP], np.float32) / 255).mean()
    assert rgb == pytest.approx(expected, abs=0.01)
    stage.release()


def test_a_broken_picture_is_a_broken_piece(gpu: GpuContext, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    stage = Stage(gpu, grid(), PieceLibrary([tmp_path]), budget_ms=None)
    error = stage.prepare(["a"])["a"]
    assert isinstance(error, PieceError)
    assert "a.png is no picture" in str(error)
    assert not stage.frame(Tick(0, 0.0, 0.0), look("a"), snapshot()).any()
    stage.release()


def test_a_broken_picture_of_a_layer_shows_the_default_and_is_told(gpu: GpuContext, tmp_path: Path) -> None:
    folder = write_piece(tmp_path, "p", NATIVE, manifest='[parameter.clip]\ntype = "image"\ndefault = "a.png"\n')
    Image.new("RGB", (8, 8), (255, 0, 0)).save(folder / "a.png")
    (folder / "b.png").write_bytes(b"no picture")
    stage = Stage(gpu, grid(), PieceLibrary([tmp_path]), budget_ms=None)
    stage.prepare(["p"])
    layer = Layer(piece="p", values={"clip": "b.png"})
    with pytest.raises(StopIteration) as done:
        next(stage.open_pictures([layer]))
    assert "b.png is no picture" in str(done.value.value["p"])
    np.testing.assert_allclose(stage.frame(Tick(0, 0.0, 0.0), look(layer), snapshot())[0], RED, atol=1e-3)
    assert "b.png is no picture" in stage.faults["b.png"]
    stage.release()


def test_a_camera_is_absent_offline_and_the_default_is_shown(gpu: GpuContext, tmp_path: Path) -> None:
    folder = write_piece(tmp_path, "p", NATIVE, manifest='[parameter.clip]\ntype = "image"\ndefault = "a.png"\n')
    Image.new("RGB", (8, 8), (0, 255, 0)).save(folder / "a.png")
    rgb = draw(gpu, PieceLibrary([tmp_path]), Layer(piece="p", values={"clip": "camera"}))
    np.testing.assert_allclose(rgb[0], GREEN, atol=1e-3)


def test_while_it_plays_a_saved_picture_shows_without_a_reload(gpu: GpuContext, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), (255, 0, 0)).save(tmp_path / "a.png")
    stage = Stage(gpu, grid(), PieceLibrary([tmp_path]), budget_ms=10_000.0)
    assert stage.prepare(["a"]) == {"a": None}

    def light() -> list[float]:
        return stage.frame(Tick(0, 0.0, 0.0), look("a"), snapshot())[0].round(2).tolist()

    assert light() == [1.0, 0.0, 0.0]
    Image.new("RGB", (4, 12), (0, 0, 255)).save(tmp_path / "b.png")
    (tmp_path / "b.png").replace(tmp_path / "a.png")
    assert soon(lambda: light() == [0.0, 0.0, 1.0])
    stage.release()


def test_three_hundred_cue_changes_keep_at_most_sixteen_files_open(gpu: GpuContext, tmp_path: Path) -> None:
    for n in range(20):
        Image.new("RGB", (4, 4), (n, 0, 0)).save(tmp_path / f"p{n}.png")
    stage = Stage(gpu, grid(), PieceLibrary([tmp_path]), budget_ms=None)
    for frame in range(300):
        layer = Layer(piece="p0", values={"picture": f"p{frame % 20}.png"})
        stage.frame(Tick(frame, frame / 10, 0.1), look(layer, started_at_s=frame / 10), snapshot())
    assert len(stage.reels._reels) == 16
    stage.release()


def test_a_camera_is_seen_live_and_let_go_when_nobody_looks(gpu: GpuContext) -> None:
    device = Device("Test", "lavfi", "color=red:size=32x24:rate=30")
    reels = Reels(gpu, RealClock(), (16, 8), live=True, find=lambda: (device,))
    now = Moment(0.0, 0.1, 0, 0.0, START.civil, 0.0, 0.0)

    def seen() -> Texture | None:
        return reels.texture("camera", now, linear=False)

    assert soon(lambda: seen() is not None)
    texture = seen()
    assert texture is not None
    red, green, blue = np.frombuffer(texture.read(), np.uint8)[:3].tolist()
    assert red > 200 > 60 > max(green, blue)
    assert [c.state for c in reels.cameras] == [State.LIVE]
    reels.tend(1.0)
    assert len(reels.cameras) == 1
    reels.tend(10.0)
    assert reels.cameras == ()
    reels.release()
