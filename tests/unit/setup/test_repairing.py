"""Set-ups that were cut off, that meet, that fail: the next start must find its way."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import time

import pytest

from facade.setup.environment import section, take_lock
from facade.setup.stamps import SetupError, expected_stamp, is_ready, write_stamp


def wait_until(condition, *, of, limit_s=60.0):
    end_s = time.monotonic() + limit_s
    while not condition():
        assert of.poll() is None, "it ended before it could be cut off"
        assert time.monotonic() < end_s
        time.sleep(0.01)


@pytest.mark.parametrize("cut_off_while_making", ["venv", "play"])
def test_a_killed_first_start_is_repaired_by_the_next(bare_project, cut_off_while_making):
    busy = bare_project.venv / "setup-busy"
    start = bare_project.begin("play")
    wait_until(lambda: busy.exists() and busy.read_text() == cut_off_while_making, of=start)
    start.kill()
    start.communicate()

    started = bare_project.start("play")

    assert started.returncode == 0, started.stderr
    assert json.loads(started.stdout)["pebble"] == "grey"


def test_half_a_package_that_looks_whole_to_pip_is_installed_anew(project):
    # As a kill leaves it: pip has written the package's records, but not all of its files.
    project.module("pebble").unlink()
    (project.venv / "setup-play.stamp").unlink()
    (project.venv / "setup-busy").write_text("play")

    started = project.start("play")

    assert json.loads(started.stdout)["pebble"] == "grey", started.stderr


def test_cut_off_test_packages_do_not_keep_the_show_from_playing(project):
    (project.venv / "setup-busy").write_text("test")

    started = project.start("play")

    assert (started.returncode, started.stderr) == (0, "")


def test_cut_off_test_packages_are_repaired_when_tests_are_asked_for(project):
    project.start("test")
    project.module("gravel").unlink()
    (project.venv / "setup-test.stamp").unlink()
    (project.venv / "setup-busy").write_text("test")
    untouched = project.module("pebble").stat().st_mtime_ns

    started = project.start("test")

    assert started.returncode == 0, started.stderr
    assert project.module("gravel").exists()
    assert project.module("pebble").stat().st_mtime_ns == untouched


def test_new_pins_are_installed_by_the_next_start(project):
    project.pin(play=project.publish("pebble", "1.1", "white"), test=project.publish("gravel", "1.0", "brown"))

    assert json.loads(project.start("play").stdout)["pebble"] == "white"


def test_an_edited_project_file_needs_no_network(project):
    (project.folder / "pyproject.toml").write_text("[project]\n# edited\n")
    for wheel in project.wheels.iterdir():
        wheel.unlink()

    started = project.start("play")

    assert started.returncode == 0, started.stderr


def test_an_environment_of_another_machine_is_made_anew(project):
    stamp = project.venv / "setup-play.stamp"
    stamp.write_text(stamp.read_text().replace(os.uname().machine, "elbrus"))

    started = project.start("play")

    assert started.returncode == 0, started.stderr
    assert "private environment" in started.stderr


def test_an_environment_whose_python_is_gone_is_made_anew(project):
    (project.venv / "bin" / "python").unlink()
    (project.venv / "bin" / "python").symlink_to("/nowhere/python3")

    started = project.start("play")

    assert started.returncode == 0, started.stderr


def test_two_starts_at_once_set_up_once_and_both_go_on(bare_project):
    starts = [bare_project.begin("play"), bare_project.begin("play")]

    said = [start.communicate(timeout=100) for start in starts]

    assert [start.returncode for start in starts] == [0, 0], said
    assert sorted("Setting up" in errors for _, errors in said) == [False, True]
    assert any("waiting for it" in errors for _, errors in said)


def test_a_package_with_another_hash_is_refused(project):
    pin = project.publish("pebble", "1.1", "white")
    project.publish("pebble", "1.1", "poisoned")
    project.pin(play=pin, test=project.publish("gravel", "1.0", "brown"))

    started = project.start("play")

    assert (started.returncode, started.stdout) == (1, "")
    assert "not the one that facade was tested with" in started.stderr
    assert "poisoned" not in project.module("pebble").read_text()


def test_a_package_that_cannot_be_had_is_told_with_the_fix_and_the_log(project):
    pin = project.publish("pebble", "1.1", "white")
    (project.wheels / "pebble-1.1-py3-none-any.whl").unlink()
    project.pin(play=pin, test=project.publish("gravel", "1.0", "brown"))

    started = project.start("play")

    assert started.returncode == 1
    assert "pebble==1.1" in started.stderr
    assert "check the network" in started.stderr
    assert str(project.venv / "setup.log") in started.stderr
    assert not is_ready(project.folder, ["play"])


def test_a_folder_that_cannot_be_written_is_named(bare_project):
    bare_project.venv.write_text("a file where the folder should be")

    started = bare_project.start("play")

    assert started.returncode == 1
    assert str(bare_project.venv) in started.stderr
    assert "Traceback" not in started.stderr


def test_a_stamp_is_true_for_these_pins_only(project):
    write_stamp(project.folder, "dev")
    assert is_ready(project.folder, ["play", "dev"])

    (project.folder / "constraints.txt").write_text("# others")

    assert not is_ready(project.folder, ["dev"])
    assert "elbrus" not in expected_stamp(project.folder)


def test_the_lock_holds_while_a_child_of_a_killed_start_still_works(tmp_path):
    lock = take_lock(tmp_path)
    orphan = subprocess.Popen(["sleep", "60"], stdin=lock)
    os.close(lock)  # as the kernel does for a killed start
    again = os.open(tmp_path / "setup.lock", os.O_RDWR)
    try:
        with pytest.raises(BlockingIOError):
            fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
        orphan.kill()
        orphan.wait()
        fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        orphan.kill()
        os.close(again)


def test_a_section_ends_where_the_next_begins(tmp_path):
    pins = tmp_path / "constraints.txt"
    pins.write_text("# hello\n\n# == play ==\na==1 \\\n    --hash=x\n\n# == test ==\nb==2\n")

    assert section(pins, "play") == ["a==1 \\", "    --hash=x"]
    assert section(pins, "test") == ["b==2"]
    with pytest.raises(SetupError, match="== dev =="):
        section(pins, "dev")
