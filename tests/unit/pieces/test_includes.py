"""Includes are put in place, each file keeps its own lines, and nothing outside the allowed folders is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.core.errors import PieceError
from facade.pieces.glsl import blank_comments
from facade.pieces.includes import LINES_PER_FILE, MAX_DEPTH, Expanded, expand


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "include"
    folder.mkdir()
    (folder / "noise.glsl").write_text("float noise_a() { return 1.0; }\nfloat noise_b() { return 2.0; }\n")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "piece"
    folder.mkdir()
    return folder


def expanded(folder: Path, shared: Path, text: str) -> Expanded:
    (folder / "main.frag").write_text(text)
    return expand(folder / "main.frag", folder=folder, include_paths=(shared,))


def driver_line_of(text: str, needle: str) -> int:
    """Number the lines as a driver would, obeying #line, and return the number of the line that holds needle."""
    number = 1
    for line in text.split("\n"):
        if line.startswith("#line "):
            number = int(line.split()[1])
            continue
        if needle in line:
            return number
        number += 1
    raise AssertionError(f"{needle} is not in the text")


def test_every_line_of_every_file_can_be_found_again(folder: Path, shared: Path) -> None:
    result = expanded(folder, shared, 'float first;\n#include "noise.glsl"\nfloat third;\n\nfloat fifth;\n')
    for needle, where in {
        "first": (folder / "main.frag", 1),
        "noise_a": (shared / "noise.glsl", 1),
        "noise_b": (shared / "noise.glsl", 2),
        "third": (folder / "main.frag", 3),
        "fifth": (folder / "main.frag", 5),
    }.items():
        assert result.lines.locate(driver_line_of(result.text, needle)) == where


def test_facades_own_lines_belong_to_no_file(folder: Path, shared: Path) -> None:
    result = expanded(folder, shared, "float a;\n")
    assert result.lines.locate(12) == (None, 12)
    assert result.lines.locate(9 * LINES_PER_FILE + 1)[0] is None


def test_an_include_in_a_comment_is_not_followed(folder: Path, shared: Path) -> None:
    result = expanded(folder, shared, '// #include "nowhere.glsl"\n/*\n#include "nowhere.glsl"\n*/\nfloat a;\n')
    assert "include" not in result.text
    assert driver_line_of(result.text, "float a;") == LINES_PER_FILE + 5


def test_a_file_included_twice_is_compiled_once_and_its_lines_stay_right(folder: Path, shared: Path) -> None:
    result = expanded(folder, shared, '#include "noise.glsl"\n#include "noise.glsl"\nfloat third;\n')
    assert result.text.count("noise_a") == 1
    assert len(result.lines.files) == 2
    assert result.lines.locate(driver_line_of(result.text, "third")) == (folder / "main.frag", 3)


def test_a_file_that_a_branch_may_leave_out_is_told_again(folder: Path, shared: Path) -> None:
    source = '#ifdef NEVER\n#include "noise.glsl"\n#endif\n#include "noise.glsl"\nfloat third;\n'
    result = expanded(folder, shared, source)
    assert result.text.count("noise_a") == 2
    assert result.text.count("#ifndef FACADE_INCLUDED_1") == 2


def test_a_files_own_guard_is_no_branch(folder: Path, shared: Path) -> None:
    (folder / "a.glsl").write_text('#ifndef A\n#define A\n#include "noise.glsl"\n#endif\n')
    assert expanded(folder, shared, '#include "a.glsl"\n#include "noise.glsl"\n').text.count("noise_a") == 1


@pytest.mark.parametrize("line", ["#include 'noise.glsl'", '#include "noise.glsl";', "#include <noise.glsl>"])
def test_includes_as_other_hosts_let_them_be_written(folder: Path, shared: Path, line: str) -> None:
    assert "noise_a" in expanded(folder, shared, f"{line}\nfloat a;\n").text


def test_a_file_beside_the_piece_wins_over_the_shared_one(folder: Path, shared: Path) -> None:
    (folder / "noise.glsl").write_text("float mine;\n")
    assert "mine" in expanded(folder, shared, '#include "noise.glsl"\n').text


