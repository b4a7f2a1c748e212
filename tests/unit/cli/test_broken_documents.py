"""Documents that are wrong: every problem at once, with file and line, status 2, and never a traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from facade.cli.main import main
from tests.support.running import ROOT, piece_at, show_at, venue_at


def refused(arguments: list[str | Path], capfd: pytest.CaptureFixture[str]) -> str:
    """Run a command that must end with status 2; returns what it said in one line of words."""
    status = main([str(a) for a in arguments])
    printed = capfd.readouterr()
    assert "Traceback" not in printed.err
    assert "A mistake in facade" not in printed.err
    assert status == 2, printed.err
    return " ".join(printed.err.split())


def edited(file: Path, old: str, new: str) -> Path:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return file


VENUE = {
    "TOML that is none": ("columns = 6", "columns = = 6", "s not valid TOML"),
    "an unknown key": ("columns = 6", "columms = 6", 'Did you mean "columns"'),
    "a number in quotes": ("columns = 6", 'columns = "6"', "columns"),
    "a number out of range": ("rate_hz = 40.0", "rate_hz = 4000.0", "rate_hz"),
    "no number at all": ("rate_hz = 40.0", "rate_hz = nan", "rate_hz"),
    "an unknown profile": ('profile = "rgb_spot_dmx"', 'profile = "rgb_spot_dxm"', 'Did you mean "rgb_spot_dmx"'),
    "an unknown controller": ('controller = "node"', 'controller = "nod"', 'Did you mean "node"'),
    "an unknown surface": ('surface = "front"', 'surface = "back"', "front"),
    "a count that does not fit": ("count = 18", "count = 19", "0..17"),
    "a channel past the last": ("channel = 1", "channel = 513", "512"),
    "a channel before the first": ("channel = 1", "channel = 0", "channel"),
}


@pytest.mark.parametrize(("old", "new", "told"), VENUE.values(), ids=VENUE)
@pytest.mark.parametrize("command", ["render", "play", "venue show"])
def test_a_wrong_venue_is_told_with_file_and_line(
    command: str, old: str, new: str, told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    venue = edited(venue_at(tmp_path, 6454), old, new)
    arguments: dict[str, list[str | Path]] = {
        "render": ["render", "ember", "--venue", venue, "-o", tmp_path / "a.npy"],
        "play": ["play", "ember", "--venue", venue, "--simulate", "--no-page", "--duration", "1"],
        "venue show": ["venue", "show", venue],
    }
    words = refused(arguments[command], capfd)
    assert told in words
    assert "venue.toml" in words
    assert re.search(r"line \d+|:\d+", words), "no line is named"
    assert not (tmp_path / "a.npy").exists()


def test_two_fixtures_on_the_same_channels_are_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    venue = venue_at(tmp_path, 6454)
    second = """
