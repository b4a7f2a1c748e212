"""Which cue stands where in a playlist. A random order is drawn round by round from the show's seed, never from chance.

In every round each cue comes exactly as often as its weight says, and no cue follows itself, not even from one round to
the next. The same seed gives the same evening, and going back finds what was on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from facade.config.show import Playlist


class Order:
    """The cues of a playlist by position, 0 being the first. seed: the show's; name: the playlist's."""

    def __init__(self, playlist: Playlist, *, name: str, seed: int) -> None:
        self.loop = playlist.loop
        self.random = playlist.order == "random"
        self._seed = f"{seed}/{name}"
        self._times = {cue: playlist.weights.get(cue, playlist.cues.count(cue)) for cue in dict.fromkeys(playlist.cues)}
        self._drawn: list[str] = [] if self.random else list(playlist.cues)
        self._round = sum(self._times.values()) if self.random else len(playlist.cues)

    def __contains__(self, cue: str) -> bool:
        return cue in self._times

    def at(self, position: int) -> str:
        """Return the cue at a position that ``step`` gave."""
        if not self.random:
            return self._drawn[position]
        while len(self._drawn) <= position:
            last = self._drawn[-1] if self._drawn else ""
            self._drawn += draw_round(self._times, last=last, seed=f"{self._seed}/{len(self._drawn) // self._round}")
        return self._drawn[position]

    def step(self, position: int, by: int) -> int | None:
        """Return the position so many steps on, None beyond an end. A random order that loops has no last position."""
        index = position + by
        if not self.random:
            return index % self._round if self.loop else index if 0 <= index < self._round else None
        return index if index >= 0 and (self.loop or index < self._round) else None

    def place(self, cue: str) -> int | None:
        """Return where a cue stands in a listed order; None in a random one, whose order goes on where it was."""
        return None if self.random or cue not in self._times else self._drawn.index(cue)


def draw_round(times: Mapping[str, int], *, last: str, seed: str) -> list[str]:
    """Return every cue so many times, in an order drawn from seed, no two alike adjacent, the first not ``last``.

    times: cue -> how often; none more often than all others together, else two alike must meet, and do.
    """
    left = dict(times)
    drawn: list[str] = []
    for rest in reversed(range(sum(left.values()))):
        # The rest can still be laid without neighbours alike while none fills more than half of it, and the one just
        # taken, which may not come next, a place less.
        second, most = sorted([0, *left.values()])[-2:]
        fitting = {
            cue: n
            for cue, n in left.items()
            if n and cue != last and n - 1 <= rest // 2 and (second if n == most else most) <= (rest + 1) // 2
        }
        last = _choose(fitting or {cue: n for cue, n in left.items() if n}, f"{seed}/{len(drawn)}")
        left[last] -= 1
        drawn.append(last)
    return drawn


def _choose(shares: Mapping[str, int], seed: str) -> str:
    """Pick one, each with the chance of its share. 64 bits over at most some thousands: the bias is unmeasurable."""
    number = int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest(), "big") % sum(shares.values())
    for cue, share in shares.items():
        number -= share
        if number < 0:
            return cue
    raise ValueError("nothing to choose from")
