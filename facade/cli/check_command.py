"""``facade check``: the one acceptance gate."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from facade.cli.options import json_option, venue_option
from facade.cli.tables import show_table

if TYPE_CHECKING:
    from facade.app.finding import Finding

_LINE = 240
"""Characters of what is said of one target among many."""

_MARKS = {"ok": "[green]✓[/]", "note": "[yellow]•[/]", "fail": "[bold red]✗[/]"}


class _Check(click.Command):
    """A command whose ``-j`` may stand without a number, as in make, also before a target."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        after = [*args[1:], ""]
        return super().parse_args(
            ctx, ["-j0" if arg == "-j" and not after[i].isdigit() else arg for i, arg in enumerate(args)]
        )


@click.command("check", cls=_Check)
@click.argument("targets", metavar="[PIECE|SHOW|VENUE|FOLDER|LIGHT.npy]...", nargs=-1)
@venue_option
@click.option(
    "-j",
    "jobs",
    metavar="[N]",
    type=click.IntRange(0, 256),
    help="Each in a process of its own, N at a time; without N, or with 0, one a core.",
)
@click.option("--long", "in_full", is_flag=True, help="Say everything about each of a folder, not one line.")
@click.option("--quick", is_flag=True, help="Leave out the fuzz of every parameter, and the costs.")
@click.option(
    "--sound",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Sound file that the pieces hear.",
)
@json_option
def command(
    targets: tuple[str, ...], venue: str, jobs: int | None, in_full: bool, quick: bool, sound: str | None, as_json: bool
) -> int:
    """Check documents, pieces and shows before they go on air; without arguments, everything that is shipped.

    Loads, compiles and runs each on the venue, and looks for what would go wrong in the street: values that are not
    numbers, a picture that is black, a frame that costs too much, light that flashes, light that differs from run to
    run, a parameter that breaks somewhere in its range. Folders are walked, single shader files in them too: where
    there are several, one line each, a process each, one a core. Recorded light (render -o NAME.npy) is looked at for
    flashes. Exit status 1 if anything fails. This is no safety certificate.

    \b
    Examples:
      facade check ember
      facade check my_show/show.toml --venue medialab_prado
      facade check collection/ --quick
      facade check pieces/ -j --json
      facade check chladni --sound song.wav
      facade check evening.npy --venue imal_minimal
    """
    from facade.app.check import check, every_target, targets_in
    from facade.app.check_many import check_apart
    from facade.app.finding import as_report

    wanted: list[str] = []
    walked = False
    for target in targets or tuple(every_target()):
        folder = Path(target)
        inside = targets_in(folder) if folder.is_dir() else []
        own = any((folder / name).is_file() for name in ("piece.toml", "show.toml", "venue.toml"))
        walked = walked or (len(inside) > 1 and not own)
        wanted.extend(inside if inside and not own else [target])
    jobs = 0 if walked and jobs is None else jobs
    console = Console(soft_wrap=True, highlight=False)
    results: Iterable[tuple[str, Iterable[Finding]]] = (
        ((target, check(target, venue, quick=quick, sound=sound or "")) for target in wanted)
        if jobs is None
        else check_apart(wanted, venue, jobs=jobs, quick=quick, sound=sound or "")
    )
    findings: list[Finding] = []
    if as_json or in_full or not walked:
        for target, found in results:
            # The name comes before the work, so that a crash of the driver has an owner.
            if not as_json:
                console.print(f"[bold]{target}[/]")
            for finding in found:
                findings.append(finding)
                if not as_json:
                    console.print(f"  {_MARKS[finding.verdict]} {_said(finding)}".replace("\n", "\n      "))
    else:
        findings = _in_short(results, len(wanted), console)
    report = as_report(findings, venue=venue)
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        console.print("[green]All fine.[/]" if report["ok"] else "[bold red]Something is not fine.[/]")
    return 0 if report["ok"] else 1


def _in_short(results: Iterable[tuple[str, Iterable[Finding]]], count: int, console: Console) -> list[Finding]:
    """Print one line a target and a table of what was found, with a bar on the terminal meanwhile."""
    findings: list[Finding] = []
    tally: Counter[str] = Counter()
    kinds: Counter[tuple[str, str]] = Counter()
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("checking", total=count)
        for target, found in results:
            each = list(found)
            findings += each
            failed = [f for f in each if f.verdict == "fail"]
            notes = [f for f in each if f.verdict == "note"]
            verdict = "fail" if failed else "note" if notes else "ok"
            tally[verdict] += 1
            kinds.update({(f.verdict, f.what.split()[0]) for f in failed + notes})
            says = " ".join(_said(failed[0]).split())[:_LINE] if failed else _names(notes)
            name = target.replace("[", r"\[")
            console.print(f"{_MARKS[verdict]} [bold]{name}[/]  {says}".rstrip())
            progress.advance(bar)
    console.print()
    rows = [("fine", tally["ok"]), ("fine, with notes", tally["note"]), ("not fine", tally["fail"])]
    show_table(f"{count} checked", ("", "how many"), rows)
    show_table("What was found", ("kind", "verdict", "in how many"), [(k, v, n) for (v, k), n in kinds.most_common()])
    return findings


def _names(notes: list[Finding]) -> str:
    """Return the notes of one target by their kinds, each once."""
    return ", ".join(dict.fromkeys(finding.what.split()[0] for finding in notes))


def _said(finding: Finding) -> str:
    return f"{finding.what}: {finding.says}".replace("[", r"\[")
