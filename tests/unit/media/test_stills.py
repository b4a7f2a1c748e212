"""Pictures arrive upright, scaled and timed as any browser would show them; what cannot be shown is told in words."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facade.core.errors import PieceError
from facade.media.footage import open_footage
from facade.media.still import Stills
from tests.support.pictures import corners

RARE = (
    b"DDS "
    + struct.pack("<7I44x", 124, 0x1007, 4, 4, 16, 0, 0)
    + struct.pack("<2I4s5I", 32, 4, b"DX10", 0, 0, 0, 0, 0)
    + struct.pack("<5I", 0, 0, 0, 0, 0)
    + struct.pack("<5I", 2, 3, 0, 1, 0)
    + bytes(256)
)
"""A texture of a game, in a format that Pillow knows by name only."""

UPRIGHT = [(0, 0, 255), (255, 255, 255), (255, 0, 0), (0, 255, 0)]
"""Of corners(): bottom left, bottom right, top left, top right."""


def corner_colours(frame: np.ndarray) -> list[tuple[int, ...]]:
    return [tuple(int(v) for v in frame[y, x, :3]) for y in (1, -2) for x in (1, -2)]


def test_a_picture_begins_with_its_bottom_row(tmp_path: Path) -> None:
    corners().save(tmp_path / "a.png")
    footage = open_footage(tmp_path / "a.png", limit_px=100)
    assert corner_colours(footage.read(0)) == UPRIGHT
    assert footage.read(0).shape == (20, 40, 4)


@pytest.mark.parametrize(
    ("orientation", "undone"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_a_telephone_may_be_held_any_way(tmp_path: Path, orientation: int, undone: Image.Transpose | None) -> None:
    picture = corners() if undone is None else corners().transpose(undone)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture.save(tmp_path / "a.png", exif=exif)
    assert corner_colours(Stills(tmp_path / "a.png", limit_px=100).read(0)) == UPRIGHT


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "RGBA", "I;16"])
def test_every_kind_of_pixel_is_read(tmp_path: Path, mode: str) -> None:
    file = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    if mode == "I;16":
        Image.fromarray(np.full((8, 8), 0x8040, np.uint16)).save(file)
    else:
        grey = Image.new("RGB", (8, 8), (255 if mode == "1" else 128,) * 3)
        (grey.quantize(4) if mode == "P" else grey.convert(mode)).save(file)
    level = Stills(file, limit_px=100).read(0)[4, 4]
    assert level[:3] == pytest.approx([255 if mode == "1" else 128] * 3, abs=3)
    assert level[3] == 255


def test_large_pictures_are_scaled_to_what_the_wall_can_show_and_keep_their_shape(tmp_path: Path) -> None:
    corners((1200, 600)).save(tmp_path / "a.png")
    frame = Stills(tmp_path / "a.png", limit_px=300).read(0)
    assert frame.shape == (150, 300, 4)
    assert corner_colours(frame) == UPRIGHT


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_each_frame_of_an_animation_is_on_for_as_long_as_it_says(tmp_path: Path, name: str) -> None:
    frames = [Image.new("RGB", (8, 8), (level, 0, 0)) for level in (0, 80, 160, 240)]
    lengths = [100, 300, 50, 200]
    more = {"lossless": True} if name.endswith("webp") else {}
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], duration=lengths, loop=0, **more)
    footage = Stills(tmp_path / name, limit_px=100)

    on = [footage.index_at(t) for t in (0.0, 0.099, 0.101, 0.399, 0.401, 0.449, 0.451, 0.649, 0.651, 6.5 + 0.2)]

    assert on == [0, 0, 1, 1, 2, 2, 3, 3, 0, 1]
    assert [int(footage.read(i)[0, 0, 0]) for i in range(4)] == pytest.approx([0, 80, 160, 240], abs=2)


def test_an_animation_that_does_not_say_how_long_runs_at_ten_frames_a_second(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), (level, 0, 0)) for level in (0, 80, 160)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=0)
    assert Stills(tmp_path / "a.gif", limit_px=100).index_at(0.25) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no picture that can be read"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "no picture that can be read"),
        (b"GIF89a" + b"\xff" * 200, "no picture that can be read"),
        (RARE, "no picture that can be read"),
        (None, "is not in"),
    ],
)
def test_what_is_no_picture_is_told_in_words(tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(PieceError, match=says):
        Stills(tmp_path / "a.png", limit_px=100)


def test_half_a_picture_is_refused(tmp_path: Path) -> None:
    Image.effect_noise((200, 200), 80.0).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PieceError, match=r"a\.png is no picture"):
        Stills(tmp_path / "a.png", limit_px=100)


def test_a_file_of_200_megabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(PieceError, match=r"a\.png has 200 MB; a picture may have 100 MB\. Scale it down\."):
        Stills(tmp_path / "a.png", limit_px=100)


def test_a_small_file_of_too_many_pixels_is_refused(tmp_path: Path) -> None:
    Image.new("1", (9000, 9000)).save(tmp_path / "a.png")
    with pytest.raises(PieceError, match="9000 x 9000 pixels; a picture may have 64,000,000"):
        Stills(tmp_path / "a.png", limit_px=100)


def test_an_animation_too_large_for_memory_is_to_be_a_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("facade.media.still.MAX_MEMORY", 600)
    frames = [Image.new("RGB", (8, 8), (level, 0, 0)) for level in (0, 80, 160)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100)
    with pytest.raises(PieceError, match="Make it a film"):
        Stills(tmp_path / "a.gif", limit_px=100)


def test_a_picture_of_very_many_pixels_is_refused_in_our_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("L", (40, 40)).save(tmp_path / "wide.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(PieceError, match=r"wide\.png has far more pixels than the 64,000,000 .* Scale it down"):
        Stills(tmp_path / "wide.png", limit_px=64)
