"""What the system lacks: installed when that needs no password, else the one command to type.

apt-get, sudo and the rest are small programs on a PATH of the test's own, which write down how they were called.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facade.setup import system
from facade.setup.progress import PipWords, Steps, apt_words, fix_for
from facade.setup.stamps import SetupError


class Machine:
    """calls: every call of a program of this machine, in order."""

    def __init__(self, folder: Path) -> None:
        self.programs, self._log, self.given = folder / "bin", folder / "calls", folder / "given"
        self.programs.mkdir()
        self.has("env", 'shift; shift; exec "$@"')
        for name in ("sh", "grep"):
            (self.programs / name).symlink_to(f"/bin/{name}")

    def has(self, name: str, script: str = "exit 0") -> None:
        program = self.programs / name
        note = "" if name == "env" else f'echo "{name} $*" >> "{self._log}"\n'
        program.write_text(f"#!/bin/sh\n{note}{script}\n")
        program.chmod(0o755)

    def has_apt(self, *, knows: str = "nothing") -> None:
        self.has("apt-get", f'case "$*" in *install*) : > "{self.given}";; esac')
        self.has("dpkg")
        self.has("apt-cache", f'[ "$2" = "{knows}" ] && echo "Package: $2"')

    @property
    def calls(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []


@pytest.fixture
def machine(tmp_path, monkeypatch):
    made = Machine(tmp_path)
    need = system.Need("EGL, for drawing", made.given.exists, ("libegl2", "libegl1"), "egl-dnf", "egl-arch")
    monkeypatch.setattr(system, "needs", lambda: [need])
    monkeypatch.setattr(system.sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(made.programs))
    return made


@pytest.fixture
def steps(tmp_path):
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    yield Steps(tmp_path / "log", lock=lock)
    os.close(lock)


def test_nothing_is_called_when_nothing_is_missing(machine, steps):
    machine.given.touch()
    machine.has_apt()

    system.install_system(steps)

    assert machine.calls == []


def test_root_installs_with_apt_after_renewing_its_lists(machine, steps, monkeypatch):
    monkeypatch.setattr(system.os, "geteuid", lambda: 0)
    machine.has_apt()

    system.install_system(steps)

    words = [call for call in machine.calls if not call.startswith("apt-cache")]
    assert words[0] == "dpkg --configure -a"
    assert words[1].endswith(" update")
    assert words[2].startswith("apt-get install -y --no-install-recommends")
    assert words[2].endswith(" libegl1")
    assert len(words) == 3


def test_a_newer_name_of_a_package_is_used_where_the_release_knows_it(machine, steps, monkeypatch):
    monkeypatch.setattr(system.os, "geteuid", lambda: 0)
    machine.has_apt(knows="libegl2")

    system.install_system(steps)

    assert machine.calls[-1].endswith(" libegl2")


def test_a_sudo_that_asks_nothing_is_used(machine, steps, monkeypatch):
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    machine.has_apt()
    machine.has("sudo", '[ "$1" = -n ] && shift && [ "$1" = true ] || exec "$@"')

    system.install_system(steps)

    assert any(call.startswith("sudo -n env") and "install" in call for call in machine.calls)
    assert machine.given.exists()


@pytest.mark.parametrize(("has_sudo", "begins"), [(True, "sudo sh -c '"), (False, "su -c '")])
def test_without_rights_it_says_one_command_and_installs_nothing(machine, steps, monkeypatch, has_sudo, begins):
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    machine.has_apt()
    if has_sudo:
        machine.has("sudo", "exit 1")

    with pytest.raises(SetupError) as told:
        system.install_system(steps)

    commands = [line.strip() for line in str(told.value).splitlines() if line.startswith("    ")]
    assert commands == [begins + "apt-get update && apt-get install -y --no-install-recommends libegl1'"]
    assert told.value.status == 2
    assert not any("install" in call for call in machine.calls)


@pytest.mark.parametrize(("tool", "command"), [("dnf", "sudo dnf install egl-dnf"), ("pacman", "egl-arch")])
def test_other_distributions_get_their_own_command(machine, steps, tool, command):
    machine.has(tool)

    with pytest.raises(SetupError, match=command):
        system.install_system(steps)


def test_missing_graphics_that_no_package_brings_do_not_stop_the_rest(machine, steps, capsys):
    system.install_system(steps)

    assert "Going on without EGL" in capsys.readouterr().err


def test_a_python_that_cannot_make_environments_is_named(machine, steps, monkeypatch):
    monkeypatch.setattr(system, "has_venv", lambda: False)
    need = system.Need("venv", system.has_venv, ("python3-venv",), "x", "y")
    monkeypatch.setattr(system, "needs", lambda: [need])

    with pytest.raises(SetupError, match="venv and ensurepip are missing") as told:
        system.install_system(steps)

    assert told.value.status == 2


def test_an_apt_that_fails_is_told_with_its_last_words(machine, steps, monkeypatch):
    monkeypatch.setattr(system.os, "geteuid", lambda: 0)
    machine.has_apt()
    machine.has("apt-get", "echo 'E: Could not resolve host'; exit 100")

    with pytest.raises(SetupError, match="Could not resolve host") as told:
        system.install_system(steps)

    assert "no network" in str(told.value)


def test_this_machine_answers_every_question_about_itself():
    # The answers differ from machine to machine; that asking neither raises nor hangs does not.
    assert {type(need.is_met()) for need in system.needs()} <= {bool}


def test_a_compiler_is_asked_for_only_where_moderngl_must_be_compiled(monkeypatch):
    def packages(machine):
        monkeypatch.setattr(system.os, "uname", lambda: os.uname_result(("Linux", "wall", "6", "1", machine)))
        return {name for need in system.needs() for name in need.apt}

    assert "g++" not in packages("x86_64")
    assert "g++" in packages("aarch64")


def test_progress_names_the_package_at_hand_and_counts():
    words = PipWords(4)

    assert words("Collecting numpy==2.4.6 (from -r wanted.txt (line 2))") == "numpy (1 of 4)"
    assert words("  Downloading numpy-2.4.6.whl (16.8 MB)") is None
    assert words("Ignoring python-rtmidi: markers 'python_version < 3.13' don't match") == "python-rtmidi (2 of 4)"
    assert words("Requirement already satisfied: rich==15.0.0 in ./lib") == "rich (3 of 4)"
    assert words("Processing /srv/wheels/idna-3.20-py3-none-any.whl (from -r wanted.txt)") == "idna (4 of 4)"
    assert apt_words("Setting up libegl1:amd64 (1.6.0-1) ...") == "setting up libegl1:amd64"


@pytest.mark.parametrize(
    ("last_words", "fix"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("Temporary failure in name resolution", "no network"),
        ("error: command 'c++' failed with exit code 1", "no ready-made form"),
        ("something new", "Start again"),
    ],
)
def test_a_failure_comes_with_its_fix(last_words, fix):
    assert fix in fix_for(["so far so good", last_words])
