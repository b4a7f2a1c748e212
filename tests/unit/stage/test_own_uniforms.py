"""A uniform's first value is what is drawn until somebody moves it, in every dialect that declares uniforms itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.config.piece import PieceManifest
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks

DIALECTS = {
    "plain": "void main() { gl_FragColor = vec4(drawn(), 1.0); }\n",
    "shadertoy": "void mainImage(out vec4 c, in vec2 p) { c = vec4(drawn(), 1.0); }\n",
}


def written(folder: Path, dialect: str, text: str) -> PieceManifest:
    (folder / "a.frag").write_text(text + DIALECTS[dialect], encoding="utf-8")
    return PieceLibrary([]).get(folder / "a.frag").manifest


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("declared", "drawn", "expected"),
    [
        ("uniform vec3 c = vec3(0.2, 0.4, 0.6);", "c", (51, 102, 153)),
        ("uniform vec3 c = vec3(0.4);", "c", (102, 102, 102)),
        ("uniform vec4 c = vec4(0.2, 0.4, 0.6, 0.8);", "vec3(c.ra, c.b)", (51, 204, 153)),
        ("uniform vec3 c = vec3(-2.0, 4.0, 0.0);", "vec3(-c.x, c.y, c.z) * 0.1", (51, 102, 0)),
        ("uniform vec2 c = vec2(-2.0, 4.0);", "vec3(-c.x, c.y, 0.0) * 0.1", (51, 102, 0)),
        ("uniform float c = 4.0f;", "vec3(c * 0.1)", (102, 102, 102)),
        ("const float two = 2.0;\nuniform float c = two * 2.0;", "vec3(c * 0.1)", (102, 102, 102)),
        ("uniform mat2 c = mat2(0.2, 0.0, 0.0, 0.4);", "vec3(c * vec2(1.0), 0.0)", (51, 102, 0)),
        ("uniform ivec2 c = ivec2(2, 4);", "vec3(vec2(c) * 0.1, 0.0)", (51, 102, 0)),
    ],
)
def test_a_first_value_is_drawn_as_it_is_written(
    gpu: GpuContext, tmp_path: Path, dialect: str, declared: str, drawn: str, expected: tuple[int, int, int]
) -> None:
    written(tmp_path, dialect, f"{declared}\nvec3 drawn() {{ return {drawn}; }}\n")
    library = PieceLibrary([])
    slug = library.get(tmp_path / "a.frag").slug
    stage = Stage(gpu, pixel_grid(4, 4), library, budget_ms=None, canvas_px=(4, 4))
    assert stage.prepare([slug])[slug] is None
    stage.frame(next(iter(ticks(1))), look(slug), snapshot())
    for got, want in zip(stage.canvas()[0, 0].tolist(), expected, strict=True):
        assert abs(got - want) <= 1
    stage.release()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_parameter_cannot_start_at_is_none(tmp_path: Path, dialect: str) -> None:
    declared = """uniform vec3 tint = vec3(1.0, 0.5, 0.0);
uniform vec3 way = vec3(0.0, -1.0, 0.0);
uniform float turn = 3.14 * 0.5;
uniform vec2 place = vec2(320.0, 180.0);
vec3 drawn() { return tint + way * turn + place.x; }
"""
    made = written(tmp_path, dialect, declared).parameter
    assert set(made) == {"tint", "place"}
    assert made["tint"].default == (1.0, 0.5, 0.0)  # type: ignore[union-attr]  # a colour
