"""What ``piece new`` writes works as it is: it loads, compiles, moves, and is not black."""

from __future__ import annotations

import json
import re
from pathlib import Path

import moderngl
import numpy as np
import pytest

from facade.app.check import check
from facade.cli.main import main
from facade.config.schema import schema_for
from facade.core.errors import FacadeError, PieceError
from facade.gpu.context import VERTEX, GpuContext
from facade.pieces.package import files_of
from facade.pieces.starters import SCHEMA_FILE, write_starter
from facade.pieces.trust import trust

ISF = """#version 330
uniform float TIME, wind, folds; uniform vec2 RENDERSIZE; uniform vec4 warm, cool; out vec4 isf_out;
#define gl_FragColor isf_out
#define isf_FragNormCoord (gl_FragCoord.xy / RENDERSIZE)
"""
TOY = "#version 330\nuniform vec3 iResolution; uniform float iTime; out vec4 toy;\n"
SIZE = (48, 32)


def pictures(source: str, **inputs: object) -> list[np.ndarray]:
    """Draw a shader of another host at two times, uint8 (H, W, 3)."""
    drawn = []
    with GpuContext.standalone() as gpu:
        target = gpu.gl.framebuffer([gpu.gl.texture(SIZE, 4)])
        program = gpu.gl.program(vertex_shader=VERTEX, fragment_shader=source)
        target.use()
        for time_s in (2.0, 9.0):
            for name, value in {**inputs, "TIME": time_s, "iTime": time_s}.items():
                if name in program:
                    program[name].value = value
            gpu.gl.vertex_array(program, []).render(moderngl.TRIANGLES, vertices=3)
            drawn.append(np.frombuffer(target.read(components=3), np.uint8).reshape(SIZE[1], SIZE[0], 3))
    return drawn


def is_alive(drawn: list[np.ndarray]) -> bool:
    return drawn[0].max() > 100 and drawn[0].std() > 10 and np.abs(drawn[0].astype(int) - drawn[1]).max() > 20


@pytest.mark.parametrize("venue", ["imal_minimal", "medialab_prado"])
def test_a_new_native_piece_passes_the_gate(tmp_path: Path, venue: str) -> None:
    folder = write_starter("River Glow", tmp_path)
    findings = {f.what: f for f in check(str(folder), venue, quick=True)}
    assert {f.verdict for f in findings.values() if "ms a frame" not in f.says} == {"ok"}, findings
    assert findings["domain of river_glow"].data == {"domain": "pixel"}


@pytest.mark.parametrize("venue", ["imal_minimal", "willow_house"])
def test_a_new_piece_with_a_behaviour_passes_the_gate_once_it_is_trusted(
    tmp_path: Path, venue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACADE_TRUSTED", str(tmp_path / "trusted.txt"))
    folder = write_starter("marsh", tmp_path, dialect="behaviour")
    assert any("facade piece trust" in f.says for f in check(str(folder), venue, quick=True))
    trust(folder)
    findings = {f.what: f for f in check(str(folder), venue, quick=True)}
    assert {f.verdict for f in findings.values() if "ms a frame" not in f.says} == {"ok"}, findings


def test_every_parameter_of_a_new_piece_does_something_on_eighteen_windows(tmp_path: Path) -> None:
    findings = {f.what: f for f in check(str(write_starter("glow", tmp_path)), "imal_minimal")}
    assert findings["parameters of glow"].data["without_effect"] == []


def test_an_editor_finds_the_schema_by_the_first_line_and_it_is_not_packed(tmp_path: Path) -> None:
    folder = write_starter("glow", tmp_path)
    hint = (folder / "piece.toml").read_text().splitlines()[0]
    assert hint.startswith("#:schema ")
    assert json.loads((folder / hint.split()[1]).read_text()) == schema_for("piece")
    assert SCHEMA_FILE not in files_of(folder)


def test_a_new_isf_has_a_header_that_holds_and_draws(tmp_path: Path) -> None:
    text = (write_starter("my silk", tmp_path, dialect="isf") / "my_silk.fs").read_text()
    header = json.loads(re.match(r"/\*(\{.*?\})\*/", text, re.DOTALL)[1])
    assert header["DESCRIPTION"].startswith("My Silk")
    defaults = {i["NAME"]: i["DEFAULT"] for i in header["INPUTS"]}
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in defaults.items()}
    assert is_alive(pictures(ISF + re.sub(r"^/\*.*?\*/", "", text, flags=re.DOTALL), RENDERSIZE=SIZE, **values))


def test_a_new_isf_passes_the_gate_and_is_told_of_in_full(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_starter("silk", tmp_path, dialect="isf")
    findings = {f.what: f for f in check(str(folder / "silk.fs"), "imal_minimal")}
    assert {f.verdict for f in findings.values() if "ms a frame" not in f.says} == {"ok"}, findings
    assert findings["licence of silk"].data["license"] == "CC-BY-4.0"
    assert main(["check", "--quick", str(folder)]) == 0
    assert "✓ domain of silk: pixel" in capsys.readouterr().out


def test_a_new_shadertoy_draws(tmp_path: Path) -> None:
    text = (write_starter("sea", tmp_path, dialect="shadertoy") / "Image.glsl").read_text()
    drawn = pictures(f"{TOY}{text}\nvoid main() {{ mainImage(toy, gl_FragCoord.xy); }}\n", iResolution=(*SIZE, 1.0))
    assert is_alive(drawn)


@pytest.mark.parametrize("dialect", ["native", "isf", "shadertoy"])
def test_no_mark_is_left_unfilled(tmp_path: Path, dialect: str) -> None:
    folder = write_starter("glow", tmp_path, dialect=dialect)
    for path in folder.rglob("*"):
        assert "@" not in path.name
        assert path.is_dir() or not re.search(r"@[A-Z]+@", path.read_text())


@pytest.mark.parametrize("name", ["", "9lives", "../up", "a/b", "über", "_x"])
def test_names_no_piece_can_have_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PieceError, match="letters, digits and _"):
        write_starter(name, tmp_path)
    assert not any(tmp_path.iterdir())


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    write_starter("glow", tmp_path)
    (tmp_path / "glow" / "main.frag").write_text("mine")
    with pytest.raises(FacadeError, match="left alone"):
        write_starter("glow", tmp_path)
    assert (tmp_path / "glow" / "main.frag").read_text() == "mine"
