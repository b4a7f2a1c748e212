"""Values as people say them become the numbers a shader takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.config.piece import Value
from facade.config.show import Layer
from facade.control.bank import NEVER_S
from facade.core.color import srgb_to_linear
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from facade.stage.values import starting_values, uniform_value
from tests.support.gl import look, pixel_grid, snapshot, write_piece

MANIFEST = """
[parameter.speed]
type = "float"
max = 2.0
default = 0.5
[parameter.count]
type = "int"
max = 5
default = 2
[parameter.lit]
type = "bool"
default = true
[parameter.hue]
type = "color"
default = [0.5, 0.0, 1.0]
[parameter.mood]
type = "choice"
choices = ["calm", "wild", "mad"]
default = "wild"
[parameter.at]
type = "point"
default = [0.25, 0.75]
[parameter.hit]
type = "trigger"
"""
SHADER = "vec4 piece(vec2 uv) { return vec4(1.0); }\n"
HALF = float(srgb_to_linear([0.5])[0])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("speed", 1.5, 1.5),
        ("speed", 9.0, 2.0),
        ("speed", "fast", 0.5),
        ("count", 4, 4),
        ("count", 3.9, 3),
        ("count", -1, 0),
        ("lit", False, False),
        ("lit", 1, True),
        ("lit", "yes", True),
        ("hue", (1.0, 0.5, 0.0), (1.0, pytest.approx(HALF), 0.0)),
        ("hue", (1.0, 0.5), (pytest.approx(HALF), 0.0, 1.0)),
        ("mood", "mad", 2),
        ("mood", "sad", 1),
        ("mood", 2, 1),
        ("at", (0.0, 1.0), (0.0, 1.0)),
        ("at", 0.5, (0.25, 0.75)),
        ("hit", 0.25, 0.25),
        ("hit", True, 0.0),
        ("hit", False, NEVER_S),
        ("hit", 1e12, NEVER_S),
        ("hit", "now", NEVER_S),
    ],
)
def test_a_value_becomes_a_uniform_or_the_default(tmp_path: Path, name: str, value: Value, wanted: object) -> None:
    write_piece(tmp_path, "probe", SHADER, manifest=MANIFEST)
    parameter = PieceLibrary([tmp_path]).get("probe").manifest.parameter[name]
    assert uniform_value(parameter, value) == wanted


def test_a_layer_starts_from_defaults_then_its_preset_then_its_own_values(tmp_path: Path) -> None:
    files = {"presets/loud.toml": "speed = 1.0\ncount = 3\n"}
    write_piece(tmp_path, "probe", SHADER, manifest=MANIFEST, files=files)
    layer = Layer(piece="probe", preset="loud", values={"count": 4})
    values = starting_values(PieceLibrary([tmp_path]).get("probe"), layer)
    assert (values["speed"], values["count"], values["mood"], values["hit"]) == (1.0, 4, "wild", NEVER_S)


def test_control_reaches_the_shader_over_every_type(gpu: GpuContext, tmp_path: Path) -> None:
    shader = (
        "vec4 piece(vec2 uv) {\n"
        "    if (uv.x < 0.25) return vec4(speed, float(count), lit ? 1.0 : 0.0, 1.0);\n"
        "    if (uv.x < 0.5) return vec4(hue, 1.0);\n"
        "    if (uv.x < 0.75) return vec4(float(mood), at, 1.0);\n"
        "    return vec4(hit, u_seed, u_time, 1.0);\n}\n"
    )
    write_piece(tmp_path, "probe", shader, manifest=MANIFEST)
    stage = Stage(gpu, pixel_grid(4, 1), PieceLibrary([tmp_path]), budget_ms=None)
    values: dict[str, Value] = {"speed": 2.0, "count": 5, "lit": False, "hue": (1.0, 0.5, 0.0), "mood": "mad"}
    control = snapshot({("cue", 0): {**values, "at": (0.5, 1.0), "hit": 0.75}})
    rgb = stage.frame(Tick(120, 2.0, 1 / 60), look("probe", started_at_s=0.5), control)
    assert rgb[0].tolist() == [2.0, 5.0, 0.0]
    assert rgb[1] == pytest.approx([1.0, HALF, 0.0], abs=1e-3)
    assert rgb[2].tolist() == [2.0, 0.5, 1.0]
    assert rgb[3, 0] == 0.75
    assert 0.0 <= rgb[3, 1] < 1.0
    assert rgb[3, 2] == 1.5
    stage.release()


def test_two_layers_of_one_piece_have_different_seeds(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "probe", "vec4 piece(vec2 uv) { return vec4(u_seed, 0.0, 0.0, 1.0); }\n")
    stage = Stage(gpu, pixel_grid(1, 1), PieceLibrary([tmp_path]), budget_ms=None)
    seen = {float(stage.frame(Tick(0, 0.0, 0.0), look("probe", seed=s), snapshot())[0, 0]) for s in range(20)}
    assert len(seen) == 20
    stage.release()
