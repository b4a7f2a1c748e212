"""A folder full of other people's shaders: one line each, a table at the end, and a reason for each that fails."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from facade.app import check_many
from facade.app.finding import Finding
from facade.cli.main import main

PLAIN = "void main() { gl_FragColor = vec4(1.0); }\n"


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a [b].frag").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "broken.fs").write_text('/*{"INPUTS": [}*/\n', encoding="utf-8")
    (tmp_path / "fine.fs").write_text(f'/*{{"CREDIT": "A. Maker"}}*/\n{PLAIN}', encoding="utf-8")
    return tmp_path


def test_list_names_every_piece_and_says_why_one_cannot_be_read(
    collection: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["piece", "list", str(collection)]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("deep/a [b].frag", "plain", "fine.fs", "A. Maker", "Cannot be read", "JSON"))
    assert main(["piece", "list", str(collection), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [Path(each["path"]).name for each in listed] == ["broken.fs", "a [b].frag", "fine.fs"]
    assert "error" in listed[0]


def test_check_says_one_line_of_each_and_counts(
    collection: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def checked(target: str, options: Sequence[str], timeout_s: float) -> list[Finding]:
        assert "--quick" in options
        if "broken" in target:
            return [Finding(target, "document", "fail", "is not\nJSON")]
        return [Finding(target, "licence of x", "note", "none"), Finding(target, "cue piece", "ok", "moves")]

    monkeypatch.setattr(check_many, "_check_one", checked)
    assert main(["check", str(collection), "--quick"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("✗") and line.endswith("broken.fs  document: is not JSON") for line in lines)
    assert any(line.startswith("•") and line.endswith("a [b].frag  licence") for line in lines)
    assert any(line.split() == ["not", "fine", "1"] for line in lines)
    assert any(line.split() == ["licence", "note", "2"] for line in lines)
