"""``facade render``: a piece or a show to a file, without a screen, the same every time."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from facade.cli.main import errors
from facade.cli.options import Number, parse_size, target_argument, venue_option, writable

VIEWS = ("canvas", "pixels", "sent", "street")


@click.command("render")
@target_argument(required=True)
@venue_option
@click.option("--frames", type=click.IntRange(1, 10_000_000), help="How many frames.")
@click.option("--seconds", type=Number(0.0, 1e6, min_open=True), help="How long; instead of --frames.")
@click.option("--rate", "rate_hz", type=Number(1, 240), help="Frames a second.  [default: the venue's]")
@click.option("--size", callback=parse_size, metavar="WxH", help="Size of the canvas or of the street picture.")
@click.option(
    "--view", type=click.Choice(VIEWS), help="What to write.  [default: pixels into .npy, street into pictures]"
)
@click.option("--preset", help="Preset of the piece.")
@click.option(
    "--at",
    type=click.DateTime(("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")),
    help="What clocks in pieces show at the start, venue time.  [default: 2000-01-01T12:00]",
)
@click.option("--sound", default="", metavar="FILE", help="Sound file that the pieces hear.")
@click.option(
    "-o", "--output", "out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write."
)
def command(
    target: str,
    venue: str,
    frames: int | None,
    seconds: float | None,
    rate_hz: float | None,
    size: tuple[int, int] | None,
    view: str | None,
    preset: str | None,
    at: datetime | None,
    sound: str,
    out: Path,
) -> None:
    """Render a piece or a show to a file, the same every time.

    The suffix of OUTPUT says what is made: .npy (arrays), .fseq (for other players), .png (one frame, or a
    contact sheet), .gif, .mp4.

    \b
    Views:
      canvas   the picture before it is mapped          .npy: uint8 sRGB (frames, height, width, 3)
      pixels   the light of every pixel                 .npy: float32 linear (frames, pixels, 3)
      sent     the channel bytes that leave             .npy: uint8 (frames, pixels, channels)
      street   the building at night, seen from the street

    \b
    Examples:
      facade render ember --frames 60 -o ember.gif
      facade render ember --venue medialab_prado --seconds 10 -o ember.mp4
      facade render ember --frames 60 -o ember.npy      the same bytes on every run
    """
    from facade.app.offline import Job, render_to_file
    from facade.app.writers import SUFFIXES

    if frames is not None and seconds is not None:
        raise click.UsageError("Give --frames or --seconds, not both.")
    writable(out)
    if out.suffix.lower() not in SUFFIXES:
        raise click.BadParameter(f'"{out}": the suffix says what is made. Use one of {", ".join(SUFFIXES)}.')
    job = Job(
        target=target,
        venue=venue,
        frames=frames,
        seconds=seconds,
        rate_hz=rate_hz,
        size=size,
        view=view or {".npy": "pixels", ".fseq": "sent"}.get(out.suffix.lower(), "street"),
        preset=preset,
        sound=sound,
        at=at,
        out=out,
    )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors(), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(f"render {target}", total=None)

        def show(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        summary = render_to_file(job, progress=show)
    click.echo(summary)
