"""The venue's document, edited while it plays: what may change at once, what waits for the next start, what is wrong.

A thread of the control process waits for the file system, loads and checks the whole venue with its lamps' profiles,
and looks up host names. The delivery process, which must not wait for any of that, gets addresses and numbers. A broken
edit changes nothing.
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
from facade.core import places
from facade.core.errors import FacadeError
from facade.light.power import check_supplies
from facade.light.ratings import Ratings, edit_words, ratings_of
from facade.mapping.model import PixelMap
from facade.mapping.targets import MULTICAST
from facade.outputs.udp import resolve

_DEBOUNCE_MS = 60
_STEP_MS = 20
_LISTED = 4
_AT_ONCE = {"controller": MOVABLE, "power": ("amps",)}
"""Keys of named tables that may count while it plays, and have words of their own."""


@dataclass(frozen=True, slots=True)
class VenueEdit:
    """One saved edit. moves: controller -> what is to change at once, hosts as addresses. words: what to tell people.

    limits: the tables that cap brightness, if one of them differs, else None. ratings: of supplies and lamps, likewise,
    as JSON.
    is_problem: the edit cannot be used, and nothing of it is.
    """

    moves: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    limits: Mapping[str, Any] | None = None
    ratings: Mapping[str, Any] | None = None
    words: str = ""
    is_problem: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """A venue as its documents said at some time."""

    venue: Venue
    ratings: Ratings

    @classmethod
    def of(cls, pixels: PixelMap) -> Version:
        return cls(pixels.venue, ratings_of(pixels))


def compare(last: Version, edited: Version, *, start: Ratings) -> VenueEdit:
    """Return what an edit asks for. start: what the show began with.

    Raises OutputError for a host name that nobody answers to.
    """
    before, after = last.venue, edited.venue
    moves: dict[str, dict[str, Any]] = {}
    for name in before.controller.keys() & after.controller.keys():
        old, new = before.controller[name], after.controller[name]
        changed = {key: getattr(new, key) for key in MOVABLE if getattr(new, key) != getattr(old, key)}
        if changed:
            moves[name] = changed
            if new.host != MULTICAST and "host" in changed and "/" not in new.host:
                changed["host"] = resolve(new.host, controller=name)
    waiting = _waiting(before, after)
    said = [f"{name} moves to {_where(after, name)}" for name in moves]
    said += edit_words(start, last.ratings, edited.ratings)
    if waiting:
        more = ", …" if len(waiting) > _LISTED else ""
        said.append(f"{', '.join(waiting[:_LISTED])}{more} count from the next start")
    limits = after.limits() if after.limits() != before.limits() else None
    if limits is not None:
        said.insert(
            0, "its caps of brightness count where they are darker than at the start, and fully from the next start"
        )
    ratings = edited.ratings.as_json() if edited.ratings != last.ratings else None
    return VenueEdit(moves, limits, ratings, f"{_called(after)}: {'; '.join(said)}." if said else "")


def read_edit(name: str, last: Version, *, start: Ratings) -> tuple[Version, VenueEdit]:
    """Load a venue again and compare it. Never raises for what stands in it: then last is returned with the words."""
    try:
        pixels, _ = open_venue_here(name)
        check_supplies(pixels)
        edited = Version.of(pixels)
        return edited, compare(last, edited, start=start)
    except FacadeError as error:
        return last, VenueEdit(words=f"{error} The last good venue goes on.", is_problem=True)


class VenueWatcher:
    """Watches the document of a plan's venue."""

    def __init__(self, plan: Plan) -> None:
        self._name = plan.venue_name
        self._last = Version.of(plan.pixels)
        self._start = self._last.ratings
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
        if self._last.venue.path is None:
            return
        file = self._last.venue.path.resolve()
        profiles = places.hardware().resolve() / "fixtures"
        # As it stands now: addresses given for one evening (--host) are no edit of it.
        self._last, _ = read_edit(self._name, self._last, start=self._start)
        for changes in watch(
            *(folder for folder in (file.parent, profiles) if folder.is_dir()),
            stop_event=self._stop,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=500,
            yield_on_timeout=False,
            raise_interrupt=False,
            recursive=False,
        ):
            paths = [Path(path) for _, path in changes]
            is_ours = any(p == file or (p.parent == profiles and p.suffix == ".toml") for p in paths)
            if is_ours and file.exists():
                self._last, edit = read_edit(self._name, self._last, start=self._start)
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
            at_once = _AT_ONCE.get(table, ())
            if isinstance(one, dict) and isinstance(other, dict):
                one = {k: v for k, v in one.items() if k not in at_once}
                other = {k: v for k, v in other.items() if k not in at_once}
            if (table, key) == ("venue", "total_amps"):
                continue
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
