"""How often a frame draws: once a pixel piece, twice a canvas piece, once for the mix, whatever the wall."""

from __future__ import annotations

from collections import Counter

import pytest

from facade.gpu.passes import CopyPass, MixPass, SamplePass
from facade.gpu.program import GlProgram
from facade.pieces.library import PieceLibrary
from facade.show.look import Look
from facade.stage.stage import Stage
from tests.support.gl import cue, look, pixel_grid, snapshot, stepped_wall, ticks, windows, write_piece

WARM = 3
FRAMES = 5


@pytest.fixture
def draws(monkeypatch):
    """Every draw that reaches the GPU, counted under "draw"."""
    counted = Counter()
    original = GlProgram.draw

    def draw(self):
        counted["draw"] += 1
        original(self)

    monkeypatch.setattr(GlProgram, "draw", draw)
    return counted


@pytest.fixture
def library(tmp_path):
    write_piece(tmp_path, "flat", "vec4 piece(vec2 uv) { return vec4(uv, 0.0, 1.0); }", manifest='domain = "pixel"\n')
    write_piece(tmp_path, "drawn", "vec4 piece(vec2 uv) { return vec4(uv, 1.0, 1.0); }", manifest='domain = "canvas"\n')
    return PieceLibrary((tmp_path,))


def draws_a_frame(stage: Stage, shown: Look, draws: Counter) -> list[int]:
    """Return the draws of each of five frames, after three that may still make what is needed."""
    counts = []
    for tick in ticks(WARM + FRAMES):
        draws.clear()
        stage.frame(tick, shown, snapshot())
        counts.append(draws["draw"])
    return counts[WARM:]


@pytest.mark.parametrize("pixels", [windows(), stepped_wall()], ids=["18", "26688"])
@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (("flat",), 1 + 1),
        (("flat", "flat", "flat"), 3 + 1),
        (("drawn",), 2 + 1),
        (("flat", "drawn"), 1 + 2 + 1),
    ],
    ids=["one", "three", "canvas", "both"],
)
def test_a_layer_is_drawn_once_and_a_canvas_sampled_once(gpu, library, draws, pixels, layers, expected):
    stage = Stage(gpu, pixels, library, budget_ms=None)

    counts = draws_a_frame(stage, look(*layers), draws)

    assert counts == [expected] * FRAMES
    stage.release()


def test_a_crossfade_draws_the_layers_of_both_cues_and_mixes_once(gpu, library, draws):
    stage = Stage(gpu, windows(), library, budget_ms=None)
    both = Look((cue("flat", "flat", name="old", weight=0.5), cue("flat", name="new", weight=0.5)))

    counts = draws_a_frame(stage, both, draws)

    assert counts == [3 + 1] * FRAMES
    stage.release()


def test_a_cue_that_has_faded_out_costs_nothing(gpu, library, draws):
    stage = Stage(gpu, windows(), library, budget_ms=None)
    gone = Look((cue("flat", "drawn", name="old", weight=0.0), cue("flat", name="new")))

    counts = draws_a_frame(stage, gone, draws)

    assert counts == [1 + 1] * FRAMES
    stage.release()


def test_the_passes_draw_through_the_same_door(gpu, library, draws, monkeypatch):
    """Guards the count itself: a pass that drew past GlProgram would be missed by the tests above."""
    seen = Counter()
    for each in (SamplePass, MixPass, CopyPass):
        original = each.draw
        monkeypatch.setattr(
            each, "draw", lambda self, *a, _o=original, _n=each.__name__, **k: (seen.update([_n]), _o(self, *a, **k))[1]
        )
    stage = Stage(gpu, pixel_grid(4, 2), library, budget_ms=None)
    stage.prepare(["drawn"])
    seen.clear()

    counts = draws_a_frame(stage, look("drawn"), draws)

    assert seen == {"SamplePass": WARM + FRAMES, "MixPass": WARM + FRAMES}
    assert sum(counts) == 3 * FRAMES
    stage.release()
