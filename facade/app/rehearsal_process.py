"""The rehearsal process: it compiles and draws pieces off air, so that nothing a shader does then can reach a frame.

One line with a slug comes in, one answer goes out. What the driver has compiled here lies in its cache on disk, where
the render process finds it. A shader that hangs or crashes the driver takes only this process with it; it is replaced.
"""

from __future__ import annotations

import contextlib
import os
import socket

from facade.app.process import ProcessLinks, child_main
from facade.app.rehearsals import Answer, framed
from facade.core import places
from facade.core.errors import FacadeError, PieceError
from facade.gpu.context import GpuContext
from facade.stage.stage import Stage

_NICENESS = 10
"""Frames on air go first: on two cores a compile beside a show costs it nothing that can be measured."""


def run(links: ProcessLinks) -> None:
    """Rehearse what is asked for until the render process goes or ends us."""
    end = socket.socket(fileno=links.options.fds["rehearse"])
    end.setblocking(True)
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    plan = links.plan
    gpu = GpuContext.standalone(cache=places.shader_cache())
    stage = Stage(gpu, plan.pixels, plan.library(), budget_ms=None, picture_px=links.picture_px)
    stage.lay_out(plan.show.cue.values(), helpers=plan.helpers, fallbacks=plan.fallbacks)
    end.sendall(framed(Answer("")))
    with end.makefile("r", encoding="utf-8") as asked:
        for line in asked:
            end.sendall(framed(_rehearse(stage, line.strip())))


def _rehearse(stage: Stage, slug: str) -> Answer:
    try:
        return Answer(slug, rehearsal=stage.rehearse(slug))
    except PieceError as error:
        return Answer(slug, problem=str(error), file=error.file, line=error.line)
    except FacadeError as error:
        return Answer(slug, problem=str(error))


if __name__ == "__main__":
    child_main(run)
