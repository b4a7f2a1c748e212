"""A piece as one file: a zip of package.json, preview.png and the piece's folder. Decision 0010 says why it is so.

The bytes depend on the contents alone: entries in alphabetical order, not compressed, all of one date. What may not be
unpacked may not be packed either, so both sides ask the same questions here.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from facade.config.package import GoldenFrames, PackageManifest, PackedFile, package_json
from facade.core.errors import PieceError
from facade.pieces.library import Piece

SUFFIX = ".piece.zip"
MANIFEST_NAME = "package.json"
PREVIEW_NAME = "preview.png"

MAX_FILES = 2_000
MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_TOTAL_BYTES = 512 * 1024 * 1024
MAX_NAME = 200
MAX_DEPTH = 8

CODE = frozenset({".py", ".pyw"})
"""Runs on the machine of whoever installs it: only with explicit trust."""
BINARY_CODE = frozenset({".pyc", ".pyo", ".pyd", ".so", ".dll", ".dylib", ".exe", ".bat", ".cmd", ".com", ".sh"})
"""Nobody can read it before trusting it, or nothing in facade needs it: never."""

_DATE = (1980, 1, 1, 0, 0, 0)
_DEVICE_NAMES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LEFT_OUT = frozenset({"__pycache__", "Thumbs.db", "desktop.ini"})


def name_fault(name: str) -> str:
    """Return why a path may not stand in a package, "" if it may: it must mean the same place on every system."""
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in name:
        return "is not a path inside the piece's folder"
    if any(part in ("", ".", "..") for part in parts):
        return "climbs out of the piece's folder"
    if any(unicodedata.category(c) in ("Cc", "Cs", "Cf") or c in '<>"|?*' for c in name):
        return "holds characters that not every system can store"
    if len(name.encode()) > MAX_NAME or len(parts) > MAX_DEPTH:
        return f"is longer than {MAX_NAME} bytes or deeper than {MAX_DEPTH} folders"
    if any(part.startswith(".") for part in parts):
        return "is hidden"
    if any(part.endswith((".", " ")) or _DEVICE_NAMES.fullmatch(part) for part in parts):
        return "is no file name on every system"
    if Path(name).suffix.lower() in BINARY_CODE:
        return "is a program that cannot be read before it is run"
    return ""


def collision(names: Iterable[str]) -> tuple[str, str] | None:
    """Return two paths that some system takes for one, or of which one is the other's folder; None if all differ."""
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
        if folded in seen:
            return seen[folded], name
        seen[folded] = name
        parts = folded.split("/")
        for depth in range(1, len(parts)):
            folders["/".join(parts[:depth])] = name
            spelt = "/".join(name.split("/")[:depth])
            other = seen.setdefault(f"{'/'.join(parts[:depth])}/", spelt)
            if other != spelt:
                return other, spelt
    both = next((key for key in folders if key in seen), None)
    return None if both is None else (seen[both], folders[both])


def files_of(folder: Path) -> dict[str, bytes]:
    """Return path -> bytes of everything in a piece's folder that belongs to it; hidden and temporary files do not.

    Raises PieceError for what could not be unpacked elsewhere: a link, a device, too much of anything.
    """
    found: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") or part in _LEFT_OUT or part.endswith(("~", ".pyc")) for part in name.split("/")):
            continue
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            continue
        if not stat.S_ISREG(mode):
            raise PieceError(f"{path} is a link or a device; a package holds files. Put the file itself there.")
        fault = name_fault(name)
        if fault:
            raise PieceError(f'"{name}" {fault}. Rename it or take it out.')
        total += path.stat().st_size
        if path.stat().st_size > MAX_FILE_BYTES or total > MAX_TOTAL_BYTES or len(found) >= MAX_FILES:
            raise PieceError(f'"{name}" is too much: {limits()}. Make the piece smaller.')
        found[name] = path.read_bytes()
    pair = collision(found)
    if pair is not None:
        raise PieceError(f'"{pair[0]}" and "{pair[1]}" are one name on many systems. Rename one of them.')
    return found


def limits() -> str:
    """Return the caps in words."""
    per_file, total = MAX_FILE_BYTES // 2**20, MAX_TOTAL_BYTES // 2**20
    return f"a package holds at most {MAX_FILES:,} files of {per_file} MB, {total} MB together"


def fingerprint(data: bytes) -> PackedFile:
    return PackedFile(sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def pack(
    piece: Piece, out: Path, *, preview: bytes | None = None, golden: GoldenFrames | None = None
) -> PackageManifest:
    """Write a piece into one file, whole or not at all.

    preview: a PNG. Raises PieceError for a piece that cannot be packed, OSError.
    """
    if piece.folder.name != piece.slug:
        raise PieceError(
            f'a package holds a folder of the piece\'s name. Put "{piece.slug}" into a folder {piece.slug}/.'
        )
    files = files_of(piece.folder)
    manifest = PackageManifest(
        slug=piece.slug,
        title=piece.manifest.title,
        author=piece.manifest.author,
        license=piece.manifest.license,
        files={name: fingerprint(data) for name, data in files.items()},
        preview=None if preview is None else fingerprint(preview),
        golden=golden,
    )
    entries = {MANIFEST_NAME: package_json(manifest)}
    if preview is not None:
        entries[PREVIEW_NAME] = preview
    entries.update({f"{piece.slug}/{name}": files[name] for name in sorted(files)})
    _write(entries, out)
    return manifest


def _write(entries: Mapping[str, bytes], out: Path) -> None:
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for entry, data in entries.items():
                info = zipfile.ZipInfo(entry, _DATE)
                info.create_system = 3
                info.external_attr = (stat.S_IFREG | 0o644) << 16
                archive.writestr(info, data)
        temporary.chmod(0o644)
        temporary.replace(out)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
