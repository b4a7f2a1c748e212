"""``facade test``: runs the test suite of a checkout."""

from __future__ import annotations

import os
import sys

import click

from facade.core import places
from facade.core.errors import MachineError


@click.command("test", context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run facade's own tests. Everything after the command goes to pytest, such as: facade test tests/unit -x."""
    root = places.hardware().parent
    if not (root / "tests").is_dir():
        raise MachineError("The tests come with a checkout of facade, not with the installed package. Clone it first.")
    # This process becomes pytest, so that ending it ends the tests and what they started.
    os.chdir(root)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])
