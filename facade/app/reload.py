"""Saved edits of pieces, noticed while they play: the render loop waits for them between its frames."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Protocol

from watchfiles import Change, watch

from facade.app.plan import Plan
from facade.config.piece import PICTURES
from facade.config.piece_media import FONTS, TABLES
from facade.core import places
from facade.core.errors import MachineError
from facade.link import SavedFiles

_log = logging.getLogger(__name__)

_SUFFIXES = {".frag", ".vert", ".glsl", ".fs", ".vs", ".isf", ".json", ".toml", ".py", *PICTURES, *FONTS, *TABLES}
_DEBOUNCE_MS = 60
_STEP_MS = 20


class PieceWatcher:
    """Watches the folders of a plan's pieces and the shared includes. Readable by ``select`` when one was saved.

    uses: returns the files a piece is made of, as far as they are known.
    """

    def __init__(self, plan: Plan, *, uses: Callable[[str], Collection[Path]]) -> None:
        library = plan.library()
        self._folders = {slug: library.get(slug).folder.resolve() for slug in plan.manifests}
        self._shared = places.shaders().resolve()
        self._uses = uses
        folders = {folder for folder in (*self._folders.values(), self._shared) if folder.is_dir()}
        self._saved = _saved(folders)

    def fileno(self) -> int:
        return self._saved.fileno()

    def changed(self) -> tuple[str, ...]:
        """Slugs of pieces saved since the last call, in the plan's order. Never waits."""
        try:
            saved = self._saved.take()
        except MachineError as error:
            _log.warning("saved edits in new folders are not noticed: %s", error)
            return ()
        found = {slug for path in saved for slug in self._slugs(path)}
        return tuple(slug for slug in self._folders if slug in found)

    def close(self) -> None:
        self._saved.close()

    def _slugs(self, path: Path) -> Iterable[str]:
        all_of_it = path == self._shared or path in self._folders.values()
        if not all_of_it and path.suffix.lower() not in _SUFFIXES:
            return ()
        if path.is_relative_to(self._shared):
            return tuple(slug for slug in self._folders if all_of_it or self._may_use(slug, path))
        return tuple(slug for slug, folder in self._folders.items() if path.is_relative_to(folder))

    def _may_use(self, slug: str, path: Path) -> bool:
        """Whether a piece includes a file; one that could not be read might."""
        known = self._uses(slug)
        return not known or path in {file.resolve() for file in known}


class _Saved(Protocol):
    def fileno(self) -> int: ...

    def take(self) -> set[Path]: ...

    def close(self) -> None: ...


def _saved(folders: Collection[Path]) -> _Saved:
    """Watch folders in the best way there is. A show plays without hearing of edits at once, too."""
    if sys.platform != "linux":
        return _SavedElsewhere(folders)
    try:
        return SavedFiles(folders)
    except MachineError as error:
        _log.warning("saved edits are looked for instead of heard, some tenths of a second later: %s", error)
        return _SavedElsewhere(folders, polling=True)


class _SavedElsewhere:
    """What SavedFiles is on Linux: a thread waits for the file system, and until nothing more comes for a moment.

    polling: look at every file again and again instead, where the system tells nothing.
    """

    def __init__(self, folders: Collection[Path], *, polling: bool = False) -> None:
        self._polling = polling
        self._readable, self._rouse = os.pipe()
        os.set_blocking(self._readable, False)
        self._paths: set[Path] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(folders,), name="pieces", daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        return self._readable

    def take(self) -> set[Path]:
        if not self._paths:
            return set()
        with self._lock:
            os.read(self._readable, 1 << 16)
            found, self._paths = self._paths, set()
        return found

    def close(self) -> None:
        self._stop.set()
        self._thread.join(1.0)
        os.close(self._readable)
        os.close(self._rouse)

    def _watch(self, folders: Collection[Path]) -> None:
        for changes in watch(
            *folders,
            stop_event=self._stop,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=500,
            yield_on_timeout=False,
            raise_interrupt=False,
            force_polling=self._polling,
        ):
            saved = {Path(path) for change, path in changes if change is not Change.deleted}
            if saved:
                with self._lock:
                    self._paths |= saved
                    os.write(self._rouse, b".")
