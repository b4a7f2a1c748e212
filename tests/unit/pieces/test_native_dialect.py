"""What a native piece becomes: its domain, its uniforms, and clear words for what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.core.errors import PieceError
from facade.pieces.library import PieceLibrary
from facade.pieces.native import native_program
from facade.pieces.program import PieceProgram
from tests.support.gl import write_piece

PLAIN = "vec4 piece(vec2 uv) { return vec4(uv, 0.0, 1.0); }\n"


def program(tmp_path: Path, shader: str, *, manifest: str = "", files: dict[str, str] | None = None) -> PieceProgram:
    write_piece(tmp_path, "probe", shader, manifest=manifest, files=files)
    library = PieceLibrary([tmp_path], include_paths=[])
    return native_program(library.get("probe"), include_paths=library.include_paths)


def test_auto_picks_pixel_for_a_shader_that_asks_nothing_of_its_neighbours(tmp_path: Path) -> None:
    assert program(tmp_path, PLAIN).domain == "pixel"


@pytest.mark.parametrize(
    "use", ["dFdx(uv.x)", "dFdy(uv.y)", "fwidth(uv.x)", "texture(u_previous, uv).r", "gl_FragCoord.x"]
)
def test_auto_picks_canvas_for_neighbours_and_the_past(tmp_path: Path, use: str) -> None:
    assert program(tmp_path, f"vec4 piece(vec2 uv) {{ return vec4({use}); }}").domain == "canvas"


def test_a_derivative_in_an_include_counts(tmp_path: Path) -> None:
    files = {"edge.glsl": "float edge(float x) { return fwidth(x); }\n"}
    assert program(tmp_path, f'#include "edge.glsl"\n{PLAIN}', files=files).domain == "canvas"


@pytest.mark.parametrize("comment", ["// fwidth u_previous", "/* dFdx(uv)\n u_previous */", "float fwidth_of_a_door;"])
def test_a_derivative_that_is_only_mentioned_does_not(tmp_path: Path, comment: str) -> None:
    assert program(tmp_path, f"{comment}\n{PLAIN}").domain == "pixel"


def test_the_manifest_may_ask_for_a_canvas(tmp_path: Path) -> None:
    assert program(tmp_path, PLAIN, manifest='domain = "canvas"\n').domain == "canvas"


def test_the_manifest_may_not_ask_for_pixels_where_neighbours_are_needed(tmp_path: Path) -> None:
    with pytest.raises(PieceError, match=r"fwidth.*canvas") as caught:
        program(tmp_path, "vec4 piece(vec2 uv) { return vec4(fwidth(uv.x)); }", manifest='domain = "pixel"\n')
    assert caught.value.file == tmp_path / "probe" / "piece.toml"


def test_every_parameter_becomes_a_uniform_of_its_type(tmp_path: Path) -> None:
    manifest = "".join(
        f'[parameter.{name}]\ntype = "{name[2:]}"\n' + ('choices = ["a", "b"]\n' if name == "a_choice" else "")
        for name in ("a_float", "a_int", "a_bool", "a_trigger", "a_color", "a_choice", "a_point")
    )
    uniforms = program(tmp_path, PLAIN, manifest=manifest).uniforms
    assert [(u.name, u.type) for u in uniforms] == [
        ("a_float", "float"),
        ("a_int", "int"),
        ("a_bool", "bool"),
        ("a_trigger", "float"),
        ("a_color", "vec3"),
        ("a_choice", "int"),
        ("a_point", "vec2"),
    ]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("u_speed", "keeps for itself"),
        ("facade_speed", "keeps for itself"),
        ("sample", "word the shader language"),
        ("mix", "would hide"),
        ("with-dash", "not a name a shader can use"),
        ("two__lines", "not a name a shader can use"),
    ],
)
def test_a_parameter_a_shader_cannot_name_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(PieceError, match=rf"{name}.*{reason}") as caught:
        program(tmp_path, PLAIN, manifest=f'[parameter.{name}]\ntype = "float"\n')
    assert caught.value.file == tmp_path / "probe" / "piece.toml"


def test_a_parameter_named_like_one_of_the_shaders_functions_is_refused(tmp_path: Path) -> None:
    shader = f"float wobble(float x) {{ return x; }}\n{PLAIN}"
    with pytest.raises(PieceError, match=r'"wobble" has the name of a function'):
        program(tmp_path, shader, manifest='[parameter.wobble]\ntype = "float"\n')


def test_a_shader_without_the_piece_function_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(PieceError, match=r"vec4 piece\(vec2 uv\)"):
        program(tmp_path, "// vec4 piece(vec2 uv)\nvoid main() {}\n")


def test_the_files_of_a_program_are_those_to_watch(tmp_path: Path) -> None:
    made = program(tmp_path, f'#include "a.glsl"\n{PLAIN}', files={"a.glsl": "float a;\n"})
    assert {f.name for f in made.files} == {"main.frag", "a.glsl"}
