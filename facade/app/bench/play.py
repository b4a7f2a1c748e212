"""Whether a show keeps its rates on this machine: the real three processes, watched by the controllers they send to."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facade.app.bench.drain import Drain, Drained
from facade.app.bench.figures import Aim, Spread, spread
from facade.app.bench.machine import cpu_s, need_proc
from facade.app.bench.player import PlayedShow, Told, show_file
from facade.app.bench.subjects import AIM_VENUE, PIXEL_PIECE, free_udp_port, load_subject, on_loopback
from facade.core.clock import RealClock
from facade.core.errors import MachineError

DEFAULT_SECONDS = 20.0
RENDER_HZ = 60.0
WARM_S = 3.0
LATE_SHARE = 1.5
"""A frame of light is late for a controller when it comes more than one and a half periods after the one before."""

STEADY = 0.99
"""Share of the frames of a grid that a steady renderer draws."""


@dataclass(frozen=True, slots=True)
class PlayRate:
    """One show for ``seconds``. Rendering by its own count, delivery as its first controller saw it.

    late_render: frames of the grid left out. late_delivery: frames that came half a period late or more, and
    missed_deadlines: those that delivery itself began so late. gap_ms: between two frames of light. cpu: share of one
    core by process.
    """

    venue: str
    pixels: int
    universes: int
    piece: str
    seconds: float
    render_hz: float
    render_aim_hz: float
    late_render: int
    delivery_hz: float
    delivery_aim_hz: float
    late_delivery: int
    missed_deadlines: int
    gap_ms: Spread
    packets_per_s: float
    needed_packets_per_s: float
    cpu: dict[str, float]
    restarts: int


def measure(
    venue: str | None = None,
    *,
    piece: str = PIXEL_PIECE,
    seconds: float | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> PlayRate:
    """Play a piece on a venue for some seconds. Raises MachineError without /proc, or if the show does not start."""
    need_proc()
    name, seconds, clock = venue or AIM_VENUE, seconds or DEFAULT_SECONDS, RealClock()
    subject = load_subject(name)
    rate_hz = subject.rate_hz
    with tempfile.TemporaryDirectory() as folder, Drain(len(subject.patch.controllers)) as drain:
        file = show_file(Path(folder), piece, osc_port=free_udp_port(), rate_hz=RENDER_HZ)
        say(f"play: {piece} on {name}, starting")
        with PlayedShow(str(file), name, drain.ports, clock=clock) as show:
            seen = _watch(show, drain, clock, seconds, say)
    first, last, drained, wall_s = seen.first, seen.last, seen.drained, seen.wall_s
    if len(drained.frames_at) < 2:
        raise MachineError(f"Of {name} no two frames of light arrived in {wall_s:.1f} s. Measure longer.")
    rendered, delivered = _rates(first, last, drained)
    return PlayRate(
        venue=name,
        pixels=subject.pixels.n_pixels,
        universes=subject.patch.n_universes,
        piece=piece,
        seconds=wall_s,
        render_hz=rendered,
        render_aim_hz=RENDER_HZ,
        late_render=int(last.render["late_frames"]) - int(first.render["late_frames"]),
        delivery_hz=delivered,
        delivery_aim_hz=rate_hz,
        late_delivery=int(np.count_nonzero(np.diff(drained.frames_at) > LATE_SHARE / rate_hz)),
        missed_deadlines=int(last.delivery["late_frames"]) - int(first.delivery["late_frames"]),
        gap_ms=spread((np.diff(drained.frames_at) * 1e3).tolist()),
        packets_per_s=drained.packets / wall_s,
        needed_packets_per_s=on_loopback(subject, drain.ports).packets() * rate_hz,
        cpu=seen.cpu,
        restarts=last.restarts - first.restarts,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """The first and the last status of a time, and what arrived and what was used in it."""

    first: Told
    last: Told
    drained: Drained
    wall_s: float
    cpu: dict[str, float]


def _watch(show: PlayedShow, drain: Drain, clock: RealClock, seconds: float, say: Callable[[str], None]) -> _Seen:
    show.wait_until_live()
    clock.wait_until(clock.now() + WARM_S)
    first = show.told[-1]
    drain.take()
    used = _cpu(first.pids, drain.pid)
    start = clock.now()
    while clock.now() - start < seconds:
        clock.wait_until(min(clock.now() + 1.0, start + seconds))
        say(f"play: {clock.now() - start:.0f} of {seconds:.0f} s")
    wall_s = clock.now() - start
    drained, last = drain.take(), show.told[-1]
    cpu = {name: (total - used.get(name, 0.0)) / wall_s for name, total in _cpu(last.pids, drain.pid).items()}
    return _Seen(first, last, drained, wall_s, cpu)


def aims(result: PlayRate) -> list[Aim]:
    """The rates are the show's and the venue's own."""
    render = f"{result.render_hz:.2f} Hz, {result.late_render} left out"
    delivery = f"{result.delivery_hz:.2f} Hz, {result.late_delivery} late"
    steady = result.render_hz >= STEADY * result.render_aim_hz
    return [
        Aim(f"rendering {result.piece}", f"steady {result.render_aim_hz:g} Hz", render, steady),
        Aim(
            f"delivering {result.piece}",
            f"steady {result.delivery_aim_hz:g} Hz",
            delivery,
            result.delivery_hz >= STEADY * result.delivery_aim_hz and not result.late_delivery,
        ),
    ]


def _cpu(pids: Mapping[str, int], receiver: int) -> dict[str, float]:
    """Return processor seconds by process, the receiving one's among them. Whoever has just died is left out."""
    found = {}
    for name, pid in (*pids.items(), ("receiver", receiver)):
        with contextlib.suppress(OSError):
            found[name] = cpu_s(pid)
    return found


def _rates(first: Told, last: Told, drained: Drained) -> tuple[float, float]:
    """Return frames a second: rendered, by frame numbers and frame count; delivered, by the receiver's clock."""
    grid = int(last.render["frame"]) - int(first.render["frame"])
    drawn = int(last.render["frames"]) - int(first.render["frames"])
    times = drained.frames_at
    span_s = times[-1] - times[0] if len(times) > 1 else 0.0
    rendered = RENDER_HZ * drawn / grid if grid > 0 else 0.0
    return rendered, (len(times) - 1) / span_s if span_s else 0.0
