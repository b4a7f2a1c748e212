"""A show whose pieces are rehearsed in the real process and taken over by a renderer here, frame by frame."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from facade.app.plan import make_plan, seal
from facade.app.process import Options
from facade.app.rehearsals import LIMIT_S, Answer, Rehearsals
from facade.app.renderer import Renderer
from facade.control.events import ControlEvent
from facade.core.clock import StepClock
from facade.core.errors import FacadeError
from facade.core.frame import Rgb, tick_at
from facade.gpu.context import GpuContext

RATE_HZ = 60.0
_PATIENCE_S = 60.0


class RehearsedShow:
    """What the render process is, without its loop: time passes by ``frames`` only. Use it in a with block.

    rate_hz: of its frames, that is, how far each of them goes. limit_s: for rehearsing one piece.
    """

    def __init__(
        self, show: Path | str, venue: str, gpu: GpuContext, *, rate_hz: float = RATE_HZ, limit_s: float = LIMIT_S
    ) -> None:
        self.plan = plan = make_plan(str(show), venue)
        self._rate_hz = rate_hz
        self.renderer = Renderer(plan, gpu, StepClock(), budget_ms=None)
        self.renderer.stage.lay_out(plan.show.cue.values(), helpers=plan.helpers, fallbacks=plan.fallbacks)
        self.renderer.stage.warm()
        self._plan_fd = seal(plan)
        options = Options(epoch=0.0, rate_hz=RATE_HZ, parent=os.getpid(), fds={"plan": self._plan_fd})
        self._rehearsals = Rehearsals(options, shaders=plan.shaders, limit_s=limit_s)
        self._rehearsals.start(time.monotonic())
        self._frame = self._seq = 0

    def __enter__(self) -> RehearsedShow:
        return self

    def __exit__(self, *reason: object) -> None:
        self._rehearsals.close()
        os.close(self._plan_fd)
        self.renderer.stage.release()

    def rehearse(self, *slugs: str, between: Callable[[], object] = lambda: None) -> dict[str, FacadeError | None]:
        """Have pieces rehearsed and taken over. Returns slug -> why the last good one stays, None if it does not.

        between: is called again and again until then.
        """
        self.renderer.stage.roster.expect(slugs)
        self._rehearsals.want(slugs)
        found: dict[str, FacadeError | None] = {}
        end = time.monotonic() + _PATIENCE_S
        while len(found) < len(slugs) and time.monotonic() < end:
            for answer in self._rehearsals.step(time.monotonic()):
                found[answer.slug] = self._admitted(answer)
            between()
            time.sleep(0.002)
        assert set(found) == set(slugs)
        return found

    def _admitted(self, answer: Answer) -> FacadeError | None:
        # Without either the process was not there, and the piece would be loaded here.
        assert answer.rehearsal is not None or answer.problem
        for _ in self.renderer.admit(answer):
            self.frames()
        return self.renderer.settle(answer.slug)[1]

    @property
    def rehearsing_pid(self) -> int | None:
        """The process that rehearses now."""
        return self._rehearsals.health().pid

    def set(self, address: str, value: object) -> None:
        """Send a control event."""
        self._seq += 1
        self.renderer.apply(ControlEvent(self._seq, 0.0, address, value))  # type: ignore[arg-type]

    def frames(self, count: int = 1) -> Rgb:
        """Render so many frames. Returns the light of the last, (P, 3)."""
        for _ in range(count):
            tick = tick_at(self._frame, rate_hz=self._rate_hz, previous=self._frame - 1 if self._frame else None)
            light = self.renderer.frame(tick)
            self._frame += 1
        return light.copy()
