"""The start of a new piece: a few files that already glow, in the dialect of one's choice. They lie in starters/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from facade.config.schema import schema_for
from facade.core.errors import FacadeError, PieceError
from facade.pieces.library import MANIFEST

Starter = Literal["native", "isf", "shadertoy", "behaviour"]
"""A dialect, or the native one with a behaviour."""

SCHEMA_FILE = ".piece.schema.json"
"""Hidden, so that it is not packed: it is for the editor of whoever works on the piece."""

_FILES = Path(__file__).resolve().parent / "starters"


def write_starter(name: str, parent: Path, *, dialect: Starter = "native") -> Path:
    """Make the folder of a new piece and return it. PieceError: an impossible name; FacadeError: one in use."""
    slug = name.strip().lower().replace(" ", "_").replace("-", "_")
    if not slug.isidentifier() or not slug.isascii() or slug.startswith("_") or len(slug) > 63:
        raise PieceError(f'"{name}": a piece is named with letters, digits and _, starting with a letter.')
    folder = parent / slug
    if folder.exists():
        raise FacadeError(f"{folder}: exists already and was left alone. Choose another name.")
    said = {"@TITLE@": slug.replace("_", " ").title(), "@SLUG@": str(folder), "@NAME@": slug}
    for source in sorted((_FILES / dialect).rglob("*")):
        if source.is_file():
            target = folder / _filled(source.relative_to(_FILES / dialect).as_posix(), said)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_filled(source.read_text(encoding="utf-8"), said), encoding="utf-8")
    if (folder / MANIFEST).is_file():
        # Editors that read TOML schemas find it by the first line of piece.toml.
        (folder / SCHEMA_FILE).write_text(json.dumps(schema_for("piece"), indent=1), encoding="utf-8")
    return folder


def _filled(text: str, said: dict[str, str]) -> str:
    for mark, word in said.items():
        text = text.replace(mark, word)
    return text
