"""``facade piece pack`` and ``install``, and that what was installed is found by its name everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facade.app.plan import find_show, make_plan
from facade.app.quarantine import QuarantineFile
from facade.cli.main import main
from facade.cli.options import piece_names
from facade.core import places
from tests.support.gl import write_piece

GLOW = "vec4 piece(vec2 uv) { return vec4(uv, 0.5 + 0.5 * sin(u_time), 1.0); }\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FACADE_PIECES", str(tmp_path / "mine"))
    return tmp_path / "mine"


def packed(tmp_path: Path, slug: str = "glow") -> Path:
    folder = write_piece(tmp_path / "work", slug, GLOW, manifest='license = "CC0-1.0"\n')
    out = tmp_path / f"{slug}.piece.zip"
    assert main(["piece", "pack", str(folder), "-o", str(out)]) == 0
    return out


def test_a_packed_piece_is_installed_and_then_found_by_name_everywhere(tmp_path: Path, home: Path, capsys) -> None:
    file = packed(tmp_path)
    assert main(["piece", "install", str(file)]) == 0
    assert (home / "glow" / "piece.toml").is_file()
    assert "glow" in piece_names()
    assert find_show("glow")[1] == "glow"
    assert set(make_plan("glow", None).manifests) == {"glow"}
    capsys.readouterr()
    assert main(["piece", "list", "--json"]) == 0
    assert "glow" in [piece["slug"] for piece in json.loads(capsys.readouterr().out)]
    assert main(["piece", "install", str(file)]) == 2
    assert "--replace" in capsys.readouterr().err


def test_python_runs_where_it_was_trusted_and_not_in_a_copy(
    tmp_path: Path, home: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACADE_TRUSTED", str(tmp_path / "trusted.txt"))
    assert main(["piece", "new", "marsh", "--behaviour", "--in", str(tmp_path)]) == 0
    file = tmp_path / "marsh.piece.zip"
    assert main(["piece", "pack", str(tmp_path / "marsh"), "-o", str(file)]) == 0
    assert main(["piece", "install", str(file)]) == 2
    assert "--trust" in capsys.readouterr().err
    assert main(["piece", "install", "--trust", str(file)]) == 0
    assert main(["piece", "pack", "marsh", "-o", str(file)]) == 0
    assert main(["piece", "trust"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [str(tmp_path / "marsh"), str(home / "marsh")]
    assert main(["piece", "trust", "--revoke", str(home / "marsh")]) == 0
    assert main(["piece", "pack", "marsh", "-o", str(file)]) == 2
    assert "facade piece trust" in capsys.readouterr().err


def test_packing_twice_makes_the_same_file(tmp_path: Path, home: Path) -> None:
    assert packed(tmp_path).read_bytes() == packed(tmp_path).read_bytes()


def test_the_package_says_what_its_light_was(tmp_path: Path, home: Path) -> None:
    main(["piece", "install", str(packed(tmp_path))])
    said = json.loads((home / "glow" / ".package" / "package.json").read_text())
    assert said["golden"]["venue"] == "imal_minimal"
    assert len(said["golden"]["sha256"]) == 64
    assert (home / "glow" / ".package" / "preview.png").read_bytes().startswith(b"\x89PNG")


def test_no_package_hides_a_shipped_piece(tmp_path: Path, home: Path, capsys) -> None:
    file = packed(tmp_path, "ember")
    assert main(["piece", "install", str(file)]) == 2
    assert "comes with a piece" in capsys.readouterr().err
    assert not home.exists()


def test_a_show_is_not_packed(tmp_path: Path, home: Path, capsys) -> None:
    assert main(["piece", "pack", "first_light", "-o", str(tmp_path / "x.piece.zip")]) == 2
    assert "is a show" in capsys.readouterr().err


def test_the_folder_of_a_users_pieces_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FACADE_PIECES", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert places.user_pieces()[0].is_relative_to(tmp_path)
    monkeypatch.setenv("FACADE_PIECES", "/a:/b")
    assert places.user_pieces() == (Path("/a"), Path("/b"))
    assert places.piece_folders() == (places.pieces(), Path("/a"), Path("/b"))


def test_the_gallery_is_one_page_that_needs_nothing_else(tmp_path: Path, home: Path, monkeypatch) -> None:
    monkeypatch.setattr("facade.cli.piece_command.piece_names", lambda: ["ember", "evil"])
    monkeypatch.setattr("facade.cli.piece_command.venue_folders", lambda: ["imal_minimal", "willow_house"])
    write_piece(home, "evil", "vec4 piece(vec2 uv) { return no; }\n", manifest='description = "<script>x</script>"\n')
    out = tmp_path / "all.html"
    assert main(["piece", "list", "--html", str(out)]) == 0
    page = out.read_text()
    assert page.count("data:image/webp;base64,") == 2
    assert 'src="http' not in page
    assert "<script>" not in page
    assert "main.frag" in page


def test_the_list_shows_thumbnails_where_it_is_asked_to(home: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("facade.cli.piece_command.piece_names", lambda: ["ember"])
    assert main(["piece", "list", "--thumbnails"]) == 0
    assert "\u2580" * 24 in capsys.readouterr().out
    assert main(["piece", "list"]) == 0
    assert "\u2580" not in capsys.readouterr().out


def test_the_list_marks_pieces_in_quarantine(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    QuarantineFile().add(places.pieces() / "ember", "took the renderer down 3 times in ten minutes")
    assert main(["piece", "list"]) == 0
    said = capsys.readouterr().out
    assert "ember (in quarantine)" in said
    assert "facade piece release ember" in said
    assert said.count("(in quarantine)") == 1
