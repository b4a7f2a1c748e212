"""Behaviours on the stage: what the shader sees, a layer's own state, budgets, failures, edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.app.inline import InlineHost
from facade.app.plan import make_plan
from facade.core.clock import StepClock
from facade.core.errors import PieceError
from facade.gpu.context import GpuContext
from facade.inputs.contract import InputEvent
from facade.pieces.library import PieceLibrary
from facade.pieces.trust import trust
from facade.stage.lives import BUDGET_MS, OUTRIGHT_MS, PATIENCE
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks, write_piece

NUMBERS = '[uniform.level]\ntype = "float"\n'
LEVEL = "vec4 piece(vec2 uv) { return vec4(level, 0.0, 0.0, 1.0); }\n"
COUNTING = "n = 0\n\n\ndef update(tick, controls):\n    global n\n    n += 1\n    return {'level': 0.1 * n}\n"
CALM = "vec4 piece(vec2 uv) { return vec4(0.0, 0.0, 0.5, 1.0); }\n"


class SlowClock(StepClock):
    """A clock that a behaviour can make late: every second look at it costs ``late_s``."""

    late_s = 0.0

    def now(self) -> float:
        self.wait_until(super().now() + self.late_s)
        return super().now()


@pytest.fixture(autouse=True)
def trust_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACADE_TRUSTED", str(tmp_path / "trusted.txt"))


def living(folder: Path, source: str, *, shader: str = LEVEL, manifest: str = NUMBERS, slug: str = "p") -> Path:
    write_piece(folder, "calm", CALM)
    piece = write_piece(folder, slug, shader, manifest='fallback = "calm"\n' + manifest, files={"behaviour.py": source})
    trust(piece)
    return piece


def stage_of(gpu: GpuContext, folder: Path, **more: object) -> Stage:
    return Stage(gpu, pixel_grid(4, 2, canvas_px=(8, 4)), PieceLibrary([folder]), **{"budget_ms": None, **more})  # type: ignore[arg-type]


def test_numbers_reach_the_shader_in_the_frame_they_were_returned(gpu: GpuContext, tmp_path: Path) -> None:
    living(tmp_path, COUNTING)
    stage = stage_of(gpu, tmp_path)
    levels = [float(stage.frame(tick, look("p"), snapshot())[0, 0]) for tick in ticks(3)]
    assert levels == pytest.approx([0.1, 0.2, 0.3], abs=1e-3)
    stage.release()


@pytest.mark.parametrize("domain", ["pixel", "canvas"])
def test_textures_are_read_texel_by_texel_in_both_domains(gpu: GpuContext, tmp_path: Path, domain: str) -> None:
    source = "import numpy as np\n\n\ndef update(tick, controls):\n    return {'row': np.arange(4.0)[None, :] / 8}\n"
    manifest = f'domain = "{domain}"\n[uniform.row]\ntype = "texture"\nsize = [4, 1]\nchannels = 1\n'
    shader = "vec4 piece(vec2 uv) { return vec4(texelFetch(row, ivec2(int(uv.x * 4.0), 0), 0).r, 0.0, 0.0, 1.0); }\n"
    living(tmp_path, source, shader=shader, manifest=manifest)
    stage = stage_of(gpu, tmp_path)
    for tick in ticks(1):
        rgb = stage.frame(tick, look("p"), snapshot())
    assert rgb[:4, 0] == pytest.approx([0.0, 0.125, 0.25, 0.375], abs=1e-3)
    stage.release()


def test_every_pass_of_a_piece_sees_what_the_behaviour_says(gpu: GpuContext, tmp_path: Path) -> None:
    manifest = NUMBERS + '[[pass]]\nshader = "first.frag"\ntarget = "store"\n[[pass]]\n'
    shader = "vec4 piece(vec2 uv) { return vec4(texture(store, uv).r, level, 0.0, 1.0); }\n"
    folder = living(tmp_path, COUNTING, shader=shader, manifest=manifest)
    (folder / "first.frag").write_text("vec4 piece(vec2 uv) { return vec4(2.0 * level); }\n")
    stage = stage_of(gpu, tmp_path)
    for tick in ticks(2):
        rgb = stage.frame(tick, look("p"), snapshot())
    assert rgb[0] == pytest.approx((0.4, 0.2, 0.0), abs=1e-3)
    stage.release()


def test_controls_are_the_layers_values_and_a_trigger_is_zero_in_its_frame(gpu: GpuContext, tmp_path: Path) -> None:
    level = "controls['gain'] * (0.5 if controls['hit'] == 0.0 else 1.0)"
    source = f"def update(tick, controls):\n    return {{'level': {level}}}\n"
    manifest = NUMBERS + '[parameter.gain]\ntype = "float"\ndefault = 0.25\n[parameter.hit]\ntype = "trigger"\n'
    folder = living(tmp_path, source, manifest=manifest)
    plan = make_plan(str(folder), "imal_minimal")
    host = InlineHost(plan, gpu, rate_hz=30.0, deliver=False)
    host.prepare()
    lit = [float(host.step(0)[0, 0])]
    lit.append(float(host.step(1, [InputEvent(0.0, "page", "/piece/p/gain", (0.8,))])[0, 0]))
    lit.append(float(host.step(2, [InputEvent(0.0, "page", "/piece/p/hit", (), True)])[0, 0]))
    lit.append(float(host.step(3)[0, 0]))
    assert lit == pytest.approx([0.25, 0.8, 0.4, 0.8], abs=1e-3)
    host.renderer.stage.release()


def test_two_layers_live_by_themselves_and_a_new_cue_begins_anew(gpu: GpuContext, tmp_path: Path) -> None:
    living(tmp_path, COUNTING)
    stage = stage_of(gpu, tmp_path)
    for tick in ticks(4):
        stage.frame(tick, look("p"), snapshot())
    for tick in ticks(1, start=4):
        rgb = stage.frame(tick, look("p", started_at_s=1.0), snapshot())
    assert rgb[0, 0] == pytest.approx(0.1, abs=1e-3)
    stage.release()


def test_two_runs_give_the_same_light(gpu: GpuContext, tmp_path: Path) -> None:
    living(tmp_path, "def update(tick, controls):\n    return {'level': tick.rng.random()}\n")
    runs = []
    for seed in (5, 5, 6):
        stage = stage_of(gpu, tmp_path)
        runs.append([stage.frame(tick, look("p", seed=seed), snapshot())[0, 0] for tick in ticks(6)])
        stage.release()
    assert runs[0] == runs[1] != runs[2]


def test_what_fails_on_air_fades_to_its_fallback_and_says_where(gpu: GpuContext, tmp_path: Path) -> None:
    source = "def update(tick, controls):\n    return {'level': 1.0 / (3 - tick.frame)}\n"
    living(tmp_path, source)
    stage = stage_of(gpu, tmp_path)
    light = [stage.frame(tick, look("p"), snapshot())[0].copy() for tick in ticks(60)]
    assert light[2] == pytest.approx((1.0, 0.0, 0.0), abs=1e-3)
    assert light[3] == pytest.approx((1.0, 0.0, 0.0), abs=1e-3)
    assert 0.0 < light[15][2] < 0.5
    assert light[59] == pytest.approx((0.0, 0.0, 0.5), abs=1e-3)
    assert "behaviour.py:2: behaviour.py failed: ZeroDivisionError" in stage.faults["p"]
    stage.release()


def test_what_fails_at_once_never_goes_on_and_an_edit_brings_it_back(gpu: GpuContext, tmp_path: Path) -> None:
    folder = living(tmp_path, "def update(tick, controls):\n    return {'level': no_such_name}\n")
    stage = stage_of(gpu, tmp_path)
    error = stage.prepare(["p"])["p"]
    assert isinstance(error, PieceError)
    assert (error.file, error.line) == (folder / "behaviour.py", 2)
    for tick in ticks(1):
        rgb = stage.frame(tick, look("p"), snapshot())
    assert rgb[0] == pytest.approx((0.0, 0.0, 0.5), abs=1e-3)
    (folder / "behaviour.py").write_text(COUNTING)
    assert stage.reload("p") is None
    for tick in ticks(60, start=1):
        rgb = stage.frame(tick, look("p"), snapshot())
    assert rgb[0, 0] > 1.0
    stage.release()


def test_a_broken_edit_leaves_the_last_good_behaviour_and_its_state_on(gpu: GpuContext, tmp_path: Path) -> None:
    folder = living(tmp_path, COUNTING)
    stage = stage_of(gpu, tmp_path)
    for tick in ticks(3):
        stage.frame(tick, look("p"), snapshot())
    for broken in ("def update(tick, controls)\n", "def update(tick, controls):\n    return {'lever': 1}\n"):
        (folder / "behaviour.py").write_text(broken)
        assert isinstance(stage.reload("p"), PieceError)
    (folder / "main.frag").write_text(LEVEL.replace("level,", "level, 0.5 +"))
    (folder / "behaviour.py").write_text(COUNTING)
    assert stage.reload("p") is None
    for tick in ticks(1, start=3):
        rgb = stage.frame(tick, look("p"), snapshot())
    assert rgb[0, :2] == pytest.approx((0.4, 0.5), abs=1e-3)
    (folder / "behaviour.py").write_text(COUNTING.replace("0.1", "0.7"))
    assert stage.reload("p") is None
    for tick in ticks(1, start=4):
        rgb = stage.frame(tick, look("p"), snapshot())
    assert rgb[0, 0] == pytest.approx(0.7, abs=1e-3)
    stage.release()


@pytest.mark.parametrize(("cost_ms", "frames"), [(BUDGET_MS * 1.5, PATIENCE), (OUTRIGHT_MS * 1.2, 1)])
def test_updates_that_take_too_long_cost_the_piece_its_place(
    gpu: GpuContext, tmp_path: Path, cost_ms: float, frames: int
) -> None:
    living(tmp_path, COUNTING)
    clock = SlowClock()
    stage = stage_of(gpu, tmp_path, clock=clock, budget_ms=250.0)
    stage.prepare(["p"])
    clock.late_s = cost_ms / 1e3
    fell = []
    for tick in ticks(PATIENCE + 2):
        stage.frame(tick, look("p"), snapshot())
        fell += [tick.frame] if "p" in stage.faults else []
    assert fell[0] == frames - 1
    assert f"takes {cost_ms:.0f} ms" in stage.faults["p"]
    stage.release()


def test_updates_within_the_budget_and_hiccups_do_not(gpu: GpuContext, tmp_path: Path) -> None:
    living(tmp_path, COUNTING)
    clock = SlowClock()
    stage = stage_of(gpu, tmp_path, clock=clock, budget_ms=250.0)
    stage.prepare(["p"])
    for tick in ticks(60):
        clock.late_s = 0.02 if tick.frame % 3 == 0 else 0.004
        stage.frame(tick, look("p"), snapshot())
    assert stage.faults == {}
    stage.release()


def test_a_failed_behaviour_is_tried_again_after_a_pause_with_nothing_remembered(
    gpu: GpuContext, tmp_path: Path
) -> None:
    living(
        tmp_path,
        "n = 0\n\n\ndef update(tick, controls):\n    global n\n    n += 1\n    return {'level': 1 / (4 - n)}\n",
    )
    clock = StepClock()
    stage = stage_of(gpu, tmp_path, clock=clock)
    for tick in ticks(40):
        stage.frame(tick, look("p"), snapshot())
    assert "p" in stage.faults
    clock.wait_until(11.0)
    for tick in ticks(1, start=700):
        stage.frame(tick, look("p"), snapshot())
    assert stage.faults == {}
    stage.release()


def test_the_picture_of_a_living_piece_is_drawn_without_another_update(gpu: GpuContext, tmp_path: Path) -> None:
    living(tmp_path, COUNTING)
    stage = stage_of(gpu, tmp_path)
    for tick in ticks(10):
        stage.frame(tick, look("p"), snapshot())
    assert (stage.canvas(size_px=(4, 4))[:, :, 0] == 255).all()
    for tick in ticks(1, start=10):
        rgb = stage.frame(tick, look("p"), snapshot())
    assert rgb[0, 0] == pytest.approx(1.1, abs=2e-3)
    stage.release()


def test_the_gate_reports_a_behaviour_that_fails_and_render_stops_with_its_line(tmp_path: Path) -> None:
    from facade.app.check import check
    from facade.app.offline import Job, render_to_file

    folder = living(tmp_path, "def update(tick, controls):\n    return {'level': 1 / (3 - tick.frame)}\n")
    (folder / "piece.toml").write_text((folder / "piece.toml").read_text().replace('"calm"', '"ember"'))
    failed = [f for f in check(str(folder), "imal_minimal", quick=True) if f.verdict == "fail"]
    assert any("behaviour.py:2" in f.says and "ZeroDivisionError" in f.says for f in failed)
    with pytest.raises(PieceError, match=r"behaviour\.py:2"):
        render_to_file(Job(str(folder), tmp_path / "out.npy", "pixels", "imal_minimal", frames=10))
    assert not (tmp_path / "out.npy").exists()
