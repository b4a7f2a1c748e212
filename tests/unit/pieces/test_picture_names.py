"""Which pictures a piece may show, by name; and no other file of the machine, whatever is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.config.piece import ImageParameter
from facade.control.spec import spec_of
from facade.core.errors import ConfigError, InputError, PieceError
from facade.pieces.library import PieceLibrary
from facade.pieces.pictures import pictures_in
from tests.support.gl import write_piece
from tests.support.pictures import corners

SHADER = "vec4 piece(vec2 uv) { return texture(clip, uv); }\n"


def piece_with(folder: Path, *, more: str = "", files: tuple[str, ...] = ("assets/rain.png",)) -> Path:
    piece = write_piece(folder, "glass", SHADER, manifest=f'[parameter.clip]\ntype = "image"\n{more}\n')
    for name in files:
        (piece / name).parent.mkdir(parents=True, exist_ok=True)
        corners().save(piece / name)
    return piece


def test_a_piece_may_show_what_lies_in_its_folder_and_beside_the_show(tmp_path: Path) -> None:
    piece_with(tmp_path / "pieces", files=("assets/rain.png", "b.jpg"))
    (tmp_path / "show").mkdir()
    corners().save(tmp_path / "show" / "b.jpg")
    corners().save(tmp_path / "show" / "c.gif")

    piece = PieceLibrary([tmp_path / "pieces"], pictures=tmp_path / "show").get("glass")

    names = ("assets/rain.png", "b.jpg", "c.gif")
    assert piece.manifest.parameter["clip"].choices == ("gradient", "bars", "noise", *names, "camera")
    assert piece.media["b.jpg"] == tmp_path / "show" / "b.jpg"  # a show may replace a piece's picture
    assert piece.media["assets/rain.png"].is_file()


def test_a_piece_may_say_which_of_them_it_shows(tmp_path: Path) -> None:
    piece_with(tmp_path, more='default = "b.jpg"\nsources = ["b.jpg"]', files=("a.jpg", "b.jpg"))
    clip = PieceLibrary([tmp_path]).get("glass").manifest.parameter["clip"]
    assert (clip.default, clip.choices) == ("b.jpg", ("gradient", "bars", "noise", "b.jpg"))
    assert not clip.accepts("a.jpg")
    assert not clip.accepts("camera")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../secret.png", "must be a path inside the document's own folder"),
        ("/etc/secret.png", "must be a path inside the document's own folder"),
        ("a//b.png", "must be a path inside the document's own folder"),
        ("C:\\\\a.png", "must be a path inside the document's own folder"),
        ("file:a.png", "must be a path inside the document's own folder"),
        ("passwd", "is none of gradient, bars, noise, camera, camera:NAME, or a file that ends in .png"),
        ("camera:", "is none of"),
        ("x" * 200 + ".png", "must be at most 160 printable characters"),
    ],
)
def test_a_name_that_is_no_picture_of_the_piece_is_refused_at_load(tmp_path: Path, name: str, says: str) -> None:
    piece_with(tmp_path, more=f'default = "{name}"')
    with pytest.raises(ConfigError) as caught:
        PieceLibrary([tmp_path]).get("glass")
    problem = caught.value.problems[0]
    assert problem.key == "parameter.clip.default"
    assert says in problem.rule


def test_a_default_that_is_not_there_is_told_with_document_key_rule_and_fix(tmp_path: Path) -> None:
    folder = piece_with(tmp_path, more='default = "assets/rian.png"')
    with pytest.raises(ConfigError) as caught:
        PieceLibrary([tmp_path]).get("glass")
    problem = caught.value.problems[0]
    assert (problem.file, problem.key) == (folder / "piece.toml", "parameter.clip.default")
    assert "there is no such picture in the show's folder or the piece's" in problem.rule
    assert 'Did you mean "assets/rain.png"?' in problem.fix


def test_a_preset_that_names_no_picture_is_refused(tmp_path: Path) -> None:
    folder = piece_with(tmp_path)
    (folder / "presets").mkdir()
    (folder / "presets" / "wet.toml").write_text('clip = "assets/rain.png"\n')
    assert PieceLibrary([tmp_path]).get("glass").presets["wet"] == {"clip": "assets/rain.png"}
    (folder / "presets" / "wet.toml").write_text('clip = "assets/hail.png"\n')
    with pytest.raises(ConfigError, match=r"wet\.toml.*there is no such picture"):
        PieceLibrary([tmp_path]).get("glass")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    corners().save(tmp_path / "secret.png")
    folder = piece_with(tmp_path / "pieces")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    assert list(pictures_in(folder)) == ["assets/rain.png"]


def test_hidden_files_deep_folders_and_crowds_are_left_out(tmp_path: Path) -> None:
    for name in (".hidden.png", ".git/a.png", "a/b/c/d.png", "a/b/c/d/e.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list(pictures_in(tmp_path)) == ["a/b/c/d.png"]
    for n in range(300):
        (tmp_path / f"{n:03}.png").touch()
    assert len(pictures_in(tmp_path)) == 256


def test_messages_from_outside_choose_among_these_and_no_others() -> None:
    clip = ImageParameter(type="image", sources=("a.png", "camera"))
    spec = spec_of("/piece/glass/clip", clip)
    assert spec.coerce(("a.png",)) == "a.png"
    assert spec.coerce((0,)) == "gradient"
    assert spec.coerce(("camera:Stage Cam",)) == "camera:Stage Cam"
    for name in ("b.png", "../a.png", "/etc/passwd", "camera:" + "x" * 300):
        with pytest.raises(InputError, match="is no choice here"):
            spec.coerce((name,))


def test_a_picture_is_a_piece_by_itself(tmp_path: Path) -> None:
    corners().save(tmp_path / "Night Market.JPG")
    library = PieceLibrary([tmp_path])
    assert library.names() == ("night_market",)
    for name in ("night_market", tmp_path / "Night Market.JPG"):
        piece = library.get(name)
        assert piece.manifest.title == "Night Market"
        assert list(piece.manifest.parameter) == ["picture", "fit", "focus"]
        assert piece.manifest.parameter["picture"].default == "Night Market.JPG"


def test_a_picture_with_a_name_no_document_can_say_is_refused_in_words(tmp_path: Path) -> None:
    corners().save(tmp_path / "a:b.png")
    with pytest.raises(PieceError, match="Rename the file"):
        PieceLibrary([]).get(tmp_path / "a:b.png")