def test_includes_of_includes_are_looked_for_beside_the_including_file(folder: Path, shared: Path) -> None:
    (folder / "lib").mkdir()
    (folder / "lib" / "a.glsl").write_text('#include "b.glsl"\n')
    (folder / "lib" / "b.glsl").write_text("float deep;\n")
    assert "deep" in expanded(folder, shared, '#include "lib/a.glsl"\n').text


def test_a_missing_include_names_file_line_and_the_nearest_name(folder: Path, shared: Path) -> None:
    with pytest.raises(PieceError, match=r'"noize\.glsl".*Did you mean "noise\.glsl"') as caught:
        expanded(folder, shared, '\n\n#include "noize.glsl"\n')
    assert caught.value.file == folder / "main.frag"
    assert caught.value.line == 3


def test_a_circle_is_named(folder: Path, shared: Path) -> None:
    (folder / "a.glsl").write_text('\n#include "b.glsl"\n')
    (folder / "b.glsl").write_text('#include "a.glsl"\n')
    with pytest.raises(PieceError, match=r"a\.glsl includes b\.glsl includes a\.glsl") as caught:
        expanded(folder, shared, '#include "a.glsl"\n')
    assert (caught.value.file, caught.value.line) == (folder / "b.glsl", 1)


def test_a_chain_that_is_too_deep_is_refused(folder: Path, shared: Path) -> None:
    for i in range(MAX_DEPTH + 1):
        (folder / f"f{i}.glsl").write_text(f'#include "f{i + 1}.glsl"\n')
    with pytest.raises(PieceError, match=f"{MAX_DEPTH} levels"):
        expanded(folder, shared, '#include "f0.glsl"\n')


def test_includes_that_multiply_are_refused(folder: Path, shared: Path) -> None:
    for i in range(12):
        twice = f'#ifdef A\n#include "f{i + 1}.glsl"\n#else\n#include "f{i + 1}.glsl"\n#endif\n'
        (folder / f"f{i}.glsl").write_text(twice)
    (folder / "f12.glsl").write_text("float a;\n")
    with pytest.raises(PieceError, match="1024 includes"):
        expanded(folder, shared, '#include "f0.glsl"\n')


@pytest.mark.parametrize("name", ["../secret.glsl", "/etc/passwd", "lib/../../secret.glsl"])
def test_nothing_outside_the_allowed_folders_is_read(folder: Path, shared: Path, name: str) -> None:
    (folder / "lib").mkdir()
    (folder.parent / "secret.glsl").write_text("float secret;\n")
    with pytest.raises(PieceError, match="neither in the piece's folder"):
        expanded(folder, shared, f'#include "{name}"\n')


@pytest.mark.parametrize("argument", ["noise", "two names.glsl", ""])
def test_an_include_of_no_file_says_how(folder: Path, shared: Path, argument: str) -> None:
    with pytest.raises(PieceError, match=r'#include "noise\.glsl"'):
        expanded(folder, shared, f"#include {argument}\n")


@pytest.mark.parametrize("argument", ["sub/a.glsl", "sub/a.glsl;", "./sub/a.glsl"])
def test_an_include_without_quotation_marks_is_read(folder: Path, shared: Path, argument: str) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "a.glsl").write_text("float a;\n")
    assert "float a;" in expanded(folder, shared, f"#include {argument}\n").text


def test_a_missing_shader_is_named(folder: Path, shared: Path) -> None:
    with pytest.raises(PieceError, match=r"main\.frag does not exist"):
        expand(folder / "main.frag", folder=folder, include_paths=(shared,))


def test_a_shader_that_is_not_text_is_refused(folder: Path, shared: Path) -> None:
    (folder / "main.frag").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(PieceError, match=r"main\.frag is no text: it holds zero bytes"):
        expand(folder / "main.frag", folder=folder, include_paths=(shared,))


def test_blanked_comments_leave_lines_and_columns_where_they_were() -> None:
    source = "float a; /* one\ntwo ü */ float b; // three\nfloat c;"
    blanked = blank_comments(source)
    assert [len(line) for line in blanked.split("\n")] == [len(line) for line in source.split("\n")]
    assert blanked.split() == ["float", "a;", "float", "b;", "float", "c;"]
