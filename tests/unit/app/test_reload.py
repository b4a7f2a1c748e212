"""Which pieces an edit concerns."""

from __future__ import annotations

import itertools
import select
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facade.app import reload
from facade.app.plan import make_plan
from facade.app.reload import PieceWatcher
from facade.core import places
from facade.core.errors import MachineError
from tests.support.playable import piece_at, show_at, venue_at

MORE = '[cue.two]\n[[cue.two.layer]]\npiece = "ember"\n[[cue.two.layer]]\npiece = "drawn"\n'


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of includes that every piece may use."""
    folder = tmp_path / "shaders"
    (folder / "include").mkdir(parents=True)
    monkeypatch.setattr(places, "shaders", lambda: folder)
    return folder / "include"


@pytest.fixture
def watcher(tmp_path: Path, shared: Path) -> Iterator[PieceWatcher]:
    show = show_at(tmp_path / "show", 9000, piece="signal", more=MORE)
    piece_at(tmp_path / "show", "drawn", "vec4 piece(vec2 uv) { return vec4(1.0); }\n")
    uses: dict[str, list[Path]] = {"drawn": [shared / "noise.glsl"], "ember": [shared / "ease.glsl"]}
    found = PieceWatcher(make_plan(str(show), str(venue_at(tmp_path, 6454))), uses=lambda slug: uses.get(slug, []))
    yield found
    found.close()


@pytest.fixture
def save(tmp_path: Path, shared: Path) -> Callable[[str], None]:
    def save(name: str) -> None:
        file = (shared if name.endswith(".glsl") else tmp_path / "show") / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n")

    return save


@pytest.mark.parametrize("name", ["main.frag", "piece.toml", "behaviour.py", "presets/calm.toml", "images/SEA.PNG"])
def test_a_file_of_a_piece_concerns_that_piece(watcher: PieceWatcher, save: Callable[[str], None], name: str) -> None:
    save(f"drawn/{name}")

    assert watcher.changed() == ("drawn",)
    assert watcher.changed() == ()


@pytest.mark.parametrize("name", ["README.md", "main.frag~", ".main.frag.swp", "__pycache__/behaviour.cpython-311.pyc"])
def test_what_no_piece_is_made_of_concerns_nobody(
    watcher: PieceWatcher, save: Callable[[str], None], name: str
) -> None:
    save(f"drawn/{name}")

    assert watcher.changed() == ()


def test_a_shared_include_concerns_those_that_use_it_and_those_of_which_nothing_is_known(
    watcher: PieceWatcher, save: Callable[[str], None]
) -> None:
    save("noise.glsl")

    assert watcher.changed() == ("signal", "drawn")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is heard by inotify")
def test_where_the_system_lets_nobody_listen_edits_are_looked_for_and_the_show_plays(
    tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(folders: object) -> None:
        raise MachineError("Raise fs.inotify.max_user_instances with sysctl.")

    monkeypatch.setattr(reload, "SavedFiles", refused)
    show = show_at(tmp_path / "show", 9000, piece="signal", more=MORE)
    piece_at(tmp_path / "show", "drawn", "vec4 piece(vec2 uv) { return vec4(1.0); }\n")
    file = tmp_path / "show" / "drawn" / "main.frag"
    watcher = PieceWatcher(make_plan(str(show), str(venue_at(tmp_path, 6454))), uses=lambda slug: [])

    # Saved again and again, because nobody tells from when on it looks.
    for n in itertools.count(1):
        file.write_text("\n" * n)
        if select.select([watcher], [], [], 0.5)[0] or n == 60:
            break

    assert watcher.changed() == ("drawn",)
    assert "max_user_instances" in caplog.text
    watcher.close()


def test_a_folder_that_cannot_be_watched_while_playing_is_told_and_no_more(
    watcher: PieceWatcher,
    save: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refused() -> set[Path]:
        raise MachineError("Raise fs.inotify.max_user_watches with sysctl.")

    with monkeypatch.context() as patch:
        patch.setattr(watcher._saved, "take", refused)
        assert watcher.changed() == ()
    assert "max_user_watches" in caplog.text
    save("drawn/main.frag")
    assert watcher.changed() == ("drawn",)
