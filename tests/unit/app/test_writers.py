"""Files appear whole or not at all."""

from __future__ import annotations

import av
import numpy as np
import pytest
from PIL import Image

from facade.app.writers import open_writer
from facade.core.errors import OutputError

SHAPE = (36, 64, 3)


def frames(n: int):
    rng = np.random.default_rng(5)
    return [rng.integers(0, 255, SHAPE, dtype=np.uint8) for _ in range(n)]


def write(path, n: int = 20, rate_hz: float = 25.0):
    writer = open_writer(path, n_frames=n, shape=SHAPE, dtype=np.uint8, rate_hz=rate_hz)
    made = frames(n)
    for frame in made:
        writer.add(frame)
    writer.close()
    return made


def test_an_array_holds_every_frame(tmp_path):
    made = write(tmp_path / "a.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), np.stack(made))


def test_a_png_of_one_frame_is_that_frame(tmp_path):
    (made,) = write(tmp_path / "a.png", n=1)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), made)


def test_a_png_of_many_is_a_sheet_that_begins_with_the_first_and_ends_with_the_last(tmp_path):
    made = write(tmp_path / "a.png", n=100)
    sheet = np.asarray(Image.open(tmp_path / "a.png"))
    assert sheet.shape == (3 * 40 - 4, 4 * 68 - 4, 3)
    np.testing.assert_array_equal(sheet[:36, :64], made[0])
    np.testing.assert_array_equal(sheet[-36:, -64:], made[-1])


def test_a_gif_has_every_frame_and_loops(tmp_path):
    write(tmp_path / "a.gif", n=20, rate_hz=25.0)
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.n_frames == 20
        assert gif.info["duration"] == 40
        assert gif.info["loop"] == 0


def test_a_film_has_every_frame_at_its_rate(tmp_path):
    write(tmp_path / "a.mp4", n=20, rate_hz=25.0)
    with av.open(str(tmp_path / "a.mp4")) as film:
        (stream,) = film.streams
        assert stream.codec_context.name == "h264"
        assert stream.average_rate == 25
        assert sum(1 for _ in film.decode(stream)) == 20


def test_an_abandoned_file_leaves_nothing(tmp_path):
    for name in ("a.npy", "a.png", "a.gif", "a.mp4"):
        writer = open_writer(tmp_path / name, n_frames=5, shape=SHAPE, dtype=np.uint8, rate_hz=25.0)
        writer.add(frames(1)[0])
        writer.abandon()
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(OutputError, match=r"\.npy, \.fseq, \.png, \.gif, \.mp4"):
        open_writer(tmp_path / "a.avi", n_frames=1, shape=SHAPE, dtype=np.uint8, rate_hz=25.0)
