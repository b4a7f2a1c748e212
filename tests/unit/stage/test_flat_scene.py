"""A shader that asks for a camera, a sun or a model is told what glslViewer says when there is no model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.gpu.context import GpuContext
from facade.pieces.flat_scene import FLAT_SCENE
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks

SIZE = (16, 8)


def draw(gpu: GpuContext, folder: Path, text: str, *, vertex: str = "") -> NDArray[np.uint8]:
    """Return the first frame as uint8 (H, W, 3), bottom row first, as the shader wrote it."""
    (folder / "a.frag").write_text(text, encoding="utf-8")
    if vertex:
        (folder / "a.vert").write_text(vertex, encoding="utf-8")
    library = PieceLibrary([])
    slug = library.get(folder / "a.frag").slug
    stage = Stage(gpu, pixel_grid(*SIZE), library, budget_ms=None, canvas_px=SIZE)
    error = stage.prepare([slug])[slug]
    if error is not None:
        raise error
    stage.frame(next(iter(ticks(1))), look(slug), snapshot())
    picture = stage.canvas()[::-1].copy()
    stage.release()
    return picture


def test_camera_and_sun_stand_where_glslviewer_puts_them(gpu: GpuContext, tmp_path: Path) -> None:
    body = """uniform vec3 u_camera;
uniform vec3 u_light;
uniform float u_iblLuminance;
void main() { gl_FragColor = vec4(u_camera.z * 0.1, normalize(u_light).y, u_iblLuminance, 1.0); }
"""
    assert draw(gpu, tmp_path, body)[3, 4].tolist() == [51, 180, 199]


def test_nothing_of_the_scene_is_a_slider(tmp_path: Path) -> None:
    named = "".join(f"uniform {kind} {name};\n" for name, (kind, _) in FLAT_SCENE.items())
    (tmp_path / "a.frag").write_text(f"{named}uniform float level;\nvoid main() {{}}\n", encoding="utf-8")
    assert set(PieceLibrary([]).get(tmp_path / "a.frag").manifest.parameter) == {"level"}


@pytest.mark.parametrize("declared", ["vec3 u_light = vec3(0.2, 0.4, 0.6)", "vec4 u_light"])
def test_a_light_of_the_artists_own_stays_a_parameter(tmp_path: Path, declared: str) -> None:
    (tmp_path / "a.frag").write_text(f"uniform {declared};\nvoid main() {{}}\n", encoding="utf-8")
    assert "u_light" in PieceLibrary([]).get(tmp_path / "a.frag").manifest.parameter


def test_matrices_leave_things_where_they_are(gpu: GpuContext, tmp_path: Path) -> None:
    vertex = """attribute vec4 a_position;
uniform mat4 u_modelViewProjectionMatrix;
void main() { gl_Position = u_modelViewProjectionMatrix * a_position; }
"""
    body = """uniform mat4 u_modelViewProjectionMatrix;
uniform mat3 u_normalMatrix;
void main() {
    vec4 moved = u_modelViewProjectionMatrix * vec4(0.2, 0.0, 0.0, 1.0);
    gl_FragColor = vec4(moved.x, (u_normalMatrix * vec3(0.0, 0.0, 0.4)).z, 0.0, 1.0);
}
"""
    assert draw(gpu, tmp_path, body, vertex=vertex)[3, 4].tolist() == [51, 102, 0]


def test_places_come_as_glslviewer_gives_them_to_a_plane(gpu: GpuContext, tmp_path: Path) -> None:
    body = """#ifdef MODEL_VERTEX_TEXCOORD
varying vec2 v_texcoord;
#endif
varying vec4 v_position;
void main() {
    gl_FragColor = vec4(0.0, 0.0, v_position.x * 0.5 + 0.5, 1.0);
#ifdef MODEL_VERTEX_TEXCOORD
    gl_FragColor.rg = v_texcoord;
#endif
}
"""
    picture = draw(gpu, tmp_path, body)
    right = round(255 * 15.5 / 16)
    assert picture[0, 15].tolist() == [right, round(255 * 0.5 / 8), right]
