"""Who else sends the universes of this show: remembered while they are heard, told in words.

facade never raises a priority to win and never stops because of a rival. With sACN receivers decide, by priority; with
Art-Net nobody does, and a person must end one of the two. All that is done here is to notice, and to say what follows.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from facade.core.health import OtherSource

FORGET_S = 30.0
"""After it was last heard: sACN sources announce themselves every ten seconds, and one announcement may be lost."""

MOST = 64
"""Remembered at once; anybody may send anything to these ports."""

_LISTED = 8

Key = tuple[str, str]
"""Protocol, and what tells a source from others: CID or address."""


class _Rival:
    def __init__(self) -> None:
        self.name = ""
        self.where = ""
        self.universes: dict[int, float] = {}
        self.priorities: dict[int, int] = {}


class Rivals:
    """priorities: of our universes, by protocol; Art-Net's are all 0."""

    def __init__(self, priorities: Mapping[str, Mapping[int, int]]) -> None:
        self._ours = {protocol: dict(given) for protocol, given in priorities.items()}
        self._found: dict[Key, _Rival] = {}
        self._told: set[Key] = set()

    def universes(self, protocol: str) -> tuple[int, ...]:
        """Universes of ours that a known rival sends, ascending."""
        found = {u for (kind, _), rival in self._found.items() if kind == protocol for u in rival.universes}
        return tuple(sorted(found))

    def heard(
        self,
        protocol: str,
        who: str,
        universe: int,
        *,
        now: float,
        name: str,
        where: str,
        priority: int | None = None,
    ) -> None:
        """A universe was heard from somebody else; universes that are not ours are nobody's business."""
        if universe not in self._ours.get(protocol, ()):
            return
        key = (protocol, who)
        rival = self._found.get(key)
        if rival is None:
            if len(self._found) >= MOST:
                return
            rival = self._found[key] = _Rival()
        rival.name, rival.where = name, where
        rival.universes[universe] = now
        if priority is not None:
            rival.priorities[universe] = priority

    def ended(self, protocol: str, who: str, universe: int) -> None:
        """A source has said that it stops sending a universe."""
        rival = self._found.get((protocol, who))
        if rival is not None:
            rival.universes.pop(universe, None)

    def look(self, now: float) -> None:
        """Forget who has been silent; log who is new and who is gone."""
        for key, rival in list(self._found.items()):
            rival.universes = {u: at for u, at in rival.universes.items() if now - at <= FORGET_S}
            if not rival.universes:
                del self._found[key]
                if key in self._told:
                    self._told.discard(key)
                    _log.info("%s no longer sends universes of this show", _called(rival))
            elif key not in self._told:
                self._told.add(key)
                _log.warning("%s", self._words(key[0], rival))

    def others(self) -> tuple[OtherSource, ...]:
        return tuple(
            OtherSource(
                name=rival.name,
                where=rival.where,
                protocol=protocol,
                universes=tuple(sorted(rival.universes)),
                priority=max(rival.priorities.values(), default=None),
                says=self._words(protocol, rival),
            )
            for (protocol, _), rival in sorted(self._found.items())
            if rival.universes
        )

    def _words(self, protocol: str, rival: _Rival) -> str:
        universes = sorted(rival.universes)
        listed = ", ".join(map(str, universes[:_LISTED])) + (", …" if len(universes) > _LISTED else "")
        noun = "universe" if len(universes) == 1 else "universes"
        label = "sACN" if protocol == "sacn" else "Art-Net"
        told = f"{_called(rival)} also sends {label} {noun} {listed}"
        return f"{told}{self._outcome(protocol, rival, universes)}"

    def _outcome(self, protocol: str, rival: _Rival, universes: list[int]) -> str:
        if protocol != "sacn":
            return ": Art-Net has no priorities, nodes mix both or flicker; end one of them"
        pairs = [(rival.priorities[u], self._ours[protocol][u]) for u in universes if u in rival.priorities]
        if not pairs:
            return ""
        theirs, ours = max(pairs, key=lambda pair: pair[0] - pair[1])
        if theirs > ours:
            return f", priority {theirs}: receivers show it and not this show, which has {ours}"
        if theirs == ours:
            return f", priority {theirs}, as this show: receivers mix both; give one of them another priority"
        return f", priority {theirs}: receivers show this show, which has {ours}"


_log = logging.getLogger(__name__)


def _called(rival: _Rival) -> str:
    return f'{rival.where} "{rival.name}"' if rival.name else rival.where
