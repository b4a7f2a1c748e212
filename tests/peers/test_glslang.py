"""A second, strict compiler reads every shader we give a driver: Mesa alone is a lenient judge."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from facade.core import places
from facade.gpu.source import fragment_source
from facade.pieces.dialects import piece_program
from facade.pieces.glsl import blank_comments
from facade.pieces.library import PieceLibrary
from facade.pieces.program import Domain
from tests.support.peers import need_program

LIBRARY = PieceLibrary([places.pieces()])


@pytest.fixture
def glslang() -> str:
    return need_program("glslangValidator", "glslang-tools")


def assert_accepted(glslang: str, text: str, *, version: str, folder: Path) -> None:
    file = folder / "shader.frag"
    file.write_text(text.replace("#version 330", f"#version {version}"), encoding="utf-8")
    done = subprocess.run([glslang, str(file)], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", ["330", "450"])
@pytest.mark.parametrize("domain", ["pixel", "canvas"])
@pytest.mark.parametrize("slug", LIBRARY.names())
def test_a_piece_is_accepted(glslang: str, tmp_path: Path, slug: str, domain: Domain, version: str) -> None:
    program = piece_program(LIBRARY.get(slug), include_paths=LIBRARY.include_paths)
    for index in range(len(program.sources)):
        text = fragment_source(program, domain=domain, index=index)
        assert_accepted(glslang, text, version=version, folder=tmp_path)


@pytest.mark.parametrize("version", ["330", "450"])
@pytest.mark.parametrize("name", sorted(f.name for f in (places.shaders() / "passes").glob("*.frag")))
def test_a_pass_is_accepted(glslang: str, tmp_path: Path, name: str, version: str) -> None:
    text = blank_comments((places.shaders() / "passes" / name).read_text(encoding="utf-8")).lstrip()
    assert_accepted(glslang, text, version=version, folder=tmp_path)
