"""Programs written elsewhere that facade is tested against: present, skipped with a reason, or in CI a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


def need_program(name: str, package: str) -> str:
    """Return where a program is. Without it: a skip with the reason, and in CI a failure."""
    found = shutil.which(name)
    if found is None:
        absent(f"{name} is not installed (package {package})")
    return str(found)


def absent(reason: str) -> None:
    """Skip the test; in CI, where every peer must be there, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def child(command: Sequence[str], *, log: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for the length of a with block, its output in log; ended by its own pid."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=env)
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End one program that we started and wait for it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5.0)
