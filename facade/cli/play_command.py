"""``facade play``: the main job."""

from __future__ import annotations

import getpass
import logging
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from facade.cli.options import duration_option, parse_hosts, parse_ports, target_argument, venue_option, writable
from facade.cli.status_line import NoteHandler, StatusLine
from facade.core.errors import InputError

if TYPE_CHECKING:
    from facade.app.plan import Plan
    from facade.app.play import Player

DEFAULT_PORT = 8480
_PORTS_TRIED = 10


@click.command("play")
@target_argument(required=False)
@venue_option
@click.option("--window", is_flag=True, help="Also open a window: street, canvas, pixels and every slider.")
@duration_option
@click.option("--record", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Log inputs to FILE.")
@click.option(
    "--host", "hosts", multiple=True, callback=parse_hosts, metavar="CONTROLLER=ADDRESS", help="Send there instead."
)
@click.option(
    "--input", "ports", multiple=True, callback=parse_ports, metavar="INPUT=PORT", help="Port of one of the inputs."
)
@click.option("--sound", default="", metavar="FILE|DEVICE", help="Hear this file, or the device with this in its name.")
@click.option("--simulate", is_flag=True, help="Send to the simulator only, nothing onto the network.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help=f"Port of the page.  [default: {DEFAULT_PORT} or the next free]"
)
@click.option("--standby", is_flag=True, help="Wait in silence until the venue's main machine is gone.")
@click.option("--no-page", is_flag=True, help="Without the page.")
@click.option("--open", "is_open", is_flag=True, help="Let others on the network open the page and send OSC.")
@click.option("--password", envvar="FACADE_PASSWORD", help="Password of an open page; asked for if it is not given.")
def command(
    target: str | None = None,
    venue: str = "imal_minimal",
    window: bool = False,
    duration_s: float | None = None,
    record: Path | None = None,
    hosts: dict[str, str] | None = None,
    ports: dict[str, str] | None = None,
    sound: str = "",
    simulate: bool = False,
    port: int | None = None,
    standby: bool = False,
    no_page: bool = False,
    is_open: bool = False,
    password: str | None = None,
) -> int:
    """Play a piece or a show on a venue. With nothing named: the demo show on the default venue.

    \b
    Ctrl-C fades to black and ends. While it plays:
      the page     every parameter, cues, master and blackout, health; its address is printed
      OSC          port 9000 of this machine, e.g. /piece/ember/warmth 0.7, /show/go, /master 0.5
      saved edits  of a piece's files show at once; a broken edit leaves the last good one on
      --window     the street, the canvas and the pixels side by side, sliders, cost, errors; its keys stand in it

    \b
    Examples:
      facade play
      facade play ember --venue medialab_prado --window
      facade play my_show/show.toml --host node=10.0.0.21 --input knobs=nano
      facade play ember --sound song.flac
      facade play my_show/show.toml --venue V --standby      on the second machine of a venue with [standby]
      facade play --record tonight.jsonl            then: facade replay tonight.jsonl
      facade play baked.fseq --venue V              frames from a file (.fseq, or .npy of pixels), over and over
    """
    if target is not None and Path(target).suffix.lower() in (".fseq", ".npy"):
        if standby:
            raise click.UsageError("--standby is for shows: a file is played at once, whoever else sends.")
        if not Path(target).is_file():
            raise click.BadParameter(f'"{target}": there is no such file. Check the path.')
        return _play_file(Path(target), venue, hosts=hosts, duration_s=duration_s, simulate=simulate)
    from facade.app.plan import make_plan
    from facade.app.play import Player, PlayOptions

    if record is not None:
        writable(record)
        if record.is_file() and record.stat().st_size > 0:
            raise click.BadParameter(f'"{record}": exists already and was left alone. Choose another name.')
    if is_open and not no_page and not password:
        password = _ask_password()
    plan = make_plan(target, venue, hosts=hosts, ports=ports, sound=sound)
    if standby:
        _check_standby(plan, simulate=simulate)
    address = "0.0.0.0" if is_open else "127.0.0.1"
    page = None if no_page else _bind(address, port)
    options = PlayOptions(
        real=not simulate,
        record=str(record.resolve()) if record else "",
        window=window,
        duration_s=duration_s,
        web={"host": address, "password": password if is_open else None},
        web_socket=page,
        osc_bind=address if is_open else "",
        standby=standby,
    )
    line = StatusLine(plan, page=None if page is None else f"http://127.0.0.1:{page.getsockname()[1]}/")
    status = _run(Player(plan, options, say=line.show), line)
    if page is not None:
        page.close()
    return status


def _run(player: Player, line: StatusLine) -> int:
    """Play until a signal, with the status line under it."""

    def stop(signum: int, frame: FrameType | None) -> None:
        player.stop()

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stop)
    if not logging.getLogger().isEnabledFor(logging.DEBUG):
        logging.getLogger().handlers = [NoteHandler(line)]
    line.begin()
    status = player.run()
    line.end(player.status())
    return status


def _check_standby(plan: Plan, *, simulate: bool) -> None:
    if simulate or plan.pixels.venue.standby is None:
        raise click.UsageError(
            "--standby is for a venue with two machines, on its network: give venue.toml a [standby] table with the "
            "addresses of both, and leave --simulate out."
        )


def _play_file(
    path: Path, venue: str, *, hosts: dict[str, str] | None, duration_s: float | None, simulate: bool
) -> int:
    from facade.app.baked import open_baked, play_baked
    from facade.app.plan import make_plan
    from facade.app.venues import guard_words
    from facade.core.clock import RealClock

    plan = make_plan(None, venue, hosts=hosts)
    show = open_baked(path, plan.pixels)
    ended: list[int] = []
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda number, frame: ended.append(number))
    click.echo(f"{path} on {plan.pixels.venue.venue.name}: {show.n_frames} frames. Ctrl-C fades to black and ends.")
    click.echo(f"Flash guard: {guard_words(plan.pixels.venue.flash)}.")
    play_baked(
        show, plan.pixels, plan.patch, RealClock(), until=lambda: bool(ended), duration_s=duration_s, real=not simulate
    )
    return 0


def _ask_password() -> str:
    if not sys.stdin.isatty():
        raise click.UsageError("--open lets anyone on the network reach the page: set --password or FACADE_PASSWORD.")
    password = getpass.getpass("Password for the page: ")
    if not password:
        raise click.UsageError("An open page needs a password.")
    return password


def _bind(address: str, port: int | None) -> socket.socket:
    """Bind the page's port here, so that a port in use is said before the show starts and survives a restart."""
    from facade.web.server import bind_page

    if port is not None:
        return bind_page(address, port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED):
        try:
            return bind_page(address, candidate)
        except InputError:
            continue
    return bind_page(address, 0)
