"""TUIO over UDP: the OSC input's socket, budgets and bundles, read as who is on the plane.

After every frame it says all points at once, for pieces, and each thing that has changed alone, for bindings.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from facade.config.input import TuioInput as TuioConfig
from facade.control.events import Arg, InputEvent
from facade.control.tracking import Tracked, Tracker
from facade.core.clock import Clock
from facade.inputs.osc import OscInput
from facade.inputs.worker import Backoff
from facade.protocols import osc, tuio

MESSAGES_PER_S = 10_000.0
"""From one sender: forty people at 240 frames a second."""

ALL_MESSAGES_PER_S = 20_000.0
CURSORS = 16
"""So many cursors have addresses of their own."""

GROUPS: dict[str, tuple[tuio.Profile, ...]] = {
    "/points": tuio.PROFILES,
    "/cursors": ("2Dcur",),
    "/objects": ("2Dobj",),
    "/blobs": ("2Dblb",),
}


class TuioInput(OscInput):
    """Listens on config.bind:config.port."""

    def __init__(self, name: str, config: TuioConfig, *, clock: Clock, backoff: Backoff) -> None:
        budgets = (MESSAGES_PER_S, ALL_MESSAGES_PER_S)
        super().__init__(name, config, clock=clock, backoff=backoff, kind="tuio", budgets=budgets)
        self._tracker = Tracker()
        self._said: dict[str, tuple[Arg, ...]] = {}
        self._overflow = 0

    def _deliver(self, message: osc.OscMessage, source: Hashable, now: float) -> None:
        decoded = tuio.decode(message)
        # Senders that do not name themselves are told apart by their machine: some use a new port for every packet.
        machine = source[0] if isinstance(source, tuple) else source
        if decoded is not None and self._tracker.take(decoded, machine, now):
            self._say(now, is_news=True)

    def _release(self) -> None:
        super()._release()
        now = self._clock.now()
        if self._tracker.expire(now):
            self._say(now, is_news=False)

    def _say(self, now: float, *, is_news: bool) -> None:
        if is_news:
            # A frame in which nothing moves is heard all the same.
            self._status.received(InputEvent(now, self._name, "/count", (len(self._tracker.points()),)))
        self._status.overflowed(self._tracker.overflow - self._overflow)
        self._overflow = self._tracker.overflow
        for address, args in messages_of(self._tracker.points(), now):
            if address in GROUPS or self._said.get(address) != args:
                self._said[address] = args
                self._post(InputEvent(now, self._name, address, args))


def messages_of(points: list[Tracked], now: float) -> Iterator[tuple[str, tuple[Arg, ...]]]:
    """Yield address and arguments of all that can be said about points. now: for their ages, seconds."""
    for address, profiles in GROUPS.items():
        group = [p for p in points if p.profile in profiles]
        yield address, tuple(n for p in group for n in (p.id, round(p.x, 4), round(p.y, 4), round(now - p.born_s, 2)))
    yield "/count", (len(points),)
    for number, point in enumerate([p for p in points if p.profile == "2Dcur"][:CURSORS], start=1):
        yield from _place(f"/cursor/{number}", point)
    for point in points:
        if point.profile == "2Dobj":
            yield from _place(f"/object/{point.symbol}", point)
            yield f"/object/{point.symbol}/angle", (round(point.angle, 4),)


def _place(address: str, point: Tracked) -> Iterator[tuple[str, tuple[Arg, ...]]]:
    x, y = round(point.x, 4), round(point.y, 4)
    yield address, (x, y)
    yield f"{address}/x", (x,)
    yield f"{address}/y", (y,)
