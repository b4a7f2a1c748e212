"""``facade check``: the one acceptance gate."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from facade.cli.options import json_option, venue_option

if TYPE_CHECKING:
    from facade.app.finding import Finding

_MARKS = {"ok": "[green]✓[/]", "note": "[yellow]•[/]", "fail": "[bold red]✗[/]"}


@click.command("check")
@click.argument("targets", metavar="[PIECE|SHOW|VENUE|FOLDER|LIGHT.npy]...", nargs=-1)
@venue_option
@click.option(
    "-j", "jobs", type=click.IntRange(0, 256), help="Each in a process of its own, so many at a time; 0: one a core."
)
@click.option("--quick", is_flag=True, help="Leave out the fuzz of every parameter, and the costs.")
@json_option
def command(targets: tuple[str, ...], venue: str, jobs: int | None, quick: bool, as_json: bool) -> int:
    """Check documents, pieces and shows before they go on air; without arguments, everything that is shipped.

    Loads, compiles and runs each on the venue, and looks for what would go wrong in the street: values that are not
    numbers, a picture that is black, a frame that costs too much, light that flashes, light that differs from run to
    run, a parameter that breaks somewhere in its range. Folders are walked. Recorded light (render -o NAME.npy) is
    looked at for flashes. Exit status 1 if anything fails. This is no safety certificate.

    \b
    Examples:
      facade check ember
      facade check my_show/show.toml --venue medialab_prado
      facade check pieces/ -j 0 --json
      facade check evening.npy --venue imal_minimal
    """
    from facade.app.check import check, every_target, targets_in
    from facade.app.check_many import check_apart
    from facade.app.finding import as_report

    wanted: list[str] = []
    for target in targets or tuple(every_target()):
        folder = Path(target)
        inside = targets_in(folder) if folder.is_dir() else []
        own = any((folder / name).is_file() for name in ("piece.toml", "show.toml", "venue.toml"))
        wanted.extend(inside if inside and not own else [target])
    console = Console(soft_wrap=True, highlight=False)
    results: Iterable[tuple[str, Iterable[Finding]]] = (
        ((target, check(target, venue, quick=quick)) for target in wanted)
        if jobs is None
        else check_apart(wanted, venue, jobs=jobs, quick=quick)
    )
    findings: list[Finding] = []
    for target, found in results:
        # The name comes before the work, so that a crash of the driver has an owner.
        if not as_json:
            console.print(f"[bold]{target}[/]")
        for finding in found:
            findings.append(finding)
            if not as_json:
                console.print(
                    f"  {_MARKS[finding.verdict]} {finding.what}: {_escape(finding)}".replace("\n", "\n      ")
                )
    report = as_report(findings, venue=venue)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        console.print("[green]All fine.[/]" if report["ok"] else "[bold red]Something is not fine.[/]")
    return 0 if report["ok"] else 1


def _escape(finding: Finding) -> str:
    return finding.says.replace("[", r"\[")
