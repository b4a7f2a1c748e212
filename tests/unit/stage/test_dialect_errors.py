"""The driver's line is the artist's line: in the body, an include, a vertex shader, the Common tab."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facade.core.errors import FacadeError, PieceError
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks

HEADER = '/*\n{\n  "INPUTS": []\n}\n*/\n'
GOOD = "void main() { gl_FragColor = vec4(1.0); }\n"


def problem(gpu: GpuContext, piece: Path) -> FacadeError | None:
    library = PieceLibrary([])
    try:
        slug = library.get(piece).slug
    except FacadeError as error:
        return error
    stage = Stage(gpu, pixel_grid(4, 2), library, budget_ms=None)
    error = stage.prepare([slug])[slug]
    stage.release()
    return error


def place(error: FacadeError | None) -> tuple[str, int | None]:
    assert isinstance(error, PieceError)
    assert error.file is not None
    return error.file.name, error.line


def test_an_error_in_the_body_of_an_isf_shader(gpu: GpuContext, tmp_path: Path) -> None:
    (tmp_path / "a.fs").write_text(f"{HEADER}void main() {{\n  gl_FragColor = vec4(missing);\n}}\n", encoding="utf-8")
    assert place(problem(gpu, tmp_path / "a.fs")) == ("a.fs", 7)


def test_an_error_in_an_include(gpu: GpuContext, tmp_path: Path) -> None:
    (tmp_path / "part.glsl").write_text("float f() {\n  return missing;\n}\n", encoding="utf-8")
    (tmp_path / "a.frag").write_text(f'#version 100\n#include "part.glsl"\n{GOOD}', encoding="utf-8")
    assert place(problem(gpu, tmp_path / "a.frag")) == ("part.glsl", 2)


def test_an_error_after_an_include(gpu: GpuContext, tmp_path: Path) -> None:
    (tmp_path / "part.glsl").write_text("float f() {\n  return 1.0;\n}\n", encoding="utf-8")
    (tmp_path / "a.frag").write_text(
        '#include "part.glsl"\n\nvoid main() { gl_FragColor = missing; }\n', encoding="utf-8"
    )
    assert place(problem(gpu, tmp_path / "a.frag")) == ("a.frag", 3)


@pytest.mark.parametrize(
    "branch", ["#ifdef NEVER\n{}\n#endif", "#ifdef NEVER\n{}\n#else\n#endif", "#if 1\n#else\n{}\n#endif"]
)
def test_an_error_after_an_include_that_is_never_seen(gpu: GpuContext, tmp_path: Path, branch: str) -> None:
    (tmp_path / "part.glsl").write_text("float f() {\n  return 1.0;\n}\n" * 9, encoding="utf-8")
    before = branch.format('#include "part.glsl"') + "\n"
    (tmp_path / "a.frag").write_text(f"{before}void main() {{ gl_FragColor = missing; }}\n", encoding="utf-8")
    assert place(problem(gpu, tmp_path / "a.frag")) == ("a.frag", before.count("\n") + 1)


def test_an_error_in_a_vertex_shader(gpu: GpuContext, tmp_path: Path) -> None:
    (tmp_path / "a.fs").write_text(HEADER + GOOD, encoding="utf-8")
    (tmp_path / "a.vs").write_text(
        "void main() {\n\n  isf_vertShaderInit();\n  gl_Position = missing;\n}\n", encoding="utf-8"
    )
    assert place(problem(gpu, tmp_path / "a.fs")) == ("a.vs", 4)


def test_an_error_in_the_common_tab_and_in_a_buffer(gpu: GpuContext, tmp_path: Path) -> None:
    image = "void mainImage(out vec4 c, in vec2 p) { c = vec4(1.0); }\n"
    (tmp_path / "Image.glsl").write_text(image, encoding="utf-8")
    (tmp_path / "BufferA.glsl").write_text(image, encoding="utf-8")
    (tmp_path / "Common.glsl").write_text("\n\nfloat f() { return missing; }\n", encoding="utf-8")
    assert place(problem(gpu, tmp_path)) == ("Common.glsl", 3)
    (tmp_path / "Common.glsl").write_text("\n", encoding="utf-8")
    (tmp_path / "BufferA.glsl").write_text(
        "void mainImage(out vec4 c, in vec2 p) {\n c = missing; }\n", encoding="utf-8"
    )
    assert place(problem(gpu, tmp_path)) == ("BufferA.glsl", 2)


def test_an_error_in_a_file_that_another_names(gpu: GpuContext, tmp_path: Path) -> None:
    image = "void mainImage(out vec4 c, in vec2 p) { c = vec4(saturate(0.5)); }\n"
    (tmp_path / "waves.glsl").write_text(f"#iUniform float level = 0.5\n\n{image.replace('0.5', 'missing')}")
    (tmp_path / "main.glsl").write_text(f'#iChannel0 "waves.glsl"\n{image}', encoding="utf-8")
    assert place(problem(gpu, tmp_path / "main.glsl")) == ("waves.glsl", 3)
    (tmp_path / "waves.glsl").write_text(image, encoding="utf-8")
    (tmp_path / "main.glsl").write_text(f'#iChannel0 "waves.glsl"\n\n{image}float f() {{ return gone; }}\n')
    assert place(problem(gpu, tmp_path / "main.glsl")) == ("main.glsl", 4)


def test_a_repair_does_not_move_the_lines(gpu: GpuContext, tmp_path: Path) -> None:
    body = "#define A 1.0\n#define A 2.0\nint mod(int a, int b) { return a; }\n"
    body += "void main() {\n  gl_FragColor = missing;\n}\n"
    (tmp_path / "a.fs").write_text(HEADER + body, encoding="utf-8")
    assert place(problem(gpu, tmp_path / "a.fs")) == ("a.fs", 10)


def test_a_cube_map_is_refused_with_the_reason(gpu: GpuContext, tmp_path: Path) -> None:
    code = "void mainImage(out vec4 c, in vec2 p) { c = vec4(1.0); }"
    entry = {"type": "image", "name": "Image", "code": code, "inputs": [{"channel": 0, "ctype": "cubemap"}]}
    (tmp_path / "toy.json").write_text(json.dumps({"Shader": {"renderpass": [entry]}}), encoding="utf-8")
    assert "a cube map" in str(problem(gpu, tmp_path / "toy.json"))


def test_an_export_of_the_site_is_drawn(gpu: GpuContext, tmp_path: Path) -> None:
    code = "void mainImage(out vec4 c, in vec2 p) { c = VALUE; }"
    tabs = [
        {
            "type": "common",
            "name": "Common",
            "code": "#define VALUE vec4(1.0, 0.0, 0.0, 0.0)",
            "inputs": [],
            "outputs": [],
        },
        {"type": "image", "name": "Image", "code": code, "inputs": [], "outputs": [{"id": "37", "channel": 0}]},
    ]
    (tmp_path / "toy.json").write_text(
        json.dumps([{"info": {"username": "A. Maker"}, "renderpass": tabs}]), encoding="utf-8"
    )
    library = PieceLibrary([])
    assert library.get(tmp_path / "toy.json").manifest.author == "A. Maker"
    stage = Stage(gpu, pixel_grid(4, 2), library, budget_ms=None)
    assert stage.frame(next(iter(ticks(1))), look("toy"), snapshot())[0].tolist() == [1.0, 0.0, 0.0]
    stage.release()


@pytest.mark.parametrize("text", ["float f() { return 1.0; }\n", "{}", "\0\0"])
def test_what_is_no_piece_is_refused(gpu: GpuContext, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.glsl").write_text(text, encoding="utf-8")
    assert isinstance(problem(gpu, tmp_path / "a.glsl"), PieceError)


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"renderpass": 3}', '{"renderpass": [{"type": "sound", "code": ""}]}', "[[[["]
)
def test_what_is_no_export_is_refused(gpu: GpuContext, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    assert isinstance(problem(gpu, tmp_path / "a.json"), PieceError)


def long_shader(last: str) -> str:
    """A shader of ten thousand lines: thousands of functions, constants and macros, most of which nobody calls."""
    parts = [
        f"#define M{i} {i}.0\nconst float K{i} = 0.5;\nfloat f{i}(float x) {{\n    return x * M{i} + K{i};\n}}\n"
        for i in range(2000)
    ]
    return f"{HEADER}{''.join(parts)}void main() {{\n    {last}\n}}\n"


def test_a_shader_of_ten_thousand_lines_is_read_as_any_other(gpu: GpuContext, tmp_path: Path) -> None:
    (tmp_path / "long.fs").write_text(long_shader("gl_FragColor = vec4(f1999(0.5));"), encoding="utf-8")
    (tmp_path / "slip.fs").write_text(long_shader("gl_FragColor = vec4(f2000(0.5));"), encoding="utf-8")
    assert problem(gpu, tmp_path / "long.fs") is None
    slip = problem(gpu, tmp_path / "slip.fs")
    assert place(slip) == ("slip.fs", 10_007)
    assert "no function with name 'f2000'" in str(slip)


def test_a_shader_longer_than_its_limit_is_refused_unread(gpu: GpuContext, tmp_path: Path) -> None:
    with (tmp_path / "a.fs").open("wb") as file:
        file.truncate(200_000_000)
    assert "a.fs is larger than 4,000,000 bytes. Shorten it." in str(problem(gpu, tmp_path / "a.fs"))


@pytest.mark.parametrize("name", ["a.fs", "a.frag"])
def test_a_comment_that_is_no_utf_8_is_no_matter(gpu: GpuContext, tmp_path: Path, name: str) -> None:
    header = HEADER if name == "a.fs" else ""
    (tmp_path / name).write_bytes(header.encode() + b"// caf\xe9 \xff\n" + GOOD.encode())
    assert problem(gpu, tmp_path / name) is None


@pytest.mark.parametrize("name", ["a.fs", "a.frag"])
def test_a_comment_of_an_include_that_is_no_utf_8_is_none_either(gpu: GpuContext, tmp_path: Path, name: str) -> None:
    header = HEADER if name == "a.fs" else ""
    (tmp_path / "part.glsl").write_bytes(b"// caf\xe9\r\nfloat half_of(float x) { return x * 0.5; }\r\n")
    (tmp_path / name).write_text(f'{header}\n#include "part.glsl"\n{GOOD}', encoding="utf-8")
    assert problem(gpu, tmp_path / name) is None


def test_a_strange_byte_in_the_code_of_an_include_is_told_on_its_own_line(gpu: GpuContext, tmp_path: Path) -> None:
    (tmp_path / "part.glsl").write_bytes(b"\nfloat caf\xe9 = 1.0;\n")
    (tmp_path / "a.frag").write_text(f'\n#include "part.glsl"\n{GOOD}', encoding="utf-8")
    error = problem(gpu, tmp_path / "a.frag")
    assert place(error) == ("part.glsl", 2)
    assert "float caf\u00e9 = 1.0;" in str(error)


def test_an_include_that_is_no_text_or_too_long_is_told_with_the_line_that_names_it(
    gpu: GpuContext, tmp_path: Path
) -> None:
    (tmp_path / "a.frag").write_text(f'\n#include "part.glsl"\n{GOOD}', encoding="utf-8")
    (tmp_path / "part.glsl").write_bytes(b"\x7fELF\0\0")
    error = problem(gpu, tmp_path / "a.frag")
    assert place(error) == ("a.frag", 2)
    assert "part.glsl is no text: it holds zero bytes. Include a shader's source." in str(error)
    with (tmp_path / "part.glsl").open("wb") as file:
        file.truncate(200_000_000)
    assert "part.glsl makes the shader longer than 4,000,000 characters" in str(problem(gpu, tmp_path / "a.frag"))


@pytest.mark.parametrize("name", ["a.fs", "a.frag", "a.glsl"])
def test_includes_that_go_round_are_told_with_file_and_line(gpu: GpuContext, tmp_path: Path, name: str) -> None:
    header = HEADER if name == "a.fs" else ""
    (tmp_path / "one.glsl").write_text('\n#include "two.glsl"\n', encoding="utf-8")
    (tmp_path / "two.glsl").write_text('#include "one.glsl"\n', encoding="utf-8")
    (tmp_path / name).write_text(f'{header}#include "one.glsl"\n{GOOD}', encoding="utf-8")
    error = problem(gpu, tmp_path / name)
    assert place(error) == ("two.glsl", 1)
    assert "one.glsl includes two.glsl includes one.glsl" in str(error)
