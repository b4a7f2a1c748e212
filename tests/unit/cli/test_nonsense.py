"""Whatever is typed, the answer is a sentence and an exit status: 2 for wrong usage, 1 for what is not fine."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.app.writers import SUFFIXES
from facade.cli.main import main

USAGE, NOT_FINE = 2, 1


def said(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = main(arguments)
    printed = capfd.readouterr()
    assert "Traceback" not in printed.out + printed.err
    assert "A mistake in facade" not in printed.err
    return status, " ".join(printed.err.split())


NAMES = {
    "a command": (["plya"], 'Did you mean "play"'),
    "a command others have": (["simulate", "ember"], 'Did you mean "facade play --simulate"'),
    "a command of piece": (["piece", "lsit"], "list"),
    "a command of venue": (["venue", "pach"], "patch"),
    "a piece to play": (["play", "embre", "--simulate", "--no-page"], 'Did you mean "ember"'),
    "a piece to render": (["render", "tyde", "-o", "OUT.npy"], 'Did you mean "tide"'),
    "a piece to show": (["piece", "show", "mozaic"], 'Did you mean "mosaic"'),
    "a show to play": (["play", "first_lihgt", "--simulate", "--no-page"], 'Did you mean "first_light"'),
    "a show to monitor": (["monitor", "first_night"], 'Did you mean "first_light"'),
    "a venue to play on": (["play", "ember", "--venue", "imal_minimla", "--simulate"], 'Did you mean "imal_minimal"'),
    "a venue to render on": (["render", "ember", "--venue", "medialab", "-o", "OUT.npy"], '"medialab_prado"'),
    "a venue to show": (["venue", "show", "wilow_house"], 'Did you mean "willow_house"'),
    "a preset": (["render", "ember", "--preset", "hearht", "-o", "OUT.npy"], 'Did you mean "hearth"'),
    "a controller": (["play", "ember", "--host", "nodo=10.0.0.1", "--simulate"], 'Did you mean "node"'),
    "an input": (["play", "first_light", "--input", "knob=x", "--simulate"], 'Did you mean "knobs"'),
    "an option": (["render", "ember", "--frame", "3", "-o", "OUT.npy"], "--frames"),
    "nothing near": (["play", "zzzzzz", "--simulate"], "Known: aurora, "),
}


@pytest.mark.parametrize(("arguments", "told"), NAMES.values(), ids=NAMES)
def test_a_name_that_is_not_there_suggests_the_nearest(
    arguments: list[str], told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, words = said([a.replace("OUT", str(tmp_path / "out")) for a in arguments], capfd)
    assert told in words
    assert status == USAGE
    assert list(tmp_path.iterdir()) == []


WRONG = {
    "a standby of one machine": (["play", "ember", "--standby", "--no-page"], "[standby] table"),
    "a standby that plays a file": (["play", "a.npy", "--standby"], "--standby is for shows"),
    "a venue without a name": (["venue", "show", ""], 'venue = "" Is empty'),
    "a patch beside nothing": (["devices", "--venue", "imal_minimal"], "add --discover"),
    "a test pattern as JSON": (["venue", "test", "imal_minimal", "--json"], "add --discover"),
    "no piece": (["render", "-o", "OUT.npy"], "PIECE|SHOW"),
    "no output": (["render", "ember"], "--output"),
    "a suffix that says nothing": (["render", "ember", "-o", "OUT.xyz"], ", ".join(SUFFIXES)),
    "no suffix": (["render", "ember", "-o", "OUT"], ", ".join(SUFFIXES)),
    "a folder that is not there": (["render", "ember", "-o", "OUT/deep/a.npy"], "does not exist"),
    "a folder that takes no files": (
        ["render", "ember", "-o", "/proc/a.npy"],
        "no file can be made in the folder /proc",
    ),
    "a recording nowhere": (
        ["play", "ember", "--simulate", "--record", "/proc/a"],
        "no file can be made in the folder",
    ),
    "a file that is not there": (["play", "OUT.fseq", "--simulate"], "there is no such file"),
    "a folder as output": (["render", "ember", "-o", "."], "directory"),
    "a size of one number": (["render", "ember", "--size", "640", "-o", "OUT.npy"], "640x360"),
    "a size of words": (["render", "ember", "--size", "bigxbig", "-o", "OUT.npy"], "640x360"),
    "a size too small": (["render", "ember", "--size", "1x1", "-o", "OUT.npy"], "16..8192"),
    "a size too large": (["render", "ember", "--size", "99999x99999", "-o", "OUT.npy"], "16..8192"),
    "a negative size": (["render", "ember", "--size", "-4x-4", "-o", "OUT.npy"], "640x360"),
    "no frames": (["render", "ember", "--frames", "0", "-o", "OUT.npy"], "range"),
    "half a frame": (["render", "ember", "--frames", "1.5", "-o", "OUT.npy"], "1.5"),
    "negative seconds": (["render", "ember", "--seconds", "-1", "-o", "OUT.npy"], "range"),
    "seconds that are no number": (["render", "ember", "--seconds", "nan", "-o", "OUT.npy"], "no number"),
    "endless seconds": (["render", "ember", "--seconds", "inf", "-o", "OUT.npy"], "range"),
    "a rate of nothing": (["render", "ember", "--rate", "0", "-o", "OUT.npy"], "range"),
    "a rate that is no number": (["render", "ember", "--rate", "nan", "-o", "OUT.npy"], "no number"),
    "a rate of words": (["render", "ember", "--rate", "fast", "-o", "OUT.npy"], "fast"),
    "frames and seconds": (["render", "ember", "--frames", "2", "--seconds", "1", "-o", "OUT.npy"], "not both"),
    "a view that is none": (["render", "ember", "--view", "sideways", "-o", "OUT.npy"], "canvas"),
    "a preset of a show": (["render", "first_light", "--preset", "ash", "-o", "OUT.npy"], "is a show"),
    "a duration of nothing": (["play", "ember", "--duration", "0", "--simulate"], "range"),
    "a duration that is no number": (["play", "ember", "--duration", "nan", "--simulate"], "no number"),
    "a port beyond the last": (["play", "ember", "--port", "65536", "--simulate"], "65535"),
    "a host without a controller": (["play", "ember", "--host", "10.0.0.1", "--simulate"], "CONTROLLER=ADDRESS"),
    "an input without a port": (["play", "first_light", "--input", "knobs", "--simulate"], "INPUT=PORT"),
    "an OSC port of words": (["play", "first_light", "--input", "osc=loud", "--simulate"], "1..65535"),
    "a recording in no folder": (["play", "ember", "--record", "OUT/a.jsonl", "--simulate"], "does not exist"),
    "a pattern that is none": (["venue", "test", "imal_minimal", "--pattern", "plaid"], "walk"),
    "a level too bright": (["venue", "test", "imal_minimal", "--level", "2"], "range"),
    "a level that is no number": (["venue", "test", "imal_minimal", "--level", "nan"], "no number"),
    "a pixel beyond the last": (["venue", "patch", "imal_minimal", "--pixel", "18"], "0..17"),
    "a pixel before the first": (["venue", "patch", "imal_minimal", "--pixel", "-1"], "0..17"),
    "a picture of another kind": (["venue", "show", "imal_minimal", "-o", "OUT.xyz"], ".png"),
    "a recording that is not there": (["replay", "OUT.jsonl"], "does not exist"),
    "a replay into a film": (["replay", __file__, "-o", "OUT.mp4"], ".npy"),
    "a document of no kind": (["schema", "venus"], "venue"),
    "a shell nobody has": (["completion", "tcsh"], "bash"),
    "a measurement that is none": (["bench", "everything"], "latency"),
    "an argument too many": (["doctor", "who"], "who"),
    "a piece named like nothing": (["piece", "new", "9 lives", "--in", "OUT"], "starting with a letter"),
    "an option that is none": (["--loud"], "--loud"),
}


@pytest.mark.parametrize(("arguments", "told"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_told_and_nothing_is_made(
    arguments: list[str], told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, words = said([a.replace("OUT", str(tmp_path / "out")) for a in arguments], capfd)
    assert told in words
    assert status == USAGE
    assert list(tmp_path.iterdir()) == []


def test_an_open_page_without_a_password_is_refused(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FACADE_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", Path("/dev/null").open())  # noqa: SIM115
    status, words = said(["play", "ember", "--open", "--simulate"], capfd)
    assert status == USAGE
    assert "--password" in words


def test_the_bytes_that_were_sent_are_no_picture(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    status, words = said(["render", "ember", "--view", "sent", "-o", str(tmp_path / "a.png")], capfd)
    assert status == NOT_FINE
    assert "--view street" in words
    assert list(tmp_path.iterdir()) == []


def test_a_piece_that_is_there_already_is_left_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert said(["piece", "new", "My Rain", "--in", str(tmp_path)], capfd)[0] == 0
    (tmp_path / "my_rain" / "main.frag").write_text("mine")
    status, words = said(["piece", "new", "my_rain", "--in", str(tmp_path)], capfd)
    assert status == NOT_FINE
    assert "exists already" in words
    assert (tmp_path / "my_rain" / "main.frag").read_text() == "mine"


def test_a_new_piece_glows_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert said(["piece", "new", "slow rain", "--in", str(tmp_path)], capfd)[0] == 0
    status, words = said(["check", str(tmp_path / "slow_rain")], capfd)
    assert status == 0, words
    assert said(["render", str(tmp_path / "slow_rain"), "-o", str(tmp_path / "a.npy")], capfd)[0] == 0


def test_a_recording_is_not_written_over(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "evening.jsonl"
    log.write_text("an evening\n")
    for command in (["record", "-o", str(log)], ["play", "ember", "--simulate", "--record", str(log)]):
        status, words = said(command, capfd)
        assert status == USAGE
        assert "exists already" in words
    assert log.read_text() == "an evening\n"


def test_a_piece_and_a_venue_that_are_not_there_are_told_together(capfd: pytest.CaptureFixture[str]) -> None:
    status, words = said(["play", "embre", "--venue", "imal_minimla", "--simulate", "--no-page"], capfd)

    assert status == USAGE
    assert words.startswith("2 problems")
    assert 'Did you mean "imal_minimal"?' in words
    assert '"embre" is neither a show nor a piece. Did you mean "ember"?' in words


def test_an_array_larger_than_the_disk_is_refused_before_the_first_frame(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    arguments = ["render", "ember", "--venue", "medialab_prado", "--frames", "10000000", "-o", str(tmp_path / "a.npy")]

    status, words = said(arguments, capfd)

    assert status == NOT_FINE
    assert "10,000,000 frames take 3,202.6 GB" in words
    assert list(tmp_path.iterdir()) == []
