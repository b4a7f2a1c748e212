"""What public shaders ask of a mouse is a point that somebody moves: in texels, pressed anywhere but in the corner."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks

SIZE = (16, 8)
TOLD = "iMouse / vec4(16.0, 8.0, 16.0, -8.0)"


def drawn(gpu: GpuContext, file: Path, mouse: tuple[float, float] | None) -> NDArray[np.uint8]:
    """Return the picture, uint8 (H, W, 3), bottom row first, with the mouse at 0..1 of it; None: nobody touches it."""
    library = PieceLibrary([])
    slug = library.get(file).slug
    stage = Stage(gpu, pixel_grid(*SIZE), library, budget_ms=None, canvas_px=SIZE)
    assert stage.prepare([slug]) == {slug: None}
    values = {} if mouse is None else {("cue", 0): {"mouse": mouse}}
    for tick in ticks(1):
        stage.frame(tick, look(slug), snapshot(values))
    picture = stage.canvas()[::-1].copy()
    stage.release()
    return picture


def toy(body: str) -> str:
    return f"void mainImage(out vec4 c, in vec2 p) {{ {body} }}\n"


@pytest.mark.parametrize(
    ("text", "untouched", "touched"),
    [
        (toy(f"vec4 m = {TOLD}; c = vec4(m.xyz, 1.0);"), (0, 0, 0), (64, 191, 64)),
        (toy(f"vec4 m = {TOLD}; c = vec4(m.w, step(0.5, iMouse.z), 0.0, 1.0);"), (0, 0, 0), (191, 255, 0)),
        ("uniform vec2 u_mouse;\nvoid main() { gl_FragColor = vec4(u_mouse / vec2(16.0, 8.0), 0.0, 1.0); }\n",
         (0, 0, 0), (64, 191, 0)),
        ("uniform vec2 mouse;\nvoid main() { gl_FragColor = vec4(mouse, 0.0, 1.0); }\n", (128, 128, 0), (64, 191, 0)),
    ],
    ids=["Shadertoy", "its button", "in texels", "GLSL Sandbox"],
)  # fmt: skip
def test_the_mouse_is_where_the_point_is(
    gpu: GpuContext, tmp_path: Path, text: str, untouched: tuple[int, ...], touched: tuple[int, ...]
) -> None:
    file = tmp_path / "piece.glsl"
    file.write_text(text)
    assert np.abs(drawn(gpu, file, None).astype(int) - untouched).max() <= 1
    assert np.abs(drawn(gpu, file, (0.25, 0.75)).astype(int) - touched).max() <= 1


@pytest.mark.parametrize(
    "text",
    [
        "uniform vec2 u_mouse, u_resolution;\n// u_mouse\nvoid main() { gl_FragColor = vec4(0.5); }\n",
        toy("c = vec4(0.5); // iMouse"),
        "uniform vec4 iMouse;\n" + toy("c = vec4(0.5);"),
    ],
)
def test_a_shader_that_only_declares_it_has_no_such_parameter(tmp_path: Path, text: str) -> None:
    file = tmp_path / "piece.glsl"
    file.write_text(text)
    assert not PieceLibrary([]).get(file).manifest.parameter


def test_a_uniform_of_that_name_in_a_shadertoy_stays_the_artists_own(tmp_path: Path) -> None:
    file = tmp_path / "piece.glsl"
    file.write_text("uniform float mouse;\n" + toy("c = vec4(mouse) + iMouse;"))
    assert PieceLibrary([]).get(file).manifest.parameter["mouse"].type == "float"
