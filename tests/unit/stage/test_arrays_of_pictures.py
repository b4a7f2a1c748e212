"""An array of pictures is read picture by picture: each element shows what a picture of its own would."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks


def draw(gpu: GpuContext, folder: Path, text: str, *, file: str = "a.frag") -> NDArray[np.uint8]:
    """Return the first frame as uint8 (H, W, 3), top row first."""
    (folder / file).write_text(text, encoding="utf-8")
    library = PieceLibrary([])
    slug = library.get(folder / file).slug
    stage = Stage(gpu, pixel_grid(8, 4), library, budget_ms=None, canvas_px=(8, 4))
    error = stage.prepare([slug])[slug]
    if error is not None:
        raise error
    stage.frame(next(iter(ticks(1))), look(slug), snapshot())
    picture = stage.canvas().copy()
    stage.release()
    return picture


@pytest.mark.parametrize("length", ["3", "COUNT"])
def test_a_plain_shader_reads_every_picture_of_its_array(gpu: GpuContext, tmp_path: Path, length: str) -> None:
    for index, color in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        Image.new("RGB", (4, 4), color).save(tmp_path / f"tex{index}.png")
    body = f"""#define COUNT 3
uniform sampler2D tex[{length}];
void main() {{
    vec3 sum = texture2D(tex[0], vec2(0.5)).rgb * 0.2;
    for (int i = 1; i < 3; i++) sum += texture2D(tex[i], vec2(0.5)).rgb * 0.2 * float(i);
    gl_FragColor = vec4(sum, 1.0);
}}
"""
    assert draw(gpu, tmp_path, body)[0, 0].tolist() == [51, 51, 102]
    assert set(PieceLibrary([]).get(tmp_path / "a.frag").manifest.parameter) == {"tex0", "tex1", "tex2"}


def test_in_a_shadertoy_the_array_is_its_channels(gpu: GpuContext, tmp_path: Path) -> None:
    Image.new("RGB", (4, 4), (0, 102, 0)).save(tmp_path / "iChannel1.png")
    body = """uniform sampler2D iChannel[4];
void mainImage(out vec4 color, in vec2 place) { color = texture(iChannel[1], vec2(0.5)); }
"""
    assert draw(gpu, tmp_path, body)[0, 0].tolist() == [0, 102, 0]


def test_a_picture_that_nothing_is_known_of_is_noise_and_not_black(gpu: GpuContext, tmp_path: Path) -> None:
    body = """uniform sampler2D grain;
uniform sampler2D grit[2];
void mainImage(out vec4 color, in vec2 place) {
    vec2 at = place / iResolution.xy;
    color = vec4(texture(grain, at).r, texture(grit[1], at).g, 0.0, 1.0);
}
"""
    picture = draw(gpu, tmp_path, body)
    assert picture[..., 0].std() > 10
    assert picture[..., 1].std() > 10
