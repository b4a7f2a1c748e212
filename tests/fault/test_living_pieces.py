"""What a behaviour may do wrong while the show is on: fail, hang, be edited. Light keeps leaving."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from facade.pieces.trust import trust
from tests.support.on_air import LONGEST_GAP_S, OnAir, is_blue, is_ember, on_air
from tests.support.running import (
    piece_at,
    send_osc,
    shows,
    wait_until,
)

pytestmark = pytest.mark.timeout(150)


CUES = """
[cue.living]
crossfade_s = 0.2
[[cue.living.layer]]
piece = "living"

[cue.stuck]
crossfade_s = 0.2
[[cue.stuck.layer]]
piece = "living"
[[cue.stuck.layer]]
piece = "stuck"
"""
MANIFEST = """
fallback = "ember"
[parameter.bad]
type = "bool"
[uniform.level]
type = "float"
"""
SHADER = "vec4 piece(vec2 uv) { return vec4(0.0, 0.0, level, 1.0); }\n"
LIVING = "def update(tick, controls):\n    return {'level': 0.5 / (not controls['bad'])}\n"
STUCK = "def update(tick, controls):\n    while controls['bad']:\n        pass\n    return {'level': 0.5}\n"


def written(folder: Path) -> None:
    for slug, source in (("living", LIVING), ("stuck", STUCK)):
        piece_at(folder, slug, SHADER, manifest=MANIFEST)
        (folder / slug / "behaviour.py").write_text(source)
        trust(folder / slug)


@pytest.fixture
def playing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OnAir]:
    monkeypatch.setenv("FACADE_TRUSTED", str(tmp_path / "trusted.txt"))
    with on_air(tmp_path, cues=CUES, write=written) as show:
        yield show


def test_a_behaviour_that_fails_gives_way_with_its_line_and_a_saved_edit_brings_it_back(playing: OnAir) -> None:
    send_osc(playing.osc_port, "/show/cue", "living")
    playing.node.wait_for(is_blue, 30.0, "the living piece")
    start = time.monotonic()
    send_osc(playing.osc_port, "/piece/living/bad", 1)
    playing.node.wait_for(is_ember, 10.0, "the fallback")
    wait_until(lambda: "ZeroDivisionError" in playing.faults().get("living", ""), what="the reason on the page")
    assert "behaviour.py:2" in playing.faults()["living"]
    file = playing.folder / "living" / "behaviour.py"
    file.write_text("def update(tick, controls):\n    return {'level': 0.5}\n")
    playing.node.wait_for(is_blue, 10.0, "the mended piece")
    wait_until(lambda: "living" not in playing.faults(), what="the end of the fault")
    file.write_text("def update(tick, controls):\n    return {'level': \n")
    wait_until(lambda: "behaviour.py:2" in playing.faults().get("living", ""), what="the broken edit on the page")
    since = time.monotonic()
    wait_until(lambda: len(playing.node.since(since)) > 20, what="some more light")
    assert all(is_blue(packet) for packet in playing.node.since(since))
    assert playing.node.longest_gap_s(start, time.monotonic()) < LONGEST_GAP_S


def test_a_behaviour_that_never_returns_is_put_in_quarantine_and_nobody_else(playing: OnAir) -> None:
    start = time.monotonic()
    send_osc(playing.osc_port, "/show/cue", "stuck")
    playing.node.wait_for(is_blue, 30.0, "the piece")
    send_osc(playing.osc_port, "/piece/stuck/bad", 1)
    wait_until(lambda: "stopped the renderer" in playing.faults().get("stuck", ""), 60.0, "quarantine")
    playing.node.wait_for(is_ember, 40.0, "the fallback")
    assert "living" not in playing.faults(), "it was on beside it, and is innocent"
    assert playing.node.longest_gap_s(start, time.monotonic()) < LONGEST_GAP_S
    send_osc(playing.osc_port, "/show/cue", "glow")
    playing.node.wait_for(shows(0.5), 20.0, "another cue")
