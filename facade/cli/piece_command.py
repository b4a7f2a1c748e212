"""``facade piece``: what there is to play, and a start for something new."""

from __future__ import annotations

from pathlib import Path

import click

from facade.cli.options import json_option, piece_names
from facade.cli.tables import show_json, show_table
from facade.core import places
from facade.core.errors import FacadeError, PieceError
from facade.pieces.library import Piece, PieceLibrary

_NEW_MANIFEST = """\
schema = 1
title = "{title}"
author = ""
license = "CC-BY-4.0"
description = "A slow band of light that follows a point."
fallback = "ember"

[parameter.speed]
type = "float"
min = 0.0
max = 1.0
default = 0.25
smooth_s = 0.5
help = "How fast the band breathes."

[parameter.tint]
type = "color"
default = [1.0, 0.55, 0.25]
smooth_s = 0.5

[parameter.place]
type = "point"
default = [0.5, 0.5]
smooth_s = 0.3
help = "Where the band rests."
"""

_NEW_SHADER = """\
// {title}: change anything; saved edits show at once while `facade play {slug}` runs.
// uv runs 0..1 from the bottom left, seen from the street. The result is linear light and opacity.

#include "noise.glsl"

vec4 piece(vec2 uv) {{
    vec2 metres = uv * u_size_m;
    float drift = 0.15 * sin(u_time * (0.2 + speed));
    float band = exp(-pow((uv.y - place.y - drift) * 4.0, 2.0));
    float grain = 0.7 + 0.3 * sin(metres.x * 0.9 + u_time * 0.4);
    float near = exp(-2.0 * abs(uv.x - place.x));
    return vec4(tint * band * grain * (0.25 + near), 1.0);
}}
"""


@click.group("piece")
def command() -> None:
    """List, show and start pieces."""


@command.command("list")
@json_option
def list_pieces(as_json: bool) -> None:
    """List the shipped pieces."""
    library = PieceLibrary((places.pieces(),))
    pieces = [library.get(name) for name in piece_names()]
    if as_json:
        show_json([_facts(p) for p in pieces])
        return
    show_table(
        "Pieces",
        ("name", "title", "domain", "parameters", "presets"),
        [(p.slug, p.manifest.title, p.manifest.domain, len(p.manifest.parameter), " ".join(p.presets)) for p in pieces],
    )


@command.command("show")
@click.argument("piece")
@json_option
def show_piece(piece: str, as_json: bool) -> None:
    """Show a piece's parameters with their OSC addresses and ranges.

    \b
    Examples:
      facade piece show ember
      facade piece show ./my_piece
    """
    folder = Path(piece)
    if folder.is_dir():
        found = PieceLibrary((folder.resolve().parent,)).get(folder.resolve().name)
    else:
        found = PieceLibrary((places.pieces(),)).get(piece)
    if as_json:
        show_json(_facts(found))
        return
    manifest = found.manifest
    click.echo(f"{manifest.title}  {manifest.author}  {manifest.license}\n{manifest.description}\n")
    rows = [
        (f"/piece/{found.slug}/{name}", p.type, _range(p), _default(p), p.help)
        for name, p in manifest.parameter.items()
    ]
    show_table("Parameters", ("OSC address", "type", "range", "default", "help"), rows)


@command.command("new")
@click.argument("name")
@click.option("--in", "parent", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Folder.")
def new_piece(name: str, parent: Path) -> None:
    """Start a new piece: a folder NAME with a manifest and a shader that already glows.

    \b
    Example:
      facade piece new slow_rain                    then: facade play slow_rain
    """
    slug = name.lower().replace(" ", "_")
    if not slug.isidentifier() or not slug.isascii():
        raise PieceError(f'"{name}": a piece is named with letters, digits and _, starting with a letter.')
    folder = parent / slug
    if folder.exists():
        raise FacadeError(f"{folder}: exists already and was left alone. Choose another name.")
    title = slug.replace("_", " ").title()
    folder.mkdir(parents=True)
    (folder / "piece.toml").write_text(_NEW_MANIFEST.format(title=title), encoding="utf-8")
    (folder / "main.frag").write_text(_NEW_SHADER.format(title=title, slug=folder), encoding="utf-8")
    (folder / "README.md").write_text(f"# {title}\n\nWhat it is, and what to try.\n", encoding="utf-8")
    click.echo(f"{folder} is ready. See it with: facade play {folder}")


def _facts(piece: Piece) -> dict[str, object]:
    manifest = piece.manifest
    return {
        "slug": piece.slug,
        "title": manifest.title,
        "author": manifest.author,
        "license": manifest.license,
        "description": manifest.description,
        "domain": manifest.domain,
        "fallback": manifest.fallback,
        "parameters": {n: p.model_dump() for n, p in manifest.parameter.items()},
        "presets": list(piece.presets),
    }


def _range(parameter: object) -> str:
    if hasattr(parameter, "choices"):
        return " | ".join(parameter.choices)
    if hasattr(parameter, "min"):
        return f"{parameter.min:g}..{parameter.max:g} {getattr(parameter, 'unit', '')}".strip()  # type: ignore[attr-defined]
    return ""


def _default(parameter: object) -> str:
    default = getattr(parameter, "default", "")
    return " ".join(f"{v:g}" for v in default) if isinstance(default, tuple) else str(default)
