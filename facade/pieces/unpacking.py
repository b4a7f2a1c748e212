"""Taking a package apart. The file may come from anybody, so nothing in it is believed before it was checked.

The order: the size of the directory, every name and mode in it, the manifest, then each file's bytes against its hash,
in a temporary folder beside the target; only a whole and working piece is renamed into place.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from facade.config.package import PackageManifest, PackedFile, parse_package
from facade.core.errors import FacadeError, PieceError
from facade.pieces.library import PieceLibrary
from facade.pieces.package import (
    CODE,
    MANIFEST_NAME,
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_TOTAL_BYTES,
    PREVIEW_NAME,
    collision,
    limits,
    name_fault,
)

RECEIPT = ".package"
"""Folder inside an installed piece that keeps package.json and preview.png."""

MAX_RATIO = 100
"""A file that grows more than this when it is unpacked is a bomb; GLSL grows tenfold. Small files are let be."""

_SMALL = 1024 * 1024
_MAX_DIRECTORY = 4 * 1024 * 1024
_END = struct.Struct("<4s4H2IH")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)
"""What zipfile raises for a file that is not a sound zip; and OSError EINVAL, for a place before its beginning."""


@dataclass(frozen=True, slots=True)
class Installed:
    """Where a piece went. replaced: where the one it replaced is kept, None if there was none."""

    slug: str
    folder: Path
    manifest: PackageManifest
    replaced: Path | None


def install(
    file: Path, into: Path, *, trust: bool = False, replace: bool = False, taken: Collection[str] = ()
) -> Installed:
    """Unpack a package into the folder of pieces ``into``, which is made if it is not there.

    trust: let Python files in. replace: take the place of a piece of that name, which is kept in ``into``/.replaced.
    taken: names that pieces found before those in ``into`` have already.
    Raises PieceError for anything that is not as it should be, and then leaves nothing behind; OSError.
    """
    made = [folder for folder in (into, *into.parents) if not folder.exists()]
    into.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=into, prefix=".installing-"))
    try:
        manifest = _read(file, temporary, trust=trust)
        if manifest.slug in taken:
            raise PieceError(f'facade comes with a piece "{manifest.slug}", which would hide this one. Use --into.')
        _try(manifest.slug, temporary)
        installed = _move_in(manifest, temporary, into, replace=replace)
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        for folder in made:
            folder.rmdir()
        if isinstance(error, PieceError):
            raise PieceError(f"{file.name}: {error} Nothing was installed.") from None
        raise
    shutil.rmtree(temporary, ignore_errors=True)
    return installed


def _read(file: Path, temporary: Path, *, trust: bool) -> PackageManifest:
    """Check a package and unpack it into temporary/SLUG."""
    if not file.is_file():
        raise PieceError("there is no such file. Check the path.")
    try:
        _check_directory(file)
        with zipfile.ZipFile(file) as archive:
            manifest = _checked(archive, trust=trust)
            _unpack(archive, manifest, temporary)
    except _BROKEN as error:
        raise PieceError(f"it is not a sound zip file ({error or type(error).__name__}). Ask for it again.") from None
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise PieceError("it is not a sound zip file (a place before its beginning). Ask for it again.") from None
    return manifest


def _check_directory(file: Path) -> None:
    """Refuse a zip whose list of contents is itself too large to read, before zipfile reads it."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        opened.seek(max(0, size - 65_557))
        tail = opened.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or at + _END.size > len(tail):
        raise PieceError("it is not a zip file. Give a package made by: facade piece pack.")
    *_, entries, directory_bytes, _offset, _comment = _END.unpack_from(tail, at)
    if size > 2 * MAX_TOTAL_BYTES or entries > 2 * MAX_FILES or directory_bytes > _MAX_DIRECTORY or b"PK\6\7" in tail:
        raise PieceError(f"it is too large: {limits()}. Ask for a smaller one.")


def _checked(archive: zipfile.ZipFile, *, trust: bool) -> PackageManifest:
    """Ask everything that can be asked without unpacking. Raises PieceError at the first thing that is wrong."""
    infos = [info for info in archive.infolist() if not _is_folder(info)]
    for info in archive.infolist():
        _check_entry(info)
    pair = collision(info.filename for info in infos)
    if pair is not None:
        raise PieceError(f'"{pair[0]}" and "{pair[1]}" are one name on many systems. Do not use this package.')
    total = sum(info.file_size for info in infos)
    if len(infos) > MAX_FILES or total > MAX_TOTAL_BYTES:
        raise PieceError(f"it unpacks to {len(infos):,} files, {total:,} bytes; {limits()}. Ask for a smaller one.")
    by_name = {info.filename: info for info in infos}
    if MANIFEST_NAME not in by_name or by_name[MANIFEST_NAME].file_size > _SMALL:
        raise PieceError(f"it has no {MANIFEST_NAME}. Give a package made by: facade piece pack.")
    manifest = parse_package(archive.read(MANIFEST_NAME))
    _check_contents(manifest, set(by_name), trust=trust)
    return manifest


