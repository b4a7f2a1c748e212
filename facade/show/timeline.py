"""What is on at time t. Pure: the same show, commands and ticks give the same looks.

Commands take effect at the tick that follows them. A crossfade counts seconds; a new cue during a crossfade starts
from whatever mixture was on, so nothing jumps.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from facade.config.show import Cue, Show
from facade.core.errors import InputError, did_you_mean
from facade.core.frame import Tick
from facade.show.look import CueLook, LayerLook, Look

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
        playlist = show.playlist[show.start] if show.start else next(iter(show.playlist.values()), None)
        self._order: tuple[str, ...] = playlist.cues if playlist else tuple(show.cue)
        self._loop = playlist.loop if playlist else False
        self._position = 0
        self._runs = 0
        self._entries: list[_Entry] = []
        self._fade_from_s = 0.0
        self._fade_s = 0.0
        self._pending: str | None = None
        self._cue_since_s = 0.0
        self.holding = False
        self.progress = 1.0

    @property
    def cue(self) -> str:
        """The newest cue on air, or the first to come before the first tick."""
        return self._entries[-1].name if self._entries else self._order[0]

    @property
    def next_cue(self) -> str:
        """What go would start; "" at the end of a playlist that does not loop."""
        index = self._step(1)
        return "" if index is None else self._order[index]

    def go(self) -> None:
        """Start the next cue of the playlist; nothing at its end."""
        self._move(1)

    def back(self) -> None:
        """Start the previous cue of the playlist; nothing at its beginning."""
        self._move(-1)

    def hold(self, on: bool) -> None:
        """While held, hold_s does not move on to the next cue; go and cue still do."""
        self.holding = on

    def start(self, name: str) -> None:
        """Start a cue by name. Raises InputError if the show has no such cue."""
        if name not in self._show.cue:
            raise InputError(f'cue "{name}" is not in the show.{did_you_mean(name, self._show.cue)}')
        if name in self._order:
            self._position = self._order.index(name)
        self._pending = name

    def resume(self, name: str, *, position: int | None = None) -> None:
        """Begin with this cue instead of the first one, without a fade: after the renderer was replaced."""
        if name in self._show.cue:
            self.start(name)
        if position is not None and 0 <= position < len(self._order) and self._order[position] == name:
            self._position = position

    @property
    def position(self) -> int:
        """Index of the newest cue in the playlist."""
        return self._position

    def at(self, tick: Tick) -> Look:
        """Return what is on at this tick. Ticks must not go back in time."""
        if not self._entries:
            self._enter(self._pending or self._order[self._position], tick.time_s, fade_s=0.0)
        elif self._pending is not None:
            self._enter(self._pending, tick.time_s, fade_s=self._show.cue[self._pending].crossfade_s)
        elif self._is_over(tick.time_s):
            self._move(1)
            if self._pending is not None:
                self._enter(self._pending, tick.time_s, fade_s=self._show.cue[self._pending].crossfade_s)
            else:
                self._cue_since_s = float("inf")
        self._pending = None
        return self._look(tick.time_s)

    def _is_over(self, now_s: float) -> bool:
        hold_s = self._show.cue[self.cue].hold_s
        return hold_s is not None and not self.holding and now_s - self._cue_since_s >= hold_s

    def _step(self, by: int) -> int | None:
        index = self._position + by
        if self._loop:
            return index % len(self._order)
        return index if 0 <= index < len(self._order) else None

    def _move(self, by: int) -> None:
        index = self._step(by)
        if index is not None:
            self._position = index
            self._pending = self._order[index]

    def _enter(self, name: str, now_s: float, *, fade_s: float) -> None:
        shares = self._shares(now_s)
        kept = [replace(e, share=s) for e, s in zip(self._entries, shares, strict=True) if s > 0.0]
        while len(kept) >= MAX_CUES_ON_AIR:
            kept.remove(min(kept, key=lambda e: e.share))
        total = sum(e.share for e in kept) or 1.0
        self._runs += 1
        self._entries = [replace(e, share=e.share / total) for e in kept]
        self._entries.append(_Entry(name=name, run=self._runs, started_at_s=now_s, share=0.0))
        self._fade_from_s, self._fade_s, self._cue_since_s = now_s, fade_s, now_s

    def _shares(self, now_s: float) -> list[float]:
        """Weights of the entries now: the newest rises linearly in light, the others shrink in proportion."""
        if not self._entries:
            return []
        rise = 1.0 if self._fade_s <= 0.0 else min(1.0, (now_s - self._fade_from_s) / self._fade_s)
        if len(self._entries) == 1:
            rise = 1.0
        self.progress = rise
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
                    layers=self._layers(e.name, e.run, self._show.cue[e.name]),
                )
                for e, share in zip(self._entries, shares, strict=True)
            )
        )

    def _layers(self, name: str, run: int, cue: Cue) -> tuple[LayerLook, ...]:
        return tuple(
            LayerLook(key=(f"{name}#{run}", index), layer=layer, seed=layer_seed(self._show.seed, name, index))
            for index, layer in enumerate(cue.layer)
        )


def layer_seed(show_seed: int, cue: str, index: int) -> int:
    """Seed of a layer, 0..2**24-1 (exact in a float): from the show seed, the cue and the layer's place in it."""
    digest = hashlib.blake2b(f"{show_seed}/{cue}/{index}".encode(), digest_size=3).digest()
    return int.from_bytes(digest, "big")
