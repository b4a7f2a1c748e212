"""The pieces of a show: found, and each fit for the part it is given. Every problem of a show is collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from facade.config.show import Played, Role, Show
from facade.config.text import locate
from facade.core.errors import ConfigError, FacadeError, Problem, did_you_mean
from facade.pieces.library import Piece, PieceLibrary
from facade.pieces.presets import value_problems
from facade.pieces.roles import FED, is_fed, without_fed

_HOW: Mapping[Role, str] = {
    "filter": "Name it as a filter of the layer it shall change, in [[cue.NAME.layer.filter]].",
    "transition": 'Name it as the transition of a cue: transition = "SLUG".',
    "generator": "Name it as the piece of a layer.",
}

_MOST_NAMED = 12


def pieces_of(show: Show, library: PieceLibrary) -> dict[str, Piece]:
    """Load every piece the show names, and their fallbacks. Raises ConfigError with every problem found."""
    pieces: dict[str, Piece] = {}
    problems: list[Problem] = []
    parts = [(f"cue.{name}.{where}", part) for name, cue in show.cue.items() for where, part in cue.parts()]
    wanted: list[tuple[str, str, Role]] = [(f"{key}.piece", part.piece, part.ROLE) for key, part in parts]
    failed: set[str] = set()
    while wanted:
        key, slug, role = wanted.pop(0)
        if slug in pieces or slug in failed:
            continue
        try:
            piece = library.get(slug)
        except ConfigError as error:
            problems.extend(error.problems)
            failed.add(slug)
            continue
        except FacadeError as error:
            rule, _, fix = str(error).partition(". ")
            if slug not in library.names():
                fix = did_you_mean(slug, _of_role(library, role)).strip() or fix
            problems.append(Problem(show.path, key, rule.rstrip("."), fix, value=f'"{slug}"'))
            continue
        pieces[slug] = piece
        if piece.manifest.fallback is not None:
            wanted.append((f"piece {slug}: fallback", piece.manifest.fallback, "generator"))
    for key, part in parts:
        if part.piece in pieces:
            problems += _part_problems(show, key, part, pieces[part.piece], library)
    if problems:
        raise ConfigError(locate(problems))
    return pieces


def helpers_of(show: Show, pieces: Mapping[str, Piece]) -> frozenset[str]:
    """Return the slugs that are on as filters or transitions only."""
    parts = [part for cue in show.cue.values() for _, part in cue.parts()]
    alone = {part.piece for part in parts if part.ROLE == "generator"} | {p.manifest.fallback for p in pieces.values()}
    return frozenset(part.piece for part in parts if part.piece not in alone)


def _part_problems(show: Show, key: str, part: Played, piece: Piece, library: PieceLibrary) -> list[Problem]:
    """Return what is wrong with a piece in this part: its role, its preset, its values."""
    wrong = _wrong_role(show, key, part, piece, library)
    if wrong is not None:
        return [wrong]
    problems: list[Problem] = []
    if part.preset is not None and part.preset not in piece.presets:
        rule = f"{part.piece} has no such preset"
        fix = did_you_mean(part.preset, piece.presets).strip()
        problems.append(Problem(show.path, f"{key}.preset", rule, fix, value=f'"{part.preset}"'))
    fed = [name for name in part.values if name in FED[part.ROLE]]
    rule, fix = f"is what the mixer feeds this {part.ROLE}", "Remove it."
    problems += [Problem(show.path, f"{key}.values.{name}", rule, fix) for name in fed]
    rest = {name: value for name, value in part.values.items() if name not in fed}
    manifest = without_fed(piece.manifest, part.ROLE)
    found = value_problems(manifest, rest, file=show.path)
    return problems + [replace(problem, key=f"{key}.values.{problem.key}") for problem in found]


def _wrong_role(show: Show, key: str, part: Played, piece: Piece, library: PieceLibrary) -> Problem | None:
    """Return why a piece of this role cannot play this part, with pieces that could. A piece alone may be anything."""
    if piece.role == part.ROLE or show.path is None:
        return None
    if part.ROLE == "generator":
        if is_fed(piece.role, {*part.values, *piece.presets.get(part.preset or "", {})}):
            return None
        rule = f"{piece.slug} is a {piece.role}: it makes no picture of its own"
        return Problem(show.path, f"{key}.piece", rule, _HOW[piece.role], value=f'"{piece.slug}"')
    rule = f"{piece.slug} is a {piece.role}, not a {part.ROLE}"
    others = ", ".join(_of_role(library, part.ROLE)[:_MOST_NAMED]) or "none of the pieces here"
    fix = f"{part.ROLE.capitalize()}s are: {others}. {_HOW[piece.role]}"
    return Problem(show.path, f"{key}.piece", rule, fix, value=f'"{piece.slug}"')


def _of_role(library: PieceLibrary, role: Role) -> list[str]:
    """Return the slugs of that role, those that cannot be read left out."""
    found = []
    for slug in library.names():
        try:
            if library.get(slug).role == role:
                found.append(slug)
        except FacadeError:
            continue
    return found
