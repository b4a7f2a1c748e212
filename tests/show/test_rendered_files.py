"""``facade render``: the same bytes on every run, arrays of the documented shape, pictures that others can open."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from facade.cli.main import main
from facade.cli.options import piece_names
from facade.cli.venue_command import load
from tests.support.running import ROOT

pytestmark = pytest.mark.timeout(150)

FRAMES = 60
PIECES = piece_names()

RENDER_ALL = """
import sys
from facade.cli.main import main
for piece in sys.argv[2:]:
    status = main(["render", piece, "--venue", "imal_minimal", "--frames", "60", "-o", f"{sys.argv[1]}/{piece}.npy"])
    if status:
        sys.exit(status)
"""


def render(*arguments: str | Path) -> None:
    assert main(["render", *map(str, arguments)]) == 0


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of NAME.npy for every shipped piece, rendered by another process."""
    folder = tmp_path_factory.mktemp("elsewhere")
    command = [sys.executable, "-c", RENDER_ALL, str(folder), *PIECES]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return folder


@pytest.mark.parametrize("piece", PIECES)
def test_a_piece_renders_to_the_same_bytes_in_one_process_and_in_two(
    piece: str, tmp_path: Path, elsewhere: Path
) -> None:
    first, second = tmp_path / "first.npy", tmp_path / "second.npy"
    for out in (first, second):
        render(piece, "--venue", "imal_minimal", "--frames", str(FRAMES), "-o", out)
    assert first.read_bytes() == second.read_bytes() == (elsewhere / f"{piece}.npy").read_bytes()
    light = np.load(first)
    assert light.dtype == np.float32
    assert light.shape == (FRAMES, 18, 3)
    assert np.isfinite(light).all()
    assert light.max() > 0.02, "a piece that shows nothing"
    assert not np.array_equal(light[0], light[-1]), "a piece that does not move"


def test_the_show_renders_the_same_bytes_too(tmp_path: Path) -> None:
    outs = [tmp_path / "a.npy", tmp_path / "b.npy"]
    for out in outs:
        render("first_light", "--seconds", "1", "--rate", "20", "-o", out)
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert np.load(outs[0]).shape == (20, 18, 3)


@pytest.mark.parametrize(
    ("view", "options", "shape", "dtype"),
    [
        ("pixels", (), (4, 18, 3), np.float32),
        ("sent", (), (4, 18, 3), np.uint8),
        ("canvas", ("--size", "64x48"), (4, 48, 64, 3), np.uint8),
        ("street", ("--size", "160x90"), (4, 90, 160, 3), np.uint8),
    ],
)
def test_a_view_has_its_documented_type_and_shape(
    view: str, options: tuple[str, ...], shape: tuple[int, ...], dtype: type, tmp_path: Path
) -> None:
    out = tmp_path / "view.npy"
    render("ember", "--frames", "4", "--view", view, *options, "-o", out)
    found = np.load(out)
    assert found.shape == shape
    assert found.dtype == dtype
    assert found.max() > 0
    again = tmp_path / "again.npy"
    render("ember", "--frames", "4", "--view", view, *options, "-o", again)
    assert again.read_bytes() == out.read_bytes()


def test_what_was_sent_is_the_light_within_the_steps_of_the_device(tmp_path: Path) -> None:
    pixels, sent = tmp_path / "pixels.npy", tmp_path / "sent.npy"
    for out, view in ((pixels, "pixels"), (sent, "sent")):
        render("ember", "--frames", "40", "--view", view, "-o", out)
    # rgb_spot_dmx is gamma 2.2; dithering moves a level by one.
    ideal = 255.0 * np.clip(np.load(pixels), 0.0, 1.0) ** (1 / 2.2)
    assert np.abs(np.load(sent) - ideal).max() <= 1.01


def test_a_venue_of_mixed_fixtures_sends_as_many_bytes_a_pixel_as_its_widest_has(tmp_path: Path) -> None:
    out = tmp_path / "willow.npy"
    render("ember", "--venue", "willow_house", "--frames", "2", "--view", "sent", "-o", out)
    found = np.load(out)
    pixels, _ = load("willow_house")
    widths = np.diff(pixels.offset)
    assert len(set(widths)) > 1
    assert found.shape == (2, pixels.n_pixels, widths.max())
    # What a narrower pixel does not have is zero.
    assert not found[:, widths == widths.min(), widths.min() :].any()
    assert found[:, widths == widths.max(), -2].any()


def test_a_png_of_one_frame_is_that_frame(tmp_path: Path) -> None:
    render("tide", "--view", "canvas", "--size", "96x54", "-o", tmp_path / "a.png")
    render("tide", "--view", "canvas", "--size", "96x54", "-o", tmp_path / "a.npy")
    with Image.open(tmp_path / "a.png") as picture:
        assert np.array_equal(np.asarray(picture.convert("RGB")), np.load(tmp_path / "a.npy")[0])


def test_a_png_of_many_frames_is_a_contact_sheet(tmp_path: Path) -> None:
    render("tide", "--view", "canvas", "--size", "64x36", "--frames", "40", "-o", tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (4 * 64 + 3 * 4, 3 * 36 + 2 * 4)


@pytest.mark.parametrize(("rate", "kept", "duration_ms"), [(20, 12, 50), (100, 6, 20)])
def test_a_gif_has_every_frame_that_a_browser_can_show(rate: int, kept: int, duration_ms: int, tmp_path: Path) -> None:
    out = tmp_path / "a.gif"
    render("mosaic", "--view", "canvas", "--size", "64x36", "--frames", "12", "--rate", str(rate), "-o", out)
    with Image.open(out) as picture:
        assert picture.format == "GIF"
        assert picture.size == (64, 36)
        assert getattr(picture, "n_frames", 1) == kept
        assert picture.info["loop"] == 0
        assert picture.info["duration"] == duration_ms


def test_an_mp4_has_every_frame_at_its_rate(tmp_path: Path) -> None:
    out = tmp_path / "a.mp4"
    render("aurora", "--view", "street", "--size", "161x91", "--seconds", "0.5", "--rate", "40", "-o", out)
    with av.open(str(out)) as film:
        stream = film.streams.video[0]
        assert stream.average_rate == 40
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
    assert len(frames) == 20
    assert frames[0].shape == (90, 160, 3)
    assert frames[0].max() > 60


def test_the_street_at_night_is_brighter_where_windows_are_lit(tmp_path: Path) -> None:
    lit, dark = tmp_path / "lit.npy", tmp_path / "dark.npy"
    render("ember", "--frames", "3", "--view", "street", "--size", "160x90", "-o", lit)
    folder = tmp_path / "nothing"
    folder.mkdir()
    (folder / "piece.toml").write_text('schema = 1\ntitle = "Nothing"\ndomain = "pixel"\n')
    (folder / "main.frag").write_text("vec4 piece(vec2 uv) { return vec4(0.0, 0.0, 0.0, 1.0); }\n")
    render(folder, "--frames", "3", "--view", "street", "--size", "160x90", "-o", dark)
    assert np.load(lit)[-1].astype(float).mean() > np.load(dark)[-1].astype(float).mean() + 1.0
