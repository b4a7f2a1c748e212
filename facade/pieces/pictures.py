"""Pictures, films and cameras by name: what counts as one, which of them a piece may show, and which are not there.

A name is a generated source, ``camera`` or ``camera:NAME``, or a file: beside the show first, then in the piece's own
folder. The names a piece may show are listed when it is read, so that no message from outside can open another file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from facade.config.piece import (
    CAMERA,
    FILMS,
    PICTURES,
    SOURCES,
    ImageParameter,
    Parameter,
    PieceManifest,
    Value,
    is_camera,
    is_source,
)
from facade.core.errors import ConfigError, Problem, did_you_mean

MAX_FILES = 256
MAX_DEPTH = 3
_MAX_LOOKED_AT = 4_000
"""Of names in a folder and below: a show saved in a crowded folder must still start at once."""


def is_film(file: Path) -> bool:
    return file.suffix.lower() in FILMS


def is_picture(file: Path) -> bool:
    """Whether a file's name is that of a picture or a film."""
    return file.suffix.lower() in (*PICTURES, *FILMS)


def pictures_in(folder: Path) -> dict[str, Path]:
    """Return name -> file of the pictures and films in a folder and up to three levels below, in alphabetical order.

    Hidden ones, presets and what lies behind links to other folders are left out, and so is all beyond MAX_FILES.
    """
    found: dict[str, Path] = {}
    looked_at = 0
    for root, folders, files in os.walk(folder):
        at = Path(root)
        depth = len(at.relative_to(folder).parts)
        folders[:] = sorted(f for f in folders if not f.startswith((".", "_")) and depth < MAX_DEPTH)
        looked_at += len(files)
        for name in sorted(files):
            file = at / name
            if not name.startswith(".") and is_picture(file) and file.resolve().is_relative_to(folder.resolve()):
                found[file.relative_to(folder).as_posix()] = file
        if len(found) >= MAX_FILES or looked_at >= _MAX_LOOKED_AT:
            break
    return dict(sorted(found.items())[:MAX_FILES])


def with_pictures(
    manifest: PieceManifest, folders: Sequence[Path], *, document: Path
) -> tuple[PieceManifest, dict[str, Path]]:
    """Return a manifest whose image parameters list what they may show, and name -> file of all that is there.

    folders: where files are looked for, the first wins. Raises ConfigError for a default that is not there.
    """
    images = {n: p for n, p in manifest.parameter.items() if isinstance(p, ImageParameter)}
    if not images:
        return manifest, {}
    there: dict[str, Path] = {}
    for folder in reversed(folders):
        there.update(pictures_in(folder))
    parameters: dict[str, Parameter] = dict(manifest.parameter)
    problems: list[Problem] = []
    for name, parameter in images.items():
        wanted = [(f"parameter.{name}.sources[{i}]", source) for i, source in enumerate(parameter.sources)]
        for key, source in [(f"parameter.{name}.default", parameter.default), *wanted]:
            if source not in SOURCES and not is_camera(source) and not _found(source, there, folders):
                problems.append(missing(source, there, file=document, key=key))
        listed = parameter.sources or (*there, CAMERA)
        parameters[name] = parameter.model_copy(update={"sources": tuple(listed)})
    if problems:
        raise ConfigError(problems)
    return manifest.model_copy(update={"parameter": parameters}), there


def _found(source: str, there: dict[str, Path], folders: Sequence[Path]) -> bool:
    """Whether a named file is there; one beyond those that were listed is added to them."""
    if source in there:
        return True
    for folder in folders:
        file = folder / source
        if is_picture(file) and file.is_file() and file.resolve().is_relative_to(folder.resolve()):
            there[source] = file
            return True
    return False


def picture_beside(shader: Path, *names: str) -> str:
    """Return the first of these that is a picture in a shader's folder, as a piece names it; "" if none is.

    names: with their ends, or without: u_tex0 is u_tex0.png or the like.
    """
    for name in (n.removeprefix("file://").removeprefix("./") for n in names if n):
        file = Path(name)
        tried = [name] if is_picture(file) else [name + end for end in (*PICTURES, *FILMS)] if not file.suffix else []
        for each in tried:
            if is_source(each) and _found(each, {}, (shader.parent,)):
                return each
    return ""


def missing(name: str, known: Iterable[str], *, file: Path | None, key: str) -> Problem:
    """Say that a picture a document names is not there. known: names it might have meant."""
    if not is_picture(Path(name)):
        kinds = ", ".join((*PICTURES, *FILMS))
        rule = "is neither a generated picture, nor a camera, nor a file of a kind that can be shown"
        return Problem(file, key, rule, f"Name one of these kinds: {kinds}.", value=f'"{name}"')
    rule = "there is no such picture in the show's folder or the piece's"
    return Problem(file, key, rule, f"Put it there, or name another.{did_you_mean(name, known)}", value=f'"{name}"')


def picture_files(values: Mapping[str, Value], manifest: PieceManifest, media: Mapping[str, Path]) -> tuple[str, ...]:
    """Return the names of the files that these values show."""
    names = [str(v) for n, v in values.items() if isinstance(manifest.parameter.get(n), ImageParameter)]
    return tuple(dict.fromkeys(name for name in names if name in media))
