"""``facade record``: log inputs without playing a show."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

import click

from facade.cli.options import duration_option, target_argument, writable
from facade.core.clock import RealClock


@click.command("record")
@target_argument(required=False)
@click.option(
    "-o", "--output", "out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="File to write."
)
@click.option("--venue", default="imal_minimal", show_default=True, help="Venue that a replay plays on.")
@duration_option
def command(target: str | None, out: Path, venue: str, duration_s: float | None) -> None:
    """Log every input of a show to a file, without playing it: to rehearse at home what the street said.

    To log while a show plays, use: facade play SHOW --record FILE.

    \b
    Example:
      facade record my_show/show.toml -o street.jsonl            then: facade replay street.jsonl
    """
    from facade.app.listen import each_until, listening
    from facade.app.plan import make_plan
    from facade.app.recorder import Recorder
    from facade.app.wiring import show_inputs

    writable(out)
    if out.exists():
        raise click.BadParameter(f'"{out}": exists already and was left alone. Choose another name.')
    plan = make_plan(target, venue)
    stopped = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    clock = RealClock()
    start = clock.now()
    recorder = Recorder.open(str(out), plan, clock, epoch=start, played=False)
    n_events, problem = 0, ""
    click.echo(f"Recording inputs of {plan.show_name} to {out}. Ctrl-C ends it.", err=True)
    with listening(show_inputs(plan.show, osc_bind=""), clock) as listener:
        for events in each_until(listener, clock, duration_s=duration_s, until=lambda: stopped):
            for event in events:
                recorder.add(event, ())
            n_events += len(events)
            frame = int((clock.now() - start) * plan.show.rate_hz)
            recorder.applied(frame, 0, skipped=0, crc=None)
            told, problem = problem, recorder.flush()
            if problem and problem != told:
                click.echo(problem, err=True)
    recorder.close()
    click.echo(f"{out}: {n_events} events in {clock.now() - start:.1f} s")
