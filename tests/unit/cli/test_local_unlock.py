"""The local unlock asks a person at the machine, and nothing else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest
from click.testing import CliRunner

from facade.cli.main import facade

TEST = ["venue", "test", "imal_minimal", "--pattern", "white", "--duration", "0.1", "--unlock"]


def test_one_fixture_must_be_named():
    result = CliRunner().invoke(facade, TEST)

    assert result.exit_code == 2
    assert "name it with --fixture" in result.output


def test_without_a_terminal_nothing_unlocks():
    result = CliRunner().invoke(facade, [*TEST, "--fixture", "windows"], input="windows\n")

    assert result.exit_code == 2
    assert "asks a person at a terminal" in result.output


def test_over_ssh_nothing_unlocks(monkeypatch):
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 50000 10.0.0.1 22")

    result = CliRunner().invoke(facade, [*TEST, "--fixture", "windows"])

    assert result.exit_code == 2
    assert "not over SSH" in result.output


def test_a_fixture_that_is_not_there_is_named():
    result = CliRunner().invoke(facade, [*TEST, "--fixture", "nobody"])

    assert result.exit_code == 2
    assert "fixtures of this venue are" in result.output


@pytest.mark.parametrize(("typed", "status"), [(b"windows\n", 0), (b"yes\n", 2)])
def test_at_a_terminal_the_fixtures_name_is_typed(typed, status):
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SSH_")}
    command = [sys.executable, "-m", "facade", *TEST, "--fixture", "windows"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        os.write(ours, typed)
        heard = b""
        try:
            while part := os.read(ours, 4096):
                heard += part
        except OSError:
            pass
        assert process.wait(60) == status, heard.decode()
    os.close(ours)
    assert b"Look at the street" in heard
