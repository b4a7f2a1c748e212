"""docs/documents.md says what the models say, and its examples work."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from facade.config.fields import key_names, tables_of
from facade.config.loader import load_document, load_hardware, load_preset, load_show
from facade.config.schema import KINDS
from facade.core import places
from facade.mapping.compile import compile_venue

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    """The tables of keys of one kind of document."""
    found = re.search(rf"<!-- keys: {kind} -->(.*?)<!-- end -->", PAGE, re.DOTALL)
    assert found, f"docs/documents.md has no keys of {kind}"
    return found[1]


def example(heading: str) -> str:
    """The first TOML example under a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.search(r"```toml\n(.*?)```", section, re.DOTALL)[1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_every_table_stands_on_the_page_with_its_meaning(kind):
    sections = [
        dict(re.findall(r"^\| `([^`]+)` \|.*\| ([^|]+) \|$", part, re.MULTILINE)) for part in block(kind).split("### ")
    ]

    for table in tables_of(KINDS[kind]):
        keys = {key: field.description for key, field in key_names(table).items()}
        assert keys in sections, f"{table.__name__} is not on the page as it is in facade/config"


def test_the_tables_are_those_the_tool_writes():
    path = ROOT / "tools" / "document_reference.py"
    spec = importlib.util.spec_from_file_location("document_reference", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)

    assert tool.rewritten(PAGE) == PAGE, f"run {path.relative_to(ROOT)}"


def test_the_venue_of_the_page_compiles(tmp_path):
    path = tmp_path / "venue.toml"
    path.write_text(example("Venue"))

    pixels, patch = compile_venue(load_document(KINDS["venue"], path), load_hardware(places.hardware()))

    assert (pixels.n_pixels, patch.n_universes) == (18, 1)


@pytest.mark.parametrize(
    ("heading", "kind"), [("Fixture profile", "fixture"), ("Controller profile", "controller"), ("Piece", "piece")]
)
def test_the_other_examples_of_the_page_can_be_loaded(tmp_path, heading, kind):
    path = tmp_path / "example.toml"
    path.write_text(example(heading))

    load_document(KINDS[kind], path)


def test_the_preset_and_the_show_of_the_page_can_be_loaded(tmp_path):
    (tmp_path / "preset.toml").write_text(example("Preset"))
    (tmp_path / "show.toml").write_text(example("Show"))

    assert load_preset(tmp_path / "preset.toml") == {"swell": 0.8, "tint": (1.0, 0.45, 0.1)}
    assert list(load_show(tmp_path / "show.toml").cue) == ["glow"]
