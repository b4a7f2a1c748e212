"""Pieces are found by name and by path, presets are checked, and the shipped pieces keep their promises."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from facade.core import places
from facade.core.errors import ConfigError, PieceError
from facade.pieces.dialects import piece_program
from facade.pieces.library import PieceLibrary
from facade.pieces.roles import without_fed
from tests.support.gl import write_piece

SHADER = "vec4 piece(vec2 uv) { return vec4(1.0); }\n"
MANIFEST = """
[parameter.speed]
type = "float"
max = 2.0
[parameter.count]
type = "int"
max = 5
[parameter.lit]
type = "bool"
[parameter.hue]
type = "color"
[parameter.mood]
type = "choice"
choices = ["calm", "wild"]
[parameter.at]
type = "point"
[parameter.hit]
type = "trigger"
"""


def shipped() -> PieceLibrary:
    return PieceLibrary([places.pieces()])


def test_a_piece_is_found_by_its_folders_name(tmp_path: Path) -> None:
    write_piece(tmp_path, "glow", SHADER)
    library = PieceLibrary([tmp_path])
    assert library.get("glow").manifest.title == "glow"
    assert library.names() == ("glow",)


def test_a_piece_is_found_by_path_and_then_also_by_name(tmp_path: Path) -> None:
    folder = write_piece(tmp_path / "elsewhere", "stick", SHADER)
    library = PieceLibrary([tmp_path / "nothing"])
    assert library.get(str(folder)).slug == "stick"
    assert library.get("stick").folder == folder


def test_the_first_folder_wins(tmp_path: Path) -> None:
    write_piece(tmp_path / "mine", "glow", SHADER, manifest='author = "me"\n')
    write_piece(tmp_path / "theirs", "glow", SHADER, manifest='author = "them"\n')
    assert PieceLibrary([tmp_path / "mine", tmp_path / "theirs"]).get("glow").manifest.author == "me"


def test_an_unknown_name_suggests_the_nearest(tmp_path: Path) -> None:
    write_piece(tmp_path, "aurora", SHADER)
    with pytest.raises(PieceError, match=r'no piece "aurrora".*Did you mean "aurora"'):
        PieceLibrary([tmp_path]).get("aurrora")


def test_a_folder_that_is_no_piece_says_what_one_is(tmp_path: Path) -> None:
    with pytest.raises(PieceError, match=r"piece\.toml"):
        PieceLibrary([]).get(tmp_path)


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    write_piece(tmp_path / "outside", "glow", SHADER)
    (tmp_path / "pieces").mkdir()
    with pytest.raises(PieceError, match="no piece"):
        PieceLibrary([tmp_path / "pieces"]).get("..")


def test_an_edit_is_seen_at_once(tmp_path: Path) -> None:
    write_piece(tmp_path, "glow", SHADER)
    library = PieceLibrary([tmp_path])
    assert library.get("glow").manifest.author == ""
    write_piece(tmp_path, "glow", SHADER, manifest='author = "A. Maker"\n')
    assert library.get("glow").manifest.author == "A. Maker"


def test_a_good_preset_is_kept(tmp_path: Path) -> None:
    preset = 'speed = 1\ncount = 3\nlit = true\nhue = [1.0, 0.5, 0.0]\nmood = "wild"\nat = [0.5, 1.0]\n'
    write_piece(tmp_path, "glow", SHADER, manifest=MANIFEST, files={"presets/loud.toml": preset})
    values = PieceLibrary([tmp_path]).get("glow").presets["loud"]
    assert values["hue"] == (1.0, 0.5, 0.0)
    assert values["mood"] == "wild"


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("speed = 3.0", r"0\.0\.\.2\.0"),
        ("speed = true", "a number"),
        ("count = 1.5", "a whole number"),
        ("count = 9", r"0\.\.5"),
        ("lit = 1", "true or false"),
        ("hue = [1.0, 0.5]", "3 numbers"),
        ("at = [0.5, 2.0]", "2 numbers within 0..1"),
        ('mood = "angry"', "calm, wild"),
        ("hit = true", "is a trigger"),
        ("spead = 1.0", 'no such parameter.*Did you mean "speed"'),
    ],
)
def test_a_preset_that_does_not_suit_the_piece_is_refused(tmp_path: Path, line: str, rule: str) -> None:
    write_piece(tmp_path, "glow", SHADER, manifest=MANIFEST, files={"presets/loud.toml": line + "\n"})
    with pytest.raises(ConfigError, match=rule) as caught:
        PieceLibrary([tmp_path]).get("glow")
    assert caught.value.problems[0].file == tmp_path / "glow" / "presets" / "loud.toml"


def test_all_problems_of_all_presets_are_told_together(tmp_path: Path) -> None:
    files = {"presets/a.toml": "speed = 9\ncount = 9\n", "presets/b.toml": "speed = -1\n"}
    write_piece(tmp_path, "glow", SHADER, manifest=MANIFEST, files=files)
    with pytest.raises(ConfigError) as caught:
        PieceLibrary([tmp_path]).get("glow")
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("slug", shipped().names())
def test_a_shipped_piece_is_complete(slug: str) -> None:
    piece = shipped().get(slug)
    assert (piece.folder / "README.md").stat().st_size > 200
    assert piece.manifest.license == "CC-BY-4.0"
    assert piece.manifest.description
    # What feeds filters and transitions is nobody's to move, and without them the picture stays as it is.
    parameters = without_fed(piece.manifest, piece.role).parameter
    alone = piece.role == "generator"
    assert (3 if alone else 2) <= len(parameters) <= 10
    assert len(piece.presets) >= (2 if alone else 1)
    assert slug == "ember" or not alone or piece.manifest.fallback == "ember"
    assert all(p.help for p in parameters.values())


def test_the_shipped_pieces_show_every_kind_of_parameter_and_both_domains() -> None:
    library = shipped()
    pieces = [library.get(name) for name in library.names()]
    manifests = [without_fed(piece.manifest, piece.role) for piece in pieces]
    assert {p.type for manifest in manifests for p in manifest.parameter.values()} >= {
        *("float", "int", "bool", "trigger", "color", "choice", "point", "text")
    }
    domains = [piece_program(piece, include_paths=library.include_paths).domain for piece in pieces]
    assert domains.count("pixel") >= 3
    assert domains.count("canvas") >= 1


@pytest.mark.parametrize("slug", shipped().names())
def test_the_readme_of_a_shipped_piece_names_its_presets(slug: str) -> None:
    piece = shipped().get(slug)
    text = (piece.folder / "README.md").read_text(encoding="utf-8")
    assert [name for name in piece.presets if f"`{name}`" not in text] == []
    assert tomllib.loads((piece.folder / "piece.toml").read_text(encoding="utf-8"))["title"] in text
