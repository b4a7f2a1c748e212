"""``facade venue``: what a technician needs to know about a building, and test patterns on its real outputs."""

from __future__ import annotations

import signal
from functools import partial
from pathlib import Path
from types import FrameType

import click
import numpy as np
from PIL import Image

from facade.app.venues import guard_words, open_venue_here
from facade.cli.local_unlock import ask_at_the_machine
from facade.cli.options import Number, duration_option, json_option, parse_hosts, venue_folders, writable
from facade.cli.survey_tables import show_survey, survey_json, survey_of
from facade.cli.tables import show_json, show_table
from facade.mapping.model import ControllerPatch, Patch, PixelMap


def load(name: str) -> tuple[PixelMap, Patch]:
    """Load and compile a venue by name or path. Raises ConfigError with every problem."""
    return open_venue_here(name)


@click.group("venue")
def command() -> None:
    """Pictures, tables and test patterns of a venue."""


@command.command("list")
@json_option
def list_venues(as_json: bool) -> None:
    """List the shipped venues."""
    rows = []
    for name in venue_folders():
        pixels, patch = load(name)
        facts = pixels.venue.venue
        rows.append((name, facts.name, facts.place, pixels.n_pixels, patch.n_universes, facts.rate_hz))
    columns = ("name", "title", "place", "pixels", "universes", "rate_hz")
    if as_json:
        show_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        show_table("Venues", columns, rows)


@command.command("show")
@click.argument("venue")
@click.option("-o", "--output", "out", type=click.Path(path_type=Path, dir_okay=False), help="Also draw it to a PNG.")
@json_option
def show_venue(venue: str, out: Path | None, as_json: bool) -> None:
    """Show a venue's fixtures, controllers and power; with -o, a picture of where its pixels are.

    \b
    Examples:
      facade venue show imal_minimal
      facade venue show my_venue/venue.toml -o where.png
    """
    if out is not None and out.suffix.lower() != ".png":
        raise click.BadParameter(f'"{out}": the picture is a PNG. End its name with .png.')
    pixels, patch = load(venue)
    venue_doc = pixels.venue
    fixtures = [
        (name, fixture.profile, int((pixels.fixture == index).sum()), fixture.surface, fixture.shape)
        for index, (name, fixture) in enumerate(venue_doc.fixture.items())
    ]
    controllers = [
        (c.name, c.profile.protocol, c.controller.host, len(c.universes), c.universes[0], c.universes[-1], c.length)
        for c in patch.controllers
    ]
    power = [
        (name, amps, float(_full_drive_amps(pixels, index))) for index, (name, amps) in enumerate(pixels.power_amps)
    ]
    if as_json:
        show_json(
            {"id": venue_doc.venue.id, "pixels": pixels.n_pixels, "fixtures": fixtures, "controllers": controllers}
        )
    else:
        width, height = pixels.size_venue_m
        click.echo(f"{venue_doc.venue.name}: {pixels.n_pixels:,} pixels over {width:.1f} × {height:.1f} m\n")
        show_table("Fixtures", ("name", "profile", "pixels", "surface", "shape"), fixtures)
        columns = ("name", "protocol", "host", "universes", "first", "last", "slots")
        show_table("Controllers", columns, controllers)
        show_table("Power", ("group", "supply A", "full white A"), power)
        click.echo(f"Flash guard: {guard_words(venue_doc.flash)}.")
    if out is not None:
        _draw(pixels, writable(out))


@command.command("patch")
@click.argument("venue")
@click.option("--pixel", type=int, help="Only this pixel id.")
@json_option
def patch_sheet(venue: str, pixel: int | None, as_json: bool) -> None:
    """Print the patch sheet: where every pixel's channels are. Universes as on the wire, channels from 1.

    \b
    Examples:
      facade venue patch imal_minimal
      facade venue patch my_venue/venue.toml --pixel 117
    """
    pixels, patch = load(venue)
    rows = [row for c in patch.controllers for row in _patch_rows(pixels, c) if pixel is None or row[0] == pixel]
    rows.sort()
    columns = ("pixel", "fixture", "x m", "y m", "controller", "universe", "channel")
    if as_json:
        show_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    if pixel is not None and not rows:
        raise click.BadParameter(f"{pixel}: pixel ids of this venue are 0..{pixels.n_pixels - 1}.")
    show_table(f"Patch of {pixels.venue.venue.name}", columns, rows)


