"""A live player never makes its caller wait, shows what was saved last, and holds a few frames only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facade.core.errors import PieceError
from facade.media import player as player_module
from facade.media.footage import Frame
from facade.media.player import AHEAD, ExactPlayer, LivePlayer
from tests.support.pictures import number_of, write_film
from tests.support.waiting import soon


@pytest.fixture(name="play")
def players() -> Iterator[Callable[[Path], LivePlayer]]:
    made: list[LivePlayer] = []

    def play(file: Path) -> LivePlayer:
        made.append(LivePlayer(file, limit_px=64))
        assert made[-1].is_settled(10.0)
        return made[-1]

    yield play
    for each in made:
        each.close()


def shown(player: LivePlayer | ExactPlayer, time_s: float) -> int:
    found = player.at(time_s)
    return -1 if found is None else number_of(found[1])


def test_a_film_plays_in_order_and_begins_again(tmp_path: Path, play: Callable[[Path], LivePlayer]) -> None:
    player = play(write_film(tmp_path / "a.mp4", 12, rate=12))
    for number in (*range(12), *range(5)):
        at_s = (number + 0.5 + (12 if number < 5 else 0)) / 12
        assert soon(lambda at_s=at_s, number=number: shown(player, at_s) == number)
    assert player.problem == ""


def test_the_same_picture_has_the_same_stamp(tmp_path: Path, play: Callable[[Path], LivePlayer]) -> None:
    player = play(write_film(tmp_path / "a.mp4", 4, rate=4))
    first, again = player.at(0.1), player.at(0.2)
    assert first is not None
    assert again is not None
    assert first[0] == again[0]
    assert first[1] is again[1]


def test_only_the_frames_that_come_next_are_in_memory(tmp_path: Path, play: Callable[[Path], LivePlayer]) -> None:
    player = play(write_film(tmp_path / "a.mp4"))
    for number in (0, 5, 9, 23, 2):
        assert soon(lambda number=number: shown(player, (number + 0.5) / 24) == number)
        assert len(player._frames) <= AHEAD


class Slow:
    """Footage whose frames take until they are let go."""

    n_frames = 8

    def __init__(self) -> None:
        self.go = threading.Semaphore(1)

    def index_at(self, time_s: float) -> int:
        return int(time_s) % 8

    def read(self, index: int) -> Frame:
        self.go.acquire()
        if index == 5:
            raise PieceError("frame 5 is broken.")
        return np.full((1, 1, 4), index, np.uint8)

    def close(self) -> None: ...


def test_a_reader_that_is_too_slow_shows_what_it_has_got_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    monkeypatch.setattr(player_module, "open_footage", lambda file, limit_px: slow)
    (tmp_path / "a.png").touch()
    player = LivePlayer(tmp_path / "a.png", limit_px=64)
    assert player.is_settled(10.0)

    def level(time_s: float) -> int:
        found = player.at(time_s)
        return -1 if found is None else int(found[1][0, 0, 0])

    assert level(0) == 0
    assert level(2) == 0  # nothing has been read since, and nobody has waited
    slow.go.release()
    assert soon(lambda: level(3) in (1, 2))
    assert player.late > 0
    slow.go.release(20)
    assert soon(lambda: level(4) == 4)
    assert level(5) == 4
    assert soon(lambda: "broken" in player.problem)
    player.close()
    slow.go.release(20)


def test_a_picture_that_is_saved_anew_is_shown_anew(tmp_path: Path, play: Callable[[Path], LivePlayer]) -> None:
    file = tmp_path / "a.png"
    Image.new("RGB", (4, 4), (10, 0, 0)).save(file)
    player = play(file)
    assert player.at(0.0)[1][0, 0, 0] == 10

    Image.new("RGB", (6, 4), (200, 0, 0)).save(tmp_path / "b.png")
    (tmp_path / "b.png").replace(file)

    assert soon(lambda: player.at(0.0)[1][0, 0, 0] == 200)
    assert player.at(0.0)[1].shape == (4, 6, 4)


def test_the_last_good_picture_stays_while_a_new_one_is_broken(
    tmp_path: Path, play: Callable[[Path], LivePlayer]
) -> None:
    file = tmp_path / "a.png"
    Image.new("RGB", (4, 4), (10, 0, 0)).save(file)
    player = play(file)

    file.write_bytes(b"not a picture")
    assert soon(lambda: "no picture that can be read" in player.problem)
    assert player.at(0.0)[1][0, 0, 0] == 10

    Image.new("RGB", (4, 4), (90, 0, 0)).save(file)
    assert soon(lambda: player.at(0.0)[1][0, 0, 0] == 90 and player.problem == "")


def test_a_file_that_is_not_there_yet_is_shown_when_it_comes(
    tmp_path: Path, play: Callable[[Path], LivePlayer]
) -> None:
    player = play(tmp_path / "a.png")
    assert player.at(0.0) is None
    assert "is not there" in player.problem
    Image.new("RGB", (4, 4), (10, 0, 0)).save(tmp_path / "a.png")
    assert soon(lambda: player.at(0.0) is not None and player.problem == "")


def test_the_thread_ends_when_the_player_is_closed(tmp_path: Path, play: Callable[[Path], LivePlayer]) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    player = play(tmp_path / "a.png")
    player.close()
    assert soon(lambda: not player._thread.is_alive())
    assert player.at(0.0) is None


def test_offline_every_frame_is_exact(tmp_path: Path) -> None:
    player = ExactPlayer(write_film(tmp_path / "a.mp4"), limit_px=64)
    assert [shown(player, (n + 0.5) / 24) for n in (0, 7, 3, 23, 24)] == [0, 7, 3, 23, 0]
