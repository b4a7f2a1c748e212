"""Functions marked compiled: machine code where Numba is, the same function where it is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from facade.core.compiled import IS_COMPILED, compiled


@compiled("void(float32[::1], float32, uint8[::1])")
def _above(values: np.ndarray, least: float, out: np.ndarray) -> None:
    for i in range(len(values)):
        out[i] = 1 if values[i] >= least else 0


SOURCE = """\
import sys
if {without}: sys.modules["numba"] = None
import numpy as np
from facade.core.compiled import IS_COMPILED, compiled
@compiled("float64(float64[::1])")
def total(values):
    found = 0.0
    for value in values:
        found += value
    return found
print(IS_COMPILED, total(np.array([0.1] * 10)))
"""


def _run(folder: Path, *, without: bool, **env: str) -> str:
    return _said(folder, without=without, **env)[0]


def _said(folder: Path, *, without: bool = False, **env: str) -> tuple[str, str]:
    (folder / "loops.py").write_text(SOURCE.format(without=without))
    asked = subprocess.run(
        [sys.executable, str(folder / "loops.py")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **env},
    )
    return asked.stdout.strip(), asked.stderr.strip()


def test_machine_code_and_python_say_the_same() -> None:
    values = np.random.default_rng(1).random(257, np.float32)
    by_machine, by_python = np.zeros(257, np.uint8), np.zeros(257, np.uint8)
    _above(values, 0.5, by_machine)
    _above.py_func(values, 0.5, by_python)  # type: ignore[attr-defined]
    assert 0 < by_machine.sum() < 257
    assert np.array_equal(by_machine, by_python)


@pytest.mark.skipif(not IS_COMPILED, reason="there is no Numba for this machine")
def test_other_types_than_those_named_are_refused_not_compiled() -> None:
    with pytest.raises(TypeError, match="No matching definition"):
        _above(np.zeros(4, np.float64), 0.5, np.zeros(4, np.uint8))


def test_without_numba_functions_run_as_they_are(tmp_path: Path) -> None:
    flag, total = _run(tmp_path, without=True).split()
    assert flag == "False"
    assert float(total) == sum([0.1] * 10)


@pytest.mark.skipif(not IS_COMPILED, reason="there is no Numba for this machine")
def test_where_nothing_can_be_written_functions_are_compiled_all_the_same(tmp_path: Path) -> None:
    # Given a file where the folder's cache would be, and homes that cannot be made, not even by root
    (tmp_path / "__pycache__").touch()
    answer, said = _said(tmp_path, NUMBA_CACHE_DIR="", HOME="/proc/none", XDG_CACHE_HOME="/proc/none")
    assert answer.split()[0] == "True"
    assert said.endswith("Set NUMBA_CACHE_DIR to one that can")


@pytest.mark.skipif(not IS_COMPILED, reason="there is no Numba for this machine")
def test_the_first_start_says_that_it_compiles_and_the_second_has_nothing_to_say(tmp_path: Path) -> None:
    said = [_said(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "kept"))[1] for _ in range(2)]
    assert said == ["compiling loops over pixels for this machine, half a minute, once", ""]


@pytest.mark.skipif(not IS_COMPILED, reason="there is no Numba for this machine")
@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_what_was_kept_and_is_damaged_is_made_anew(tmp_path: Path, ending: str) -> None:
    # Given what a power cut leaves of a file that was just written
    kept = str(tmp_path / "kept")
    right, _ = _said(tmp_path, NUMBA_CACHE_DIR=kept)
    [file] = (tmp_path / "kept").rglob(f"*.{ending}")
    file.write_bytes(b"")

    answers = [_said(tmp_path, NUMBA_CACHE_DIR=kept) for _ in range(3)]

    assert [answer for answer, _ in answers] == [right] * 3
    assert answers[2][1] == ""


@pytest.mark.skipif(not IS_COMPILED, reason="there is no Numba for this machine")
def test_a_single_bit_that_fell_over_in_kept_machine_code_is_noticed(tmp_path: Path) -> None:
    # Given a file that loads without a complaint, and does something else
    kept = str(tmp_path / "kept")
    right, _ = _said(tmp_path, NUMBA_CACHE_DIR=kept)
    [file] = (tmp_path / "kept").rglob("*.nbc")
    code = bytearray(file.read_bytes())
    code[code.index(b".text") - 200] ^= 1
    file.write_bytes(code)

    answer, said = _said(tmp_path, NUMBA_CACHE_DIR=kept)

    assert answer == right
    assert said.startswith("compiling"), "it was made anew"


@pytest.mark.skipif(not IS_COMPILED, reason="there is no Numba for this machine")
def test_machine_code_follows_what_it_takes_from_another_file(tmp_path: Path) -> None:
    # Given a function with a constant and a step of another file
    marked = "from facade.core.compiled import compiled\n"
    rules = marked + "LIMIT = {limit}\n@compiled()\ndef step(x):\n    return x {sign} LIMIT\n"
    (tmp_path / "loops.py").write_text(
        marked + "from rules import LIMIT, step\n"
        '@compiled("float64(float64)")\ndef total(x):\n    return step(x) * LIMIT\nprint(total(10.0))\n'
    )

    answers = []
    for limit, sign in ((2.0, "+"), (3.0, "+"), (3.0, "-")):
        (tmp_path / "rules.py").write_text(rules.format(limit=limit, sign=sign))
        command = [sys.executable, str(tmp_path / "loops.py")]
        env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept"), "PYTHONDONTWRITEBYTECODE": "1"}
        answers.append(float(subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout))

    assert answers == [24.0, 39.0, 21.0]
