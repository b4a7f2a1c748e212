"""Same tick, same look, same values: the same bytes, in this process and in any other, and no growing memory."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from facade.core import places
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.show.look import Look
from facade.stage.stage import Stage
from tests.support.gl import cue, look, snapshot, stepped_wall, ticks, windows

ROOT = Path(__file__).resolve().parents[3]


def evening() -> str:
    """Render a short crossfade of two shipped pieces on their own context and return a digest of every frame."""
    digest = hashlib.sha256()
    with GpuContext.standalone() as gpu:
        stage = Stage(gpu, windows(), PieceLibrary([places.pieces()]), budget_ms=None)
        stage.prepare(["wake", "ember"])
        for i, tick in enumerate(ticks(20)):
            shown = Look((cue("wake", name="a", weight=1 - i / 20), cue("ember", name="b", weight=i / 20)))
            digest.update(stage.frame(tick, shown, snapshot()).tobytes())
        digest.update(stage.canvas().tobytes())
        stage.release()
    return digest.hexdigest()


def test_two_contexts_and_two_processes_give_the_same_bytes() -> None:
    script = "from tests.unit.stage.test_determinism import evening; print(evening())"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=90, check=True
    )
    assert evening() == evening() == done.stdout.strip()


def test_the_size_of_the_driver_pool_changes_nothing() -> None:
    script = "from tests.unit.stage.test_determinism import evening; print(evening())"
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=90,
            check=True,
            env={"LP_NUM_THREADS": threads, "PATH": ""},
        ).stdout
        for threads in ("0", "1", "4")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("slug", ["ember", "wake"])
def test_a_frame_allocates_nothing_that_grows_with_the_pixels(slug: str) -> None:
    with GpuContext.standalone() as gpu:
        stage = Stage(gpu, stepped_wall(), PieceLibrary([places.pieces()]), budget_ms=None, canvas_px=(192, 157))
        times = list(ticks(12))
        for tick in times[:4]:
            first = stage.frame(tick, look(slug), snapshot())
        tracemalloc.start()
        for tick in times[4:]:
            assert stage.frame(tick, look(slug), snapshot()) is first
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        stage.release()
    assert peak < 64_000
