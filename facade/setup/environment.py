"""Making .venv: a private Python environment with exactly what constraints.txt names.

Safe against being killed at any point and against two starts at once. `setup-busy` is written before anything is
changed and names what is being changed; a start that finds it knows what to distrust.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from facade.setup.progress import PipWords, Steps, say
from facade.setup.stamps import SetupError, expected_stamp, is_ready, read_stamp, where, write_stamp
from facade.setup.system import install_system

_OURS = ("setup.lock", "setup.log", "setup-busy")  # what clearing .venv leaves


def set_up(root: Path, groups: Sequence[str], *, with_system: bool = True) -> None:
    """Bring .venv to what constraints.txt says. Raises SetupError."""
    venv = root / ".venv"
    try:
        venv.mkdir(exist_ok=True)
        lock = take_lock(venv)
    except OSError as error:
        raise SetupError(f"{venv} cannot be written ({error.strerror}). facade keeps its packages there.") from error
    try:
        if is_ready(root, groups):  # the start that held the lock has done it
            return
        missing = [group for group in groups if read_stamp(root, group) != expected_stamp(root)]
        say(f"Setting up what facade needs to {' and '.join(missing)}, in {venv}. This happens once.")
        steps = Steps(venv / "setup.log", lock=lock)
        if with_system:
            install_system(steps)
        make_venv(root, steps)
        for group in groups:
            if read_stamp(root, group) != expected_stamp(root):  # asked again: making .venv anew drops every stamp
                install_group(root, group, steps)
    except OSError as error:
        raise SetupError(f"setting up failed: {error}. The whole log: {venv / 'setup.log'}") from error
    finally:
        os.close(lock)


def take_lock(venv: Path) -> int:
    """Wait until no other start is setting up; return the locked descriptor.

    It also becomes the standard input of pip and of all that pip starts: if this process is killed, the lock holds
    until the last of them has ended, and nobody clears .venv under their hands.
    """
    told = False
    while True:
        lock = os.open(venv / "setup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(lock).st_ino == (venv / "setup.lock").stat().st_ino:
                return lock
        except (BlockingIOError, FileNotFoundError):
            if not told:
                say("Another start is setting facade up; waiting for it.")
                told = True
        os.close(lock)
        time.sleep(0.2)


def make_venv(root: Path, steps: Steps) -> None:
    """Leave a .venv whose Python and pip answer; one that cannot be trusted is made anew."""
    venv = root / ".venv"
    if is_trustworthy(root):
        return
    (venv / "setup-busy").write_text("venv")
    for left in venv.iterdir():
        if left.name in _OURS:
            continue
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()
    with steps.step("private environment"):
        steps.run([sys.executable, "-I", "-m", "venv", "--prompt", "facade", str(venv)])


def is_trustworthy(root: Path) -> bool:
    """Whether .venv was left whole, was made for this Python and this machine, and has a pip that answers."""
    venv = root / ".venv"
    python = venv / "bin" / "python"
    busy = venv / "setup-busy"
    # Installing test or dev never touches a package that play uses.
    if busy.exists() and busy.read_text() not in ("test", "dev"):
        return False
    stamp = read_stamp(root, "play")
    if not os.access(python, os.X_OK) or (stamp and not stamp.endswith(where(root))):
        return False
    asked = [str(python), "-I", "-c", "import pip, sys; print(sys.version_info >= (3, 11))"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() == "True"


def install_group(root: Path, group: str, steps: Steps) -> None:
    """Install one section of constraints.txt exactly as pinned, then stamp it."""
    venv = root / ".venv"
    lines = section(root / "constraints.txt", group)
    wanted, busy = venv / f"setup-{group}.txt", venv / "setup-busy"
    wanted.write_text("\n".join(lines) + "\n", encoding="utf-8")
    # A package whose installing was cut off may look installed to pip.
    again = ["--ignore-installed"] if busy.exists() and busy.read_text() == group else []
    busy.write_text(group)
    (venv / f"setup-{group}.stamp").unlink(missing_ok=True)
    pip = [str(venv / "bin" / "python"), "-I", "-m", "pip", "--no-input", "--disable-pip-version-check", "install"]
    pip += ["--require-hashes", "--no-deps", "--progress-bar=off", *again, "-r", str(wanted)]
    with steps.step(f"packages to {group}"):
        # A personal "install into my home" setting would miss .venv; all else in pip's settings counts.
        n_packages = sum(1 for line in lines if line[:1].isalnum())
        steps.run(pip, tell=PipWords(n_packages), extra_env={"PIP_USER": "0"})
    if group == "play":
        install_facade(root)
        with steps.step("loops over pixels, compiled for this machine"):
            steps.run([str(venv / "bin" / "python"), "-P", "-c", "import facade.delivery.build"])
    write_stamp(root, group)
    busy.unlink()


def section(constraints: Path, group: str) -> list[str]:
    """The lines under the heading ``# == group ==``, without empty ones."""
    lines = constraints.read_text(encoding="utf-8").splitlines()
    try:
        start = lines.index(f"# == {group} ==") + 1
    except ValueError:
        raise SetupError(f"{constraints} has no section '# == {group} =='.") from None
    end = next((n for n in range(start, len(lines)) if lines[n].startswith("# == ")), len(lines))
    return [line for line in lines[start:end] if line.strip()]


def install_facade(root: Path) -> None:
    """Make this folder importable in .venv and write the command ``facade``.

    All by relative paths, so that a moved folder goes on working, and without a build tool that would have to be
    fetched first.
    """
    said = re.search(
        r'^__version__ = "(.+)"', (root / "facade" / "__init__.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    version = said[1] if said else "0"
    venv = root / ".venv"
    site = next(venv.glob("lib/python3.*/site-packages"))
    (site / "facade_folder.pth").write_text(os.path.relpath(root, site) + "\n", encoding="utf-8")
    command = venv / "bin" / "facade"
    command.write_text(
        '#!/bin/sh\nhere=$(dirname -- "$(readlink -f -- "$0")")\nexec "$here/python" -P -m facade "$@"\n'
    )
    command.chmod(0o755)
    for old in site.glob("media_facade-*.dist-info"):
        shutil.rmtree(old)
    info = site / f"media_facade-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: media-facade\nVersion: {version}\n")
    (info / "INSTALLER").write_text("run_facade.py\n")
    entries = ["../../../bin/facade", "facade_folder.pth", *(f"{info.name}/{n}" for n in ("METADATA", "INSTALLER"))]
    (info / "RECORD").write_text("".join(f"{entry},,\n" for entry in [*entries, f"{info.name}/RECORD"]))