[fixture.door]
profile = "rgb_spot_dmx"
surface = "front"
shape = "grid"
columns = 2
rows = 1
pitch_m = [1.0, 1.0]
[[fixture.door.segment]]
controller = "node"
universe = 0
channel = 10
"""
    venue.write_text(venue.read_text() + second)
    words = refused(["venue", "show", venue], capfd)
    assert "door" in words
    assert "windows" in words
    assert "universe 0" in words


def test_every_problem_of_a_document_is_told_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    venue = venue_at(tmp_path, 6454)
    for old, new in (
        ("columns = 6", "columms = 6"),
        ("rate_hz = 40.0", "rate_hz = 4000.0"),
        ("amps = 30.0", "amps = -1"),
    ):
        edited(venue, old, new)
    words = refused(["venue", "show", venue], capfd)
    for thing in ("columms", "rate_hz", "amps", "3 problems"):
        assert thing in words


SHOW = {
    "TOML that is none": ("crossfade_s = 0.5", "crossfade_s = ", "s not valid TOML"),
    "an unknown key": ("crossfade_s = 0.5", "crosfade_s = 0.5", 'Did you mean "crossfade_s"'),
    "an unknown piece": ('piece = "ember"', 'piece = "embre"', 'Did you mean "ember"'),
    "an unknown input type": ('type = "osc"', 'type = "ocs"', "osc"),
    "a port out of range": ("port = 9000", "port = 99000", "65535"),
    "negative time": ("crossfade_s = 0.5", "crossfade_s = -0.5", "crossfade_s"),
    "a preset that is not there": ('piece = "ember"', 'piece = "ember"\npreset = "hearht"', 'Did you mean "hearth"'),
    "a value that is not there": ('piece = "ember"', 'piece = "ember"\nvalues = { warmht = 1.0 }', "warmht"),
    "a value of another type": ('piece = "ember"', 'piece = "ember"\nvalues = { warmth = "hot" }', "warmth"),
}


@pytest.mark.parametrize(("old", "new", "told"), SHOW.values(), ids=SHOW)
def test_a_wrong_show_is_told_with_its_file(
    old: str, new: str, told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    show = edited(show_at(tmp_path / "show", 9000), old, new)
    words = refused(["play", show, "--simulate", "--no-page", "--duration", "1"], capfd)
    assert told in words
    assert "show.toml" in words


BINDINGS = {
    "an input that is not there": ('from = "knobs/cc/1/7"\nto = "/master"', "knobs"),
    "a parameter that is not there": ('from = "osc/fader/1"\nto = "/piece/ember/warmht"', "/piece/ember/warmth"),
    "a range of nothing": ('from = "osc/fader/1"\nto = "/master"\nin_range = [1.0, 1.0]', "in_range"),
}


@pytest.mark.parametrize(("binding", "told"), BINDINGS.values(), ids=BINDINGS)
def test_a_wrong_binding_is_told(binding: str, told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    show = show_at(tmp_path / "show", 9000, more=f"\n[[binding]]\n{binding}\n")
    words = refused(["play", show, "--simulate", "--no-page", "--duration", "1"], capfd)
    assert told in words
    assert "binding" in words


def test_a_playlist_of_cues_that_are_not_there_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    show = show_at(tmp_path / "show", 9000, more='\n[playlist.evening]\ncues = ["glow", "gloww"]\n')
    words = refused(["play", show, "--simulate", "--no-page", "--duration", "1"], capfd)
    assert "gloww" in words
    assert '"glow"' in words


GOOD = "vec4 piece(vec2 uv) { return vec4(1.0); }\n"
PIECES = {
    "a shader that does not compile": ("// one\nvec4 piece(vec2 uv) { return vec4(nothing); }\n", "", r"main\.frag.*2"),
    "a missing include": ('#include "nois.glsl"\n' + GOOD, "", r"main\.frag.*1.*noise\.glsl"),
    "no function called piece": ("vec4 peace(vec2 uv) { return vec4(1.0); }\n", "", "piece"),
    "an empty shader": ("", "", "piece"),
    "a shader that is missing": (None, "", r"main\.frag does not exist"),
    "a parameter of no type": (GOOD, '[parameter.a]\ntype = "flaot"\n', "float"),
    "a range upside down": (GOOD, '[parameter.a]\ntype = "float"\nmin = 1.0\nmax = 0.0\n', "parameter.a"),
    "a default out of range": (GOOD, '[parameter.a]\ntype = "float"\ndefault = 7.0\n', "Default 7.0"),
    "a reserved name": (GOOD, '[parameter.u_time]\ntype = "float"\n', "u_time"),
    "TOML that is none": (GOOD, "[parameter\n", "s not valid TOML"),
    "a domain that is none": (GOOD, 'domain = "pixels"\n', "pixel"),
}


@pytest.mark.parametrize(("shader", "manifest", "told"), PIECES.values(), ids=PIECES)
def test_a_wrong_piece_is_told_where(
    shader: str | None, manifest: str, told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    piece = piece_at(tmp_path, "mine", shader or "", manifest=manifest)
    if shader is None:
        (piece / "main.frag").unlink()
    words = refused(["render", piece, "-o", tmp_path / "a.npy"], capfd)
    assert re.search(told, words), words
    assert not (tmp_path / "a.npy").exists()
    assert main(["check", str(piece)]) == 1


def test_files_of_another_kind_are_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "venue.toml"
    picture.write_bytes(bytes(range(256)))
    assert "UTF-8" in refused(["venue", "show", picture], capfd)
    assert refused(["play", ROOT / "README.md", "--simulate"], capfd)
    assert refused(["play", tmp_path / "nowhere" / "show.toml", "--simulate"], capfd)
    assert refused(["render", tmp_path, "-o", tmp_path / "a.npy"], capfd)
