"""Saved edits of pieces, noticed while they play: a thread waits for the file system, the render loop asks."""

from __future__ import annotations

import threading
from pathlib import Path

from watchfiles import Change, watch

from facade.app.plan import Plan
from facade.config.piece import PICTURES
from facade.config.piece_media import FONTS, TABLES
from facade.core import places

_SUFFIXES = {".frag", ".vert", ".glsl", ".fs", ".vs", ".isf", ".json", ".toml", ".py", *PICTURES, *FONTS, *TABLES}
_DEBOUNCE_MS = 60
_STEP_MS = 20


class PieceWatcher:
    """Watches the folders of a plan's pieces and the shared includes."""

    def __init__(self, plan: Plan) -> None:
        library = plan.library()
        self._folders = {slug: library.get(slug).folder.resolve() for slug in plan.manifests}
        self._shared = places.shaders().resolve()
        self._changed: set[str] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="pieces", daemon=True)
        self._thread.start()

    def changed(self) -> tuple[str, ...]:
        """Slugs of pieces saved since the last call, in the plan's order. Never waits."""
        if not self._changed:
            return ()
        with self._lock:
            found, self._changed = self._changed, set()
        return tuple(slug for slug in self._folders if slug in found)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(1.0)

    def _watch(self) -> None:
        folders = {*self._folders.values(), self._shared}
        for changes in watch(
            *(f for f in folders if f.is_dir()),
            stop_event=self._stop,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=500,
            yield_on_timeout=False,
            raise_interrupt=False,
        ):
            touched = {slug for change in changes for slug in self._slugs(*change)}
            with self._lock:
                self._changed |= touched

    def _slugs(self, change: Change, path: str) -> tuple[str, ...]:
        file = Path(path)
        if change is Change.deleted or file.suffix.lower() not in _SUFFIXES:
            return ()
        if file.is_relative_to(self._shared):
            return tuple(self._folders)
        return tuple(slug for slug, folder in self._folders.items() if file.is_relative_to(folder))
