"""Pieces that have taken the renderer down too often, remembered from one evening to the next.

A piece is remembered by its folder and the state of its files, so that editing it sets it free.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path

from facade.app.plan import Plan
from facade.core import places
from facade.core.errors import FacadeError
from facade.pieces.library import Piece

CRASHES = 3
WINDOW_S = 600.0
REASON = f"took the renderer down {CRASHES} times in ten minutes"
RELEASE = "Edit it, or let it try again: /show/release {slug}, or facade piece release {slug}."
_MAX_FILES = 2000


class Crashes:
    """Who was on when the renderer died. ``reasons``: pieces in quarantine and why, for people."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        self.reasons = dict(reasons)
        self._times: dict[str, deque[float]] = {}

    def charge(self, slugs: Iterable[str], now: float) -> None:
        """Count a crash against these pieces; the third within ten minutes puts one in quarantine."""
        for slug in slugs:
            times = self._times.setdefault(slug, deque(maxlen=CRASHES))
            times.append(now)
            if len(times) == CRASHES and now - times[0] <= WINDOW_S:
                self.reasons.setdefault(slug, REASON)

    def release(self, slug: str) -> None:
        """Begin anew with a piece."""
        self.reasons.pop(slug, None)
        self._times.pop(slug, None)


class QuarantineFile:
    """What is remembered on disk. file: facade's own if None; without a home nothing is remembered.

    A file that cannot be read counts as empty, and one that cannot be written is no reason to stop a show.
    """

    def __init__(self, file: Path | None = None) -> None:
        state = places.state()
        self._file = file or (None if state is None else state / "quarantine.json")

    def held(self, folders: Mapping[str, Path]) -> dict[str, str]:
        """Return slug -> reason of those pieces that are in quarantine and have not been edited since."""
        entries = self._read()
        found = {}
        for slug, folder in folders.items():
            entry = entries.get(str(folder.resolve()))
            if entry is not None and entry.get("files") == files_of(folder):
                found[slug] = entry.get("reason", REASON)
        return found

    def add(self, folder: Path, reason: str) -> None:
        self._write(self._read() | {str(folder.resolve()): {"reason": reason, "files": files_of(folder)}})

    def remove(self, folder: Path) -> bool:
        """Forget a piece. Returns whether it was there."""
        entries = self._read()
        was = entries.pop(str(folder.resolve()), None) is not None
        if was:
            self._write(entries)
        return was

    def _read(self) -> dict[str, dict[str, str]]:
        if self._file is None:
            return {}
        try:
            entries = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(entries, dict):
            return {}
        return {str(folder): entry for folder, entry in entries.items() if isinstance(entry, dict)}

    def _write(self, entries: Mapping[str, Mapping[str, str]]) -> None:
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".quarantine-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(entries, file, indent=1)
            Path(name).replace(self._file)
        except OSError:
            return


def home_of(piece: Piece) -> Path:
    """Return where a piece lies: its folder, or its one file in a folder with others."""
    return piece.folder if piece.documents or piece.folder.name == piece.slug else piece.shader


def homes_of(plan: Plan) -> dict[str, Path]:
    """Return where the pieces of a show lie, by slug; one that has gone since is left out."""
    library = plan.library()
    found = {}
    for slug in plan.manifests:
        try:
            found[slug] = home_of(library.get(slug))
        except FacadeError:
            continue
    return found


def files_of(folder: Path) -> str:
    """Return a digest of the names, sizes and times of a piece's files."""
    digest = hashlib.sha256()
    files = [folder] if folder.is_file() else sorted(folder.rglob("*"))[:_MAX_FILES]
    for file in files:
        try:
            facts = file.stat()
        except OSError:
            continue
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(f"{file.name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
