"""What stands already. Nothing counts as installed until a stamp, written last, says so.

A stamp is true while the pins, the Python that .venv uses and the kind of machine are those it names. Checking it is
the whole cost of a second start: two small files read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

GROUPS = ("play", "test", "dev")  # sections of constraints.txt; each needs those before it


class SetupError(Exception):
    """The environment cannot be made. The message says what is wrong and what to do."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


def expected_stamp(root: Path) -> str:
    """What a stamp must say to be true today. Raises SetupError if this is not facade's folder."""
    pins = hashlib.sha256()
    for name in ("constraints.txt", "pyproject.toml"):
        try:
            pins.update((root / name).read_bytes())
        except OSError as error:
            raise SetupError(
                f"{root / name} cannot be read ({error.strerror}). run_facade.py works inside facade's own folder: "
                "copy or clone the whole of it."
            ) from error
    return f"pins {pins.hexdigest()}\n" + where(root)


def where(root: Path) -> str:
    """The part of a stamp that says which Python and machine the packages were made for."""
    machine = os.uname()
    python = (root / ".venv" / "bin" / "python").resolve()
    return f"python {python}\nmachine {machine.sysname} {machine.machine}\n"


def is_ready(root: Path, groups: Sequence[str]) -> bool:
    """Whether .venv holds these groups as pinned."""
    expected = expected_stamp(root)
    if not os.access(root / ".venv" / "bin" / "python", os.X_OK):
        return False
    return all(read_stamp(root, group) == expected for group in groups)


def read_stamp(root: Path, group: str) -> str:
    """The stamp of a group; empty when there is none."""
    try:
        return (root / ".venv" / f"setup-{group}.stamp").read_text(encoding="utf-8")
    except OSError:
        return ""


def write_stamp(root: Path, group: str) -> None:
    """Say that a group stands. The last step of installing it."""
    # A power cut must not leave a stamp about packages that never reached the disk.
    os.sync()
    stamp = root / ".venv" / f"setup-{group}.stamp"
    fresh = stamp.with_suffix(".new")
    fresh.write_text(expected_stamp(root), encoding="utf-8")
    fresh.replace(stamp)
