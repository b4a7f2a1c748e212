"""``facade monitor``: every input, live."""

from __future__ import annotations

import json
import signal
import sys
from types import FrameType

import click

from facade.cli.options import duration_option, target_argument
from facade.core.clock import RealClock


@click.command("monitor")
@target_argument(required=False)
@click.option("--osc-port", type=click.IntRange(1, 65535), help="Listen for OSC on this port instead of the show's.")
@duration_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(target: str | None, osc_port: int | None, duration_s: float | None, as_json: bool) -> None:
    """Show every message of every input of a show as it arrives; OSC on port 9000 without one. Ctrl-C ends it.

    \b
    Examples:
      facade monitor
      facade monitor my_show/show.toml --json --duration 60 > street.txt
    """
    from facade.app.listen import DEFAULT_INPUTS, each_until, listening
    from facade.app.plan import find_show
    from facade.config.input import OscInput

    inputs = dict(find_show(target)[0].input) if target else dict(DEFAULT_INPUTS)
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
    with listening(inputs, clock) as listener:
        for events in each_until(listener, clock, duration_s=duration_s, until=lambda: stopped):
            for health in listener.health():
                text = f"{health.state}{': ' + health.problem if health.problem else ''}"
                if told.get(health.name) != text:
                    told[health.name] = text
                    click.echo(f"  {health.name} ({health.kind} {health.where}) {text}", err=True)
            for event in events:
                if as_json:
                    args = [a.hex() if isinstance(a, bytes) else a for a in event.args]
                    row = {"t": event.at_s - start, "in": event.input, "a": event.address, "v": args}
                    click.echo(json.dumps(row))
                else:
                    shown = " ".join(f"{a:.4g}" if isinstance(a, float) else repr(a) for a in event.args)
                    click.echo(f"{event.at_s - start:9.3f}  {event.input}{event.address}  {shown}")
            if events:
                sys.stdout.flush()
