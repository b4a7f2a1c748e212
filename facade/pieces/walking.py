"""Every piece below a folder: those with a piece.toml, folders of tabs, and shader files that are one by themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from facade.core.errors import PieceError
from facade.pieces import dialects
from facade.pieces.dialect import read_shader
from facade.pieces.isf_header import has_header
from facade.pieces.shadertoy_tabs import image_tab

MANIFEST = "piece.toml"


def pieces_in(folder: Path) -> Iterator[Path]:
    """Yield the pieces at and below a folder, folders by their path and shaders by their file, in alphabetical order.

    Includes, vertex shaders and other JSON are none. Nothing hidden is looked at, and nothing inside a piece's folder.
    """
    if (folder / MANIFEST).is_file() or image_tab(folder) is not None:
        yield folder
        return
    try:
        entries = sorted(os.scandir(folder), key=lambda e: e.name)
    except OSError:
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from pieces_in(path)
        elif path.suffix in dialects.SUFFIXES and entry.is_file() and _is_piece(path):
            yield path


def _is_piece(file: Path) -> bool:
    """Whether a file is meant to be a piece: a broken one is, an include is not."""
    try:
        if file.suffix == ".json":
            return '"renderpass"' in read_shader(file)
        if file.suffix == ".fs" and has_header(read_shader(file)):
            return True
        dialects.detect(file)
    except PieceError:
        return False
    return True
