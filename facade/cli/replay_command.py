"""``facade replay``: an evening again."""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from facade.cli.options import writable


@click.command("replay")
@click.argument("recording", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--show", "target", metavar="PIECE|SHOW", help="Play this instead of what the recording names.")
@click.option("--venue", metavar="VENUE", help="On this venue instead of the recorded one.")
@click.option("-o", "--output", "out", type=click.Path(path_type=Path, dir_okay=False), help="Write the frames, .npy.")
def command(recording: Path, target: str | None, venue: str | None, out: Path | None) -> int:
    """Play a recording back without waiting, and compare the light with the checkpoints in it.

    The same renderer gives the same light, bit for bit. Exit status 1 if a checkpoint differs.

    \b
    Examples:
      facade replay tonight.jsonl
      facade replay tonight.jsonl --venue medialab_prado -o tonight.npy
    """
    from facade.app.replay import Replay
    from facade.app.wiring import gpu_without_screen
    from facade.app.writers import open_writer

    if out is not None:
        writable(out)
        if out.suffix != ".npy":
            raise click.BadParameter(f'"{out}": replay writes .npy. For pictures use: facade render.')
    replay = Replay(recording, target=target, venue=venue)
    kept = []
    with gpu_without_screen() as gpu:
        for _, rgb in replay.frames(gpu, deliver=False):
            if out is not None:
                kept.append(rgb.copy())
    if out is not None:
        shape = (replay.plan.pixels.n_pixels, 3)
        rate_hz = replay.recording.header.rate_hz
        writer = open_writer(out, n_frames=len(kept), shape=shape, dtype=np.float32, rate_hz=rate_hz)
        try:
            for rgb in kept:
                writer.add(rgb)
            writer.close()
        except BaseException:
            writer.abandon()
            raise
    verdict = replay.verdict
    click.echo(f"{recording}: {verdict.frames} frames, {verdict.events} events")
    if verdict.torn is not None:
        click.echo(f"line {verdict.torn} was cut short and left out")
    if verdict.checked:
        click.echo(f"{verdict.same} of {verdict.checked} checkpoints identical")
    if verdict.first_wrong is not None:
        click.echo(
            f"the light differs from frame {verdict.first_wrong} on: another renderer, piece or venue, "
            "or the renderer was replaced there",
            err=True,
        )
        return 1
    return 0
