"""Every measurement under its name, and what they found together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from facade.app.bench import delivery, frame, guard, latency, memory, pieces, play, send
from facade.app.bench.figures import Aim
from facade.app.bench.machine import Machine, this_machine
from facade.core.clock import Clock

MEASUREMENTS = ("frame", "guard", "pieces", "send", "delivery", "latency", "play", "memory")


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured on one machine; what was not asked for is empty or None. at: when it began, ISO 8601, UTC."""

    machine: Machine
    at: str
    frame: tuple[frame.FrameCost, ...] = ()
    guard: tuple[guard.GuardCost, ...] = ()
    pieces: pieces.PieceCost | None = None
    send: tuple[send.SendCost, ...] = ()
    delivery: delivery.DeliveryCost | None = None
    latency: latency.Latency | None = None
    play: play.PlayRate | None = None
    memory: memory.Memory | None = None
    aims: tuple[Aim, ...] = field(default=())


def measure(
    names: Sequence[str],
    *,
    venue: str | None = None,
    seconds: float | None = None,
    clock: Clock,
    say: Callable[[str], None] = lambda text: None,
) -> Report:
    """Run measurements by name, one after the other.

    venue: name or file, or one of WALL_PIXELS; None for each measurement's own. seconds: for each single one.
    Raises ConfigError for a venue, MachineError for what this machine lacks.
    """
    machine, at = this_machine(), clock.wall().isoformat(timespec="seconds")
    frames = frame.measure(venue, seconds=seconds, say=say) if "frame" in names else []
    guards = guard.measure(venue, seconds=seconds, say=say) if "guard" in names else []
    drawn = pieces.measure(say=say) if "pieces" in names else None
    sends = send.measure(venue, seconds=seconds, say=say) if "send" in names else []
    delivered = delivery.measure(seconds=seconds, say=say) if "delivery" in names else None
    latencies = latency.measure(venue, seconds=seconds, say=say) if "latency" in names else None
    played = play.measure(venue, seconds=seconds, say=say) if "play" in names else None
    kept = memory.measure(venue, seconds=seconds, say=say) if "memory" in names else None
    aims = [*frame.aims(frames), *send.aims(sends)]
    aims += [] if drawn is None else pieces.aims(drawn)
    aims += [] if delivered is None else delivery.aims(delivered)
    aims += [] if latencies is None else latency.aims(latencies)
    aims += [] if played is None else play.aims(played)
    aims += [] if kept is None else memory.aims(kept)
    return Report(
        machine,
        at,
        tuple(frames),
        tuple(guards),
        drawn,
        tuple(sends),
        delivered,
        latencies,
        played,
        kept,
        tuple(aims),
    )
