"""A plain shader with a vertex shader beside it is drawn as on glslViewer's plane, whatever host it was written for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.core.errors import PieceError
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks

SIZE = (16, 8)
FRAGMENT = "varying vec2 v_place;\nvoid main() { gl_FragColor = vec4(v_place, 0.2, 1.0); }\n"


def draw(gpu: GpuContext, folder: Path, vertex: str, fragment: str = FRAGMENT, *, frames: int = 1) -> NDArray[np.uint8]:
    """Return the last frame as uint8 (H, W, 3), bottom row first, as the shader wrote it."""
    (folder / "a.frag").write_text(fragment, encoding="utf-8")
    (folder / "a.vert").write_text(vertex, encoding="utf-8")
    library = PieceLibrary([])
    slug = library.get(folder / "a.frag").slug
    stage = Stage(gpu, pixel_grid(*SIZE), library, budget_ms=None, canvas_px=SIZE)
    error = stage.prepare([slug])[slug]
    if error is not None:
        raise error
    assert stage.domain(slug) == "canvas"
    for tick in ticks(frames):
        stage.frame(tick, look(slug), snapshot())
    picture = stage.canvas()[::-1].copy()
    stage.release()
    return picture


GLSLVIEWER = """uniform mat4 u_modelViewProjectionMatrix;
attribute vec4 a_position;
attribute vec2 a_texcoord;
varying vec2 v_place;
void main() { v_place = a_texcoord; gl_Position = u_modelViewProjectionMatrix * a_position; }
"""
P5 = """attribute vec3 aPosition;
varying vec2 v_place;
void main() {
    v_place = aPosition.xy;
    vec4 place = vec4(aPosition, 1.0);
    place.xy = place.xy * 2.0 - 1.0;
    gl_Position = place;
}
"""
P5_CAMERA = """attribute vec3 aPosition;
attribute vec2 aTexCoord;
uniform mat4 uModelViewMatrix;
uniform mat4 uProjectionMatrix;
varying vec2 v_place;
void main() { v_place = aTexCoord; gl_Position = uProjectionMatrix * uModelViewMatrix * vec4(aPosition, 1.0); }
"""
THREE = """varying vec2 v_place;
void main() { v_place = uv; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }
"""
VULKAN = """#version 450
layout (location = 0) in vec3 in_pos;
layout (location = 0) out vec2 v_place;
void main() { gl_Position = vec4(in_pos, 1.0); v_place = gl_Position.xy * 0.5 + 0.5; }
"""
BEFORE_3 = """varying vec2 v_place;
void main() { v_place = gl_MultiTexCoord0.xy; gl_Position = ftransform(); }
"""


@pytest.mark.parametrize(
    "vertex",
    [GLSLVIEWER, P5, P5_CAMERA, THREE, VULKAN, BEFORE_3],
    ids=["glslViewer", "p5.js", "p5.js with a camera", "three.js", "Vulkan", "before GL 3"],
)
def test_a_plane_fills_the_picture(gpu: GpuContext, tmp_path: Path, vertex: str) -> None:
    picture = draw(gpu, tmp_path, vertex)
    across = (np.arange(16) + 0.5) / 16 * 255
    np.testing.assert_allclose(picture[3, :, 0], across, atol=1.0)
    np.testing.assert_allclose(picture[:, 3, 1], (np.arange(8) + 0.5) / 8 * 255, atol=1.0)


def test_it_moves_the_corners_and_shares_time_and_sliders(gpu: GpuContext, tmp_path: Path) -> None:
    vertex = """uniform float u_time, half_width;
attribute vec4 a_position;
varying vec2 v_place;
void main() { v_place = vec2(u_time * 12.0); gl_Position = vec4(a_position.x * 0.5, a_position.yzw); }
"""
    fragment = "varying vec2 v_place;\nvarying vec4 v_color;\nvoid main() { gl_FragColor = v_color * v_place.x; }\n"
    picture = draw(gpu, tmp_path, vertex, fragment, frames=3)  # the last one at 2/60 s
    assert picture[:, 4:12].min() == picture[:, 4:12].max() == 102  # v_color, which nobody feeds, is white
    assert picture[:, :4].max() == picture[:, 12:].max() == 0
    assert "half_width" in PieceLibrary([]).get(tmp_path / "a.frag").manifest.parameter


def test_buffers_are_planes_of_their_own(gpu: GpuContext, tmp_path: Path) -> None:
    fragment = """uniform sampler2D u_buffer0;
varying vec2 v_place;
void main() {
#ifdef BUFFER_0
    gl_FragColor = vec4(v_place, 0.0, 1.0);
#else
    gl_FragColor = texture2D(u_buffer0, v_place);
#endif
}
"""
    mirrored = GLSLVIEWER.replace("v_place = a_texcoord", "v_place = 1.0 - a_texcoord")
    picture = draw(gpu, tmp_path, mirrored, fragment)
    np.testing.assert_allclose(picture[3, :, 0], (15.5 - np.arange(16)) / 16 * 255, atol=1.0)


def test_an_error_in_it_is_told_with_its_own_file_and_line(gpu: GpuContext, tmp_path: Path) -> None:
    with pytest.raises(PieceError, match=r"a\.vert, line 5: .*nothing"):
        draw(gpu, tmp_path, GLSLVIEWER.replace("a_texcoord; gl", "nothing; gl"))
