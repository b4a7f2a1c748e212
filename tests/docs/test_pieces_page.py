"""docs/pieces.md names every uniform, every function and every include, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from facade.core import places
from facade.gpu.source import _COMMON, _PIXEL
from facade.pieces.library import PieceLibrary
from facade.pieces.program import UNIFORM_TYPES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "pieces.md").read_text(encoding="utf-8")
FUNCTION = re.compile(r"^(?:float|u?int|[iu]?vec[234]) (\w+)\(", re.MULTILINE)


def test_every_uniform_is_documented_with_its_type() -> None:
    for kind, name in re.findall(r"uniform (\w+) (u_\w+);", _COMMON):
        assert f"| `{name}` | {kind} |" in PAGE


def test_every_function_of_the_prelude_is_documented() -> None:
    ours = {name for name in FUNCTION.findall(_PIXEL) if name not in ("facade_cell", "facade_uv")}
    assert ours == set(re.findall(r"(facade_\w+)\(\)`", PAGE))


@pytest.mark.parametrize("include", sorted((places.shaders() / "include").glob("*.glsl")), ids=lambda f: f.name)
def test_every_function_of_an_include_is_listed_with_its_file(include: Path) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{include.name}` |"))
    listed = set(re.findall(r"`(\w+)`", row.split("|")[2]))
    assert listed == set(FUNCTION.findall(include.read_text(encoding="utf-8")))


def test_every_type_of_parameter_is_documented() -> None:
    assert [kind for kind, glsl in UNIFORM_TYPES.items() if f"| {kind} | `{glsl}` |" not in PAGE] == []


def test_every_shipped_piece_is_listed() -> None:
    assert [name for name in PieceLibrary([places.pieces()]).names() if f"| `{name}` |" not in PAGE] == []
