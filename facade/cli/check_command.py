"""``facade check``: the one acceptance gate."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from facade.cli.options import json_option, venue_option

_MARKS = {"ok": "[green]✓[/]", "note": "[yellow]•[/]", "fail": "[bold red]✗[/]"}


@click.command("check")
@click.argument("targets", metavar="[PIECE|SHOW|VENUE|FOLDER|LIGHT.npy]...", nargs=-1)
@venue_option
@json_option
def command(targets: tuple[str, ...], venue: str, as_json: bool) -> int:
    """Check documents, pieces and shows before they go on air; without arguments, everything that is shipped.

    Loads, compiles and runs each on the venue, and looks for what would go wrong in the street: values that are not
    numbers, a picture that is black, a frame that costs too much, light that flashes, light that differs from run to
    run. Recorded light (render -o NAME.npy) is looked at for flashes.
    Exit status 1 if anything fails. This is not a safety certificate.

    \b
    Examples:
      facade check ember
      facade check my_show/show.toml --venue medialab_prado
      facade check pieces/ --json
      facade check evening.npy --venue imal_minimal
    """
    from facade.app.check import check, every_target, targets_in

    wanted: list[str] = []
    for target in targets or tuple(every_target()):
        folder = Path(target)
        inside = targets_in(folder) if folder.is_dir() else []
        own = any((folder / name).is_file() for name in ("piece.toml", "show.toml", "venue.toml"))
        wanted.extend(inside if inside and not own else [target])
    console = Console(soft_wrap=True, highlight=False)
    failed = False
    findings = []
    for target in wanted:
        if not as_json:
            console.print(f"[bold]{target}[/]")
        for finding in check(target, venue):
            failed |= finding.verdict == "fail"
            findings.append(asdict(finding))
            if not as_json:
                console.print(f"  {_MARKS[finding.verdict]} {finding.what}: {finding.says}".replace("\n", "\n      "))
    if as_json:
        click.echo(json.dumps({"ok": not failed, "findings": findings}, indent=2))
    else:
        console.print("[bold red]Something is not fine.[/]" if failed else "[green]All fine.[/]")
    return 1 if failed else 0
