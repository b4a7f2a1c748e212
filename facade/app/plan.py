"""The plan of a show: every document loaded and checked once, before anything starts, and handed to each process whole.

Children receive the plan through an inherited file without a name. They never read a document themselves, so a file
that is broken while the show runs cannot stop a child from being replaced.
"""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from facade.app.casting import helpers_of, pieces_of
from facade.app.sources import show_with_inputs
from facade.app.venues import open_venue_here
from facade.config.input import OscInput
from facade.config.loader import load_show
from facade.config.piece import PieceManifest
from facade.config.show import Cue, Layer, Show
from facade.config.text import locate
from facade.config.venue import Venue
from facade.control.bindings import check_bindings
from facade.control.parameters import ParameterTree
from facade.core import places
from facade.core.errors import ConfigError, PieceError, Problem, did_you_mean
from facade.mapping.layers import layer_problems
from facade.mapping.model import Patch, PixelMap
from facade.pieces.dialects import SUFFIXES
from facade.pieces.library import Piece, PieceLibrary
from facade.pieces.pictures import is_picture
from facade.pieces.roles import without_fed

DEFAULT_SHOW = "first_light"
DEFAULT_VENUE = "imal_minimal"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a process needs to know. show_name, venue_name: what to load again, for recordings.

    search: folders of pieces, first wins. manifests: every piece the show may need, fallbacks included.
    helpers: those that are on as filters or transitions only; the mixer feeds them.
    shaders: the file that draws each piece, to name it.
    """

    show: Show
    show_name: str
    venue_name: str
    pixels: PixelMap
    patch: Patch
    search: tuple[Path, ...]
    manifests: Mapping[str, PieceManifest]
    presets: Mapping[str, Mapping[str, Mapping[str, object]]]
    helpers: frozenset[str] = frozenset()
    shaders: Mapping[str, Path] = field(default_factory=dict)

    def controlled(self, piece: Piece) -> PieceManifest:
        """Return a piece's manifest with the parameters that people may move."""
        return without_fed(piece.manifest, piece.role) if piece.slug in self.helpers else piece.manifest

    @property
    def fallbacks(self) -> dict[str, str]:
        """Slug -> what is shown instead, of the pieces that name something."""
        return {slug: each.fallback for slug, each in self.manifests.items() if each.fallback is not None}

    def library(self) -> PieceLibrary:
        return _library_of(self.show, self.search)


def make_plan(
    target: str | None,
    venue: str | None,
    *,
    hosts: Mapping[str, str] | None = None,
    ports: Mapping[str, str] | None = None,
    sound: str = "",
) -> Plan:
    """Load and check everything a show needs.

    target: a show (name or file), a piece (name or folder), or None for the demo show. venue: name or file.
    hosts: controller name -> address, instead of what the venue says. ports: input name -> port, likewise.
    sound: a sound file, or a part of a sound device's name, that is heard instead of the show's own sound.
    Raises ConfigError with every problem found, PieceError, MappingError.
    """
    if venue is not None and not venue.strip():
        raise ConfigError([Problem(None, "--venue", "is empty", "Give the name or the path of a venue.", value='""')])
    try:
        pixels, patch = open_venue_here(venue or DEFAULT_VENUE, changed=partial(venue_with_hosts, hosts=hosts or {}))
    except ConfigError as error:
        raise ConfigError([*error.problems, *_problems_with(target)]) from error
    loaded_venue = pixels.venue
    show, name, search = find_show(target)
    show = show_with_inputs(show, loaded_venue, ports=ports or {}, sound=sound)
    library = _library_of(show, search)
    pieces = pieces_of(show, library)
    helpers = helpers_of(show, pieces)
    manifests = {s: without_fed(p.manifest, p.role) if s in helpers else p.manifest for s, p in pieces.items()}
    problems = check_bindings(show, ParameterTree(manifests, cues=tuple(show.cue)))
    problems += locate(layer_problems(show, loaded_venue))
    if problems:
        raise ConfigError(problems)
    presets: dict[str, Mapping[str, Mapping[str, object]]] = {slug: piece.presets for slug, piece in pieces.items()}
    shaders = {slug: piece.shader for slug, piece in pieces.items()}
    names = _again(target, name), _again(venue, DEFAULT_VENUE)
    return Plan(show, *names, pixels, patch, search, manifests, presets, helpers, shaders)


