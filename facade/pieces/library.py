"""Where pieces are found: folders with a piece.toml, by slug (the folder's name) or by path."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from facade.config.loader import load_piece_manifest, load_preset
from facade.config.piece import PieceManifest, Value
from facade.core import places
from facade.core.errors import ConfigError, PieceError, Problem, did_you_mean
from facade.pieces.presets import value_problems

MANIFEST = "piece.toml"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece as it lies on disk. presets: name -> parameter -> value, checked against the manifest."""

    slug: str
    folder: Path
    manifest: PieceManifest
    presets: Mapping[str, Mapping[str, Value]]

    @property
    def shader(self) -> Path:
        return self.folder / self.manifest.shader


class PieceLibrary:
    """The pieces of some folders. Nothing is cached: what is on disk now is what ``get`` returns.

    search: folders of piece folders; of two pieces with one slug the first folder's is taken.
    include_paths: folders searched for #include after the piece's own; facade's shaders/include if absent.
    """

    def __init__(self, search: Sequence[Path], *, include_paths: Sequence[Path] | None = None) -> None:
        self.search = tuple(search)
        self.include_paths = (places.shaders() / "include",) if include_paths is None else tuple(include_paths)
        self._given: dict[str, Path] = {}

    def names(self) -> tuple[str, ...]:
        """Return the slugs of all pieces, in alphabetical order."""
        found = {f.parent.name for path in self.search if path.is_dir() for f in path.glob(f"*/{MANIFEST}")}
        return tuple(sorted(found | set(self._given)))

    def get(self, name: str | Path) -> Piece:
        """Read a piece by slug, or by the path of its folder; a path is remembered under the folder's name.

        Raises PieceError for a name nobody has, ConfigError for a manifest or preset that does not hold.
        """
        folder = self._folder(name)
        manifest = load_piece_manifest(folder)
        presets: dict[str, dict[str, Value]] = {}
        problems: list[Problem] = []
        for file in sorted(folder.glob("presets/*.toml")):
            presets[file.stem] = load_preset(file)
            problems += value_problems(manifest, presets[file.stem], file=file)
        if problems:
            raise ConfigError(problems)
        return Piece(slug=folder.name, folder=folder, manifest=manifest, presets=presets)

    def _folder(self, name: str | Path) -> Path:
        if isinstance(name, str):
            if name in self._given:
                return self._given[name]
            for path in self.search:
                if (path / name / MANIFEST).is_file() and os.sep not in name:
                    return path / name
        folder = Path(name).resolve()
        if (folder / MANIFEST).is_file():
            self._given[folder.name] = folder
            return folder
        if isinstance(name, Path) or os.sep in name:
            raise PieceError(f"{name} is not a piece: a piece is a folder with a {MANIFEST}. Give such a folder.")
        raise PieceError(f'there is no piece "{name}".{did_you_mean(name, self.names())}')
