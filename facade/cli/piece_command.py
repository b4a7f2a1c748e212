"""``facade piece``: what there is to play, a start for something new, and pieces as single files."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from rich.text import Text

from facade.cli.options import complete_pieces, json_option, piece_names, venue_folders, venue_option, writable
from facade.cli.tables import show_json, show_table
from facade.core import places
from facade.core.errors import FacadeError, MachineError
from facade.pieces.library import Piece, PieceLibrary
from facade.pieces.starters import Starter, write_starter
from facade.pieces.walking import pieces_in

_MOST_THUMBNAILS = 24


@click.group("piece")
def command() -> None:
    """List, show, start, pack and install pieces."""


@command.command("list")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--thumbnails/--no-thumbnails", default=None, help="[default: in a terminal, up to 24 pieces]")
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="One page of all, on all venues.")
@json_option
def list_pieces(folder: Path | None, thumbnails: bool | None, page: Path | None, as_json: bool) -> None:
    """List the shipped pieces and the installed ones, or every piece below FOLDER, single shader files too.

    \b
    Examples:
      facade piece list
      facade piece list collection/ --json
    """
    if folder is not None:
        if page is not None:
            raise click.UsageError("--html shows the pieces that have names; leave out the folder.")
        _list_folder(folder, as_json=as_json)
        return
    library = PieceLibrary(places.piece_folders())
    pieces = [library.get(name) for name in piece_names()]
    if page is not None:
        _write_gallery(writable(page), [p.slug for p in pieces])
        return
    if as_json:
        show_json([_facts(p) for p in pieces])
        return
    if thumbnails is None:
        thumbnails = sys.stdout.isatty() and len(pieces) <= _MOST_THUMBNAILS
    pictures = _thumbnails([p.slug for p in pieces]) if thumbnails else {}
    held = _held(pieces)
    rows: list[tuple[object, ...]] = []
    for p in pieces:
        kind = p.manifest.domain if p.role == "generator" else p.role
        name = f"{p.slug} (in quarantine)" if p.slug in held else p.slug
        facts = (name, p.manifest.title, kind, len(p.manifest.parameter), " ".join(p.presets))
        rows.append((*facts, pictures.get(p.slug, "")) if pictures else facts)
    columns = ("name", "title", "kind", "parameters", "presets", *(("",) if pictures else ()))
    show_table("Pieces", columns, rows)
    for slug, reason in held.items():
        click.echo(f"{slug} {reason} and is not shown. Edit it, or: facade piece release {slug}")


def _held(pieces: Iterable[Piece]) -> dict[str, str]:
    """Return why pieces are in quarantine, by slug."""
    from facade.app.quarantine import QuarantineFile, home_of

    return QuarantineFile().held({p.slug: home_of(p) for p in pieces})


def _list_folder(folder: Path, *, as_json: bool) -> None:
    """List what lies below a folder; what cannot be read is listed with the reason."""
    paths = list(pieces_in(folder))
    found: list[dict[str, object]] = []
    with click.progressbar(paths, file=sys.stderr, label="reading", hidden=not sys.stderr.isatty()) as bar:
        for path in bar:
            try:
                piece = PieceLibrary(()).get(path)
                found.append({"path": str(path), "dialect": piece.dialect, "role": piece.role, **_facts(piece)})
            except FacadeError as error:
                found.append({"path": str(path), "error": " ".join(str(error).split())})
    if as_json:
        show_json(found)
        return
    rows = [
        (Path(str(f["path"])).relative_to(folder), f["dialect"], f["role"], len(f["parameters"]), str(f["author"])[:40])  # type: ignore[arg-type]
        for f in found
        if "error" not in f
    ]
    show_table(f"Pieces in {folder}", ("file", "dialect", "role", "parameters", "author"), rows)
    broken = [(Path(str(f["path"])).relative_to(folder), f["error"]) for f in found if "error" in f]
    if broken:
        show_table("Cannot be read", ("file", "why"), broken)


def _thumbnails(slugs: list[str]) -> dict[str, Text]:
    """Pictures made of half blocks, {} where there is no GL."""
    from facade.app.gallery import thumbnail
    from facade.app.wiring import gpu_without_screen
    from facade.cli.tables import half_blocks

    try:
        with gpu_without_screen() as gpu:
            found = {slug: thumbnail(slug, "imal_minimal", gpu, (24, 16)) for slug in slugs}
    except MachineError:
        return {}
    return {slug: half_blocks(picture[::2]) for slug, picture in found.items() if picture is not None}


def _write_gallery(out: Path, slugs: list[str]) -> None:
    from facade.app.gallery import page, portraits

    venues = venue_folders()
    found = []
    with click.progressbar(portraits(slugs, venues), length=len(slugs) * len(venues), file=sys.stderr) as bar:
        found = list(bar)
    out.write_text(page(found), encoding="utf-8")
    click.echo(f"{out}: {len(slugs)} pieces on {len(venues)} venues")


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
    library = PieceLibrary(places.piece_folders())
    found = library.get(Path(piece) if Path(piece).exists() else piece)
    if as_json:
        show_json(_facts(found))
        return
    manifest = found.manifest
    click.echo(f"{manifest.title}  {manifest.author}  {manifest.license}\n{manifest.description}\n")
    rows = [
        (f"/piece/{found.slug}/{name}", p.type, _range(p), _default(p), " ".join(t for t in (p.label, p.help) if t))
        for name, p in manifest.parameter.items()
    ]
    show_table("Parameters", ("OSC address", "type", "range", "default", "what it is"), rows)


@command.command("release")
@click.argument("piece")
def release_piece(piece: str) -> int:
    """Let a piece out of quarantine, where it was put for taking the renderer down three times in ten minutes.

    From the next start on; a show that plays is told by OSC: /show/release PIECE. Editing the piece does it too.

    \b
    Examples:
      facade piece release my_piece
    """
    from facade.app.quarantine import QuarantineFile, home_of

    found = PieceLibrary(places.piece_folders()).get(Path(piece) if Path(piece).exists() else piece)
    if QuarantineFile().remove(home_of(found)):
        click.echo(f"{found.slug} is out of quarantine")
        return 0
    click.echo(f"{found.slug} was not in quarantine")
    return 1


@command.command("new")
@click.argument("name")
@click.option("--dialect", type=click.Choice(["native", "isf", "shadertoy"]), default="native", show_default=True)
@click.option("--in", "parent", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Folder.")
@click.option("--behaviour", is_flag=True, help="With a behaviour.py: fireflies that live by themselves.")
def new_piece(name: str, dialect: Starter, parent: Path, behaviour: bool) -> None:
    """Start a new piece: a folder NAME with a shader that already glows, to be changed.

    \b
    Examples:
      facade piece new slow_rain                    then: facade play slow_rain
      facade piece new ripples --dialect isf
      facade piece new marsh --behaviour            Python beside the shader, trusted because you made it
    """
    from facade.pieces.trust import trust

    if behaviour and dialect != "native":
        raise click.UsageError("--behaviour belongs to the native dialect.")
    folder = write_starter(name, parent, dialect="behaviour" if behaviour else dialect)
    if behaviour:
        trust(folder)
    click.echo(f"{folder} is ready. See it with: facade play {folder}")


@command.command("trust")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--revoke", is_flag=True, help="Take it back.")
def trust_pieces(folders: tuple[Path, ...], revoke: bool) -> None:
    """Let the behaviour.py of pieces in these folders run. It runs with all your rights, so read it first.

    Without a folder: list those that are trusted. Shipped pieces need no trust; `piece new --behaviour` and
    `piece install --trust` give it.

    \b
    Examples:
      facade piece trust ./my_piece
      facade piece trust --revoke ./my_piece
    """
    from facade.pieces.trust import distrust, trust, trusted_folders

    for folder in folders:
        kept = distrust(folder) if revoke else trust(folder)
        click.echo(f"{folder.resolve()} is {'no longer ' if revoke else ''}trusted. The list is {kept}")
    if not folders:
        for known in trusted_folders():
            click.echo(known)


@command.command("pack")
@click.argument("piece", shell_complete=complete_pieces)
@click.option("-o", "--output", "out", type=click.Path(path_type=Path, dir_okay=False), help="NAME.piece.zip")
@venue_option
def pack_piece(piece: str, out: Path | None, venue: str) -> None:
    """Make one file of a piece, with its picture and the hash of every file, for `facade piece install`.

    \b
    Examples:
      facade piece pack ember
      facade piece pack ./my_piece -o my_piece.piece.zip
    """
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

    \b
    Examples:
      facade piece install slow_rain.piece.zip      then: facade play slow_rain
      facade piece install slow_rain.piece.zip --into ./pieces --replace
    """
    from facade.pieces.package import CODE
    from facade.pieces.trust import trust as keep_trust
    from facade.pieces.unpacking import install

    own = places.user_pieces()
    if into is None and not own:
        raise click.UsageError("This user has no folder of their own. Say where with --into, or set FACADE_PIECES.")
    taken = () if into is not None else PieceLibrary((places.pieces(),)).names()
    done = install(file, into or own[0], trust=trust, replace=replace, taken=taken)
    if trust and any(Path(name).suffix in CODE for name in done.manifest.files):
        keep_trust(done.folder)
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
        "role": piece.role,
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
