"""Which dialect a piece is written in, and the door to each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from facade.config.piece import PieceManifest
from facade.core.errors import PieceError
from facade.pieces import glsl
from facade.pieces.dialect import Artwork, read_shader
from facade.pieces.isf import isf_manifest, isf_program
from facade.pieces.isf_header import has_header
from facade.pieces.native import native_program
from facade.pieces.picture_piece import picture_artwork
from facade.pieces.pictures import is_picture
from facade.pieces.plain import plain_manifest, plain_program
from facade.pieces.program import Dialect, PieceProgram
from facade.pieces.shadertoy import shadertoy_manifest, shadertoy_program
from facade.pieces.shadertoy_tabs import image_tab

if TYPE_CHECKING:
    from facade.pieces.library import Piece

LEVELS_UP = 3
"""So many folders above a shader without piece.toml may hold what it includes."""

SUFFIXES = (".fs", ".isf", ".frag", ".glsl", ".json")
"""A file with one of these names may be a piece by itself."""


def slug_of(stem: str) -> str:
    """Return the slug of a file's name: small letters, digits, _ and -, starting with a letter."""
    name = re.sub(r"[^a-z0-9_-]+", "_", stem.lower()).strip("_-") or "piece"
    return (name if name[0].isalpha() else f"p_{name}")[:63]


def loose(folder: Path) -> list[Path]:
    """Return the files in a folder of pieces that are pieces by themselves: ISF shaders, pictures and films."""
    files = folder.iterdir() if folder.is_dir() else ()
    return sorted(f for f in files if (f.suffix == ".fs" or is_picture(f)) and not f.name.startswith("."))


def artwork(path: Path) -> Artwork | None:
    """Return the piece that lies at path, a file or a folder without piece.toml; None if there is none.

    Raises PieceError for a file that no dialect knows.
    """
    if path.is_file():
        if is_picture(path):
            return picture_artwork(path, slug_of(path.stem))
        return Artwork(slug_of(path.stem), path.parent, path, detect(path)) if path.suffix in SUFFIXES else None
    if not path.is_dir():
        return None
    image = image_tab(path)
    if image is not None:
        return Artwork(slug_of(path.name), path, image, "shadertoy")
    for suffix in SUFFIXES[:-1]:
        files = sorted(path.glob(f"*{suffix}"))
        main = [f for f in files if f.stem in (path.name, "main")] or files
        if main and (len(files) == 1 or main != files):
            return Artwork(slug_of(path.name), path, main[0], detect(main[0]))
    return None


def detect(file: Path) -> Dialect:
    """Return the dialect of a shader file. Raises PieceError if it is no piece, such as an include."""
    if file.suffix == ".json":
        return "shadertoy"
    text = read_shader(file)
    bare = glsl.blank_comments(text)
    if has_header(text, surely=file.suffix == ".glsl") or file.suffix == ".isf":
        return "isf"
    if re.search(r"\bmainImage\s*\(|(?m:^[ \t]*#[ \t]*iChannel[0-3]\b)", bare):
        return "shadertoy"
    words = glsl.words(bare)
    if "gl_Position" in words and not words & {"gl_FragColor", "gl_FragData", "gl_FragCoord"}:
        raise PieceError(f"{file.name} places corners: it is a vertex shader, not a piece.", file=file)
    if re.search(r"\bmain\s*\(", bare):
        return "plain"
    if glsl.defines_function(bare, "piece", returns="vec4"):
        return "native"
    raise PieceError(
        f"{file.name} defines neither main() nor mainImage() nor piece(): it is an include, not a piece.", file=file
    )


def manifest(art: Artwork, *, include_paths: Sequence[Path]) -> PieceManifest:
    """Return the manifest a piece from elsewhere declares in its own way. Raises PieceError."""
    include_paths = _with_libraries(include_paths, art.folder, packed=art.given is not None)
    match art.dialect:
        case "isf":
            return isf_manifest(art)
        case "shadertoy":
            return shadertoy_manifest(art, include_paths=include_paths)
        case "plain":
            return plain_manifest(art, include_paths=include_paths)
    return art.given or PieceManifest(title=art.shader.stem[:80], shader=art.shader.name)


def _with_libraries(include_paths: Sequence[Path], folder: Path, *, packed: bool) -> Sequence[Path]:
    """Workshops keep their library beside the folders of their exercises. packed: a piece.toml says what is a piece."""
    above = [] if packed else [p for p in folder.resolve().parents[:LEVELS_UP] if len(p.parts) > 2]
    return (*include_paths, *above)


def piece_program(piece: Piece, *, include_paths: Sequence[Path]) -> PieceProgram:
    """Translate a piece of any dialect. Raises PieceError with file and line where known."""
    art = Artwork(piece.slug, piece.folder, piece.shader, piece.dialect)
    include_paths = _with_libraries(include_paths, piece.folder, packed=bool(piece.documents))
    match piece.dialect:
        case "isf":
            return isf_program(art, piece.manifest, include_paths=include_paths)
        case "shadertoy":
            return shadertoy_program(art, piece.manifest, include_paths=include_paths)
        case "plain":
            return plain_program(art, piece.manifest, include_paths=include_paths)
    return native_program(piece, include_paths=include_paths)
