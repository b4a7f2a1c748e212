"""Films: the frame whose interval holds the time, whichever way one got there."""

from __future__ import annotations

import sys
from pathlib import Path

import av
import numpy as np
import pytest

from facade.core.errors import MachineError, PieceError
from facade.media.film import Film
from tests.support.pictures import number_of, write_film


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.mov", "mpeg4"), ("a.webm", "libvpx"), ("a.avi", "mpeg4")],
)
def test_the_frame_shown_is_the_one_whose_interval_holds_the_time(tmp_path: Path, name: str, codec: str) -> None:
    film = Film(write_film(tmp_path / name, codec=codec), limit_px=100)
    assert film.n_frames == 24
    assert film.duration_s == pytest.approx(1.0, abs=0.002)
    for number in range(24):
        for within in (0.1, 0.5, 0.9):
            index = film.index_at((number + within) / 24)
            assert (index, number_of(film.read(index))) == (number, number)
    film.close()


def test_a_time_that_is_a_frame_s_first_moment_shows_that_frame(tmp_path: Path) -> None:
    film = Film(write_film(tmp_path / "a.mp4"), limit_px=100)
    assert [film.index_at(k / 24) for k in range(48)] == [k % 24 for k in range(48)]
    assert film.index_at(3600.0 + 5.5 / 24) == 5


def test_frames_of_uneven_length_are_on_for_as_long_as_they_say(tmp_path: Path) -> None:
    times = [0, 40, 400, 440, 1000, 1040]
    film = Film(write_film(tmp_path / "a.mkv", 6, times=times), limit_px=100)
    shown = [number_of(film.read(film.index_at(t))) for t in (0.02, 0.05, 0.39, 0.41, 0.43, 0.45, 0.99, 1.01)]
    assert shown == [0, 1, 1, 2, 2, 3, 3, 4]


def test_any_order_of_asking_shows_the_same_pictures(tmp_path: Path) -> None:
    file = write_film(tmp_path / "a.mp4", gop=8)
    straight, jumping = Film(file, limit_px=100), Film(file, limit_px=100)
    expected = {i: straight.read(i).copy() for i in range(24)}
    order = np.random.default_rng(3).integers(0, 24, 60).tolist()
    assert all(np.array_equal(jumping.read(i), expected[i]) for i in [*order, 23, 0, 0, 1, 23, 22])


def test_a_film_is_scaled_to_what_the_wall_can_show(tmp_path: Path) -> None:
    film = Film(write_film(tmp_path / "a.mp4", 2, size=(640, 360)), limit_px=64)
    assert film.read(0).shape == (36, 64, 4)
    assert (film.read(0)[..., 3] == 255).all()


def test_a_film_begins_with_its_bottom_row(tmp_path: Path) -> None:
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[:24] = 200
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for packet in (*stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")), *stream.encode()):
            container.mux(packet)
    frame = Film(tmp_path / "a.mp4", limit_px=100).read(0)
    assert frame[5, 5, 0] < 40 < 160 < frame[-5, 5, 0]


def test_sound_alone_is_no_film(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate, sound.pts = 48000, 0
        for packet in (*stream.encode(sound), *stream.encode()):
            container.mux(packet)
    with pytest.raises(PieceError, match=r"a\.mp4 holds no pictures\. Choose a file with a video stream\."):
        Film(tmp_path / "a.mp4", limit_px=100)


@pytest.mark.parametrize("content", [b"", b"\0" * 4000, b"no film at all, only words"])
def test_what_is_no_film_is_told_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(PieceError, match=r"a\.mp4 is no film that can be read"):
        Film(tmp_path / "a.mp4", limit_px=100)


def test_a_film_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(PieceError, match="is not in"):
        Film(tmp_path / "a.mp4", limit_px=100)


def test_a_film_that_breaks_off_shows_what_there_is(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "a.mkv", codec="mpeg4", gop=4, size=(320, 240)).read_bytes()
    (tmp_path / "half.mkv").write_bytes(whole[: len(whole) * 6 // 10])
    film = Film(tmp_path / "half.mkv", limit_px=100)
    assert 3 < film.n_frames < 24
    assert [number_of(film.read(i)) for i in range(film.n_frames - 1)] == list(range(film.n_frames - 1))


def test_without_av_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_film(tmp_path / "a.mp4", 2)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MachineError, match=r"pip install \"media-facade\[video\]\""):
        Film(file, limit_px=100)
