"""Where pieces are found: folders with a piece.toml, and shaders from elsewhere, by slug (their name) or by path."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facade.config.loader import load_piece_manifest, load_preset
from facade.config.piece import AudioParameter, PieceManifest, Value
from facade.config.show import Role
from facade.core import places
from facade.core.errors import ConfigError, PieceError, Problem, did_you_mean
from facade.pieces import dialects
from facade.pieces.dialect import Artwork
from facade.pieces.pictures import with_pictures
from facade.pieces.presets import value_problems
from facade.pieces.program import Dialect
from facade.pieces.roles import role_of

MANIFEST = "piece.toml"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece as it lies on disk. presets: name -> parameter -> value, checked against the manifest.

    media: name -> file of the pictures and films its image parameters may show.
    """

    slug: str
    folder: Path
    manifest: PieceManifest
    presets: Mapping[str, Mapping[str, Value]]
    dialect: Dialect = "native"
    media: Mapping[str, Path] = field(default_factory=dict)

    @property
    def documents(self) -> tuple[Path, ...]:
        """Files besides the shader's own whose change is a reason to read the piece again."""
        file = self.folder / MANIFEST
        return (file,) if file.is_file() else ()

    @property
    def role(self) -> Role:
        """generator, filter or transition; the last two are ISF shaders."""
        return role_of(self.manifest) if self.dialect == "isf" else "generator"

    @property
    def shader(self) -> Path:
        return self.folder / self.manifest.shader


class PieceLibrary:
    """The pieces of some folders. Nothing is cached: what is on disk now is what ``get`` returns.

    search: folders of piece folders, or single shader files; of two pieces with one slug the first's is taken.
    include_paths: folders searched for #include after the piece's own; facade's shaders/include if absent.
    pictures: folder of the show, whose pictures every piece may show too. sounds: the show's audio inputs, likewise.
    """

    def __init__(
        self,
        search: Sequence[Path],
        *,
        include_paths: Sequence[Path] | None = None,
        pictures: Path | None = None,
        sounds: Sequence[str] = (),
    ) -> None:
        self.search = tuple(search)
        self.sounds = tuple(sounds)
        self.picture_folders = () if pictures is None else (pictures,)
        self.include_paths = (places.shaders() / "include",) if include_paths is None else tuple(include_paths)
        self._given: dict[str, Path] = {}

    def names(self) -> tuple[str, ...]:
        """Return the slugs of all pieces, in alphabetical order."""
        found = {f.parent.name for path in self.search if path.is_dir() for f in path.glob(f"*/{MANIFEST}")}
        found |= {dialects.slug_of(f.stem) for path in self.search if path.is_dir() for f in dialects.loose(path)}
        found |= {dialects.slug_of(path.stem) for path in self.search if path.is_file()}
        return tuple(sorted(found | set(self._given)))

    def get(self, name: str | Path) -> Piece:
        """Read a piece by slug, or by the path of its folder or shader; a path is remembered under its slug.

        Raises PieceError for a name nobody has, ConfigError for a manifest or preset that does not hold.
        """
        art = self._artwork(name)
        folder = art.folder
        manifest, media = with_pictures(
            dialects.manifest(art, include_paths=self.include_paths),
            (*self.picture_folders, folder),
            document=folder / MANIFEST if art.given is not None else art.shader,
        )
        manifest = with_sounds(manifest, self.sounds)
        presets: dict[str, dict[str, Value]] = {}
        problems: list[Problem] = []
        for file in sorted(folder.glob("presets/*.toml") if art.given is not None else ()):
            presets[file.stem] = load_preset(file)
            problems += value_problems(manifest, presets[file.stem], file=file)
        if problems:
            raise ConfigError(problems)
        return Piece(slug=art.slug, folder=folder, manifest=manifest, presets=presets, dialect=art.dialect, media=media)

    def _artwork(self, name: str | Path) -> Artwork:
        """Return where a piece lies, and what its piece.toml says if it has one."""
        path = self._path(name)
        if (path / MANIFEST).is_file():
            given = load_piece_manifest(path)
            return Artwork(path.name, path, path / given.shader, given.dialect, given)
        art = dialects.artwork(path)
        assert art is not None  # _path found it
        return art

    def _path(self, name: str | Path) -> Path:
        if isinstance(name, str):
            if name in self._given:
                return self._given[name]
            for path in self.search:
                if os.sep not in name and (found := _in(path, name)) is not None:
                    return found
        given = Path(name).resolve()
        if (given / MANIFEST).is_file():
            self._given[given.name] = given
            return given
        if (isinstance(name, Path) or os.sep in name or given.suffix) and (art := dialects.artwork(given)) is not None:
            self._given[art.slug] = given
            return given
        if isinstance(name, Path) or os.sep in name:
            raise PieceError(
                f"{name} is not a piece: a piece is a folder with a {MANIFEST}, a shader "
                f"({', '.join(dialects.SUFFIXES)}), a picture or a film. Give one of these."
            )
        raise PieceError(f'there is no piece "{name}".{did_you_mean(name, self.names())}')


def with_sounds(manifest: PieceManifest, inputs: Sequence[str]) -> PieceManifest:
    """Return a manifest whose audio parameters may choose among a show's inputs."""
    heard = {n: p.among(inputs) for n, p in manifest.parameter.items() if isinstance(p, AudioParameter)}
    return manifest.model_copy(update={"parameter": {**manifest.parameter, **heard}}) if inputs and heard else manifest


def _in(folder: Path, slug: str) -> Path | None:
    """Return the piece of that slug in a folder of pieces: a folder with a piece.toml, of tabs, or an ISF file."""
    if folder.is_file():
        return folder if dialects.slug_of(folder.stem) == slug else None
    if (folder / slug / MANIFEST).is_file():
        return folder / slug
    if slug not in (".", "..") and (folder / slug).is_dir() and dialects.artwork(folder / slug) is not None:
        return folder / slug
    return next((f for f in dialects.loose(folder) if dialects.slug_of(f.stem) == slug), None)
