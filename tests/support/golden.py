"""Pictures the pieces must look like. Judged only on the software rasteriser, two steps a channel apart at most."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facade.core import places
from facade.core.color import linear_to_srgb8
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.mapping.model import PixelMap
from facade.pieces.dialects import piece_program
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, windows

FOLDER = Path(__file__).resolve().parents[1] / "golden"
RATE_HZ = 30.0
AT_S = 6.0
"""The moment that is kept. A piece that feeds on its past is drawn from the start up to it."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One kept picture: a piece, as a preset has it or as it is, on one of the walls."""

    piece: str
    wall: str
    preset: str | None = None

    @property
    def name(self) -> str:
        return f"{self.piece}{'' if self.preset is None else '-' + self.preset}-{self.wall}"


def walls() -> dict[str, PixelMap]:
    """160 x 100 LEDs, and 18 windows."""
    return {"wall": pixel_grid(160, 100, pitch_m=(0.09, 0.09), lit_m=(0.05, 0.05)), "windows": windows()}


def scenes() -> tuple[Scene, ...]:
    """Every shipped piece on both walls, and each of its presets on the fine one."""
    library = PieceLibrary([places.pieces()])
    found = []
    for name in library.names():
        found += [Scene(name, "wall"), Scene(name, "windows")]
        found += [Scene(name, "wall", preset) for preset in library.get(name).presets]
    return tuple(found)


def render(gpu: GpuContext, scene: Scene) -> NDArray[np.uint8]:
    """Draw a scene as a picture, uint8 sRGB (rows, columns, 3), top row first, one picture pixel an LED."""
    pixels = walls()[scene.wall]
    library = PieceLibrary([places.pieces()])
    stage = Stage(gpu, pixels, library, budget_ms=None)
    errors = stage.prepare([scene.piece])
    assert errors == {scene.piece: None}
    preset = {} if scene.preset is None else library.get(scene.piece).presets[scene.preset]
    rgb = np.zeros((pixels.n_pixels, 3), dtype=np.float32)
    last = round(AT_S * RATE_HZ)
    program = piece_program(library.get(scene.piece), include_paths=library.include_paths)
    remembers = program.reads_previous or program.targets or program.behaviour is not None
    for frame in range(0 if remembers else last, last + 1):
        tick = Tick(frame, frame / RATE_HZ, 1 / RATE_HZ)
        rgb = stage.frame(tick, look(scene.piece), snapshot({("cue", 0): preset}))
    picture = linear_to_srgb8(rgb).reshape((3, 6, 3) if scene.wall == "windows" else (100, 160, 3))[::-1]
    stage.release()
    return picture


def path_of(scene: Scene) -> Path:
    return FOLDER / f"{scene.name}.png"


def save(picture: NDArray[np.uint8], path: Path) -> None:
    Image.fromarray(np.ascontiguousarray(picture)).save(path, optimize=True)


def compare(
    picture: NDArray[np.uint8], scene: Scene, *, report: Path, max_step: int = 2, allow_outside: float = 0.001
) -> None:
    """Raise AssertionError if more than allow_outside of the pixels differ by more than max_step in any channel.

    On failure expected, actual and the amplified difference are written into report.
    """
    with Image.open(path_of(scene)) as image:
        wanted = np.asarray(image.convert("RGB"))
    assert picture.shape == wanted.shape, f"{scene.name}: {picture.shape} instead of {wanted.shape}"
    difference = np.abs(picture.astype(np.int16) - wanted.astype(np.int16))
    outside = float((difference.max(axis=2) > max_step).mean())
    if outside <= allow_outside:
        return
    report.mkdir(parents=True, exist_ok=True)
    save(wanted, report / f"{scene.name}-expected.png")
    save(picture, report / f"{scene.name}-actual.png")
    save(np.clip(difference * 16, 0, 255).astype(np.uint8), report / f"{scene.name}-difference.png")
    raise AssertionError(
        f"{scene.name}: {outside:.2%} of the pixels differ by more than {max_step} steps (largest {difference.max()}). "
        f"See {report}. If it is meant: tools/regenerate_goldens.py, look at it, say why in the commit."
    )
