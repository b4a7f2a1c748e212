"""What the show of one machine tells that of the other: which cue, how old, and what was moved by hand.

The machine that sends tells; the one that is silent hears, and its show follows, so that it stands where the other
stood when it takes over. Pure; pair.py has the socket.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, replace

from facade.protocols.show_position import LONGEST_AGE_S, MOST_INDEX, ShowPosition, Value, room_for, size_of

LONGEST_VALUE = 400
"""Bytes. Crowds of points change with every frame, and each machine hears its own."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """Where the other machine's show was, and when that arrived here, on this machine's clock."""

    position: ShowPosition
    at: float


class ShowRelay:
    """show: digest of this machine's show; one that differs is said once, and followed as far as cues have names."""

    def __init__(self, show: str) -> None:
        self._show = show
        self._own: Heard | None = None
        self._told: tuple[str, int, bool, bool] | None = None
        self._values: OrderedDict[str, Value] = OrderedDict()
        self._heard: Heard | None = None
        self._differs = ""

    def stands(self, position: ShowPosition, now: float) -> None:
        """Take note of where the show here is. position: without values."""
        index = min(position.index, MOST_INDEX)
        age_s = min(max(position.age_s, 0.0), LONGEST_AGE_S)
        self._own = Heard(replace(position, show=self._show, index=index, age_s=age_s), now)

    def moved(self, address: str, value: Value | None) -> None:
        """Take note of a value that came from outside; None: a cue has taken its place."""
        self._values.pop(address, None)
        if value is not None and size_of(address, value) <= LONGEST_VALUE:
            # What is new is told first.
            self._values[address] = value
            self._values.move_to_end(address, last=False)

    @property
    def has_news(self) -> bool:
        """Whether another cue has come on, or the show has been stopped, since it was told last."""
        return self._own is not None and _kind(self._own.position) != self._told

    def tell(self, now: float, *, values: bool) -> ShowPosition | None:
        """Return what to tell the other machine now; None before the first picture.

        values: as many as fit; what is told goes to the end of the queue.
        """
        if self._own is None:
            return None
        own, at = self._own.position, self._own.at
        self._told = _kind(own)
        position = own if own.paused else replace(own, age_s=min(own.age_s + max(now - at, 0.0), LONGEST_AGE_S))
        return replace(position, values=self._next_values(position)) if values else position

    def hear(self, position: ShowPosition, now: float) -> None:
        """Take what the other machine told."""
        if position.show != self._show and position.show != self._differs:
            _log.warning(
                "standby: the other machine plays another show, or another version of it (cues, playlists or seed "
                "differ): cues of the same name are followed. Copy the show to both machines."
            )
            self._differs = position.show
        self._heard = Heard(position, now)

    def heard(self) -> Heard | None:
        """Return what was heard since the last call."""
        heard, self._heard = self._heard, None
        return heard

    def _next_values(self, position: ShowPosition) -> dict[str, Value]:
        room = room_for(position)
        chosen: dict[str, Value] = {}
        for address, value in self._values.items():
            size = size_of(address, value)
            if size > room:
                break
            room -= size
            chosen[address] = value
        for address in chosen:
            self._values.move_to_end(address)
        return chosen


def _kind(position: ShowPosition) -> tuple[str, int, bool, bool]:
    return position.cue, position.index, position.holding, position.paused
