"""``facade monitor``: every input, live."""

from __future__ import annotations

import json
import signal
import sys
from types import FrameType

import click

from facade.cli.meters import Meters
from facade.cli.options import duration_option, target_argument
from facade.control.events import InputEvent
from facade.core.clock import RealClock


@click.command("monitor")
@target_argument(required=False)
@click.option("--sound", default="", metavar="FILE|DEVICE", help="Also hear this file or device.")
@click.option("--osc-port", type=click.IntRange(1, 65535), help="Listen for OSC on this port instead of the show's.")
@duration_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(target: str | None, sound: str, osc_port: int | None, duration_s: float | None, as_json: bool) -> None:
    """Show every message of every input of a show as it arrives; OSC on port 9000 without one. Ctrl-C ends it.

    \b
    Examples:
      facade monitor
      facade monitor --sound default          level meters
      facade monitor my_show/show.toml --json --duration 60 > street.txt
    """
    from facade.app.listen import DEFAULT_INPUTS, each_until, listening
    from facade.app.plan import find_show
    from facade.app.sources import inputs_to_open
    from facade.config.input import OscInput
    from facade.control.sound import SOUND

    show = find_show(target)[0] if target else None
    declared = DEFAULT_INPUTS if show is None else show.input
    inputs = inputs_to_open(declared, None if show is None else show.path, ports={}, sound=sound)
    if osc_port is not None:
        inputs["osc"] = OscInput(type="osc", port=osc_port)
    stopped = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    clock = RealClock()
    start = clock.now()
    told: dict[str, str] = {}
    meters, heard = Meters(), {name for name, each in inputs.items() if each.type == "audio"}
    with listening(inputs, clock) as listener:
        for events in each_until(listener, clock, duration_s=duration_s, until=lambda: stopped):
            for health in listener.health():
                text = f"{health.state}{': ' + health.problem if health.problem else ''}"
                if told.get(health.name) != text:
                    told[health.name] = text
                    click.echo(f"  {health.name} ({health.kind} {health.where}) {text}", err=True)
            for event in events:
                if event.input in heard and not as_json:
                    meters.hear(event)
                elif event.address != SOUND:
                    click.echo(_json(event, start) if as_json else _line(event, start))
            for line in meters.lines(clock.now()):
                click.echo(f"{clock.now() - start:9.3f}  {line}")
            if events:
                sys.stdout.flush()


def _json(event: InputEvent, start_s: float) -> str:
    args = [a.hex() if isinstance(a, bytes) else a for a in event.args]
    return json.dumps({"t": event.at_s - start_s, "in": event.input, "a": event.address, "v": args})


def _line(event: InputEvent, start_s: float) -> str:
    shown = " ".join(f"{a:.4g}" if isinstance(a, float) else repr(a) for a in event.args)
    return f"{event.at_s - start_s:9.3f}  {event.input}{event.address}  {shown}"
