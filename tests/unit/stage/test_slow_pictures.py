"""A picture that was saved anew is decoded while the show goes on: frames are drawn, the old one stays until then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facade.core.errors import PieceError
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.gpu.textures import byte_texture, write_in_strips
from facade.media import reading
from facade.media.footage import Frame
from facade.media.still import read_still
from facade.pieces.library import PieceLibrary
from facade.stage import cubes, pictures, ready
from facade.stage.cast import Rehearsal
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, write_piece

FRAMES = 40
ISF = """/*{ "ISFVSN": "2", "IMPORTED": {"sea": {"PATH": "sea.png"}} }*/
void main() { gl_FragColor = IMG_NORM_PIXEL(sea, vec2(0.5)); }
"""
CUBE = "void mainImage(out vec4 c, in vec2 p) { c = texture(iChannel0, vec3(1.0, 0.1, 0.1)); }\n"
TABLE = "vec4 piece(vec2 uv) { return vec4(texture(table, vec2(0.5)).r, 0.0, 0.0, 1.0); }\n"
FACES = [f"sky_{n}.png" for n in range(6)]


class Slow:
    """A reader that takes until it is let go, and then answers or fails."""

    def __init__(self, read: Callable[..., Frame]) -> None:
        self.go = threading.Event()
        self.problem = ""
        self._read = read

    def __call__(self, file: Path, **settings: object) -> Frame:
        # A caller that waits for it waits for ever, but for this.
        assert self.go.wait(5.0), "nobody drew a frame while it was read"
        if self.problem:
            raise PieceError(self.problem, file=file)
        return self._read(file, **settings)


def paint(file: Path, *colour: int) -> None:
    Image.new("RGB", (8, 8), colour).save(file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "shown.fs").write_text(ISF)
    paint(tmp_path / "shown" / "sea.png", 255, 0, 0)
    (tmp_path / "cube").mkdir()
    write_piece(tmp_path, "fed", TABLE, manifest='[data.table]\nfile = "a.csv"\ncolumns = ["a"]\n')
    (tmp_path / "fed" / "a.csv").write_text("a\n1.0\n")
    return tmp_path


@pytest.fixture
def stage(gpu: GpuContext, folder: Path) -> Iterator[Stage]:
    stage = Stage(gpu, pixel_grid(4, 3), PieceLibrary([folder]), budget_ms=None)
    assert set(stage.prepare(["shown", "fed"]).values()) == {None}
    yield stage
    stage.release()


class Show:
    """Frames of one piece, and what is taken over between them: one step a frame, as the render process does."""

    def __init__(self, stage: Stage, slug: str) -> None:
        self._stage = stage
        self._slug = slug
        self._frame = 0

    def frames(self, count: int, steps: Iterator[None] | None = None) -> NDArray[np.float32]:
        """Draw so many. Returns the light of each frame's first LED, (count, 3)."""
        lights = []
        for _ in range(count):
            if steps is not None:
                next(steps, None)
            tick = Tick(self._frame, self._frame / 60, 1 / 60)
            lights.append(self._stage.frame(tick, look(self._slug), snapshot())[0].copy())
            self._frame += 1
        return np.array(lights)


def rehearsed(stage: Stage, slug: str) -> Rehearsal:
    """Return what another process would say of a piece that is on."""
    rehearsal = stage.rehearse(slug)
    assert stage.prepare([slug]) == {slug: None}
    return rehearsal


def slowly(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> Slow:
    slow = Slow(getattr(module, name))
    monkeypatch.setattr(module, name, slow)
    return slow


def test_frames_are_drawn_with_the_old_picture_until_the_new_one_has_been_decoded(
    stage: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = Show(stage, "shown")
    rehearsal = rehearsed(stage, "shown")
    assert show.frames(1)[0].tolist() == [1.0, 0.0, 0.0]
    paint(folder / "shown" / "sea.png", 0, 0, 255)
    slow = slowly(monkeypatch, pictures, "read_still")
    steps = stage.admit(rehearsal)
    assert (show.frames(FRAMES, steps) == (1.0, 0.0, 0.0)).all()
    slow.go.set()
    for _ in steps:
        pass
    assert show.frames(1)[0].tolist() == [0.0, 0.0, 1.0]
    assert stage.faults == {}


def test_a_picture_that_turns_out_to_be_broken_leaves_the_old_one_on(
    stage: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = Show(stage, "shown")
    rehearsal = rehearsed(stage, "shown")
    slow = slowly(monkeypatch, pictures, "read_still")
    slow.problem = "sea.png is no picture that can be read (it ends early). Save it anew."
    steps = stage.admit(rehearsal)
    show.frames(FRAMES, steps)
    slow.go.set()
    for _ in steps:
        pass
    assert (show.frames(3) == (1.0, 0.0, 0.0)).all()
    assert "sea.png is no picture" in stage.faults["shown"]


def test_a_table_is_read_while_frames_are_drawn(stage: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsal = rehearsed(stage, "fed")
    slow = slowly(monkeypatch, ready, "read_table")
    steps = stage.admit(rehearsal)
    assert (Show(stage, "fed").frames(FRAMES, steps)[:, 0] == 1.0).all()
    slow.go.set()
    for _ in steps:
        pass
    assert stage.faults == {}


def test_faces_of_a_cube_are_decoded_while_others_go_on(
    gpu: GpuContext, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in FACES:
        paint(folder / name, 0, 255, 0)
    slow = slowly(monkeypatch, cubes, "read_still")
    steps = cubes.load_cube(gpu, [folder / name for name in FACES])
    for _ in range(FRAMES):
        next(steps)
    slow.go.set()
    cube = None
    while cube is None:
        try:
            next(steps)
        except StopIteration as end:
            cube = end.value
    assert cube.read(5)[:4] == bytes((0, 255, 0, 255))
    cube.release()


def test_what_is_never_read_is_given_up_and_named(stage: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsal = rehearsed(stage, "shown")
    slow = slowly(monkeypatch, pictures, "read_still")
    monkeypatch.setattr(reading, "GLANCES", 20)
    for _ in stage.admit(rehearsal):
        pass
    slow.go.set()
    assert "sea.png could not be read in time" in stage.faults["shown"]
    assert (Show(stage, "shown").frames(3) == (1.0, 0.0, 0.0)).all()


def test_a_large_picture_is_handed_over_in_strips_and_is_the_same(gpu: GpuContext, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1500, 1001, 4), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    frame = read_still(tmp_path / "noise.png", limit_px=4096)
    texture = byte_texture(gpu, (1001, 1500))
    steps = sum(1 for _ in write_in_strips(texture, frame))
    assert steps == 2
    assert texture.read(alignment=1) == frame.tobytes()
    texture.release()
