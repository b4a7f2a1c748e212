"""What a person meets: the first start, the second, and the words that are passed on."""

from __future__ import annotations

import ast
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


def told(output: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output)
    return found


def test_the_first_start_sets_up_and_goes_on_to_the_command(bare_project):
    started = bare_project.start("render", "ember")

    assert started.returncode == 0, started.stderr
    assert told(started.stdout)["words"] == ["render", "ember"]
    assert told(started.stdout)["pebble"] == "grey"
    assert "Setting up what facade needs to play" in started.stderr


def test_the_second_start_sets_nothing_up_and_says_nothing(project):
    before = {path: path.stat().st_mtime_ns for path in project.venv.rglob("*") if "__pycache__" not in path.parts}

    started = project.start("play")

    after = {path: path.stat().st_mtime_ns for path in project.venv.rglob("*") if "__pycache__" not in path.parts}
    assert (started.returncode, started.stderr) == (0, "")
    assert after == before


def test_words_status_and_folder_arrive_unchanged(project, tmp_path):
    words = ["play", "a b", "--size=3x4", "", "é", "seven"]

    started = project.start(*words, cwd=tmp_path)

    assert told(started.stdout)["words"] == words
    assert told(started.stdout)["cwd"] == str(tmp_path)
    assert started.returncode == 7


def test_standard_output_belongs_to_the_command_even_on_the_first_start(bare_project):
    assert set(told(bare_project.start("--version").stdout)) == {"words", "cwd", "file", "pebble"}


def test_a_folder_named_facade_where_one_stands_is_not_taken_for_facade(project, tmp_path):
    (tmp_path / "facade").mkdir()
    (tmp_path / "facade" / "__main__.py").write_text("raise SystemExit('the wrong one')")

    started = project.start("play", cwd=tmp_path)

    assert told(started.stdout)["file"].startswith(str(project.folder))


def test_it_finds_its_folder_through_a_link(project, tmp_path):
    link = tmp_path / "start"
    link.symlink_to(project.folder / "run_facade.py")

    started = subprocess.run(
        [sys.executable, str(link), "play"], env=project.environment(), capture_output=True, text=True, timeout=60
    )

    assert (started.returncode, started.stderr) == (0, "")


def test_the_installed_command_works_from_anywhere_and_through_a_link(project, tmp_path):
    link = tmp_path / "facade"
    link.symlink_to(project.venv / "bin" / "facade")

    started = subprocess.run([link, "venue", "seven"], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert told(started.stdout)["words"] == ["venue", "seven"]
    assert started.returncode == 7


def test_a_moved_folder_goes_on_without_setting_up(project, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.move(project.folder, moved)
    project.folder, project.venv = moved, moved / ".venv"

    started = project.start("play")

    assert (started.returncode, started.stderr) == (0, "")
    assert told(started.stdout)["file"].startswith(str(moved))


def test_only_the_command_test_installs_what_tests_need(project):
    assert not project.module("gravel").exists()

    started = project.start("test", "tests/unit")

    assert told(started.stdout)["words"] == ["test", "tests/unit"]
    assert project.module("gravel").exists()


def test_setting_up_only_starts_nothing(project):
    started = project.start("--setup-only")

    assert (started.returncode, started.stdout) == (0, "")


def test_an_unknown_group_is_named_with_those_there_are(project):
    started = project.start("--setup-only", "tset")

    assert started.returncode == 2
    assert "'tset'" in started.stderr
    assert "play, test, dev" in started.stderr


def test_run_facade_alone_says_that_it_needs_its_folder(tmp_path, bare_project):
    (bare_project.folder / "constraints.txt").unlink()

    started = bare_project.start("play")

    assert started.returncode == 1
    assert "constraints.txt" in started.stderr
    assert "Traceback" not in started.stderr


def test_ctrl_c_while_setting_up_ends_with_a_sentence(bare_project):
    start = bare_project.begin("play")
    assert start.stderr is not None
    while "private environment" not in (line := start.stderr.readline()):
        assert line, "it ended before it began"
    start.send_signal(signal.SIGINT)

    _, said = start.communicate(timeout=30)

    assert start.returncode == 130
    assert "repairs itself" in said
    assert "Traceback" not in said


def test_an_old_python_gets_a_sentence(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    import run_facade

    monkeypatch.setattr(run_facade, "OLDEST", (3, 99))

    with pytest.raises(SystemExit, match=r"facade needs Python 3\.99 or newer; this is 3\."):
        run_facade.find_python([])


def test_an_old_python_can_read_the_file_that_says_so():
    ast.parse((ROOT / "run_facade.py").read_text(encoding="utf-8"), feature_version=(3, 7))
