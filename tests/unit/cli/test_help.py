"""``--help`` of every command teaches: it ends well, shows how the command is typed, and what it shows exists."""

from __future__ import annotations

import re

import click
import pytest

from facade.cli.main import COMMANDS, facade, main
from facade.cli.options import piece_names, show_names, venue_folders
from facade.core import places
from facade.pieces.library import PieceLibrary

PASSED_ON = "test"
"""Everything after it goes to pytest, --help too."""


def paths_of(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command line that leads to a command or a group of them."""
    found = [path]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            under = command.get_command(context, name)
            assert under is not None, f"{name} is in the help and does not exist"
            found += paths_of(under, (*path, name))
    return found


PATHS = [path for path in paths_of(facade) if path != (PASSED_ON,)]


def help_of(path: tuple[str, ...], capfd: pytest.CaptureFixture[str], option: str = "--help") -> str:
    assert main([*path, option]) == 0
    printed = capfd.readouterr()
    assert printed.err == ""
    return printed.out


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_ends_well_and_says_what_the_command_is_for(
    path: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    text = help_of(path, capfd)
    assert text.startswith(f"Usage: {' '.join(('facade', *path))} ")
    purpose = text.split("\n\n")[1].strip()
    assert len(purpose) > 15
    assert purpose.endswith((".", "page"))


def test_help_is_reached_with_h_too(capfd: pytest.CaptureFixture[str]) -> None:
    assert help_of(("play",), capfd, "-h") == help_of(("play",), capfd)


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_a_command_that_takes_arguments_shows_how_it_is_typed(
    path: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    command: click.Command = facade
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    takes_arguments = any(isinstance(parameter, click.Argument) for parameter in command.params)
    body = help_of(path, capfd).split("\n\n", 1)[1]
    if takes_arguments and not isinstance(command, click.Group):
        assert re.search(rf"^ +.*facade {' '.join(path)}\b", body, re.M), "no example"


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_option_is_explained(path: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    options = help_of(path, capfd).partition("\nOptions:\n")[2].partition("\nCommands:")[0]
    entries = re.split(r"\n(?=  -)", options.rstrip())
    for entry in entries:
        flags, _, words = entry.strip().partition("  ")
        assert words.strip(), f"{flags} is not explained"


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_what_the_help_names_exists(path: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    text = help_of(path, capfd)
    library = PieceLibrary((places.pieces(),))
    for slug, parameter in re.findall(r"/piece/(\w+)/(\w+)", text):
        assert parameter in library.get(slug).manifest.parameter
    for venue in re.findall(r"--venue ([a-z]\w+)(?![\w/.])", text):
        assert venue in venue_folders()
    for command, target in re.findall(r"facade (play|render|check|piece show) ([a-z]\w+)(?![\w/.])", text):
        own = {"slow_rain", "my_show", "my_piece", "my_venue", "pieces"}
        assert target in {*piece_names(), *show_names(), *own}, f"{command} {target}"
    for name in re.findall(r"^ +facade ([a-z]+)", text, re.M):
        assert name in COMMANDS


def test_every_command_has_its_line_in_the_help_and_a_module(capfd: pytest.CaptureFixture[str]) -> None:
    text = help_of((), capfd)
    for name, line in COMMANDS.items():
        assert f"  {name} " in text
        assert line in text


def test_the_version_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert re.fullmatch(r"facade, version \d+\.\d+\.\d+\S*\n", capfd.readouterr().out)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_for_the_shell(shell: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capfd.readouterr().out
    assert "_FACADE_COMPLETE" in script
    assert shell in script


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["facade", "pl"], "play"),
        (["facade", "play", "emb"], "ember"),
        (["facade", "play", "first"], "first_light"),
        (["facade", "render", "ember", "--venue", "med"], "medialab_prado"),
        (["facade", "schema", "ven"], "venue"),
    ],
)
def test_tab_completes_commands_pieces_shows_and_venues(
    words: list[str], offered: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMP_WORDS", " ".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    monkeypatch.setenv("_FACADE_COMPLETE", "bash_complete")
    with pytest.raises(SystemExit) as ended:
        facade.main(args=[], prog_name="facade", complete_var="_FACADE_COMPLETE")
    assert ended.value.code == 0
    assert offered in capfd.readouterr().out
