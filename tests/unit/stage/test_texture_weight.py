"""A piece whose textures would take too much memory is refused when it is loaded, in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from facade.core.errors import PieceError
from facade.gpu.context import GpuContext
from facade.gpu.memory import texture_bytes
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from facade.stage.weight import Weight
from tests.support.gl import pixel_grid, write_piece

HUGE = """/*{"INPUTS": [{"NAME": "wide", "TYPE": "float", "DEFAULT": 6000, "MIN": 1, "MAX": 9000}],
    "PASSES": [{"TARGET": "kept", "FLOAT": true, "WIDTH": "$wide", "HEIGHT": "$wide / 1.0"}, {}]}*/
void main() { gl_FragColor = PASSINDEX == 0 ? vec4(1.0) : IMG_THIS_NORM_PIXEL(kept); }
"""
IMAGES = """/*{"IMPORTED": {%s}}*/
void main() { gl_FragColor = %s; }
"""


def prepared(gpu: GpuContext, folder: Path, slug: str) -> PieceError | None:
    stage = Stage(gpu, pixel_grid(4, 3), PieceLibrary([folder]), budget_ms=None)
    error = stage.prepare([slug])[slug]
    stage.release()
    assert error is None or isinstance(error, PieceError)
    return error


def test_targets_of_a_gigabyte_are_refused_before_any_is_made(gpu: GpuContext, tmp_path: Path) -> None:
    (tmp_path / "huge.fs").write_text(HUGE)
    before = texture_bytes(gpu)
    error = prepared(gpu, tmp_path, "huge")
    assert '"huge" needs 1.2 GB of textures (1.2 GB of targets); a piece may have 512 MB.' in str(error)
    assert texture_bytes(gpu) <= before


def test_targets_within_the_limit_are_accepted(gpu: GpuContext, tmp_path: Path) -> None:
    (tmp_path / "huge.fs").write_text(HUGE.replace('"DEFAULT": 6000', '"DEFAULT": 60'))
    assert prepared(gpu, tmp_path, "huge") is None


def test_images_count_by_their_size_in_memory_not_on_disk(gpu: GpuContext, tmp_path: Path) -> None:
    names = [f"n{i}" for i in range(9)]
    for name in names:
        Image.new("1", (4000, 4000)).save(tmp_path / f"{name}.png")
    imported = ", ".join(f'"{name}": {{"PATH": "{name}.png"}}' for name in names)
    shader = IMAGES % (imported, " + ".join(f"IMG_THIS_NORM_PIXEL({name})" for name in names))
    (tmp_path / "album.fs").write_text(shader)
    error = prepared(gpu, tmp_path, "album")
    assert "576 MB of images" in str(error)


def test_native_pieces_are_weighed_with_their_tables(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "light", "vec4 piece(vec2 uv) { return vec4(uv, 0.0, 1.0); }\n")
    assert prepared(gpu, tmp_path, "light") is None
    weight = Weight("light")
    weight.add({"targets": 500_000_000})
    with pytest.raises(PieceError, match=r"520 MB of textures \(500 MB of targets, 20 MB of data\)"):
        weight.add({"data": 20_000_000})


@pytest.mark.parametrize(
    ("imported", "read"),
    [
        ('"n0": {"PATH": "n0.png"}', "IMG_THIS_NORM_PIXEL(n0)"),
        ('"n0": {"TYPE": "cube", "PATH": [' + ", ".join(['"n0.png"'] * 6) + "]}", "textureCube(n0, vec3(1.0))"),
    ],
    ids=["image", "cube map"],
)
def test_an_imported_image_of_200_mb_is_refused_unread(
    gpu: GpuContext, tmp_path: Path, imported: str, read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = tmp_path / "n0.png"
    Image.new("1", (8, 8)).save(image)
    with image.open("r+b") as file:
        file.truncate(200_000_000)
    (tmp_path / "album.fs").write_text(IMAGES % (imported, read))
    monkeypatch.setattr(Image.Image, "load", lambda _: pytest.fail("it was decoded"))
    assert "n0.png has 200 MB; a picture may have 100 MB." in str(prepared(gpu, tmp_path, "album"))
