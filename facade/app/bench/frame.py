"""What a frame costs, step by step: one process, as fast as it can, over loopback to a process that receives.

render, sample, mix, readback   the render process's part, the GPU waited for after each
link                            handing the frame from one process to the other
light, patch, send              the delivery process's part: pipeline, packets, network; it runs first, as in a show
simulator                       the simulated device that sees the same packets in the delivery process
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

import numpy as np

from facade.app.bench.drain import Drain
from facade.app.bench.figures import Aim, Spread, spread
from facade.app.bench.subjects import (
    CANVAS_PIECE,
    HUGE_WALL,
    LARGE,
    LARGE_WALL,
    PIXEL_PIECE,
    SMALL,
    Subject,
    load_subject,
    on_loopback,
)
from facade.app.plan import Plan
from facade.app.priority import running_first
from facade.app.renderer import Renderer
from facade.app.wiring import gpu_without_screen
from facade.core.clock import Clock, RealClock
from facade.core.errors import PieceError
from facade.core.frame import Levels, PixelFrame, Rgb, tick_at
from facade.delivery.engine import DeliveryEngine
from facade.gpu.context import GpuContext
from facade.light.pipeline import LightPipeline
from facade.link import FrameRing
from facade.mapping.model import PixelMap
from facade.outputs.contract import Datagram, Wire
from facade.outputs.sender import NetworkSender, TeeSender
from facade.outputs.slab import Block, PacketSlab
from facade.outputs.udp import UdpWire
from facade.outputs.virtual import VirtualNetwork
from facade.simulator.device import SimulatedDevice

RENDER_STAGES = ("render", "sample", "mix", "readback")
DELIVERY_STAGES = ("light", "send")
STAGES = (*RENDER_STAGES, "link", *DELIVERY_STAGES, "simulator")
RATES_HZ = (60.0, 40.0)
VENUES = (SMALL, LARGE, LARGE_WALL, HUGE_WALL)
AIMS = {
    LARGE: (1.5, "median < 1.5 ms"),
    LARGE_WALL: (0.25 * 1e3 / 60, "a quarter of a core at 60 frames/s"),
    HUGE_WALL: (2.0 * 1e3 / 30, "two cores at 30 frames/s"),
}
"""Most milliseconds that light and send may take together, and in words."""

DEFAULT_SECONDS = 4.0
WARM_FRAMES = 12
_FEWEST, _MOST = 12, 2000
_RENDER_HZ = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of a step, and the share of a period of 60 and of 40 Hz that its median takes."""

    ms: Spread
    of_60hz: float
    of_40hz: float


@dataclass(frozen=True, slots=True)
class FrameCost:
    """One piece on one venue. cost: by step, and the sums "delivery" (light, patch, send) and "all"."""

    venue: str
    pixels: int
    universes: int
    piece: str
    domain: str
    canvas_px: tuple[int, int]
    frames: int
    cost: dict[str, Cost]


def measure(
    venue: str | None = None, *, seconds: float | None = None, say: Callable[[str], None] = lambda text: None
) -> list[FrameCost]:
    """Measure a pixel piece and a canvas piece on one venue, or on all of VENUES. seconds: for each of them."""
    results = []
    for name in VENUES if venue is None else (venue,):
        subject = load_subject(name)
        with Drain(len(subject.patch.controllers)) as drain:
            local = on_loopback(subject, drain.ports)
            # Drawing a canvas for a million pixels takes a second without a GPU, and what follows is the same.
            for piece in (PIXEL_PIECE,) if name == HUGE_WALL else (PIXEL_PIECE, CANVAS_PIECE):
                say(f"frame: {piece} on {name}, {local.pixels.n_pixels:,} pixels")
                results.append(_measure(local, piece, seconds=seconds or DEFAULT_SECONDS))
    return results


def aims(results: Sequence[FrameCost]) -> list[Aim]:
    """What the issue asks of these figures."""
    found = []
    for result in results:
        if result.venue in AIMS:
            most_ms, aim = AIMS[result.venue]
            ms = result.cost["delivery"].ms
            figure = f"{ms.p50:.2f} ms, p99 {ms.p99:.2f}"
            what = f"light + patch + send, {result.pixels:,} pixels, {result.piece}"
            found.append(Aim(what, aim, figure, ms.p50 < most_ms))
    return found


def _measure(subject: Subject, piece: str, *, seconds: float) -> FrameCost:
    plan, clock = subject.plan(piece), RealClock()
    with gpu_without_screen() as gpu:
        bench = FrameBench(plan, gpu, clock)
        domain = bench.domain
        rows = list(bench.run(seconds))
        bench.close()
    columns = {stage: [row[stage] for row in rows] for stage in rows[0]}
    return FrameCost(
        venue=subject.name,
        pixels=plan.pixels.n_pixels,
        universes=plan.patch.n_universes,
        piece=piece,
        domain=domain,
        canvas_px=plan.pixels.canvas_px,
        frames=len(rows),
        cost={stage: _cost(values) for stage, values in columns.items()},
    )


def _cost(values: Sequence[float]) -> Cost:
    ms = spread(values)
    of_60hz, of_40hz = (ms.p50 * rate / 1e3 for rate in RATES_HZ)
    return Cost(ms, of_60hz=of_60hz, of_40hz=of_40hz)


