"""The local unlock: a person at the machine lets one fixture be tested without the brightness caps.

It is a safety catch for people, not a lock against them: who can start programs here can also edit venue.toml. What it
rules out is a script, a page, a message or a recording that unlocks, and somebody far away who does not see the light.
"""

from __future__ import annotations

import os
import sys

import click

_FAR_AWAY = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")


def ask_at_the_machine(fixture: str) -> None:
    """Have a person type the fixture's name.

    Raises click.UsageError where nobody can be asked, ClickException if they type something else.
    """
    if not fixture:
        raise click.UsageError("--unlock is for one fixture: name it with --fixture.")
    if any(os.environ.get(name) for name in _FAR_AWAY):
        raise click.UsageError(
            "--unlock works at the machine itself, not over SSH: whoever unlocks must see the light. "
            "Leave it out to test within the permit."
        )
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError(
            "--unlock asks a person at a terminal; here is none. Start it by hand at the machine, or leave it out."
        )
    click.echo(
        f"Permit, curfew and light sensor will not hold for {fixture}, for ten minutes at most. "
        "Power limits and the flash guard hold.",
        err=True,
    )
    if click.prompt(f"Look at the street, then type {fixture}", err=True).strip() != fixture:
        raise click.ClickException("That is not its name: nothing is unlocked, nothing was sent.")
