"""For tests that draw: venues made of nothing but pixels, looks, snapshots, and a count of what lives on the GPU."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from facade.config.piece import Value
from facade.config.show import Layer
from facade.config.venue import Fixture, Surface, Venue, VenueController, VenueFacts
from facade.control.snapshot import ControlSnapshot
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.mapping.model import PixelMap
from facade.show.look import CueLook, LayerLook, Look


@pytest.fixture(scope="module", name="gpu")
def one_gpu() -> Iterator[GpuContext]:
    """One context for the tests of a module; modules do not share it, because only one is current at a time."""
    with GpuContext.standalone() as gpu:
        yield gpu


def snapshot(values: Mapping[tuple[str, int], Mapping[str, Value]] | None = None, *, frame: int = 0) -> ControlSnapshot:
    """Return control values by layer key; none if absent."""
    return ControlSnapshot(frame, values or {})


def pixel_grid(
    columns: int,
    rows: int,
    *,
    pitch_m: tuple[float, float] = (1.0, 1.0),
    lit_m: tuple[float, float] | None = None,
    canvas_px: tuple[int, int] | None = None,
    mask: np.ndarray | None = None,
) -> PixelMap:
    """Return a flat grid of pixels, bottom row first. mask: bool (rows, columns), bottom row first, True is kept."""
    size = (columns * pitch_m[0], rows * pitch_m[1])
    x, y = np.meshgrid((np.arange(columns) + 0.5) * pitch_m[0], (np.arange(rows) + 0.5) * pitch_m[1])
    keep = np.ones((rows, columns), dtype=bool) if mask is None else mask
    x, y = x[keep], y[keep]
    count = len(x)
    venue = Venue(
        venue=VenueFacts(id="grid", name="Grid"),
        surface={"front": Surface(size_m=size)},
        controller={"node": VenueController(profile="none", host="127.0.0.1")},
        fixture={"grid": Fixture(profile="none", surface="front", shape="grid")},
    )
    zeros = np.zeros(count, dtype=np.int32)
    return PixelMap(
        venue=venue,
        position_m=np.column_stack((x, y, np.zeros(count))).astype(np.float32),
        uv=np.column_stack((x / size[0], y / size[1])).astype(np.float32),
        size_m=np.tile(np.array(lit_m or pitch_m, dtype=np.float32), (count, 1)),
        pitch_m=np.tile(np.array(pitch_m, dtype=np.float32), (count, 1)),
        fixture=zeros,
        profile=zeros,
        surface=zeros,
        power=zeros - 1,
        offset=np.arange(count + 1, dtype=np.int32) * 3,
        fixtures=("grid",),
        profiles=(),
        surfaces=(("front", venue.surface["front"]),),
        power_amps=(),
        bounds_m=(0.0, 0.0, *size),
        canvas_px=canvas_px or (columns, rows),
    )


def windows() -> PixelMap:
    """18 large windows, 6 x 3."""
    return pixel_grid(6, 3, pitch_m=(2.0, 2.0), lit_m=(1.2, 1.6), canvas_px=(192, 96))


def stepped_wall() -> PixelMap:
    """26,688 LEDs: 192 x 157 with a stepped top."""
    keep = np.zeros((157, 192), dtype=bool)
    keep[:125] = True
    keep[125:141, :120] = True
    keep[141:, :48] = True
    return pixel_grid(192, 157, pitch_m=(14.5 / 192, 9.4 / 157), mask=keep)


def look(
    *layers: Layer | str, name: str = "cue", weight: float = 1.0, started_at_s: float = 0.0, seed: int = 1
) -> Look:
    """Return a look of one cue."""
    return Look((cue(*layers, name=name, weight=weight, started_at_s=started_at_s, seed=seed),))


def cue(
    *layers: Layer | str, name: str = "cue", weight: float = 1.0, started_at_s: float = 0.0, seed: int = 1
) -> CueLook:
    given = [Layer(piece=layer) if isinstance(layer, str) else layer for layer in layers]
    looks = tuple(LayerLook(key=(name, i), layer=layer, seed=seed + i) for i, layer in enumerate(given))
    return CueLook(name=name, weight=weight, started_at_s=started_at_s, layers=looks)


def ticks(count: int, *, rate_hz: float = 60.0, start: int = 0) -> Iterable[Tick]:
    for frame in range(start, start + count):
        yield Tick(frame=frame, time_s=frame / rate_hz, delta_s=1.0 / rate_hz)


def write_piece(
    folder: Path, slug: str, shader: str, *, manifest: str = "", files: Mapping[str, str] | None = None
) -> Path:
    """Write a piece to folder/slug and return that folder. manifest: TOML after schema and title."""
    piece = folder / slug
    piece.mkdir(parents=True, exist_ok=True)
    (piece / "piece.toml").write_text(f'schema = 1\ntitle = "{slug}"\n{manifest}', encoding="utf-8")
    (piece / "main.frag").write_text(shader, encoding="utf-8")
    for name, text in (files or {}).items():
        (piece / name).parent.mkdir(parents=True, exist_ok=True)
        (piece / name).write_text(text, encoding="utf-8")
    return piece


def count_objects(gpu: GpuContext, *, names: int = 4096) -> dict[str, int]:
    """Return how many programs, shaders, textures, framebuffers, vertex arrays and buffers are alive."""
    load = gpu.gl.mglo._context.load_opengl_function
    counts: dict[str, int] = {}
    for kind in ("Program", "Shader", "Texture", "Framebuffer", "VertexArray", "Buffer"):
        alive = ctypes.CFUNCTYPE(ctypes.c_ubyte, ctypes.c_uint)(load(f"glIs{kind}"))
        counts[kind] = sum(1 for name in range(1, names) if alive(name))
    return counts
