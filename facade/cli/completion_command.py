"""``facade completion``: what the shell needs to complete commands, pieces and venues with Tab."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print shell completion for bash, zsh or fish.

    \b
      bash:  echo 'eval "$(facade completion bash)"' >> ~/.bashrc
      zsh:   echo 'eval "$(facade completion zsh)"' >> ~/.zshrc
      fish:  facade completion fish > ~/.config/fish/completions/facade.fish
    """
    from facade.cli.main import facade

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(facade, {}, "facade", "_FACADE_COMPLETE").source())
