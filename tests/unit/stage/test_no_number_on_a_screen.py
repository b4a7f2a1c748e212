"""A screen shows 0 for a channel that is not a number, and so do LEDs; the rest of the picture is not touched."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks

SICK = "uniform float none; void main() { gl_FragColor = vec4(sqrt(-1.0 - none), 0.4, gl_FragCoord.x < 2.0, 1.0); }\n"


@pytest.mark.parametrize("canvas", [False, True])
def test_one_sick_channel_leaves_the_others_on(gpu: GpuContext, tmp_path: Path, canvas: bool) -> None:
    # A derivative asks for a canvas; each LED sees two texels by two.
    text = SICK.replace("void main() {", "void main() { float bend = dFdx(none);") if canvas else SICK
    (tmp_path / "a.frag").write_text(text, encoding="utf-8")
    library = PieceLibrary([])
    slug = library.get(tmp_path / "a.frag").slug
    stage = Stage(gpu, pixel_grid(4, 4), library, budget_ms=None, canvas_px=(8, 8))
    assert stage.prepare([slug])[slug] is None
    assert stage.domain(slug) == ("canvas" if canvas else "pixel")
    rgb = stage.frame(next(iter(ticks(1))), look(slug), snapshot())
    assert np.allclose(rgb[:, 0], 0.0)
    assert np.allclose(rgb[:, 1], 0.1329, atol=1e-3)
    assert np.allclose(rgb[:, 2], [1.0, 0.0, 0.0, 0.0] * 4)
    assert stage.canvas()[0, :, 1].tolist() == [102] * 8
    assert stage.not_a_number() == 64
    stage.release()


def test_in_a_native_piece_it_stays_to_be_counted_and_sent_black(gpu: GpuContext, tmp_path: Path) -> None:
    folder = tmp_path / "sick"
    folder.mkdir()
    (folder / "piece.toml").write_text('schema = 1\ntitle = "Sick"\n', encoding="utf-8")
    (folder / "main.frag").write_text(
        "vec4 piece(vec2 uv) { return vec4(sqrt(-1.0 - u_time), uv, 1.0); }", encoding="utf-8"
    )
    library = PieceLibrary([tmp_path])
    stage = Stage(gpu, pixel_grid(4, 4), library, budget_ms=None, canvas_px=(8, 8))
    assert stage.prepare(["sick"])["sick"] is None
    rgb = stage.frame(next(iter(ticks(1))), look("sick"), snapshot())
    assert np.isnan(rgb[:, 0]).all()
    assert stage.not_a_number() == 64
    stage.release()
