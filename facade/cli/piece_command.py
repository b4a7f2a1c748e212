"""``facade piece``: what there is to play, a start for something new, and pieces as single files."""

from __future__ import annotations

from pathlib import Path

import click

from facade.cli.options import complete_pieces, json_option, piece_names, venue_option, writable
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
    """List, show, start, pack and install pieces."""


@command.command("list")
@json_option
def list_pieces(as_json: bool) -> None:
    """List the shipped pieces and the installed ones."""
    library = PieceLibrary(places.piece_folders())
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
    """Show a piece's parameters with their OSC addresses and ranges."""
    library = PieceLibrary(places.piece_folders())
    found = library.get(Path(piece) if Path(piece).is_dir() else piece)
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
    """Start a new piece: a folder NAME with a manifest and a shader that already glows."""
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


@command.command("pack")
@click.argument("piece", shell_complete=complete_pieces)
@click.option("-o", "--output", "out", type=click.Path(path_type=Path, dir_okay=False), help="NAME.piece.zip")
@venue_option
def pack_piece(piece: str, out: Path | None, venue: str) -> None:
    """Make one file of a piece, with its picture and the hash of every file, for `facade piece install`."""
    from facade.app.packing import pack_piece as pack
    from facade.pieces.package import SUFFIX

    target = writable(out or Path(f"{Path(piece).resolve().name}{SUFFIX}"))
    manifest = pack(piece, target, venue)
    size = sum(file.size for file in manifest.files.values())
    click.echo(f"{target}: {manifest.title}, {len(manifest.files)} files, {size:,} bytes")
    if not manifest.license:
        click.echo("It says nothing about a licence: nobody knows whether they may show it. Add one to piece.toml.")


@command.command("install")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="Folder of pieces.  [default: yours]")
@click.option("--trust", is_flag=True, help="Let Python files in; they run with all your rights.")
@click.option("--replace", is_flag=True, help="Take the place of a piece of that name; the old one is kept.")
def install_piece(file: Path, into: Path | None, trust: bool, replace: bool) -> None:
    """Install a piece from a file made by `facade piece pack`.

    Nothing in the file is believed: one wrong name or hash, and nothing is installed.
    """
    from facade.pieces.unpacking import install

    own = places.user_pieces()
    if into is None and not own:
        raise click.UsageError("This user has no folder of their own. Say where with --into, or set FACADE_PIECES.")
    taken = () if into is not None else PieceLibrary((places.pieces(),)).names()
    done = install(file, into or own[0], trust=trust, replace=replace, taken=taken)
    click.echo(f"{done.folder} is installed: {done.manifest.title} by {done.manifest.author or 'an unnamed author'}")
    if done.replaced is not None:
        click.echo(f"The one it replaced is in {done.replaced}")
    click.echo(f"See it with: facade play {done.slug if into is None else done.folder}")


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
