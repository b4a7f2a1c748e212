"""Whose Python may run: facade's own pieces, and the folders a person has said yes to. The list lies outside of them.

A folder cannot speak for itself, whatever lies in it; trust is given to its place on this machine and stays with it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from facade.core import places
from facade.core.errors import MachineError

_HEAD = "# Folders whose behaviour.py facade may run with all your rights, one a line. See: facade piece trust --help\n"


def is_trusted(folder: Path) -> bool:
    """Say whether the Python of a piece in this folder may run."""
    whole = folder.resolve()
    return whole.is_relative_to(places.pieces().resolve()) or whole in trusted_folders()


def trusted_folders() -> tuple[Path, ...]:
    """Return the folders somebody has said yes to, in the order of the list; a list that cannot be read trusts none."""
    file = places.trusted_list()
    try:
        text = "" if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ()
    lines = (line.strip() for line in text.splitlines())
    return tuple(Path(line) for line in lines if line and not line.startswith("#"))


def trust(folder: Path) -> Path:
    """Let the Python of this folder run from now on. Returns the list. Raises MachineError if it cannot be kept."""
    known = trusted_folders()
    whole = folder.resolve()
    return _keep(known if whole in known else (*known, whole))


def distrust(folder: Path) -> Path:
    """Take it back. Returns the list. Raises MachineError if it cannot be kept."""
    whole = folder.resolve()
    return _keep(known for known in trusted_folders() if known != whole)


def _keep(folders: Iterable[Path]) -> Path:
    file = places.trusted_list()
    if file is None:
        raise MachineError(
            "this user has no folder to remember trust in. Set FACADE_TRUSTED to a file that can be written."
        )
    text = _HEAD + "".join(f"{folder}\n" for folder in folders)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".trusted-")
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
        Path(name).replace(file)
    except OSError as error:
        raise MachineError(f"{file} cannot be written ({error.strerror}). Trust is not kept.") from error
    return file
