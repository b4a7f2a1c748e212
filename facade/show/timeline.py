"""What is on at time t. Pure: the same show, commands and ticks give the same looks.

Commands take effect at the tick that follows them, or after the wait_s of the cue they start; another command during
the wait replaces it, and go starts it at once. A crossfade counts seconds; a new cue during a crossfade or transition
starts from whatever was on, which stands still in its mixture while its pieces go on, so nothing jumps.

A timeline may be put where another one is: the same cue, as old. One that follows another has no will of its own; left
to itself, it goes on from there.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import Literal

from facade.config.show import Playlist, Show
from facade.core.errors import InputError, did_you_mean
from facade.core.frame import Tick
from facade.show.look import CueLook, HelperLook, LayerLook, Look
from facade.show.playlist import Order

MAX_CUES_ON_AIR = 4
"""A go during a crossfade keeps the outgoing cues. One more waits until the oldest has quickly faded away."""

MAKE_ROOM_S = 0.5
"""So long the oldest of too many cues takes to fade."""

SAME_S = 0.1
"""A follower's cue that is younger or older by less stays as it is: messages between two machines take their time."""

AGAIN_S = 1.0
"""A cue that began so much later than a follower's own is another run of it, and fades in as one."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A cue on air. rise: how far it had come over those before it when it was followed. run: as cues may recur."""

    name: str
    run: int
    started_at_s: float
    rise: float


