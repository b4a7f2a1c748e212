"""The command ``facade`` itself: finds the command asked for, and turns every error into words and an exit status.

Exit status: 0 fine; 1 the thing asked about is not fine, or this machine cannot do it; 2 wrong usage or a document
that cannot be used. A traceback appears with --debug only.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import warnings
from collections.abc import Sequence

import click
from rich.console import Console
from rich.logging import RichHandler

from facade import __version__
from facade.core.errors import ConfigError, FacadeError, PieceError, did_you_mean, located

COMMANDS: dict[str, str] = {
    "play": "Play a piece or a show on a venue.",
    "render": "Render a piece or a show to a file, the same every time.",
    "check": "Check documents, pieces and shows before they go on air.",
    "piece": "List, show, start, pack and install pieces.",
    "venue": "Pictures, tables and test patterns of a venue.",
    "devices": "What is plugged into this machine, and whether it works.",
    "monitor": "Show every input live.",
    "record": "Log inputs to a file.",
    "replay": "Play a recording back, bit for bit.",
    "bench": "Measure this machine, with its limits beside.",
    "schema": "Print the JSON Schema of a document, for editors.",
    "completion": "Print shell completion for bash, zsh or fish.",
    "test": "Run facade's own tests.",
    "doctor": "What this machine can do, what is missing, and how to get it.",
}
"""Command -> its line in the help; the order is that of the help."""

_MEANT = {"simulate": "play --simulate", "run": "play", "list": "piece list"}
"""What people try -> the command that does it."""


class _Commands(click.Group):
    """Imports a command's module when it is used, so that every command starts as fast as it can."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"facade.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            meant = _MEANT.get(args[0])
            hint = did_you_mean(args[0], COMMANDS) if meant is None else f' Did you mean "facade {meant}"?'
            ctx.fail(f'There is no command "{args[0]}".{hint}')
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="facade")
@click.option("--debug", is_flag=True, envvar="FACADE_DEBUG", help="Show tracebacks and every log line.")
@click.pass_context
def facade(ctx: click.Context, debug: bool) -> None:
    """Run artists' pieces on media facades.

    \b
    Without a command, facade plays the demo show on the default venue:
      facade                                    the windows glow; the page's address is printed
      facade play ember --venue medialab_prado  one piece on another building
      facade render ember --frames 60 -o a.gif  a picture, without a screen
      facade doctor                             what this machine can do
    """
    set_up_logging(debug=debug)
    if ctx.invoked_subcommand is None:
        play = ctx.command.get_command(ctx, "play")  # type: ignore[attr-defined]
        ctx.invoke(play)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    given = list(sys.argv[1:] if args is None else args)
    debug = "--debug" in given or bool(os.environ.get("FACADE_DEBUG"))
    try:
        status = facade.main(args=given, prog_name="facade", standalone_mode=False)
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except FacadeError as error:
        if debug:
            raise
        show_error(error)
        return 2 if isinstance(error, ConfigError | PieceError) else 1
    except OSError as error:
        if debug:
            raise
        name = f"{error.filename}: " if error.filename else ""
        errors().print(f"[bold red]Not done:[/] {_escape(name)}{error.strerror or error}.", highlight=False)
        return 1
    except Exception as error:  # the last seam: a mistake of ours is no page of Python for an operator
        if debug:
            raise
        kind = type(error).__name__
        errors().print(f"[bold red]A mistake in facade:[/] {kind}: {_escape(str(error))}", highlight=False)
        errors().print("Run the same command with --debug before its name, and report what it says.", highlight=False)
        return 1
    return status if isinstance(status, int) else 0


def errors() -> Console:
    """The console for everything that is not the answer."""
    return Console(stderr=True, soft_wrap=True)


def show_error(error: FacadeError) -> None:
    """Print an error in plain words, every problem of a document on lines of its own."""
    console = errors()
    if isinstance(error, ConfigError):
        from facade.config.report import render_problems

        console.print(render_problems(error.problems), highlight=False, markup=False)
        return
    console.print(f"[bold red]Not done:[/] {_escape(located(error))}", highlight=False)


def _escape(text: str) -> str:
    return text.replace("[", r"\[")


def set_up_logging(*, debug: bool) -> None:
    """Warnings and worse to stderr; with debug, everything."""
    handler = RichHandler(console=errors(), show_path=debug, show_time=debug, markup=False)
    warnings.filterwarnings("ignore", message="Image size")  # what is too large is refused in words of ours
    logging.basicConfig(level=logging.DEBUG if debug else logging.WARNING, format="%(message)s", handlers=[handler])