class FrameBench:
    """A show from the piece to the wire in one process, with a watch on every step.

    Raises PieceError if the piece does not compile.
    """

    def __init__(self, plan: Plan, gpu: GpuContext, clock: Clock) -> None:
        self._clock = clock
        self._renderer = Renderer(plan, gpu, clock, budget_ms=None)
        for slug, fault in self._renderer.prepare().items():
            raise PieceError(f"{slug}: {fault}")
        slug = next(iter(plan.show.cue.values())).layer[0].piece
        self.domain = self._renderer.stage.domain(slug)
        self._ring = FrameRing((plan.pixels.n_pixels, 3), np.float32)
        self._light, self._simulator = Watch(), Watch()
        self.engine = self._engine(plan)

    def _engine(self, plan: Plan) -> DeliveryEngine:
        network, slab = VirtualNetwork(), PacketSlab(plan.patch, cid=uuid4())
        network.attach(SimulatedDevice(plan.pixels, plan.patch).receive_burst)
        return DeliveryEngine(
            plan.pixels,
            slab,
            pipeline=WatchedPipeline(plan.pixels, self._light, self._clock),
            senders=[self._tee(block, network) for block in slab.blocks],
            safe=plan.pixels.venue.safe,
            clock=self._clock,
            back_s=0.0,
        )

    def _tee(self, block: Block, network: VirtualNetwork) -> TeeSender:
        kind, universes = block.patch.profile.protocol, len(block.patch.universes)
        udp = NetworkSender(block.name, UdpWire(block.address), kind=kind, universes=universes, clock=self._clock)
        seen = WatchedSender(block, network.wire(block.name, "simulator"), self._simulator, self._clock)
        return TeeSender(udp, seen)

    def run(self, seconds: float) -> Iterator[dict[str, float]]:
        """Yield milliseconds by step, one dict a frame, for about so long and at least a dozen frames."""
        gc.collect()
        previous = None
        end = float("inf")
        for frame in range(WARM_FRAMES + _MOST):
            if frame == WARM_FRAMES:
                end = self._clock.now() + seconds
            row = self._frame(frame, previous)
            previous = frame
            if frame >= WARM_FRAMES:
                yield row
            if frame >= WARM_FRAMES + _FEWEST and self._clock.now() >= end:
                return

    def _frame(self, frame: int, previous: int | None) -> dict[str, float]:
        clock = self._clock
        for watch in (self._light, self._simulator):
            watch.spent_s = 0.0
        tick = tick_at(frame, rate_hz=_RENDER_HZ, previous=previous)
        started = clock.now()
        rgb = self._renderer.frame(tick)
        rendered = clock.now()
        self._ring.write(tick, rgb)
        found = self._ring.latest()
        linked = clock.now()
        taken = rgb if found is None else found[1].view(np.float32)
        # As in a show, where what receives waits for what sends.
        with running_first():
            begun = clock.now()
            self.engine.offer(PixelFrame(tick, taken))
            offered = clock.now()
            self.engine.step()
            done = clock.now()
        row = {stage: self._renderer.stage.cost_ms[stage] for stage in RENDER_STAGES}
        row["link"] = (linked - rendered) * 1e3
        row["light"] = (self._light.spent_s + offered - begun) * 1e3
        # What is left of a step: levels into packets, and these out.
        row["send"] = (done - offered - self._light.spent_s - self._simulator.spent_s) * 1e3
        row["simulator"] = self._simulator.spent_s * 1e3
        row["delivery"] = sum(row[stage] for stage in DELIVERY_STAGES)
        row["all"] = (done - started) * 1e3
        return row

    def close(self) -> None:
        """Go dark and give everything back."""
        self.engine.close(fade_s=0.0)
        self._renderer.stage.release()
        self._ring.close()


class Watch:
    """Seconds spent in one step."""

    def __init__(self) -> None:
        self.spent_s = 0.0


class WatchedPipeline(LightPipeline):
    """A light pipeline that says how long it takes."""

    def __init__(self, pixels: PixelMap, watch: Watch, clock: Clock) -> None:
        super().__init__(pixels)
        self._watch = watch
        self._clock = clock

    def process(self, rgb: Rgb, *, master: float, delta_s: float, frame: int, instead: Levels | None = None) -> Levels:
        started = self._clock.now()
        levels = super().process(rgb, master=master, delta_s=delta_s, frame=frame, instead=instead)
        self._watch.spent_s += self._clock.now() - started
        return levels


class WatchedSender(NetworkSender):
    """A sender that says how long it takes."""

    def __init__(self, block: Block, wire: Wire, watch: Watch, clock: Clock) -> None:
        kind, universes = block.patch.profile.protocol, len(block.patch.universes)
        super().__init__(block.name, wire, kind=kind, universes=universes, clock=clock)
        self._watch = watch
        self._own_clock = clock

    def begin(self) -> bool:
        started = self._own_clock.now()
        ready = super().begin()
        self._watch.spent_s += self._own_clock.now() - started
        return ready

    def put(self, datagrams: Sequence[Datagram]) -> int:
        started = self._own_clock.now()
        sent = super().put(datagrams)
        self._watch.spent_s += self._own_clock.now() - started
        return sent
