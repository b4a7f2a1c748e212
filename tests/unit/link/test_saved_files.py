"""Files are told of when they are whole: closed after writing, or moved into place, with the folders around them."""

from __future__ import annotations

import select
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from facade.link import SavedFiles

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "piece" / "presets").mkdir(parents=True)
    (tmp_path / "beside").mkdir()
    return tmp_path / "piece"


@pytest.fixture
def saved(home: Path) -> Iterator[SavedFiles]:
    files = SavedFiles([home])
    yield files
    files.close()


def is_readable(saved: SavedFiles) -> bool:
    return bool(select.select([saved], [], [], 0)[0])


def test_a_file_that_is_still_being_written_is_not_told_of(home: Path, saved: SavedFiles) -> None:
    with (home / "main.frag").open("w") as file:
        file.write("half a sha")
        file.flush()
        assert saved.take() == set()

    assert is_readable(saved)
    assert saved.take() == {home / "main.frag"}
    assert saved.take() == set()
    assert not is_readable(saved)


def test_a_file_moved_into_place_is_told_of_and_one_that_goes_is_not(home: Path, saved: SavedFiles) -> None:
    (home / ".main.frag.swp").write_text("")
    saved.take()
    (home / ".main.frag.swp").rename(home / "main.frag")
    assert saved.take() == {home / "main.frag"}

    (home / "main.frag").unlink()
    assert saved.take() == set()


def test_a_link_that_is_put_elsewhere_is_told_of(home: Path, saved: SavedFiles) -> None:
    (home / "picture.png").symlink_to(home.parent / "beside" / "other.png")

    assert saved.take() == {home / "picture.png"}


def test_folders_below_are_watched_also_those_that_come_later(home: Path, saved: SavedFiles) -> None:
    (home / "presets" / "calm.toml").write_text("")
    (home / "assets" / "films").mkdir(parents=True)
    assert home / "presets" / "calm.toml" in saved.take()

    (home / "assets" / "films" / "sea.png").write_bytes(b"")
    assert home / "assets" / "films" / "sea.png" in saved.take()


def test_a_folder_replaced_as_a_whole_is_told_of_with_its_files_and_watched_from_then_on(
    home: Path, saved: SavedFiles
) -> None:
    new = home.parent / "unpacked"
    new.mkdir()
    (new / "main.frag").write_text("")
    home.rename(home.parent / "old")
    new.rename(home)
    assert saved.take() == {home / "main.frag"}

    (home / "main.frag").write_text("again")
    assert saved.take() == {home / "main.frag"}


def test_what_is_saved_beside_is_nobodys_business(home: Path, saved: SavedFiles) -> None:
    (home.parent / "piece.toml").write_text("")
    (home.parent / "beside" / "main.frag").write_text("")
    (home.parent / "new").mkdir()
    (home.parent / "new" / "main.frag").write_text("")

    assert saved.take() == set()


def test_a_folder_of_which_the_system_forgot_something_is_told_of_as_a_whole(home: Path, saved: SavedFiles) -> None:
    # 0x4000 is IN_Q_OVERFLOW: more was saved than the queue holds.
    assert saved._saved(-1, 0x4000, "") == {home}
