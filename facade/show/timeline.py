"""What is on at time t. Pure: the same show, commands and ticks give the same looks.

Commands take effect at the tick that follows them, or after the wait_s of the cue they start; another command during
the wait replaces it, and go starts it at once. A crossfade counts seconds; a new cue during a crossfade starts from
whatever mixture was on, so nothing jumps.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from typing import Literal

from facade.config.show import Playlist, Show
from facade.core.errors import InputError, did_you_mean
from facade.core.frame import Tick
from facade.show.look import CueLook, FilterLook, LayerLook, Look
from facade.show.playlist import Order

MAX_CUES_ON_AIR = 4
"""A go during a crossfade keeps the outgoing cues; beyond this many the faintest is dropped."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A cue on air. share: its weight when the running crossfade began. run: a number of its own, as cues may recur."""

    name: str
    run: int
    started_at_s: float
    share: float


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
        self.holding = False
        self.progress = 1.0

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

    def resume(self, name: str, *, position: int | None = None) -> None:
        """Begin with this cue instead of the first one, without a fade: after the renderer was replaced."""
        if name in self._show.cue:
            self.start(name)
        if position is not None and self._order.step(position, 0) is not None:
            self._position, self._aside = position, self._order.at(position) != name

    @property
    def position(self) -> int:
        """Index of the newest cue in the playlist; of a random one in all its rounds."""
        return self._position

    def at(self, tick: Tick) -> Look:
        """Return what is on at this tick. Ticks must not go back in time."""
        if not self._entries:
            self._enter(self._pending or self._order.at(self._position), tick.time_s)
        elif self._pending is None and self._is_over(tick.time_s):
            self._ask(*self._next())
            if self._pending is None:
                self._cue_since_s = math.inf
        if self._pending is not None:
            if self._due_s is None:
                self._due_s = tick.time_s + self._show.cue[self._pending].wait_s
            if tick.time_s >= self._due_s:
                self._enter(self._pending, tick.time_s)
        return self._look(tick.time_s)

    def _is_over(self, now_s: float) -> bool:
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
        cue = self._show.cue[name]
        shares = self._shares(now_s)
        kept = [replace(e, share=s) for e, s in zip(self._entries, shares, strict=True) if s > 0.0]
        while len(kept) >= MAX_CUES_ON_AIR:
            kept.remove(min(kept, key=lambda e: e.share))
        total = sum(e.share for e in kept) or 1.0
        self._runs += 1
        self._entries = [replace(e, share=e.share / total) for e in kept]
        self._entries.append(_Entry(name=name, run=self._runs, started_at_s=now_s, share=0.0))
        self._fade_from_s, self._fade_s, self._cue_since_s = now_s, cue.crossfade_s, now_s
        self._curve = cue.curve
        self._pending = self._due_s = None

    def _shares(self, now_s: float) -> list[float]:
        """Weights of the entries now: the newest rises in light by its curve, the others shrink in proportion."""
        if not self._entries:
            return []
        rise = 1.0 if self._fade_s <= 0.0 else min(1.0, (now_s - self._fade_from_s) / self._fade_s)
        if len(self._entries) == 1:
            rise = 1.0
        self.progress = rise
        if self._curve == "s":
            rise = rise * rise * (3.0 - 2.0 * rise)
        return [e.share * (1.0 - rise) for e in self._entries[:-1]] + [rise]

    def _look(self, now_s: float) -> Look:
        shares = self._shares(now_s)
        if self.progress >= 1.0:
            self._entries, shares = self._entries[-1:], [1.0]
        return Look(
            tuple(
                CueLook(
                    name=e.name,
                    weight=share,
                    started_at_s=e.started_at_s,
                    layers=layers_of(self._show, e.name, run=f"{e.name}#{e.run}"),
                )
                for e, share in zip(self._entries, shares, strict=True)
            )
        )


def layers_of(show: Show, name: str, *, run: str) -> tuple[LayerLook, ...]:
    """Return the layers of a cue with their seeds. run: what keys them, as one cue may be on twice."""
    return tuple(
        LayerLook(
            key=(run, index),
            layer=layer,
            seed=layer_seed(show.seed, name, index),
            filters=tuple(
                FilterLook((f"{run}/{index}", i), each, layer_seed(show.seed, f"{name}/{index}", i))
                for i, each in enumerate(layer.filter)
            ),
        )
        for index, layer in enumerate(show.cue[name].layer)
    )


def layer_seed(show_seed: int, cue: str, index: int) -> int:
    """Seed of a layer, 0..2**24-1 (exact in a float): from the show seed, the cue and the layer's place in it."""
    digest = hashlib.blake2b(f"{show_seed}/{cue}/{index}".encode(), digest_size=3).digest()
    return int.from_bytes(digest, "big")