@command.command("test")
@click.argument("venue")
@click.option(
    "--pattern",
    type=click.Choice(["white", "red", "green", "blue", "ramp", "walk", "rows", "columns", "corners", "black"]),
    default="walk",
    show_default=True,
)
@click.option("--level", type=Number(0.0, 1.0), default=0.5, show_default=True, help="Brightness.")
@duration_option
@click.option(
    "--host", "hosts", multiple=True, callback=parse_hosts, metavar="CONTROLLER=ADDRESS", help="Send there instead."
)
@click.option("--discover", is_flag=True, help="Send nothing: ask the controllers what they are, and compare.")
@click.option("--fixture", default="", metavar="NAME", help="Light this fixture only.")
@click.option(
    "--unlock", is_flag=True, help="At the machine: test one fixture without permit, curfew and light sensor."
)
@json_option
def test_pattern(
    venue: str,
    pattern: str,
    level: float,
    duration_s: float | None,
    hosts: dict[str, str],
    discover: bool,
    fixture: str,
    unlock: bool,
    as_json: bool,
) -> int:
    """Send a test pattern to the venue's real outputs, through power limits and patch. Ctrl-C ends it in the dark.

    With --discover: are the controllers there, and do they show the universes that the patch sends them? Exit status 1
    if one wants a person.

    With --unlock: a person at this terminal types the fixture's name; then the brightness caps do not hold for it, for
    ten minutes at most. Power limits and the flash guard hold. No message, page or recording can unlock anything.

    \b
    Examples:
      facade venue test imal_minimal
      facade venue test my_venue/venue.toml --pattern corners --level 0.2 --host node=10.0.0.21
      facade venue test my_venue/venue.toml --discover
      facade venue test my_venue/venue.toml --pattern white --level 1 --fixture bar3 --unlock
    """
    if as_json and not discover:
        raise click.UsageError("--json is for what --discover finds: add --discover.")
    if discover:
        found, remarks = survey_of(venue, hosts)
        if as_json:
            show_json(survey_json(found, remarks))
        else:
            show_survey(f"On the network of {venue}", remarks)
        return 0 if all(remark.is_fine for remark in remarks) else 1
    from facade.app.plan import venue_with_hosts
    from facade.app.testpattern import TestPattern, play_pattern

    pixels, patch = open_venue_here(venue, changed=partial(venue_with_hosts, hosts=hosts))
    if fixture and fixture not in pixels.fixtures:
        raise click.BadParameter(f'"{fixture}": fixtures of this venue are {", ".join(pixels.fixtures)}.')
    if unlock:
        ask_at_the_machine(fixture)
    stopped = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    click.echo(f"{pattern} on {pixels.venue.venue.name}. Ctrl-C ends it.")
    click.echo(f"Flash guard: {guard_words(pixels.venue.flash)}.")
    health = play_pattern(
        pixels,
        patch,
        TestPattern(pattern, level, fixture),
        until=lambda: stopped,
        duration_s=duration_s,
        unlocked=unlock,
    )
    for output in health.outputs:
        click.echo(f"{output.name}: {output.packets:,} packets{'' if not output.problem else ', ' + output.problem}")
    return 0


def _patch_rows(pixels: PixelMap, c: ControllerPatch) -> list[tuple[int, str, str, str, str, int, int]]:
    rows = []
    owner = np.full(pixels.n_levels + 256, -1, dtype=np.int64)
    owner[: pixels.n_levels] = np.repeat(np.arange(pixels.n_pixels), np.diff(pixels.offset))
    before = -1
    for universe, gather in zip(c.universes, c.gather, strict=True):
        for channel, index in enumerate(gather, start=1):
            # The first slot of each pixel's run on the cable, whatever colour it shows.
            pixel = int(owner[index])
            if pixel >= 0 and pixel != before:
                x, y, _ = pixels.position_m[pixel]
                fixture = pixels.fixtures[pixels.fixture[pixel]]
                rows.append((pixel, fixture, f"{x:.2f}", f"{y:.2f}", c.name, universe, channel))
            before = pixel
    return rows


def _full_drive_amps(pixels: PixelMap, group: int) -> float:
    total = 0.0
    for index, profile in enumerate(pixels.profiles):
        n = int(((pixels.power == group) & (pixels.profile == index)).sum())
        letters = {c[0] for c in profile.channels if c[0] in "RGBW"}
        total += n * (profile.idle_amps + sum(profile.amps["RGBW".index(letter)] for letter in letters))
    return total


def _draw(pixels: PixelMap, out: Path) -> None:
    """Each pixel in a colour that runs along the wiring, so that a wrong turn is seen at once."""
    from facade.app.pictures import PixelPicture

    phase = np.linspace(0.0, 1.0, pixels.n_pixels, dtype=np.float32)[:, None]
    rgb = 0.5 + 0.45 * np.cos(6.2831853 * (phase * 0.8 + np.array([0.0, 0.33, 0.67], dtype=np.float32)))
    picture = PixelPicture(pixels, width_px=960).draw(rgb.astype(np.float32))
    Image.fromarray(picture).save(out)
    click.echo(f"{out}: {picture.shape[1]}×{picture.shape[0]}; colours run along the wiring, red first")