def _problems_with(target: str | None) -> Sequence[Problem]:
    """Return what is wrong with a target beside something else that is."""
    try:
        find_show(target)
    except ConfigError as error:
        return error.problems
    except PieceError as error:
        rule, _, fix = str(error).partition(". ")
        return (Problem(error.file, "piece", rule, fix, line=error.line),)
    return ()


def _library_of(show: Show, search: tuple[Path, ...]) -> PieceLibrary:
    """Return the pieces as a show plays them: with its pictures and its audio inputs."""
    sounds = [name for name, each in show.input.items() if each.type == "audio"]
    return PieceLibrary(search, pictures=_folder_of(show), sounds=sounds)


def _folder_of(show: Show) -> Path | None:
    """Return the folder beside whose show.toml pictures may lie; None for a show made in memory."""
    return None if show.path is None else show.path.resolve().parent


def _again(given: str | None, name: str) -> str:
    """What to write down so that the same document is found from any folder: a name, or a whole path."""
    return str(Path(given).resolve()) if given is not None and Path(given).exists() else given or name


def find_show(target: str | None) -> tuple[Show, str, tuple[Path, ...]]:
    """Return the show that target means, its name, and where its pieces are looked for."""
    if target is not None and not target.strip():
        raise PieceError('"" is neither a show nor a piece. Give the name or the path of one.')
    own = places.piece_folders()
    shows = {p.parent.name: p for p in sorted((places.pieces() / "shows").glob("*/show.toml"))}
    name = target or DEFAULT_SHOW
    path = Path(name)
    if name in shows and not path.exists():
        return load_show(shows[name]), name, own
    if path.suffix == ".toml" or (path / "show.toml").is_file():
        file = path / "show.toml" if path.is_dir() else path
        return (
            load_show(file),
            file.resolve().parent.name,
            (file.resolve().parent / "pieces", file.resolve().parent, *own),
        )
    single = (path.suffix in SUFFIXES or is_picture(path)) and path.is_file()
    here = single or path.is_dir()
    # A single file's own path comes first, so that every process finds the same file by its slug.
    library = PieceLibrary((path.resolve() if single else path.resolve().parent, *own) if here else own)
    slug = name
    try:
        slug = library.get(path.resolve() if here else slug).slug
    except PieceError as error:
        if here or slug in library.names():
            raise
        raise PieceError(
            f'"{name}" is neither a show nor a piece.{did_you_mean(name, [*library.names(), *shows])}'
        ) from error
    return show_of_piece(slug), slug, library.search


def show_of_piece(slug: str) -> Show:
    """Return a show that plays one piece for ever and listens to OSC."""
    return Show(
        title=slug,
        cue={"piece": Cue(title=slug, crossfade_s=0.0, layer=(Layer(piece=slug),))},
        input={"osc": OscInput(type="osc")},
    )


def venue_with_hosts(venue: Venue, hosts: Mapping[str, str]) -> Venue:
    unknown = [name for name in hosts if name not in venue.controller]
    if unknown:
        raise ConfigError(
            Problem(venue.path, "--host", f'the venue has no controller "{name}"', did_you_mean(name, venue.controller))
            for name in unknown
        )
    controllers = {n: c.model_copy(update={"host": hosts.get(n, c.host)}) for n, c in venue.controller.items()}
    return venue.model_copy(update={"controller": controllers})


def seal(thing: object) -> int:
    """Write a plan into a file without a name; returns its descriptor, for children to inherit."""
    with tempfile.TemporaryFile() as file:
        pickle.dump(thing, file, protocol=pickle.HIGHEST_PROTOCOL)
        file.flush()
        return os.dup(file.fileno())


def unseal(fd: int) -> object:
    """Read what ``seal`` wrote. Only ever called on a descriptor inherited from our own parent."""
    # Read at offset 0: every child shares one file position.
    return pickle.loads(os.pread(fd, os.fstat(fd).st_size, 0))
