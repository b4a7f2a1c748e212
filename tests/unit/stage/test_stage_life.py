"""What the stage remembers, what it forgets, and what it shows when a piece fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facade.config.show import Layer
from facade.core.clock import StepClock
from facade.core.errors import PieceError
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.show.look import Look
from facade.stage.faults import PATIENCE
from facade.stage.slots import FALLBACK_FADE_S
from facade.stage.stage import Stage
from tests.support.gl import count_objects, cue, look, pixel_grid, snapshot, stepped_wall, ticks, write_piece

RED = "vec4 piece(vec2 uv) { return vec4(1.0, 0.0, 0.0, 1.0); }\n"
GREEN = "vec4 piece(vec2 uv) { return vec4(0.0, 1.0, 0.0, 1.0); }\n"
BROKEN = "vec4 piece(vec2 uv) {\n    return vec4(missing);\n}\n"
COUNTING = "vec4 piece(vec2 uv) { return texture(u_previous, uv) + vec4(1.0, 0.0, 0.0, 1.0); }\n"


def make(gpu: GpuContext, folder: Path, *, clock: StepClock | None = None, budget_ms: float | None = None) -> Stage:
    return Stage(gpu, pixel_grid(4, 3), PieceLibrary([folder]), clock=clock, budget_ms=budget_ms)


class SlowPiece(StepClock):
    """A clock on which every second reading comes cost_s later: the stage reads it before and after each draw."""

    def __init__(self, cost_s: float) -> None:
        super().__init__()
        self.cost_s = cost_s

    def now(self) -> float:
        self.advance(self.cost_s)
        return super().now()


def test_feedback_remembers_frame_after_frame(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "count", COUNTING)
    stage = make(gpu, tmp_path)
    counts = [float(stage.frame(t, look("count"), snapshot())[0, 0]) for t in ticks(5)]
    assert counts == [1.0, 2.0, 3.0, 4.0, 5.0]
    stage.release()


def test_two_layers_of_one_piece_have_their_own_memory(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "count", COUNTING)
    stage = make(gpu, tmp_path)
    first, second = ticks(2)
    stage.frame(first, Look((cue("count", name="a"),)), snapshot())
    both = Look((cue("count", name="a", weight=0.5), cue("count", name="b", weight=0.5, started_at_s=0.1)))
    assert stage.frame(second, both, snapshot())[0, 0] == pytest.approx(0.5 * 2 + 0.5 * 1)
    stage.release()


def test_a_cue_that_starts_again_has_forgotten(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "count", COUNTING)
    stage = make(gpu, tmp_path)
    first, second = ticks(2)
    stage.frame(first, look("count"), snapshot())
    assert stage.frame(second, look("count", started_at_s=0.01), snapshot())[0, 0] == 1.0
    stage.release()


def test_memory_survives_a_reload(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "count", COUNTING)
    stage = make(gpu, tmp_path)
    first, second = ticks(2)
    stage.frame(first, look("count"), snapshot())
    write_piece(tmp_path, "count", COUNTING.replace("vec4(1.0,", "vec4(10.0,"))
    assert stage.reload("count") is None
    assert stage.frame(second, look("count"), snapshot())[0, 0] == 11.0
    stage.release()


def test_one_sick_frame_does_not_poison_a_memory_for_ever(gpu: GpuContext, tmp_path: Path) -> None:
    sick = "vec4 piece(vec2 uv) { float zero = u_delta * 0.0; float x = u_frame == 1 ? 1.0 / zero - 1.0 / zero : 1.0;\n"
    write_piece(tmp_path, "sick", sick + "return texture(u_previous, uv) * 0.5 + vec4(vec3(x), 1.0); }\n")
    stage = make(gpu, tmp_path)
    healed = [np.isfinite(stage.frame(t, look("sick"), snapshot())).all() for t in ticks(4)]
    assert healed[-1]
    stage.release()


def test_an_edit_shows_at_once(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "glow", RED)
    stage = make(gpu, tmp_path)
    first, second = ticks(2)
    assert stage.frame(first, look("glow"), snapshot())[0].tolist() == [1.0, 0.0, 0.0]
    write_piece(tmp_path, "glow", GREEN)
    assert stage.reload("glow") is None
    assert stage.frame(second, look("glow"), snapshot())[0].tolist() == [0.0, 1.0, 0.0]
    stage.release()


def test_a_broken_edit_leaves_the_last_good_program_on(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "glow", RED)
    stage = make(gpu, tmp_path)
    first, second, third = ticks(3)
    stage.frame(first, look("glow"), snapshot())
    write_piece(tmp_path, "glow", BROKEN)
    error = stage.reload("glow")
    assert isinstance(error, PieceError)
    assert (error.file, error.line) == (tmp_path / "glow" / "main.frag", 2)
    assert stage.frame(second, look("glow"), snapshot())[0].tolist() == [1.0, 0.0, 0.0]
    assert "line 2" in stage.faults["glow"]
    write_piece(tmp_path, "glow", GREEN)
    assert stage.reload("glow") is None
    assert stage.faults == {}
    assert stage.frame(third, look("glow"), snapshot())[0].tolist() == [0.0, 1.0, 0.0]
    stage.release()


def test_an_edit_may_change_the_domain_and_the_parameters(gpu: GpuContext, tmp_path: Path) -> None:
    float_gain = '[parameter.gain]\ntype = "float"\ndefault = 0.5\n'
    write_piece(tmp_path, "glow", "vec4 piece(vec2 uv) { return vec4(gain); }\n", manifest=float_gain)
    stage = make(gpu, tmp_path)
    first, second = ticks(2)
    values = snapshot({("cue", 0): {"gain": 0.25}})
    assert stage.frame(first, look("glow"), values)[0, 0] == pytest.approx(0.25 * 0.25)
    color_gain = '[parameter.gain]\ntype = "color"\ndefault = [0.0, 1.0, 0.0]\n'
    shader = "vec4 piece(vec2 uv) { return vec4(gain, 1.0) + 0.0 * texture(u_previous, uv); }\n"
    write_piece(tmp_path, "glow", shader, manifest=color_gain)
    assert stage.reload("glow") is None
    assert stage.frame(second, look("glow"), values)[0].tolist() == [0.0, 1.0, 0.0]
    stage.release()


def test_prepare_says_which_pieces_cannot_be_used(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "good", RED)
    write_piece(tmp_path, "bad", BROKEN)
    stage = make(gpu, tmp_path)
    errors = stage.prepare(["good", "bad", "absent"])
    assert errors["good"] is None
    assert "line 2" in str(errors["bad"])
    assert 'no piece "absent"' in str(errors["absent"])
    assert stage.pieces == ("good",)
    assert {f.name for f in stage.files("good")} == {"piece.toml", "main.frag"}
    stage.release()


def test_a_piece_that_never_compiled_is_replaced_by_its_default_fallback(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "bad", BROKEN)
    write_piece(tmp_path, "ember", GREEN)
    stage = make(gpu, tmp_path)
    assert stage.frame(next(iter(ticks(1))), look("bad"), snapshot())[0].tolist() == [0.0, 1.0, 0.0]
    assert "bad" in stage.faults
    stage.release()


def test_a_piece_that_never_compiled_still_names_its_own_fallback(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "bad", BROKEN, manifest='fallback = "calm"\n')
    write_piece(tmp_path, "calm", RED)
    write_piece(tmp_path, "ember", GREEN)
    stage = make(gpu, tmp_path)
    assert stage.frame(next(iter(ticks(1))), look("bad"), snapshot())[0].tolist() == [1.0, 0.0, 0.0]
    stage.release()


def test_a_fallback_that_fails_too_gives_way_to_the_default_one(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "bad", BROKEN, manifest='fallback = "calm"\n')
    write_piece(tmp_path, "calm", RED)
    write_piece(tmp_path, "ember", GREEN)
    stage = make(gpu, tmp_path)
    first, second = ticks(2)
    stage.frame(first, look("bad"), snapshot())
    stage.quarantine("calm")
    assert stage.frame(second, look("bad"), snapshot())[0].tolist() == [0.0, 1.0, 0.0]
    stage.release()


def test_without_any_fallback_a_failed_layer_is_black_and_the_others_stay(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "bad", BROKEN)
    write_piece(tmp_path, "good", RED)
    stage = make(gpu, tmp_path)
    rgb = stage.frame(next(iter(ticks(1))), look("good", Layer(piece="bad")), snapshot())
    assert rgb[0].tolist() == [1.0, 0.0, 0.0]
    stage.release()


def test_a_piece_over_its_budget_fades_to_its_fallback(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "slow", RED, manifest='fallback = "calm"\n')
    write_piece(tmp_path, "calm", GREEN)
    clock = SlowPiece(0.3)
    stage = make(gpu, tmp_path, clock=clock, budget_ms=250.0)
    stage.prepare(["slow"])
    times = list(ticks(90))
    for tick in times[:PATIENCE]:
        assert stage.frame(tick, look("slow"), snapshot())[0].tolist() == [1.0, 0.0, 0.0]
    assert "calm" not in stage.faults
    assert "300 ms" in stage.faults["slow"]
    clock.cost_s = 0.0
    fading = [stage.frame(tick, look("slow"), snapshot())[0].copy() for tick in times[PATIENCE:]]
    reds, greens = [float(rgb[0]) for rgb in fading], [float(rgb[1]) for rgb in fading]
    assert reds == sorted(reds, reverse=True)
    assert greens == sorted(greens)
    assert max(np.diff(greens)) < 2 / (FALLBACK_FADE_S * 60)
    assert fading[-1].tolist() == [0.0, 1.0, 0.0]
    stage.release()


def test_one_frame_that_takes_seconds_is_enough(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "slow", RED)
    clock = SlowPiece(0.0)
    stage = make(gpu, tmp_path, clock=clock, budget_ms=250.0)
    stage.prepare(["slow"])
    clock.cost_s = 1.1
    stage.frame(next(iter(ticks(1))), look("slow"), snapshot())
    assert "one frame" in stage.faults["slow"]
    stage.release()


def test_a_piece_that_would_take_seconds_is_never_shown(gpu: GpuContext, tmp_path: Path) -> None:
    shader = (
        "vec4 piece(vec2 uv) {\n    float s = 0.0;\n"
        "    for (int i = 0; i < 200000; i++) s += sin(float(i) * uv.x + s);\n    return vec4(s);\n}\n"
    )
    write_piece(tmp_path, "endless", shader)
    write_piece(tmp_path, "ember", GREEN)
    stage = Stage(gpu, stepped_wall(), PieceLibrary([tmp_path]), budget_ms=50.0)
    assert stage.prepare(["endless"]) == {"endless": None}
    assert "would take about" in stage.faults["endless"]
    assert stage.frame(next(iter(ticks(1))), look("endless"), snapshot())[0].tolist() == [0.0, 1.0, 0.0]
    write_piece(tmp_path, "endless", RED)
    assert stage.reload("endless") is None
    assert stage.faults == {}
    stage.release()


def test_a_single_slow_frame_is_forgiven(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "glow", RED)
    clock = SlowPiece(0.0)
    stage = make(gpu, tmp_path, clock=clock, budget_ms=250.0)
    for i, tick in enumerate(ticks(12)):
        clock.cost_s = 0.3 if i % 3 == 0 else 0.0
        stage.frame(tick, look("glow"), snapshot())
    assert stage.faults == {}
    stage.release()


def test_offline_no_piece_is_ever_too_slow(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "slow", RED)
    stage = make(gpu, tmp_path, clock=SlowPiece(9.0), budget_ms=None)
    for tick in ticks(5):
        assert stage.frame(tick, look("slow"), snapshot())[0, 0] == 1.0
    assert stage.faults == {}
    stage.release()


def test_a_mended_piece_comes_back_over_the_same_time(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "bad", BROKEN)
    write_piece(tmp_path, "ember", GREEN)
    stage = make(gpu, tmp_path)
    times = list(ticks(60))
    stage.frame(times[0], look("bad"), snapshot())
    write_piece(tmp_path, "bad", RED)
    assert stage.reload("bad") is None
    reds = [float(stage.frame(t, look("bad"), snapshot())[0, 0]) for t in times[1:]]
    assert 0.0 < reds[5] < 1.0
    assert reds[-1] == 1.0
    assert stage.faults == {}
    stage.release()


def test_a_quarantined_piece_is_not_drawn_until_it_is_reloaded(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "crash", RED)
    write_piece(tmp_path, "ember", GREEN)
    stage = make(gpu, tmp_path)
    stage.prepare(["crash"])
    stage.quarantine("crash")
    first, second = (Tick(0, 0.0, 0.1), Tick(60, 1.0, 0.1))
    assert stage.frame(first, look("crash"), snapshot())[0].tolist() == [0.0, 1.0, 0.0]
    assert stage.reload("crash") is None
    stage.frame(second, look("crash"), snapshot())
    assert stage.faults == {}
    stage.release()


def test_more_layers_than_cells_at_the_start_all_show(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "step", "vec4 piece(vec2 uv) { return vec4(0.0625, 0.0, 0.0, 1.0); }\n")
    stage = make(gpu, tmp_path)
    layers = [Layer(piece="step", blend="add") for _ in range(8)]
    both = Look((cue(*layers, name="a", weight=0.5), cue(*layers, name="b", weight=0.5)))
    for tick in ticks(2):
        assert stage.frame(tick, both, snapshot())[0, 0] == pytest.approx(0.5)
    stage.release()


def test_a_hundred_programs_leave_nothing_behind(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "count", COUNTING)
    write_piece(tmp_path, "glow", RED)
    first = make(gpu, tmp_path)
    first.frame(next(iter(ticks(1))), look("count", "glow"), snapshot())
    first.release()
    # What the context makes at its first draw stays as long as the context.
    before = count_objects(gpu)
    stage = make(gpu, tmp_path)
    settled: dict[str, int] | None = None
    for i, tick in enumerate(ticks(50)):
        assert stage.reload("count") is None
        assert stage.reload("glow") is None
        stage.frame(tick, look("count", "glow", started_at_s=i * 0.001), snapshot())
        stage.canvas()
        # The second reload is the first beside a picture on air; from then on nothing more is made.
        settled = count_objects(gpu) if i == 1 else settled
    assert count_objects(gpu) == settled
    stage.release()
    assert count_objects(gpu) == before
