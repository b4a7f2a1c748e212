"""Cells do not touch one another, canvases remember, and a machine without GL says what to install."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from facade.core.errors import MachineError
from facade.gpu.context import GpuContext
from facade.gpu.program import GlProgram
from facade.gpu.readback import Readback
from facade.gpu.targets import Canvas, LayerCells, MixTarget
from tests.support.gl import count_objects

FILL = "#version 330 core\nuniform vec4 value;\nout vec4 o;\nvoid main() { o = value; }\n"


@pytest.mark.parametrize(
    ("count", "size"), [(1, (3, 2)), (5, (7, 3)), (40, (1024, 27)), (9, (1920, 1080)), (3, (1, 1))]
)
def test_cells_never_overlap(gpu: GpuContext, count: int, size: tuple[int, int]) -> None:
    cells = LayerCells(gpu, size, count=count)
    corners = [cells.corner(i) for i in range(count)]
    assert len(set(corners)) == count
    for x, y in corners:
        assert x % size[0] == 0
        assert y % size[1] == 0
        assert x + size[0] <= cells.texture.size[0]
        assert y + size[1] <= cells.texture.size[1]
    cells.release()


def test_drawing_into_one_cell_leaves_the_others(gpu: GpuContext) -> None:
    gpu.begin()
    cells = LayerCells(gpu, (8, 4), count=3)
    fill = GlProgram(gpu, FILL)
    for cell in range(3):
        cells.use(cell)
        fill.set("value", (float(cell + 1), 0.0, 0.0, 1.0))
        fill.draw()
    cells.use(1, clear=True)
    pixels = np.frombuffer(cells.texture.read(), dtype=np.float16).reshape(12, 8, 4)
    assert [set(pixels[cells.corner(i)[1] :][:4, :, 0].ravel()) for i in range(3)] == [{1.0}, {0.0}, {3.0}]
    fill.release()
    cells.release()


def test_more_than_the_gpu_can_hold_is_refused(gpu: GpuContext) -> None:
    with pytest.raises(MachineError, match="Use a smaller canvas"):
        LayerCells(gpu, (gpu.max_size_px, gpu.max_size_px), count=2)


def test_a_canvas_with_feedback_shows_the_old_picture_while_the_new_one_is_drawn(gpu: GpuContext) -> None:
    canvas = Canvas(gpu, (4, 4), feedback=True)
    fill = GlProgram(gpu, FILL)
    seen = []
    for value in (1.0, 2.0):
        canvas.begin(clear=False)
        seen.append(np.frombuffer(canvas.front.read(), dtype=np.float16)[0])
        fill.set("value", (value, 0.0, 0.0, 1.0))
        fill.draw()
        canvas.end()
    seen.append(np.frombuffer(canvas.front.read(), dtype=np.float16)[0])
    assert seen == [0.0, 1.0, 2.0]
    fill.release()
    canvas.release()


def test_reading_back_gives_rows_from_the_bottom_in_one_array(gpu: GpuContext) -> None:
    target = MixTarget(gpu, (4, 3))
    rows = GlProgram(gpu, "#version 330 core\nout vec4 o;\nvoid main() { o = vec4(gl_FragCoord.xy, 7.0, 1.0); }\n")
    target.use()
    rows.draw()
    readback = Readback(gpu, (4, 3), count=10)
    first = readback.read(target)
    assert first.shape == (10, 3)
    assert first[5].tolist() == [1.5, 1.5, 7.0]
    assert readback.read(target) is first
    rows.release()
    target.release()


def test_released_things_are_gone(gpu: GpuContext) -> None:
    before = count_objects(gpu)
    for thing in (Canvas(gpu, (4, 4), feedback=True), LayerCells(gpu, (4, 4), count=3), MixTarget(gpu, (4, 4))):
        thing.release()
    program = GlProgram(gpu, FILL)
    assert count_objects(gpu) != before
    program.release()
    assert count_objects(gpu) == before


def test_setting_a_uniform_the_driver_dropped_is_no_error(gpu: GpuContext) -> None:
    program = GlProgram(gpu, FILL)
    program.set("nothing_like_it", 1.0)
    assert "nothing_like_it" not in program
    assert "value" in program
    program.release()


def test_a_machine_without_gl_is_told_what_to_install() -> None:
    script = (
        "from facade.core.errors import MachineError\nfrom facade.gpu.context import GpuContext\n"
        "try:\n    GpuContext.standalone()\nexcept MachineError as error:\n    print(error)\n"
    )
    env = {**os.environ, "GLCONTEXT_LINUX_LIBEGL": "libnothing_of_this_name.so"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert "apt-get install" in done.stdout, done.stderr
