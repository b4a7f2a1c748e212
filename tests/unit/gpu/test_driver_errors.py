"""A driver's complaint lands on the artist's own file and line, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.core import places
from facade.core.errors import PieceError
from facade.gpu.context import GpuContext
from facade.gpu.program import compile_piece, driver_errors, piece_error
from facade.gpu.source import fragment_source
from facade.pieces.includes import LINES_PER_FILE, LineMap
from facade.pieces.library import PieceLibrary
from facade.pieces.native import native_program
from tests.support.gl import write_piece


def compile_error(gpu: GpuContext, tmp_path: Path, shader: str, *, manifest: str = "", **files: str) -> PieceError:
    write_piece(tmp_path, "probe", shader, manifest=manifest, files={f"{k}.glsl": v for k, v in files.items()})
    library = PieceLibrary([tmp_path], include_paths=[places.shaders() / "include"])
    program = native_program(library.get("probe"), include_paths=library.include_paths)
    with pytest.raises(PieceError) as caught:
        compile_piece(gpu, fragment_source(program, domain=program.domain), slug="probe", lines=program.lines)
    return caught.value


def test_an_error_in_the_body_names_its_line(gpu: GpuContext, tmp_path: Path) -> None:
    shader = "// a comment\n\nvec4 piece(vec2 uv) {\n    float x = 1.0;\n    return vec4(wobble(x));\n}\n"
    error = compile_error(gpu, tmp_path, shader)
    assert (error.file, error.line) == (tmp_path / "probe" / "main.frag", 5)
    assert "main.frag, line 5" in str(error)
    assert "wobble" in str(error)
    assert "return vec4(wobble(x));" in str(error)


def test_an_error_after_an_include_keeps_the_bodys_own_line(gpu: GpuContext, tmp_path: Path) -> None:
    shader = '#include "noise.glsl"\n#include "ease.glsl"\nvec4 piece(vec2 uv) {\n    return vec3(1.0);\n}\n'
    error = compile_error(gpu, tmp_path, shader)
    assert (error.file, error.line) == (tmp_path / "probe" / "main.frag", 4)


def test_an_error_in_an_include_names_the_include(gpu: GpuContext, tmp_path: Path) -> None:
    shader = '\n#include "mine.glsl"\nvec4 piece(vec2 uv) { return vec4(mine()); }\n'
    error = compile_error(gpu, tmp_path, shader, mine="// one\n// two\nfloat mine() { return vec2(1.0); }\n")
    assert (error.file, error.line) == (tmp_path / "probe" / "mine.glsl", 3)


def test_a_syntax_error_at_the_end_still_names_the_artists_file(gpu: GpuContext, tmp_path: Path) -> None:
    error = compile_error(gpu, tmp_path, "vec4 piece(vec2 uv) {\n    return vec4(1.0);\n")
    assert error.file == tmp_path / "probe" / "main.frag"


def test_a_piece_that_only_declares_piece_is_told_so(gpu: GpuContext, tmp_path: Path) -> None:
    error = compile_error(gpu, tmp_path, "vec4 piece(vec2 uv);\n")
    assert error.file == tmp_path / "probe" / "main.frag"
    assert "piece" in str(error)


def test_a_version_line_pasted_in_does_no_harm(gpu: GpuContext, tmp_path: Path) -> None:
    error = compile_error(gpu, tmp_path, "#version 330 core\nvec4 piece(vec2 uv) {\n    return nothing;\n}\n")
    assert error.line == 3


@pytest.mark.parametrize(
    "log",
    [
        "0:300007(12): error: `x' undeclared",
        '0(300007) : error C1503: undefined variable "x"',
        "ERROR: 0:300007: Use of undeclared identifier 'x'",
    ],
    ids=["mesa", "nvidia", "apple"],
)
def test_every_drivers_way_of_saying_it_is_understood(log: str) -> None:
    files = (Path("main.frag"), Path("noise.glsl"), Path("mine.glsl"))
    error = piece_error(
        f"GLSL Compiler failed\n\nfragment_shader\n===============\n{log}\n", slug="p", lines=LineMap(files)
    )
    assert (error.file, error.line) == (Path("mine.glsl"), 7)


def test_warnings_are_not_errors() -> None:
    log = f"0:{LINES_PER_FILE + 1}(1): warning: unused\n0:{LINES_PER_FILE + 2}(1): error: bad\n"
    assert [(e.line, e.what) for e in driver_errors(log)] == [(LINES_PER_FILE + 2, "bad")]


def test_a_log_nobody_understands_is_passed_on_whole() -> None:
    error = piece_error("the driver is on fire", slug="p", lines=LineMap((Path("main.frag"),)))
    assert "the driver is on fire" in str(error)
    assert error.line is None
