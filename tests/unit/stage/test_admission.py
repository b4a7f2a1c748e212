"""A piece rehearsed elsewhere is taken over step by step; until then no frame compiles anything of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from facade.core.errors import PieceError
from facade.gpu.context import GpuContext
from facade.gpu.program import GlProgram
from facade.pieces.library import PieceLibrary
from facade.stage.slots import FALLBACK_FADE_S
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks, write_piece

RED = "vec4 piece(vec2 uv) { return vec4(1.0, 0.0, 0.0, 1.0); }\n"
GREEN = "vec4 piece(vec2 uv) { return vec4(0.0, 1.0, 0.0, 1.0); }\n"
TWO_PASSES = """/*{ "ISFVSN": "2", "PASSES": [ {"TARGET": "first", "PERSISTENT": true}, {} ] }*/
void main() { gl_FragColor = vec4(0.0, 1.0, 0.0, 1.0); }
"""
FADED = round(FALLBACK_FADE_S * 60) + 2


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Every program that is compiled, counted under "compiled"."""
    counted: Counter[str] = Counter()
    original = GlProgram.__init__

    def compile_one(self: GlProgram, *args: object, **settings: object) -> None:
        counted["compiled"] += 1
        original(self, *args, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(GlProgram, "__init__", compile_one)
    return counted


@pytest.fixture
def stage(gpu: GpuContext, tmp_path: Path) -> Iterator[Stage]:
    write_piece(tmp_path, "ember", RED)
    write_piece(tmp_path, "glow", GREEN)
    made = Stage(gpu, pixel_grid(4, 3), PieceLibrary([tmp_path]), budget_ms=None)
    made.prepare(["ember"])
    yield made
    made.release()


def test_an_awaited_piece_costs_no_compile_on_air_and_its_fallback_stands_in(
    stage: Stage, compiled: Counter[str]
) -> None:
    assert stage.roster.expect(["glow", "ember"]) == ("glow",)
    for tick in ticks(5):
        light = stage.frame(tick, look("glow"), snapshot())
    assert light[0].tolist() == [1.0, 0.0, 0.0]
    assert compiled["compiled"] == 0
    assert stage.faults == {}


def test_a_rehearsed_piece_is_taken_over_and_fades_in(stage: Stage, compiled: Counter[str]) -> None:
    rehearsal = stage.rehearse("glow")
    stage.roster.expect(["glow"])
    stage.frame(next(iter(ticks(1))), look("glow"), snapshot())
    compiled.clear()
    steps = stage.admit(rehearsal)
    for _ in steps:
        assert compiled["compiled"] <= 1
    assert compiled["compiled"] == 1
    for tick in ticks(FADED, start=1):
        light = stage.frame(tick, look("glow"), snapshot())
    assert light[0].tolist() == [0.0, 1.0, 0.0]
    assert compiled["compiled"] == 1


def test_no_step_compiles_more_than_one_shader(gpu: GpuContext, tmp_path: Path, compiled: Counter[str]) -> None:
    (tmp_path / "twice.fs").write_text(TWO_PASSES)
    stage = Stage(gpu, pixel_grid(4, 3), PieceLibrary([tmp_path]), budget_ms=None)
    rehearsal = stage.rehearse("twice")
    counts = []
    compiled.clear()
    for _ in stage.admit(rehearsal):
        counts.append(compiled["compiled"])
        compiled.clear()
    assert max(counts) == 1
    assert stage.piece("twice") is not None
    stage.release()


def test_a_refusal_leaves_the_last_good_one_on(stage: Stage) -> None:
    stage.prepare(["glow"])
    stage.roster.refuse("glow", PieceError("its shader does not compile"))
    for tick in ticks(FADED):
        light = stage.frame(tick, look("glow"), snapshot())
    assert light[0].tolist() == [0.0, 1.0, 0.0]
    assert "does not compile" in stage.faults["glow"]


def test_a_piece_that_would_take_seconds_is_never_shown(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "ember", RED)
    write_piece(tmp_path, "glow", GREEN)
    stage = Stage(gpu, pixel_grid(4, 3), PieceLibrary([tmp_path]), budget_ms=250.0)
    stage.prepare(["ember"])
    rehearsal = stage.rehearse("glow")
    slow = type(rehearsal)(rehearsal.piece, rehearsal.program, cost_ms=5000.0)
    for _ in stage.admit(slow):
        pass
    assert stage.frame(next(iter(ticks(1))), look("glow"), snapshot())[0].tolist() == [1.0, 0.0, 0.0]
    assert "5000 ms" in stage.faults["glow"]
    stage.release()
