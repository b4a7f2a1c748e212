"""The venue's document, edited while it plays: what may change at once, what waits for the next start, what is wrong.

A thread of the control process waits for the file system, loads and checks the whole venue, and looks up host names.
The delivery process, which must not wait for any of that, gets addresses. A broken edit changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from watchfiles import watch

from facade.app.plan import Plan
from facade.app.venues import open_venue_here
from facade.config.venue import LIMITS, MOVABLE, Venue
from facade.core.errors import FacadeError
from facade.mapping.targets import MULTICAST
from facade.outputs.udp import resolve

_DEBOUNCE_MS = 60
_STEP_MS = 20
_LISTED = 4


@dataclass(frozen=True, slots=True)
class VenueEdit:
    """One saved edit. moves: controller -> what is to change at once, hosts as addresses. words: what to tell people.

    limits: the tables that cap brightness, if one of them differs, else None.

    is_problem: the edit cannot be used, and nothing of it is.
    """

    moves: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    limits: Mapping[str, Any] | None = None
    words: str = ""
    is_problem: bool = False


def compare(before: Venue, after: Venue) -> VenueEdit:
    """Return what an edit asks for. Raises OutputError for a host name that nobody answers to."""
    moves: dict[str, dict[str, Any]] = {}
    for name in before.controller.keys() & after.controller.keys():
        old, new = before.controller[name], after.controller[name]
        changed = {key: getattr(new, key) for key in MOVABLE if getattr(new, key) != getattr(old, key)}
        if changed:
            moves[name] = changed
            if new.host != MULTICAST and "host" in changed and "/" not in new.host:
                changed["host"] = resolve(new.host, controller=name)
    waiting = _waiting(before, after)
    areas = [None if venue.permit is None else venue.permit.area_m2 for venue in (before, after)]
    if areas[0] != areas[1]:
        waiting.append("permit.area_m2")
    said = [f"{name} moves to {_where(after, name)}" for name in moves]
    if waiting:
        more = ", …" if len(waiting) > _LISTED else ""
        said.append(f"{', '.join(waiting[:_LISTED])}{more} count from the next start")
    limits = after.limits() if after.limits() != before.limits() else None
    if limits is not None:
        said.insert(
            0, "its caps of brightness count where they are darker than at the start, and fully from the next start"
        )
    return VenueEdit(moves, limits, f"{_called(after)}: {'; '.join(said)}." if said else "")


def read_edit(name: str, before: Venue) -> tuple[Venue, VenueEdit]:
    """Load a venue again and compare it. Never raises for what stands in it: then before is returned with the words."""
    try:
        pixels, _ = open_venue_here(name)
        after = pixels.venue
        return after, compare(before, after)
    except FacadeError as error:
        return before, VenueEdit(words=f"{error} The last good venue goes on.", is_problem=True)


class VenueWatcher:
    """Watches the document of a plan's venue."""

    def __init__(self, plan: Plan) -> None:
        self._name = plan.venue_name
        self._venue = plan.pixels.venue
        self._edits: list[VenueEdit] = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="venue", daemon=True)
        self._thread.start()

    def edits(self) -> list[VenueEdit]:
        """Edits saved since the last call. Never waits."""
        if not self._edits:
            return []
        with self._lock:
            found, self._edits = self._edits, []
        return found

    def close(self) -> None:
        self._stop.set()
        self._thread.join(1.0)

    def _watch(self) -> None:
        if self._venue.path is None:
            return
        file = self._venue.path.resolve()
        # As it stands now: addresses given for one evening (--host) are no edit of it.
        self._venue, _ = read_edit(self._name, self._venue)
        for changes in watch(
            file.parent,
            stop_event=self._stop,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=500,
            yield_on_timeout=False,
            raise_interrupt=False,
            recursive=False,
        ):
            if any(Path(path).name == file.name for _, path in changes) and file.exists():
                self._venue, edit = read_edit(self._name, self._venue)
                if edit.words:
                    with self._lock:
                        self._edits.append(edit)


def _waiting(before: Venue, after: Venue) -> list[str]:
    """Dotted keys that differ and cannot change while it plays, in the order of the document."""
    found = []
    old, new = before.model_dump(exclude={"path"}), after.model_dump(exclude={"path"})
    for table in new:
        if old.get(table) == new[table] or table in LIMITS:
            continue
        if not isinstance(new[table], dict) or not isinstance(old.get(table), dict):
            found.append(table)
            continue
        for key in old[table].keys() | new[table].keys():
            one, other = old[table].get(key), new[table].get(key)
            if table == "controller" and isinstance(one, dict) and isinstance(other, dict):
                one = {k: v for k, v in one.items() if k not in MOVABLE}
                other = {k: v for k, v in other.items() if k not in MOVABLE}
            if one != other:
                found.append(f"{table}.{key}")
    return sorted(found)


def _where(venue: Venue, name: str) -> str:
    controller = venue.controller[name]
    port = "" if controller.port is None else f":{controller.port}"
    through = f" through {controller.interface}" if controller.interface else ""
    return f"{controller.host}{port}{through}"


def _called(venue: Venue) -> str:
    return "venue.toml" if venue.path is None else venue.path.name
