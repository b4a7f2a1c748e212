"""What a process loads: compiled loops cost it a hundred megabytes, and only the one that delivers light has them."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIGHT = ("control_process", "render_process", "rehearsal_process", "window_process", "split", "hub")
"""Modules of facade.app that a process begins with, or is planned with."""


def loads_numba(*modules: str) -> bool:
    code = f"import sys, {', '.join(modules)}; print('numba' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return said.stdout.strip() == "True"


def test_processes_that_do_not_deliver_load_no_compiler() -> None:
    assert not loads_numba("facade.cli.main", *(f"facade.app.{name}" for name in LIGHT))


def test_the_process_that_delivers_does() -> None:
    pytest.importorskip("numba")

    assert loads_numba("facade.app.engines")
