"""Hundreds of edits and cue changes: nothing is left over on the GPU, and once warm nothing new is made there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import moderngl
import pytest

from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.show.look import Look
from facade.stage.stage import Stage
from tests.support.gl import count_objects, cue, look, pixel_grid, snapshot, write_piece

TIMES = 500
PIECES = 300
CUE_S = 0.2
"""Between two cues, as fast as anybody presses."""

FLAT = "vec4 piece(vec2 uv) { return vec4(uv, 0.5, 1.0); }\n"
TRAILS = "vec4 piece(vec2 uv) { return 0.5 * texture(u_previous, uv) + vec4(0.25); }\n"
PASSES = """/*{ "ISFVSN": "2", "PASSES": [ {"TARGET": "kept", "PERSISTENT": true, "FLOAT": true}, {} ] }*/
void main() { gl_FragColor = IMG_NORM_PIXEL(kept, isf_FragNormCoord) + 0.1; }
"""
MOST_KIB = 4096
MADE_ON_THE_GPU = ("texture", "framebuffer", "buffer", "program", "vertex_array")


@pytest.fixture
def pieces(tmp_path: Path) -> Path:
    """Three pieces: one per LED, one that remembers, one of two passes."""
    write_piece(tmp_path, "flat", FLAT)
    write_piece(tmp_path, "trails", TRAILS)
    (tmp_path / "passes").mkdir()
    (tmp_path / "passes" / "passes.fs").write_text(PASSES)
    return tmp_path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Everything that is made on the GPU, counted by its kind."""
    counted: Counter[str] = Counter()
    for kind in MADE_ON_THE_GPU:
        original = getattr(moderngl.Context, kind)

        def make(self: object, *args: object, _kind: str = kind, _original: object = original, **settings: object):
            counted[_kind] += 1
            return _original(self, *args, **settings)  # type: ignore[operator]

        monkeypatch.setattr(moderngl.Context, kind, make)
    return counted


def changes(slugs: list[str], *, count: int) -> Iterator[tuple[Tick, Look]]:
    """Yield three frames of each cue: two of the crossfade from the one before, one alone."""
    frame = 0
    for n in range(count):
        for share in (0.3, 0.7, 1.0):
            tick = Tick(frame, frame / 60, 1 / 60)
            new = cue(slugs[n % len(slugs)], name=f"c{n}", weight=share, started_at_s=n * CUE_S)
            if share < 1.0:
                old = cue(slugs[(n - 1) % len(slugs)], name=f"c{n - 1}", weight=1 - share, started_at_s=(n - 1) * CUE_S)
                yield tick, Look((old, new))
            else:
                yield tick, Look((new,))
            frame += 1


def resident_kib() -> int:
    """Return what this process has in memory; 0 where the system does not say."""
    file = Path("/proc/self/status")
    found = re.search(r"VmRSS:\s+(\d+) kB", file.read_text()) if file.exists() else None
    return 0 if found is None else int(found[1])


def play(stage: Stage, slugs: list[str], *, count: int, watched_px: tuple[int, int] | None = None) -> None:
    for tick, shown in changes(slugs, count=count):
        stage.frame(tick, shown, snapshot())
        if watched_px is not None:
            stage.canvas(size_px=watched_px)


def test_five_hundred_reloads_leave_nothing_behind(gpu: GpuContext, pieces: Path) -> None:
    stage = Stage(gpu, pixel_grid(4, 3), PieceLibrary([pieces]), budget_ms=None)
    slugs = ["flat", "trails", "passes"]
    stage.prepare(slugs)
    shown = look(*slugs)
    stage.frame(Tick(0, 0.0, 1 / 60), shown, snapshot())
    for slug in slugs:
        stage.reload(slug)
    before = count_objects(gpu)
    warm_kib = 0
    for n in range(TIMES):
        assert stage.reload(slugs[n % 3]) is None
        if n % 10 == 0:
            stage.frame(Tick(n, n / 60, 1 / 60), shown, snapshot())
        if n == TIMES // 3:
            warm_kib = resident_kib()
    assert count_objects(gpu) == before
    # Half a megabyte was seen; a program that is kept takes 30 KiB, and so 10 MB by now.
    assert resident_kib() - warm_kib < MOST_KIB
    stage.release()


def test_five_hundred_cue_changes_leave_nothing_behind(gpu: GpuContext, pieces: Path) -> None:
    nothing = count_objects(gpu)
    stage = Stage(gpu, pixel_grid(4, 3), PieceLibrary([pieces]), budget_ms=None)
    slugs = ["flat", "trails", "passes"]
    stage.prepare(slugs)
    play(stage, slugs, count=6)
    before = count_objects(gpu)
    play(stage, slugs, count=TIMES)
    assert count_objects(gpu) == before
    stage.release()
    assert count_objects(gpu) == nothing


def test_five_hundred_rehearsals_leave_nothing_behind(gpu: GpuContext, pieces: Path) -> None:
    # What the process that tries edits off air does, for as long as somebody works on a piece.
    stage = Stage(gpu, pixel_grid(4, 3), PieceLibrary([pieces]), budget_ms=None, picture_px=(16, 12))
    slugs = ["flat", "trails", "passes"]
    for slug in slugs:
        stage.rehearse(slug)
    before = count_objects(gpu)
    warm_kib = 0
    for n in range(TIMES):
        if n % 10 == 0:
            write_piece(pieces, "flat", FLAT.replace("0.5", f"0.{n + 1}"))
        assert stage.rehearse(slugs[n % 3]).cost_ms > 0.0
        if n == TIMES // 3:
            warm_kib = resident_kib()
    assert count_objects(gpu) == before
    assert resident_kib() - warm_kib < MOST_KIB
    stage.release()


def test_switching_among_three_hundred_warm_pieces_makes_nothing_on_the_gpu(
    gpu: GpuContext, tmp_path: Path, made: Counter[str]
) -> None:
    kinds = (FLAT, TRAILS)
    slugs = [f"p{n}" for n in range(PIECES)]
    for n, slug in enumerate(slugs):
        # The same text under many names: each is compiled by itself, and the driver is quick about it.
        write_piece(tmp_path, slug, kinds[n % 2])
    stage = Stage(gpu, pixel_grid(4, 3), PieceLibrary([tmp_path]), budget_ms=None)
    stage.prepare(slugs)
    play(stage, slugs, count=4)
    assert made["program"] >= PIECES, "the count sees what it is to see"
    made.clear()
    play(stage, slugs, count=PIECES)
    assert made == {}
    stage.release()


def test_a_canvas_that_is_watched_while_cues_change_makes_nothing_on_the_gpu(
    gpu: GpuContext, pieces: Path, made: Counter[str]
) -> None:
    window_px, slugs = (24, 18), ["flat", "trails", "passes"]
    stage = Stage(gpu, pixel_grid(4, 3), PieceLibrary([pieces]), budget_ms=None, picture_px=window_px)
    stage.warm()
    stage.prepare(slugs)
    stage.frame(Tick(0, 0.0, 1 / 60), look(*slugs), snapshot())
    made.clear()
    play(stage, slugs, count=12, watched_px=window_px)
    assert made == {}
    stage.release()
