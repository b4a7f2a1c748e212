"""Native pieces of several passes: order, what persists, sizes, formats, and the artist's own line in every file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facade.core.errors import FacadeError, PieceError, located
from facade.core.frame import Rgb
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks, write_piece

PICTURE = "vec4 piece(vec2 uv) { return vec4(texture(store, uv).rgb, 1.0); }\n"


def stage_of(gpu: GpuContext, folder: Path) -> Stage:
    pixels = pixel_grid(4, 4, canvas_px=(4, 4))
    return Stage(gpu, pixels, PieceLibrary([folder]), budget_ms=None)


def drawn(gpu: GpuContext, folder: Path, *, frames: int = 1, values: dict[str, float] | None = None) -> Rgb:
    """Draw the piece "p" and return the light of the last frame, (16, 3)."""
    stage = stage_of(gpu, folder)
    assert stage.prepare(["p"]) == {"p": None}
    rgb = np.zeros((16, 3), dtype=np.float32)
    for tick in ticks(frames):
        rgb = stage.frame(tick, look("p"), snapshot({("cue", 0): values or {}})).copy()
    stage.release()
    return rgb


def refused(gpu: GpuContext, folder: Path) -> FacadeError:
    stage = stage_of(gpu, folder)
    error = stage.prepare(["p"])["p"]
    stage.release()
    assert error is not None
    return error


def passes(folder: Path, manifest: str, *, first: str, main: str = PICTURE) -> Path:
    return write_piece(folder, "p", main, manifest=manifest, files={"first.frag": first})


STORE = '[[pass]]\nshader = "first.frag"\ntarget = "store"\n'
LAST = "[[pass]]\n"


def test_the_last_pass_reads_what_the_first_has_drawn_in_the_same_frame(gpu: GpuContext, tmp_path: Path) -> None:
    passes(tmp_path, STORE + LAST, first="vec4 piece(vec2 uv) { return vec4(uv, 0.25, 1.0); }\n")
    rgb = drawn(gpu, tmp_path)
    centres = (np.arange(4) + 0.5) / 4
    np.testing.assert_allclose(rgb.reshape(4, 4, 3)[:, :, 0], np.tile(centres, (4, 1)), atol=1e-3)
    np.testing.assert_allclose(rgb.reshape(4, 4, 3)[:, :, 1], np.tile(centres[:, None], (1, 4)), atol=1e-3)
    np.testing.assert_allclose(rgb[:, 2], 0.25, atol=1e-3)


def test_a_persistent_target_adds_up_and_another_starts_black(gpu: GpuContext, tmp_path: Path) -> None:
    more = "vec4 piece(vec2 uv) { return texture(store, uv) + vec4(0.1, 0.0, 0.0, 1.0); }\n"
    passes(tmp_path / "kept", STORE + "persistent = true\n" + LAST, first=more)
    passes(tmp_path / "fresh", STORE + LAST, first=more)
    assert drawn(gpu, tmp_path / "kept", frames=5)[:, 0] == pytest.approx(0.5, abs=1e-3)
    assert drawn(gpu, tmp_path / "fresh", frames=5)[:, 0] == pytest.approx(0.1, abs=1e-3)


def test_times_draws_that_often_in_a_frame(gpu: GpuContext, tmp_path: Path) -> None:
    more = "vec4 piece(vec2 uv) { return texture(store, uv) + vec4(0.1, 0.0, 0.0, 1.0); }\n"
    passes(tmp_path, STORE + "persistent = true\ntimes = 4\n" + LAST, first=more)
    assert drawn(gpu, tmp_path, frames=2)[:, 0] == pytest.approx(0.8, abs=2e-3)


def test_float_targets_keep_what_half_floats_lose(gpu: GpuContext, tmp_path: Path) -> None:
    # 2048 + 0.25 is 2048 in half float.
    fine = "vec4 piece(vec2 uv) { return vec4(2048.25); }\n"
    show = "vec4 piece(vec2 uv) { return vec4(vec3(texture(store, uv).r - 2048.0), 1.0); }\n"
    passes(tmp_path / "half", STORE + LAST, first=fine, main=show)
    passes(tmp_path / "whole", STORE + "float = true\n" + LAST, first=fine, main=show)
    assert drawn(gpu, tmp_path / "half").max() == 0.0
    assert drawn(gpu, tmp_path / "whole") == pytest.approx(0.25)


def test_targets_are_linear_and_hold_more_than_one(gpu: GpuContext, tmp_path: Path) -> None:
    passes(
        tmp_path,
        STORE + LAST,
        first="vec4 piece(vec2 uv) { return vec4(3.0, -2.0, 0.0, 1.0); }\n",
        main="vec4 piece(vec2 uv) { vec4 s = texture(store, uv); return vec4(s.r / 6.0, -s.g / 8.0, 0.0, 1.0); }\n",
    )
    assert drawn(gpu, tmp_path)[0] == pytest.approx((0.5, 0.25, 0.0), abs=1e-3)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ("width = 8\nheight = 2\n", (8, 2)),
        ('width = "$WIDTH * 4"\n', (16, 4)),
        ("scale = 0.5\n", (2, 2)),
        ('width = "$detail"\n', (3, 4)),
    ],
)
def test_a_target_has_the_size_it_asks_for(gpu: GpuContext, tmp_path: Path, size: str, wanted: tuple[int, int]) -> None:
    parameter = '[parameter.detail]\ntype = "int"\nmin = 1\nmax = 9\ndefault = 3\n'
    passes(
        tmp_path,
        STORE + size + LAST + parameter,
        first="vec4 piece(vec2 uv) { return vec4(u_resolution / 32.0, 0.0, 1.0); }\n",
        main="vec4 piece(vec2 uv) { return vec4(vec2(textureSize(store, 0)) / 32.0, texture(store, uv).x, 1.0); }\n",
    )
    rgb = drawn(gpu, tmp_path)
    assert rgb[0] == pytest.approx((wanted[0] / 32, wanted[1] / 32, wanted[0] / 32), abs=1e-3)


def test_what_is_no_number_in_a_kept_target_does_not_spread(gpu: GpuContext, tmp_path: Path) -> None:
    sick = """
