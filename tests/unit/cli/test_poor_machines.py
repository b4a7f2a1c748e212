"""A machine without GL, a disk that is full, a pipe that is closed: one sentence, status 1, nothing half-made left."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from facade.cli.main import main
from tests.support.running import ROOT

pytestmark = pytest.mark.timeout(90)

WITHOUT_GL = {"__EGL_VENDOR_LIBRARY_FILENAMES": "/nonexistent.json", "LIBGL_DRIVERS_PATH": "/nonexistent"}
HEADER = '{"facade_recording":1,"show":"ember","venue":"imal_minimal","seed":1,"rate_hz":60.0}\n'


def facade(
    *arguments: str | Path, env: dict[str, str] | None = None, stdout: int | None = None
) -> tuple[int, str, str]:
    """Run facade in a process of its own; returns its status and what it printed on either stream."""
    ended = subprocess.run(
        [sys.executable, "-m", "facade", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    assert "A mistake in facade" not in ended.stderr
    return ended.returncode, ended.stdout or "", " ".join(ended.stderr.split())


COMMANDS = {
    "render": ("render", "ember", "-o", "OUT.npy"),
    "check": ("check", "ember"),
    "replay": ("replay", "LOG"),
    "play": ("play", "ember", "--simulate", "--no-page", "--duration", "20"),
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_without_gl_the_command_that_brings_it_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    log = tmp_path / "evening.jsonl"
    log.write_text(HEADER)
    given = [a.replace("OUT", str(tmp_path / "out")).replace("LOG", str(log)) for a in arguments]
    status, _, said = facade(*given, env=WITHOUT_GL)
    assert status == 1
    assert "OpenGL" in said
    assert "apt-get install" in said
    assert not (tmp_path / "out.npy").exists()


def test_doctor_says_that_gl_is_missing_and_how_to_get_it() -> None:
    status, printed, _ = facade("doctor", "--json", env=WITHOUT_GL)
    assert status == 1
    assert '"missing"' in printed
    assert "apt-get install" in printed


def test_what_needs_no_gl_works_without_it() -> None:
    for arguments in (("piece", "list"), ("venue", "show", "imal_minimal"), ("devices",), ("schema", "show")):
        status, printed, _ = facade(*arguments, env=WITHOUT_GL)
        assert status == 0
        assert printed


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 16 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk of its own needs the right to mount one")
    yield folder
    subprocess.run(["umount", str(folder)], check=True, timeout=10)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", ("--frames", "1", "--view", "canvas", "--size", "960x540")),
        ("a.gif", ("--frames", "30", "--view", "canvas", "--size", "240x135")),
        ("a.mp4", ("--frames", "60", "--view", "canvas", "--size", "480x270")),
    ],
)
def test_a_disk_that_fills_under_a_picture_is_told_and_nothing_is_left(
    name: str, options: tuple[str, ...], full_disk: Path
) -> None:
    status, _, said = facade("render", "aurora", *options, "-o", full_disk / name)
    assert status == 1
    assert "No space left" in said
    assert list(full_disk.iterdir()) == []


def test_a_picture_that_cannot_fit_is_refused_before_it_is_drawn(full_disk: Path) -> None:
    status, _, said = facade("render", "aurora", "--frames", "60000", "--view", "pixels", "-o", full_disk / "a.npy")
    assert status == 1
    assert "60,000 frames take 13 MB, and 16 kB are free there" in said
    assert list(full_disk.iterdir()) == []


def test_a_replay_that_cannot_fit_is_told(full_disk: Path, tmp_path: Path) -> None:
    log = tmp_path / "evening.jsonl"
    log.write_text(HEADER + '{"frame":1,"crc":0}\n{"frame":600,"crc":0}\n')
    status, _, said = facade("replay", log, "-o", full_disk / "a.npy")
    assert status == 1
    assert "600 frames take 130 kB, and 16 kB are free there" in said
    assert list(full_disk.iterdir()) == []


def test_a_disk_that_is_full_under_the_answer_is_told() -> None:
    with Path("/dev/full").open("w") as full:
        status, _, said = facade("piece", "list", stdout=full.fileno())
    assert status == 1
    assert "No space left" in said


def test_a_reader_that_goes_away_is_no_mistake() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    status, _, said = facade("schema", "venue", stdout=writing)
    os.close(writing)
    assert status in (0, 1)
    assert "mistake" not in said


def test_a_picture_in_a_folder_that_may_not_be_written_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "folder.npy" / "a.npy"
    target.parent.mkdir()
    (target.parent / ".a.npy.part").mkdir()
    assert main(["render", "ember", "-o", str(target)]) == 1
    said = capfd.readouterr().err
    assert "Traceback" not in said
    assert "Not done" in said
