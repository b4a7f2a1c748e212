"""Reads documents from disk. Every problem of a document is reported at once, as a ConfigError of Problems."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from facade.config.controller import ControllerProfile
from facade.config.document import Document, ParameterName, Table
from facade.config.fixture import FixtureProfile
from facade.config.lines import key_lines
from facade.config.piece import PieceManifest, Value
from facade.config.references import check_show
from facade.config.report import problems_of, shown
from facade.config.show import Show
from facade.config.soundness import sound_part
from facade.config.text import locate, parse_toml, read_text
from facade.config.venue import Venue
from facade.core.errors import ConfigError, Problem, did_you_mean

_TRIES = 3

_D = TypeVar("_D", bound=Document)
_P = TypeVar("_P", FixtureProfile, ControllerProfile)


@dataclass(frozen=True, slots=True)
class Hardware:
    """Everything venues may refer to, by profile id."""

    fixtures: dict[str, FixtureProfile]
    controllers: dict[str, ControllerProfile]


@dataclass(frozen=True, slots=True)
class Read(Generic[_D]):
    """What could be read of a document. document: None where too little is sound. problems: of the document alone.

    without: dotted keys of the tables that were left out for their problems, such as ``power.front``.
    """

    document: _D | None
    problems: tuple[Problem, ...]
    without: frozenset[str]


class _Preset(Table):
    values: dict[ParameterName, Value]


def load_document(model: type[_D], path: Path | str) -> _D:
    """Read and check one TOML document. Raises ConfigError with every problem it has."""
    found = read_document(model, path)
    if found.problems or found.document is None:
        raise ConfigError(found.problems)
    return found.document


def read_document(model: type[_D], path: Path | str) -> Read[_D]:
    """Read a TOML document as far as it is sound, and what is wrong with the rest.

    Raises ConfigError for a file that is no TOML, or of a newer format.
    """
    file = Path(path)
    text = read_text(file)
    data = parse_toml(text, file)
    _check_schema(data, model, file=file, text=text)
    problems: list[Problem] = []
    without: frozenset[str] = frozenset()
    try:
        document: _D | None = model.model_validate(data, strict=True)
    except ValidationError as error:
        problems = problems_of(error, file=file, lines=key_lines(text), data=data, model=model)
        document, without = _sound(model, data, problems, file)
    if document is not None:
        document._path = file
    return Read(document, tuple(problems), without)


def _sound(
    model: type[_D], data: dict[str, Any], problems: list[Problem], file: Path
) -> tuple[_D | None, frozenset[str]]:
    """Return a document of what has no problem, and the tables left out; None where too little is left."""
    without: frozenset[str] = frozenset()
    # A table whose wrong key must be given is missed only when that key is out, and goes with the second try.
    for _ in range(_TRIES):
        data, left_out = sound_part(data, problems)
        without |= left_out
        try:
            return model.model_validate(data, strict=True), without
        except ValidationError as error:
            problems = problems_of(error, file=file, lines={}, data=data, model=model)
    return None, without


def load_fixture_profile(path: Path | str) -> FixtureProfile:
    """Read hardware/fixtures/ID.toml or a file like it."""
    return load_document(FixtureProfile, path)


def load_controller_profile(path: Path | str) -> ControllerProfile:
    """Read hardware/controllers/ID.toml or a file like it."""
    return load_document(ControllerProfile, path)


def load_venue(name_or_path: str | Path, hardware_dir: Path) -> Venue:
    """Read a venue by its name in hardware_dir/venues, or by the path of its folder or file."""
    return load_document(Venue, venue_file(name_or_path, hardware_dir))


def venue_file(name_or_path: str | Path, hardware_dir: Path) -> Path:
    """Return where a venue's document is. Raises ConfigError for a name that no venue has."""
    path = Path(name_or_path)
    known = venue_names(hardware_dir)
    if not str(name_or_path).strip():
        fix = f"Give the name or the path of a venue. Known: {', '.join(known)}."
        raise ConfigError([Problem(None, "venue", "is empty", fix, value=shown(str(name_or_path)))])
    if str(name_or_path) in known:
        path = hardware_dir / "venues" / name_or_path / "venue.toml"
    elif path.is_dir():
        path = path / "venue.toml"
    elif path.suffix != ".toml":
        fix = f"Name a venue, or give the path of a venue.toml.{did_you_mean(path.name, known)}"
        raise ConfigError([Problem(None, "venue", "there is no venue of this name", fix, value=shown(str(path)))])
    return path


def venue_names(hardware_dir: Path) -> list[str]:
    """Return the names of the venues in hardware_dir, sorted."""
    return sorted(file.parent.name for file in (hardware_dir / "venues").glob("*/venue.toml"))


def load_piece_manifest(path: Path | str) -> PieceManifest:
    """Read a piece.toml, or the one in a folder."""
    file = Path(path)
    return load_document(PieceManifest, file / "piece.toml" if file.is_dir() else file)


def load_preset(path: Path | str) -> dict[str, Value]:
    """Read a preset: parameter names and their values at the top level of a TOML file.

    Whether the piece has these parameters, with these types and ranges, is for the piece to say.
    """
    file = Path(path)
    text = read_text(file)
    data = parse_toml(text, file)
    _check_schema(data, Document, file=file, text=text)
    values = {key: value for key, value in data.items() if key != "schema"}
    try:
        return _Preset.model_validate({"values": values}, strict=True).values
    except ValidationError as error:
        lines = {("values", *path): line for path, line in key_lines(text).items()}
        found = problems_of(error, file=file, lines=lines, data={"values": values}, model=_Preset)
        raise ConfigError(replace(problem, key=problem.key.removeprefix("values.")) for problem in found) from None


def load_show(path: Path | str) -> Show:
    """Read a show and check that the names inside it fit together; pieces are not looked at."""
    show = load_document(Show, path)
    problems = check_show(show)
    if problems:
        raise ConfigError(sorted(locate(problems), key=lambda problem: problem.line or 0))
    return show


def load_hardware(hardware_dir: Path) -> Hardware:
    """Read every fixture and controller profile. Raises ConfigError with the problems of all files together."""
    problems: list[Problem] = []
    fixtures = _profiles(FixtureProfile, hardware_dir / "fixtures", problems)
    controllers = _profiles(ControllerProfile, hardware_dir / "controllers", problems)
    if problems:
        raise ConfigError(problems)
    return Hardware(fixtures=fixtures, controllers=controllers)


def _profiles(model: type[_P], folder: Path, problems: list[Problem]) -> dict[str, _P]:
    profiles: dict[str, _P] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            profile = load_document(model, file)
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        if profile.id != file.stem:
            rule, fix = "must be the file's name without .toml", f'Write id = "{file.stem}" or rename the file.'
            problems.extend(locate([Problem(file, "id", rule, fix, value=shown(profile.id))]))
        profiles[profile.id] = profile
    return profiles


def _check_schema(data: dict[str, Any], model: type[Document], *, file: Path, text: str) -> None:
    """Refuse a newer format before its keys are called unknown."""
    number = data.get("schema", model.SCHEMA)
    if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= model.SCHEMA:
        return
    newer = isinstance(number, int) and number > model.SCHEMA
    rule = (
        f"was written for a newer facade; this one reads {model.KIND} documents up to schema {model.SCHEMA}"
        if newer
        else f"must be a whole number from 1 to {model.SCHEMA}"
    )
    fix = "Update facade, or use an older copy of this file." if newer else f"Write schema = {model.SCHEMA}."
    line = key_lines(text).get(("schema",))
    raise ConfigError([Problem(file, "schema", rule, fix, value=shown(number), line=line)])
