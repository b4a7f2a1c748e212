"""Who is on the plane: TUIO frames of several senders become one set of points with lasting numbers. Pure.

A frame counts when its fseq arrives; alive and set may come in any order before it. A frame older than the last one is
late and forgotten, unless the sender has evidently begun anew. A sender that says nothing for SILENT_S takes its points
with it.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from facade.protocols.tuio import REPEATED, Profile, TuioAlive, TuioFrame, TuioMessage, TuioSet, TuioSource

SILENT_S = 3.0
"""Senders repeat their state once a second while nothing moves."""

RESTART_FRAMES = 100
RESTART_S = 1.0
"""A frame number so far below the last one, or any after so long a pause, is a new beginning, not a late frame."""

MAX_STREAMS = 32
MAX_POINTS = 256
"""Of all senders together; further ones are counted and left out."""

_MAX_PENDING = 512


@dataclass(frozen=True, slots=True)
class Tracked:
    """One point. id: from 1, its own as long as it is there. x, y: 0..1 from the bottom left. angle: turns, 0..1."""

    id: int
    profile: Profile
    x: float
    y: float
    symbol: int
    angle: float
    born_s: float


@dataclass(slots=True)
class _Stream:
    """One profile of one sender."""

    heard_s: float
    frame: int | None = None
    alive: tuple[int, ...] | None = None
    sets: dict[int, TuioSet] = field(default_factory=dict)
    points: dict[int, Tracked] = field(default_factory=dict)


class Tracker:
    """``late`` counts frames that came too late, ``overflow`` messages and points there was no room for."""

    def __init__(self) -> None:
        self._streams: dict[tuple[Profile, Hashable], _Stream] = {}
        self._speaks: dict[tuple[Profile, Hashable], Hashable] = {}
        self._next_id = 1
        self.late = 0
        self.overflow = 0

    def take(self, message: TuioMessage, sender: Hashable, now_s: float) -> bool:
        """Take one message; True if it completed a frame that counts. sender: told apart where none names itself."""
        if isinstance(message, TuioSource):
            if len(self._speaks) < 2 * MAX_STREAMS or (message.profile, sender) in self._speaks:
                self._speaks[message.profile, sender] = message.name
            return False
        key = (message.profile, self._speaks.get((message.profile, sender), sender))
        stream = self._streams.get(key)
        if stream is None:
            if len(self._streams) >= MAX_STREAMS:
                self.overflow += 1
                return False
            stream = self._streams[key] = _Stream(now_s)
        match message:
            case TuioAlive(sessions=sessions):
                stream.alive = sessions
            case TuioSet():
                if len(stream.sets) < _MAX_PENDING:
                    stream.sets[message.session] = message
            case TuioFrame(number=number):
                # Some senders close all their profiles with the number of one.
                others = [s for (p, who), s in self._streams.items() if who == key[1] and p != key[0] and s.alive]
                self._speaks.pop((message.profile, sender), None)  # the next frame may be somebody else's
                counts = [self._close(other, REPEATED, now_s) for other in others]
                return self._close(stream, number, now_s) or any(counts)
        return False

    def expire(self, now_s: float) -> bool:
        """Forget senders that have fallen silent; True if points went with them."""
        gone = [key for key, stream in self._streams.items() if now_s - stream.heard_s > SILENT_S]
        had = [bool(self._streams.pop(key).points) for key in gone]
        names = {key[1] for key in gone}
        self._speaks = {k: name for k, name in self._speaks.items() if name not in names and k[1] not in names}
        return any(had)

    def points(self) -> list[Tracked]:
        """Return everybody who is there, in the order in which they came."""
        return sorted(self._all(), key=lambda point: point.id)

    def _all(self) -> Iterator[Tracked]:
        for stream in self._streams.values():
            yield from stream.points.values()

    def _close(self, stream: _Stream, number: int, now_s: float) -> bool:
        alive, sets = stream.alive, stream.sets
        stream.alive, stream.sets = None, {}
        last = stream.frame
        if number != REPEATED:
            is_late = last is not None and last - RESTART_FRAMES <= number < last
            if is_late and now_s - stream.heard_s < RESTART_S:
                self.late += 1
                return False
            stream.frame = number
        stream.heard_s = now_s
        self._place(stream, alive, sets, now_s)
        return True

    def _place(self, stream: _Stream, alive: tuple[int, ...] | None, sets: dict[int, TuioSet], now_s: float) -> None:
        if alive is not None:
            there = set(alive)
            stream.points = {s: p for s, p in stream.points.items() if s in there}
            sets = {s: each for s, each in sets.items() if s in there}
        room = MAX_POINTS - sum(len(each.points) for each in self._streams.values())
        for session, each in sets.items():
            before = stream.points.get(session)
            if before is None and room <= 0:
                self.overflow += 1
                continue
            if before is None:
                room -= 1
            stream.points[session] = Tracked(
                id=self._new_id() if before is None else before.id,
                profile=each.profile,
                x=min(max(each.x, 0.0), 1.0),
                # TUIO counts from the top, facade from the bottom.
                y=1.0 - min(max(each.y, 0.0), 1.0),
                symbol=each.symbol,
                angle=(-each.angle / (2.0 * math.pi)) % 1.0,
                born_s=now_s if before is None else before.born_s,
            )

    def _new_id(self) -> int:
        made = self._next_id
        # Exact in the half million of a float texture's small change, and no show has so many guests at once.
        self._next_id = made % 65_535 + 1
        return made