class Timeline:
    """The cues of a show in the order of a playlist.

    show: its start playlist runs from the first tick; without playlists, all cues in file order, not looping.
    """

    def __init__(self, show: Show) -> None:
        self._show = show
        name = show.start or next(iter(show.playlist), "")
        playlist = show.playlist.get(name) or Playlist(cues=tuple(show.cue), loop=False)
        self._order = Order(playlist, name=name, seed=show.seed)
        self._max_s = playlist.max_s
        self._position = 0
        self._aside = False
        self._left = (0, False)
        self._runs = 0
        self._entries: list[_Entry] = []
        self._fade_from_s = 0.0
        self._fade_s = 0.0
        self._curve: Literal["linear", "s"] = "linear"
        self._pending: str | None = None
        self._due_s: float | None = None
        self._cue_since_s = 0.0
        self._making_room: tuple[float, float] | None = None
        self._lead: tuple[str, int, float] | None = None
        self.following = False
        """Set by whoever says where to be: then no cue starts by itself."""
        self.holding = False
        self.progress = 1.0
        self._now_s = 0.0

    @property
    def cue(self) -> str:
        """The newest cue on air, or the first to come before the first tick."""
        return self._entries[-1].name if self._entries else self._order.at(0)

    @property
    def next_cue(self) -> str:
        """What go would start, or what waits to start; "" at the end of a playlist that does not loop."""
        return self._pending or self._next()[0]

    def go(self) -> None:
        """Start what waits, else what follows this cue, else the next of the playlist; nothing at its end."""
        if self._pending is not None and self._due_s is not None:
            self._due_s = -math.inf
        else:
            self._ask(*self._next())

    def back(self) -> None:
        """Call off what waits; else start what a jump aside has interrupted, or the previous cue of the playlist."""
        if self._due_s is not None:
            self._pending = self._due_s = None
            self._position, self._aside = self._left
            return
        position = self._position if self._aside else self._order.step(self._position, -1)
        if position is not None:
            self._ask(self._order.at(position), position)

    def hold(self, on: bool) -> None:
        """While held, neither hold_s nor max_s moves on to the next cue; go and cue still do."""
        self.holding = on

    def start(self, name: str) -> None:
        """Start a cue by name. Raises InputError if the show has no such cue."""
        if name not in self._show.cue:
            raise InputError(f'cue "{name}" is not in the show.{did_you_mean(name, self._show.cue)}')
        self._ask(name, self._order.place(name))

    def be_at(self, name: str, *, position: int, started_at_s: float) -> None:
        """From the next tick on be where another timeline is; a cue that the show does not have changes nothing.

        position: of the other's. started_at_s: when its cue began, in this one's show time.
        """
        if name in self._show.cue:
            self._lead = (name, position, started_at_s)

    @property
    def age_s(self) -> float:
        """How long the newest cue had been on at the last tick; 0 before the first."""
        return self._now_s - self._entries[-1].started_at_s if self._entries else 0.0

    @property
    def position(self) -> int:
        """Index of the newest cue in the playlist; of a random one in all its rounds."""
        return self._position

    def at(self, tick: Tick) -> Look:
        """Return what is on at this tick. Ticks must not go back in time."""
        self._now_s = tick.time_s
        if self._lead is not None:
            self._take_lead(tick.time_s)
        if not self._entries:
            self._enter(self._pending or self._order.at(self._position), tick.time_s)
        elif self._pending is None and self._is_over(tick.time_s):
            self._ask(*self._next())
            if self._pending is None:
                self._cue_since_s = math.inf
        if self._pending is not None:
            if self._due_s is None:
                self._due_s = tick.time_s + self._show.cue[self._pending].wait_s
            if tick.time_s >= self._due_s and self._has_room(self._pending, tick.time_s):
                self._enter(self._pending, tick.time_s)
        return self._look(tick.time_s)

    def _take_lead(self, now_s: float) -> None:
        """Be where another timeline is."""
        assert self._lead is not None
        (name, position, started_at_s), self._lead = self._lead, None
        place = self._order.step(position, 0)
        position = self._position if place is None else place
        own = self._entries[-1] if self._entries else None
        if own is None or (own.name, self._position) != (name, position) or started_at_s > own.started_at_s + AGAIN_S:
            self._enter(name, now_s)
            self._entries = self._entries[-MAX_CUES_ON_AIR:]
            self._position, self._aside = position, self._order.at(position) != name
        elif abs(started_at_s - own.started_at_s) < SAME_S:
            return
        self._entries[-1] = replace(self._entries[-1], started_at_s=started_at_s)
        self._fade_from_s = self._cue_since_s = started_at_s

    def _is_over(self, now_s: float) -> bool:
        if self.following:
            return False
        limits = [s for s in (self._show.cue[self.cue].hold_s, self._max_s) if s is not None]
        return bool(limits) and not self.holding and now_s - self._cue_since_s >= min(limits)

    def _next(self) -> tuple[str, int | None]:
        """What comes after the newest cue and where it stands in the playlist; ("", None) if nothing does."""
        follow = self._show.cue[self.cue].follow
        if follow is not None:
            return follow, self._order.place(follow)
        position = self._order.step(self._position, 1)
        if position is not None and self._aside and self._order.random and self._order.at(position) == self.cue:
            # It was just on, because somebody asked for it.
            position = self._order.step(position, 1)
        return ("", None) if position is None else (self._order.at(position), position)

    def _ask(self, name: str, position: int | None) -> None:
        """Let a cue be the next to start. position: where it stands in the playlist, None for a jump aside."""
        if name:
            if self._pending is None:
                self._left = (self._position, self._aside)
            self._pending, self._due_s = name, None
            self._aside = position is None
            self._position = self._position if position is None else position

    def _enter(self, name: str, now_s: float) -> None:
        rises = self._rises(now_s)
        below = zip(self._entries, rises, strict=True)
        self._entries = [replace(e, rise=rise) for e, rise in below if rise > 0.0]
        self._runs += 1
        self._entries.append(_Entry(name=name, run=self._runs, started_at_s=now_s, rise=0.0))
        cue = self._show.cue[name]
        self._fade_from_s, self._fade_s, self._cue_since_s = now_s, cue.crossfade_s, now_s
        self._curve = cue.curve
        self._pending = self._due_s = self._making_room = None

    def _has_room(self, name: str, now_s: float) -> bool:
        """Whether one more cue may come on now; if not, the oldest is on its way out. A cut needs none."""
        self._rises(now_s)
        if len(self._entries) < MAX_CUES_ON_AIR or self._show.cue[name].crossfade_s <= 0.0:
            return True
        if self._making_room is None:
            self._making_room = (now_s, self._entries[1].rise)
        return False

    def _rises(self, now_s: float) -> list[float]:
        """How far each entry has come over those before it; drops those that nothing is left of.

        The first lies over nothing and counts as risen. The newest rises in light by its curve, the others stand still,
        except the second while it makes room: when it has risen, the first is gone.
        """
        if not self._entries:
            return []
        lone = len(self._entries) == 1 or self._fade_s <= 0.0
        self.progress = 1.0 if lone else min(1.0, (now_s - self._fade_from_s) / self._fade_s)
        rise = self.progress
        if self._curve == "s":
            rise = rise * rise * (3.0 - 2.0 * rise)
        rises = [1.0, *(e.rise for e in self._entries[1:-1]), rise][-len(self._entries) :]
        if self._making_room is not None and len(rises) > 2:
            since_s, risen = self._making_room
            rises[1] = risen + (1.0 - risen) * min(1.0, (now_s - since_s) / MAKE_ROOM_S)
        first = max((i for i, r in enumerate(rises) if r >= 1.0), default=0)
        if first:
            self._making_room = None
            self._entries, rises = self._entries[first:], [1.0, *rises[first + 1 :]]
        return rises

    def _look(self, now_s: float) -> Look:
        rises = self._rises(now_s)
        weights: list[float] = []
        for rise in rises:
            weights = [w * (1.0 - rise) for w in weights] + [rise]
        on = enumerate(zip(self._entries, rises, weights, strict=True))
        return Look(tuple(self._cue(entry, rise, weight, follows=i > 0) for i, (entry, rise, weight) in on))

    def _cue(self, entry: _Entry, rise: float, weight: float, *, follows: bool) -> CueLook:
        run = f"{entry.name}#{entry.run}"
        look = cue_look(self._show, entry.name, run=run, rise=rise, weight=weight, follows=follows)
        return replace(look, started_at_s=entry.started_at_s)


