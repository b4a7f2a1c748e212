"""The inline host: every part of a show stepped one after the other in one process. Fully deterministic.

Used by tests, ``render``, ``check`` and ``replay``. Nothing here reads a clock or opens a socket: light leaves through
the virtual network into the simulated device, byte for byte as it would on the wire.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from facade.app.engines import offline_engine
from facade.app.plan import Plan
from facade.app.renderer import Renderer
from facade.app.wiring import make_desk
from facade.control.desk import LIGHT_SENSOR
from facade.control.events import ControlEvent, InputEvent
from facade.core.clock import StepClock
from facade.core.frame import Levels, PixelFrame, Rgb, tick_at
from facade.gpu.context import GpuContext
from facade.inputs.audio import tracks_of
from facade.outputs.virtual import VirtualNetwork
from facade.simulator.device import SimulatedDevice


class InlineHost:
    """A whole show in one process, advanced one frame at a time.

    rate_hz: of rendering and delivery alike. deliver: False leaves light, packets and the simulator out.
    canvas_px: size of canvases, the venue's own if None. listen: whether sound files are played; a replay has them
    in its recording. civil_at_0: the time at show time 0; noon of a day in 2000 if None.
    """

    def __init__(
        self,
        plan: Plan,
        gpu: GpuContext,
        *,
        rate_hz: float,
        deliver: bool = True,
        canvas_px: tuple[int, int] | None = None,
        listen: bool = True,
        civil_at_0: datetime | None = None,
    ) -> None:
        self.plan = plan
        self.rate_hz = rate_hz
        self.clock = StepClock()
        self.network = VirtualNetwork()
        self.device = SimulatedDevice(plan.pixels, plan.patch)
        self.desk = make_desk(plan)
        self.renderer = Renderer(plan, gpu, self.clock, budget_ms=None, canvas_px=canvas_px, civil_at_0=civil_at_0)
        self.engine = offline_engine(plan.pixels, plan.patch, self.clock, network=self.network) if deliver else None
        self.network.attach(self.device.receive_burst)
        self._tracks = tracks_of(plan.show.input) if listen else ()
        self._previous: int | None = None

    def prepare(self) -> dict[str, str]:
        """Compile every piece. Returns slug -> what failed."""
        return self.renderer.prepare()

    def step(self, frame: int, events: Iterable[InputEvent] = ()) -> Rgb:
        """Apply events, render and deliver one frame of the show's grid. Returns its light, valid until the next."""
        tick = tick_at(frame, rate_hz=self.rate_hz, previous=self._previous)
        heard = (event for track in self._tracks for event in track.until(tick.time_s, at_s=tick.time_s))
        for event in (*heard, *events):
            for control in self.desk.handle(event):
                self.command(control)
        self._previous = frame
        rgb = self.renderer.frame(tick)
        if self.engine is not None:
            self.clock.wait_until(tick.time_s)
            self.engine.offer(PixelFrame(tick, rgb))
            self.engine.step()
        return rgb

    def command(self, event: ControlEvent) -> None:
        """Hand one control event to whoever owns its address."""
        if event.address == "/master":
            if self.engine is not None:
                self.engine.master = float(event.value)  # type: ignore[arg-type]
        elif event.address == "/blackout":
            if self.engine is not None:
                self.engine.blackout = bool(event.value)
        elif event.address == LIGHT_SENSOR:
            if self.engine is not None:
                self.engine.sense(float(event.value))  # type: ignore[arg-type]
        else:
            self.renderer.apply(event)

    @property
    def levels(self) -> Levels:
        """The channel bytes of the last frame that left."""
        if self.engine is None:
            raise ValueError("this host does not deliver")
        return self.engine.levels
