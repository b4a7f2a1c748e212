"""Options that several commands share, with their completion."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from facade.core import places

F = TypeVar("F", bound=Callable[..., Any])


def _complete(names: list[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def piece_names() -> list[str]:
    """Slugs of the shipped and the installed pieces."""
    from facade.pieces.library import PieceLibrary  # late: completion and help must answer at once

    return list(PieceLibrary(places.piece_folders()).names())


def show_names() -> list[str]:
    """Names of the shipped shows."""
    return sorted(p.parent.name for p in places.pieces().glob("shows/*/show.toml"))


def venue_folders() -> list[str]:
    """Names of the shipped venues."""
    return sorted(p.parent.name for p in places.hardware().glob("venues/*/venue.toml"))


def _targets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _complete(piece_names() + show_names(), incomplete) or [CompletionItem(incomplete, type="file")]


def _venues(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _complete(venue_folders(), incomplete) or [CompletionItem(incomplete, type="file")]


def complete_pieces(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a piece, or else a path."""
    return _complete(piece_names(), incomplete) or [CompletionItem(incomplete, type="file")]


def target_argument(*, required: bool) -> Callable[[F], F]:
    """A piece or a show, by name or path."""
    metavar = "PIECE|SHOW" if required else "[PIECE|SHOW]"
    return click.argument("target", metavar=metavar, required=required, shell_complete=_targets)


venue_option = click.option(
    "--venue", metavar="VENUE", default="imal_minimal", show_default=True, help="Name or path.", shell_complete=_venues
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


class Number(click.FloatRange):
    """A number in a range; "nan" and "inf", which a plain range lets through, are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f'"{value}" is no number here.', param, ctx)
        return number


duration_option = click.option(
    "--duration", "duration_s", type=Number(min=0.1), metavar="S", help="End after S seconds."
)


def parse_size(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    """Turn "640x360" into (640, 360); each side 16..8192."""
    if value is None:
        return None
    parts = value.lower().split("x")
    if len(parts) != 2 or not all(p.isdigit() and 16 <= int(p) <= 8192 for p in parts):
        raise click.BadParameter(f'"{value}": a size is WIDTHxHEIGHT in pixels, each 16..8192, such as 640x360.')
    return int(parts[0]), int(parts[1])


def parse_ports(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """Turn ("knobs=nano", …) into a mapping."""
    return _pairs(value, "INPUT=PORT, such as knobs=nanoKONTROL")


def parse_hosts(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """Turn ("node1=10.0.0.5", …) into a mapping."""
    return _pairs(value, "CONTROLLER=ADDRESS, such as node=10.0.0.21")


def _pairs(value: tuple[str, ...], form: str) -> dict[str, str]:
    pairs = {}
    for text in value:
        name, sign, rest = text.partition("=")
        if not (name and sign and rest):
            raise click.BadParameter(f'"{text}": write {form}.')
        pairs[name] = rest
    return pairs


def writable(path: Path) -> Path:
    """Return path, or raise BadParameter if no file can be made in its folder."""
    if not path.parent.is_dir():
        raise click.BadParameter(f'"{path}": the folder {path.parent} does not exist. Make it first.')
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".facade-"):
            return path
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.BadParameter(
            f'"{path}": no file can be made in the folder {path.parent} ({reason}). Choose another.'
        ) from error