def _check_entry(info: zipfile.ZipInfo) -> None:
    # orig_filename is what stands in the file; zipfile cuts the other at a NUL and turns backslashes on Windows.
    name = info.orig_filename.removesuffix("/")
    fault = name_fault(name)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if fault:
        pass
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (kind == stat.S_IFDIR) > _is_folder(info):
        fault = "is a link or a device"
    elif info.flag_bits & 1:
        fault = "is encrypted"
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        fault = "is packed in a way facade does not read"
    elif info.file_size > MAX_FILE_BYTES:
        fault = f"unpacks to {info.file_size:,} bytes; {limits()}"
    elif info.file_size > _SMALL and info.file_size > MAX_RATIO * info.compress_size:
        fault = f"grows from {info.compress_size:,} to {info.file_size:,} bytes, as no piece does"
    elif _is_folder(info) and info.file_size:
        fault = "is a folder with contents of its own"
    if fault:
        raise PieceError(f"{name[:80]!r} {fault}. Do not use this package.")


def _check_contents(manifest: PackageManifest, names: set[str], *, trust: bool) -> None:
    wanted = {MANIFEST_NAME} | {f"{manifest.slug}/{name}" for name in manifest.files}
    if manifest.preview is not None:
        wanted.add(PREVIEW_NAME)
    for name in sorted(names ^ wanted):
        rule = "is missing" if name in wanted else f"is not listed in {MANIFEST_NAME}"
        raise PieceError(f"{name[:80]!r} {rule}. Ask for it again.")
    code = sorted(name for name in manifest.files if Path(name).suffix.lower() in CODE)
    if code and not trust:
        raise PieceError(
            f"{', '.join(code[:3])} would run on this machine with all your rights. "
            "Read it, and if you trust whoever made it, add --trust."
        )


def _unpack(archive: zipfile.ZipFile, manifest: PackageManifest, temporary: Path) -> None:
    folder = temporary / manifest.slug
    for name, expected in manifest.files.items():
        _copy(archive, f"{manifest.slug}/{name}", folder / name, expected)
    receipt = folder / RECEIPT
    receipt.mkdir()
    (receipt / MANIFEST_NAME).write_bytes(archive.read(MANIFEST_NAME))
    if manifest.preview is not None:
        _copy(archive, PREVIEW_NAME, receipt / PREVIEW_NAME, manifest.preview)


def _copy(archive: zipfile.ZipFile, entry: str, target: Path, expected: PackedFile) -> None:
    """Unpack one file in pieces, counting: what the zip says about sizes is not believed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, count = hashlib.sha256(), 0
    with archive.open(entry) as packed, target.open("xb") as out:
        while block := packed.read(_SMALL):
            count += len(block)
            if count > expected.size:
                break
            digest.update(block)
            out.write(block)
    if count != expected.size or digest.hexdigest() != expected.sha256:
        raise PieceError(f'"{entry}" is not what {MANIFEST_NAME} says it is: it was changed or damaged. Ask again.')


def _try(slug: str, temporary: Path) -> None:
    """Read the piece as it would be read when it plays. Raises PieceError."""
    try:
        PieceLibrary((temporary,)).get(slug)
    except FacadeError as error:
        raise PieceError(f"the piece in it does not hold: {error}".replace(f"{temporary}/", "")) from None


def _move_in(manifest: PackageManifest, temporary: Path, into: Path, *, replace: bool) -> Installed:
    target, replaced = into / manifest.slug, None
    if target.exists() or target.is_symlink():
        if not replace:
            raise PieceError(
                f'there is a piece "{manifest.slug}" in {into} already. Add --replace to put this one in its place; '
                "the old one is kept."
            )
        kept = into / ".replaced"
        kept.mkdir(exist_ok=True)
        number = 1 + sum(1 for path in kept.iterdir() if path.name.rpartition("-")[0] == manifest.slug)
        replaced = kept / f"{manifest.slug}-{number}"
        target.rename(replaced)
    try:
        (temporary / manifest.slug).rename(target)
    except OSError:
        if replaced is not None:
            replaced.rename(target)
        raise
    return Installed(manifest.slug, target, manifest, replaced)


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith("/")