vec4 piece(vec2 uv) {
    float nothing = float(u_frame) - float(u_frame);
    return u_frame == 0 ? vec4(nothing / nothing) : texture(store, uv) + vec4(0.25, 0.0, 0.0, 1.0);
}
"""
    passes(tmp_path, STORE + "persistent = true\n" + LAST, first=sick)
    assert drawn(gpu, tmp_path, frames=3)[:, 0] == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("name", ["main.frag", "first.frag"])
def test_an_error_names_the_file_of_the_pass_and_its_line(gpu: GpuContext, tmp_path: Path, name: str) -> None:
    passes(tmp_path, STORE + LAST, first="vec4 piece(vec2 uv) { return vec4(uv, 0.25, 1.0); }\n")
    (tmp_path / "p" / name).write_text('#include "noise.glsl"\n\nvec4 piece(vec2 uv) {\n    return nonsense;\n}\n')
    error = refused(gpu, tmp_path)
    assert isinstance(error, PieceError)
    assert (error.file, error.line) == (tmp_path / "p" / name, 4)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (LAST + LAST, "pass 1 has no target"),
        (STORE + 'width = "$WIDHT"\n' + LAST, 'Did you mean "WIDTH"?'),
        (STORE + 'width = "2 +"\n' + LAST, "something is missing at the end"),
        (STORE + 'shader = "../x.frag"\n'.replace("shader", "#") + LAST + 'shader = "../x.frag"\n', "lies outside"),
        (STORE + LAST + 'shader = "none.frag"\n', "none.frag does not exist"),
        (STORE + "scale = 0.5\nwidth = 3\n" + LAST, "twice"),
        (LAST + "persistent = true\n", "belong to a target"),
        (STORE + STORE + "persistent = true\n" + LAST, "declare it differently"),
        (STORE + 3 * (STORE + "times = 12\n") + LAST, "more than 32 times"),
        (STORE.replace("store", "texture") + LAST, 'target "texture" would hide'),
        (STORE.replace("store", "u_store") + LAST, "keeps for itself"),
        (STORE + LAST + '[parameter.store]\ntype = "bool"\n', "names two things"),
        ('domain = "pixel"\n' + STORE + LAST, "cannot hold for a piece with passes"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(gpu: GpuContext, tmp_path: Path, manifest: str, said: str) -> None:
    passes(tmp_path, manifest, first="vec4 piece(vec2 uv) { return vec4(1.0); }\n")
    assert said in located(refused(gpu, tmp_path))


def test_u_previous_is_refused_where_a_target_would_do(gpu: GpuContext, tmp_path: Path) -> None:
    passes(tmp_path, STORE + LAST, first="vec4 piece(vec2 uv) { return texture(u_previous, uv); }\n")
    assert "persistent target" in str(refused(gpu, tmp_path))


def test_every_file_of_a_pass_is_watched(gpu: GpuContext, tmp_path: Path) -> None:
    folder = passes(tmp_path, STORE + LAST, first="vec4 piece(vec2 uv) { return vec4(uv, 0.25, 1.0); }\n")
    stage = stage_of(gpu, tmp_path)
    stage.prepare(["p"])
    assert {folder / "first.frag", folder / "main.frag", folder / "piece.toml"} <= set(stage.files("p"))
    stage.release()


def test_an_edit_of_one_pass_keeps_what_the_targets_remember(gpu: GpuContext, tmp_path: Path) -> None:
    more = "vec4 piece(vec2 uv) { return texture(store, uv) + vec4(0.1, 0.0, 0.0, 1.0); }\n"
    folder = passes(tmp_path, STORE + "persistent = true\n" + LAST, first=more)
    stage = stage_of(gpu, tmp_path)
    for tick in ticks(5):
        stage.frame(tick, look("p"), snapshot())
    (folder / "first.frag").write_text(more.replace("0.1", "0.2"))
    assert stage.reload("p") is None
    for tick in ticks(1, start=5):
        rgb = stage.frame(tick, look("p"), snapshot())
    assert rgb[:, 0] == pytest.approx(0.7, abs=2e-3)
    (folder / "first.frag").write_text("nonsense")
    assert stage.reload("p") is not None
    for tick in ticks(1, start=6):
        rgb = stage.frame(tick, look("p"), snapshot())
    assert rgb[:, 0] == pytest.approx(0.9, abs=2e-3)
    stage.release()


def test_a_picture_of_the_canvas_shows_the_same(gpu: GpuContext, tmp_path: Path) -> None:
    passes(tmp_path, STORE + LAST, first="vec4 piece(vec2 uv) { return vec4(1.0, 0.0, 0.0, 1.0); }\n")
    stage = stage_of(gpu, tmp_path)
    for tick in ticks(1):
        stage.frame(tick, look("p"), snapshot())
    picture = stage.canvas(size_px=(8, 8))
    assert (picture == (255, 0, 0)).all()
    stage.release()


def test_an_image_parameter_is_read_in_every_pass(gpu: GpuContext, tmp_path: Path) -> None:
    image = '[parameter.photo]\ntype = "image"\ndefault = "bars"\n'
    passes(tmp_path, STORE + LAST + image, first="vec4 piece(vec2 uv) { return texture(photo, uv); }\n")
    assert drawn(gpu, tmp_path).max() > 0.1
