"""A piece that is too slow on its canvas is drawn on a smaller one, and remembers what it drew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facade.core.clock import StepClock
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.show.look import Look
from facade.stage.faults import FIRST_PAUSE_S, PATIENCE, SCALES
from facade.stage.stage import Stage
from tests.support.gl import count_objects, cue, look, pixel_grid, snapshot, ticks, write_piece

CANVAS = (40, 20)
COUNTING = """vec4 piece(vec2 uv) {
    return texelFetch(u_previous, ivec2(uv * u_resolution), 0) + vec4(1.0 / 64.0, 0.0, 0.0, 1.0);
}
"""
WIDTH = "vec4 piece(vec2 uv) { return vec4(u_resolution / 64.0, dFdx(0.0), 1.0); }\n"
GREEN = "vec4 piece(vec2 uv) { return vec4(0.0, 1.0, 0.0, 1.0); }\n"
COUNTING_ISF = """/*{"PASSES": [{"TARGET": "kept", "PERSISTENT": true, "FLOAT": true}, {}]}*/
void main() {
    vec4 kept = IMG_THIS_NORM_PIXEL(kept);
    float wide = RENDERSIZE.x / 64.0;
    gl_FragColor = PASSINDEX == 0 ? kept + vec4(1.0 / 64.0, 0.0, 0.0, 1.0) : vec4(kept.r, wide, 0.0, 1.0);
}
"""


class SlowCanvas(StepClock):
    """A clock on which each reading comes later: whole_s for a whole canvas, less on a smaller one, and fixed_s."""

    def __init__(self) -> None:
        super().__init__()
        self.whole_s = self.fixed_s = 0.0
        self.stage: Stage | None = None

    def now(self) -> float:
        if self.stage is not None:
            self.advance(self.whole_s * min([1.0, *self.stage.canvas_scales.values()]) ** 2 + self.fixed_s)
        return super().now()


@pytest.fixture
def clock() -> SlowCanvas:
    return SlowCanvas()


@pytest.fixture
def stage(gpu: GpuContext, tmp_path: Path, clock: SlowCanvas) -> Iterator[Stage]:
    write_piece(tmp_path, "count", COUNTING)
    write_piece(tmp_path, "width", WIDTH, manifest='fallback = "calm"\n')
    write_piece(tmp_path, "calm", GREEN)
    (tmp_path / "count_isf.fs").write_text(COUNTING_ISF)
    pixels = pixel_grid(4, 3, canvas_px=CANVAS)
    made = Stage(gpu, pixels, PieceLibrary([tmp_path]), clock=clock, budget_ms=250.0)
    made.prepare(["count", "width", "count_isf"])
    clock.stage = made
    yield made
    made.release()


def test_a_slow_piece_is_drawn_on_the_largest_canvas_that_is_within_the_budget(stage: Stage, clock: SlowCanvas) -> None:
    clock.whole_s = 0.8
    widths = [round(float(stage.frame(t, look("width"), snapshot())[0, 0]) * 64) for t in ticks(3 * PATIENCE + 4)]
    # 800 ms, 392 ms, 200 ms: each step is given up after three slow draws, not counting the first of its size.
    assert widths == [40] * PATIENCE + [28] * (PATIENCE + 1) + [20] * (PATIENCE + 3)
    assert stage.canvas_scales == {"width": 0.5}
    assert stage.faults == {}


def test_only_what_is_too_slow_on_the_smallest_canvas_gives_way_to_its_fallback(
    stage: Stage, clock: SlowCanvas
) -> None:
    clock.fixed_s = 0.3
    for tick in ticks(60):
        rgb = stage.frame(tick, look("width"), snapshot())
        if stage.faults:
            clock.fixed_s = 0.0
    assert stage.canvas_scales == {"width": SCALES[-1]}
    assert "Its fallback is shown." in stage.faults["width"]
    assert rgb[0].tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize("slug", ["count", "count_isf"])
def test_what_a_piece_remembers_survives_smaller_and_larger_canvases(
    stage: Stage, clock: SlowCanvas, slug: str
) -> None:
    clock.whole_s = 0.4
    reds, scales = [], []
    for i, tick in enumerate(ticks(40)):
        if i == 20:
            clock.whole_s = 0.05
            clock.advance(FIRST_PAUSE_S)
        reds.append(float(stage.frame(tick, look(slug), snapshot())[:, 0].mean()))
        scales.append(stage.canvas_scales.get(slug, 1.0))
        if i > 20:
            clock.advance(FIRST_PAUSE_S)
    assert [s for s, before in zip(scales, [0.0, *scales], strict=False) if s != before] == [1.0, 0.7, 1.0]
    if slug == "count":
        np.testing.assert_allclose(reds, np.arange(1, 41) / 64.0, rtol=2.0**-10)  # a half float has eleven bits
    else:
        assert (np.diff(reds) > 0.0).all()


def test_two_layers_of_one_piece_and_others_beside_it_keep_their_own_size(stage: Stage, clock: SlowCanvas) -> None:
    clock.whole_s = 0.4
    for tick in ticks(PATIENCE + 1):
        stage.frame(tick, look("width"), snapshot())
    both = Look((cue("width", name="a", weight=0.5), cue("count_isf", name="b", weight=0.5)))
    rgb = stage.frame(next(iter(ticks(1))), both, snapshot())
    assert stage.canvas_scales == {"width": 0.7}
    assert rgb.shape == (12, 3)


def test_canvases_that_shrink_and_grow_leave_nothing(gpu: GpuContext, stage: Stage, clock: SlowCanvas) -> None:
    def round_trip() -> None:
        clock.whole_s = 0.4
        for tick in ticks(6):
            stage.frame(tick, look("count"), snapshot())
        clock.whole_s = 0.01
        for tick in ticks(12):
            stage.frame(tick, look("count"), snapshot())
            clock.advance(200.0)
        assert stage.canvas_scales == {}

    round_trip()
    before = count_objects(gpu)
    round_trip()
    assert count_objects(gpu) == before
