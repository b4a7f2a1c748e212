"""What each part says about itself: frozen counters and gauges, safe to send between processes as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

MOST_FAULTS = 40
MOST_CHARACTERS = 600


class State(StrEnum):
    """The life of an input or an output."""

    ABSENT = "absent"
    """Not there: the port, device or name does not exist on this machine now."""
    CONNECTING = "connecting"
    """There, not yet speaking."""
    LIVE = "live"
    """Working now."""
    STALE = "stale"
    """Was live, has been silent for longer than its declared time."""
    FAILED = "failed"
    """Refused or broken; retried by itself after a pause."""


class Presence(StrEnum):
    """Whether a controller is there, by what it or the network says; sending to it tells nothing of the kind."""

    UNKNOWN = "unknown"
    """Nothing that is heard from it would tell."""
    LIVE = "live"
    """It answered a moment ago."""
    SUSPECT = "suspect"
    """It has missed an answer or two."""
    GONE = "gone"
    """It has not answered for long, or nobody on the wire has its address, or the cable is out."""


@dataclass(frozen=True, slots=True)
class InputHealth:
    """One input. received, rejected, overflow: messages since start. age_s: since the last good one, None if never."""

    name: str
    kind: str
    where: str
    state: State
    received: int = 0
    rejected: int = 0
    overflow: int = 0
    age_s: float | None = None
    problem: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class OutputHealth:
    """One controller. packets, bytes, errors, skipped: since start; skipped counts packets held back by back-off.

    reply_age_s: since it last answered. round_trip_ms: from the last question to the answer, its own pause included.
    Both None where it never has.
    """

    name: str
    kind: str
    where: str
    state: State
    packets: int = 0
    bytes: int = 0
    errors: int = 0
    skipped: int = 0
    universes: int = 0
    problem: str = ""
    presence: Presence = Presence.UNKNOWN
    reply_age_s: float | None = None
    round_trip_ms: float | None = None


@dataclass(frozen=True, slots=True)
class OtherSource:
    """Somebody else who sends universes of ours. priority: the highest it was seen with, None where there is none.

    says: what it means for this show, in words.
    """

    name: str
    where: str
    protocol: str
    universes: tuple[int, ...]
    priority: int | None
    says: str


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """The delivery loop. late_frames: deadlines missed by more than half a period. worst_gap_s: between two sends."""

    frames: int = 0
    late_frames: int = 0
    rate_hz: float = 0.0
    packets_per_s: float = 0.0
    worst_gap_s: float = 0.0
    pixels: int = 0
    master: float = 1.0
    blackout: bool = False
    look: str = "live"
    """live, held, fading or safe."""
    not_finite: int = 0
    power_scale: float = 1.0
    tightened: str = ""
    """Which ratings of the venue are stricter now than at the start, by an edit, in words; empty if none."""
    cap: str = ""
    """Which brightness cap is in force and why, in words; empty if none."""
    cap_level: float = 1.0
    cap_cd_m2: float | None = None
    cap_scale: float = 1.0
    flash_held: int = 0
    """Pixels that the flash guard holds back now; flash_held_s: for how long some have been."""
    flash_held_s: float = 0.0
    flash_frames: int = 0
    """Frames since start in which it held any; flash_rule: the rule that asked for it last."""
    flash_rule: str = ""
    duty: str = ""
    """Of two machines: what this one does and why, in words; empty where there is only one."""
    unheard: str = ""
    """Why answers of controllers cannot be heard, in words; empty if they can."""
    kernel_drops: int = 0
    """Packets that this machine's kernel has thrown away on the way out since start, whoever sent them."""
    outputs: tuple[OutputHealth, ...] = ()
    others: tuple[OtherSource, ...] = ()


@dataclass(frozen=True, slots=True)
class RenderHealth:
    """The render loop. late_frames: grid frames skipped. faults: slot name -> reason.

    piece_ms: slug -> what drawing it last cost. domains: slug -> pixel or canvas, of what is on. scales: slug -> share
    of its canvas's width and height, of what is on and is drawn smaller because it is too slow.
    """

    frame: int = 0
    frames: int = 0
    late_frames: int = 0
    rate_hz: float = 0.0
    cost_ms: dict[str, float] = field(default_factory=dict)
    cue: str = ""
    next_cue: str = ""
    progress: float = 1.0
    """Of the crossfade into cue, 0..1."""
    holding: bool = False
    paused: bool = False
    pieces: tuple[str, ...] = ()
    piece_ms: dict[str, float] = field(default_factory=dict)
    domains: dict[str, str] = field(default_factory=dict)
    scales: dict[str, float] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    more_faults: int = 0
    """Those that are not told, because there are too many."""
    renderer: str = ""
    cameras: tuple[InputHealth, ...] = ()
    """Those that pieces look through now."""


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """One supervised child. state: starting, running, restarting or stopped."""

    name: str
    state: str
    pid: int | None = None
    restarts: int = 0
    problem: str = ""


def told_faults(faults: Mapping[str, str], first: Iterable[str]) -> tuple[dict[str, str], int]:
    """Return what is reported of faults, those of ``first`` before others and long texts cut, and how many are not."""
    order = [slug for slug in dict.fromkeys(first) if slug in faults]
    order += [slug for slug in faults if slug not in order]
    told = {slug: shortened(faults[slug]) for slug in order[:MOST_FAULTS]}
    return told, len(order) - len(told)


def shortened(text: str) -> str:
    """Return a text at a length that can be reported and read."""
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 2] + " …"


def as_json(health: Any) -> dict[str, Any]:
    """Return a health record as plain JSON values."""
    return asdict(health)
