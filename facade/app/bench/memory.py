"""Whether a playing show keeps its size: memory in RAM and open files of each process, over time, and their slope.

A slow stream of OSC moves a parameter meanwhile, so that the road of events is walked too.
"""

from __future__ import annotations

import contextlib
import math
import socket
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from facade.app.bench.drain import Drain
from facade.app.bench.figures import Aim, slope
from facade.app.bench.machine import n_descriptors, need_proc, resident_kib
from facade.app.bench.player import PlayedShow, show_file
from facade.app.bench.subjects import AIM_VENUE, PIXEL_PIECE, free_udp_port, load_subject
from facade.core.clock import Clock, RealClock
from facade.protocols.osc import encode

DEFAULT_SECONDS = 20.0
PROCESSES = ("control", "render", "delivery")
WARM_SHARE = 0.25
"""Of the samples at the beginning, left out of the slope: pools fill up at first."""

_WARM_S = 3.0
_MOST_SAMPLES = 240
_LEAST_STEP_S = 0.25
_OSC_HZ = 20.0
_PARAMETER = "warmth"
_FLAT_MIB_PER_H = 2.0
_TELLING_S = 600.0
"""A shorter run cannot tell a leak from a pool that fills up."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """One process: KiB in RAM and open descriptors at seconds since the first sample."""

    process: str
    at_s: tuple[float, ...]
    resident_kib: tuple[float, ...]
    descriptors: tuple[int, ...]
    kib_per_min: float
    descriptors_per_min: float


@dataclass(frozen=True, slots=True)
class Memory:
    """All processes of one show that played for ``seconds``. restarts: of any of them, which would hide a leak."""

    venue: str
    pixels: int
    piece: str
    seconds: float
    restarts: int
    processes: tuple[Footprint, ...]


def measure(
    venue: str | None = None, *, seconds: float | None = None, say: Callable[[str], None] = lambda text: None
) -> Memory:
    """Play a piece and look at its processes. Raises MachineError without /proc, or if the show does not start."""
    need_proc()
    name, seconds, clock = venue or AIM_VENUE, seconds or DEFAULT_SECONDS, RealClock()
    subject, port = load_subject(name), free_udp_port()
    with tempfile.TemporaryDirectory() as folder, Drain(len(subject.patch.controllers)) as drain:
        file = show_file(Path(folder), PIXEL_PIECE, osc_port=port)
        say(f"memory: {PIXEL_PIECE} on {name}, starting")
        with PlayedShow(str(file), name, drain.ports, clock=clock) as show:
            first = show.wait_until_live()
            watch = _Samples(clock, first.pids)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc:
                osc.setblocking(False)
                end = clock.now() + _WARM_S + seconds
                _play(watch, osc, port, clock, _Times(clock.now() + _WARM_S, end), say)
            last = show.told[-1]
    return Memory(
        venue=name,
        pixels=subject.pixels.n_pixels,
        piece=PIXEL_PIECE,
        seconds=seconds,
        restarts=last.restarts - first.restarts,
        processes=watch.footprints(),
    )


def aims(result: Memory) -> list[Aim]:
    """Flat; a run of less than ten minutes cannot tell."""
    found = []
    enough = result.seconds >= _TELLING_S
    for each in result.processes:
        mib_per_h = each.kib_per_min * 60 / 1024
        more = each.descriptors[-1] - each.descriptors[0]
        flat = mib_per_h < _FLAT_MIB_PER_H and more <= 0 and not result.restarts
        figure = f"{mib_per_h:+.1f} MiB/h, {more:+d} files"
        found.append(Aim(f"memory of {each.process}", "flat", figure, flat if enough else None))
    return found


@dataclass(frozen=True, slots=True)
class _Times:
    """When sampling begins and ends."""

    start: float
    end: float


def _play(
    watch: _Samples, osc: socket.socket, port: int, clock: Clock, times: _Times, say: Callable[[str], None]
) -> None:
    step_s = max(_LEAST_STEP_S, (times.end - times.start) / _MOST_SAMPLES)
    sample_at, said_at = times.start, 0.0
    while (now := clock.now()) < times.end:
        value = 0.5 + 0.4 * math.sin(now)
        with contextlib.suppress(BlockingIOError):
            osc.sendto(encode(f"/piece/{PIXEL_PIECE}/{_PARAMETER}", (value,)), ("127.0.0.1", port))
        if now >= sample_at:
            watch.take()
            sample_at += step_s
        if now - said_at >= 1.0:
            said_at = now
            say(f"memory: {times.end - now:.0f} s to go")
        clock.wait_until(now + 1.0 / _OSC_HZ)
    watch.take()


class _Samples:
    def __init__(self, clock: Clock, pids: dict[str, int]) -> None:
        self._clock = clock
        self._pids = {name: pids[name] for name in PROCESSES if name in pids}
        self._rows: dict[str, list[tuple[float, float, int]]] = {name: [] for name in self._pids}

    def take(self) -> None:
        for name, pid in self._pids.items():
            with contextlib.suppress(OSError):  # a process that has just been replaced; restarts tell of it
                self._rows[name].append((self._clock.now(), resident_kib(pid), n_descriptors(pid)))

    def footprints(self) -> tuple[Footprint, ...]:
        return tuple(_footprint(name, rows) for name, rows in self._rows.items() if rows)


def _footprint(name: str, rows: Sequence[tuple[float, float, int]]) -> Footprint:
    start = rows[0][0]
    late = rows[int(len(rows) * WARM_SHARE) :]
    minutes = [(at - start) / 60.0 for at, _, _ in late]
    return Footprint(
        process=name,
        at_s=tuple(round(at - start, 3) for at, _, _ in rows),
        resident_kib=tuple(kib for _, kib, _ in rows),
        descriptors=tuple(n for _, _, n in rows),
        kib_per_min=slope(minutes, [kib for _, kib, _ in late]),
        descriptors_per_min=slope(minutes, [float(n) for _, _, n in late]),
    )
