"""``facade bench``: what this machine can do, with its limits beside every figure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click

from facade.cli.main import errors
from facade.cli.options import Number, json_option
from facade.cli.tables import show_json

NAMES = ("all", "frame", "guard", "pieces", "send", "delivery", "latency", "play", "memory")
"""What can be measured."""

_NUMBERS = re.compile(r"[\d,.]+")


@click.command("bench")
@click.argument("what", type=click.Choice(NAMES), default="all", metavar="[WHAT]")
@json_option
@click.option("--seconds", type=Number(min=0.2), metavar="S", help="How long each single measurement takes at most.")
@click.option(
    "--venue",
    metavar="VENUE",
    help='Name or path; "wall" is 200,000 pixels, wall_100k, wall_1m.  [default: several sizes]',
)
def command(what: str, as_json: bool, seconds: float | None, venue: str | None) -> int:
    """Measure this machine. WHAT is one of the following, or all of them, which takes under three minutes.

    \b
      frame     cost of a frame, step by step, from 18 to 1,000,000 pixels
      guard     the flash guard alone, on 27,000 and 100,000 pixels
      pieces    compiling, editing, switching and drawing a piece, beside glslViewer where it is installed
      send      packets a second, beside what the system's barest calls reach
      delivery  a packet's cost beside a sender in C and the Python libraries that are installed
      latency   an OSC datagram in, a changed Art-Net byte out
      play      a real show: does it keep 60 frames a second and the venue's rate
      memory    a real show: do its processes keep their size

    \b
    Everything is sent to this machine's own loopback; no controller of the venue hears of it.
    Close other programs first: the load of the machine is told beside the figures.

    \b
    Examples:
      facade bench
      facade bench frame --venue my_venue/venue.toml
      facade bench memory --seconds 3600 --json
    """
    from facade.app.bench.report import MEASUREMENTS, measure
    from facade.cli.bench_tables import show_report
    from facade.core.clock import RealClock

    with _progress() as say:
        names = MEASUREMENTS if what == "all" else (what,)
        report = measure(names, venue=venue, seconds=seconds, clock=RealClock(), say=say)
    if as_json:
        show_json(asdict(report))
    else:
        show_report(report)
    return 0


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A line on standard error that says what is being measured; on no terminal, one line for each thing."""
    console = errors()
    if console.is_terminal:
        with console.status("looking at this machine") as status:
            yield status.update
        return
    said: set[str] = set()

    def say(text: str) -> None:
        subject = _NUMBERS.sub("", text)
        if subject not in said:
            said.add(subject)
            click.echo(text, err=True)

    yield say