def cue_look(show: Show, name: str, *, run: str, rise: float, weight: float, follows: bool) -> CueLook:
    """Return a cue as it is on air, with the seeds of all it shows. run: keys it, as one cue may be on twice.

    follows: another cue is below it, from which its transition leads.
    """
    cue = show.cue[name]
    transition = None
    if cue.transition is not None and follows:
        transition = HelperLook(
            (f"{run}/transition", 0), cue.transition, layer_seed(show.seed, f"{name}/transition", 0)
        )
    filters = tuple(
        HelperLook((f"{run}/mix", i), each, layer_seed(show.seed, f"{name}/mix", i))
        for i, each in enumerate(cue.filter)
    )
    layers = _layers(show, name, run)
    return CueLook(name, weight, 0.0, layers, rise=rise, transition=transition, filters=filters)


def _layers(show: Show, name: str, run: str) -> tuple[LayerLook, ...]:
    return tuple(
        LayerLook(
            key=(run, index),
            layer=layer,
            seed=layer_seed(show.seed, name, index),
            filters=tuple(
                HelperLook((f"{run}/{index}", i), each, layer_seed(show.seed, f"{name}/{index}", i))
                for i, each in enumerate(layer.filter)
            ),
        )
        for index, layer in enumerate(show.cue[name].layer)
    )


def layer_seed(show_seed: int, cue: str, index: int) -> int:
    """Seed of a layer, 0..2**24-1 (exact in a float): from the show seed, the cue and the layer's place in it."""
    digest = hashlib.blake2b(f"{show_seed}/{cue}/{index}".encode(), digest_size=3).digest()
    return int.from_bytes(digest, "big")
