"""What an artist's piece may do wrong while the show is on: be slow, be no number, not compile. Light keeps leaving."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facade.app.quarantine import QuarantineFile
from tests.support.on_air import LONGEST_GAP_S, OnAir, is_blue, is_ember, on_air
from tests.support.running import (
    Packet,
    is_lit,
    page_state,
    piece_at,
    send_osc,
    shows,
    wait_until,
)

pytestmark = pytest.mark.timeout(150)

RELOAD_S = 2.0
"""The longest an artist waits to see a saved edit."""

CUES = """
[cue.slow]
crossfade_s = 0.2
[[cue.slow.layer]]
piece = "slow"

[cue.endless]
crossfade_s = 0.2
[[cue.endless.layer]]
piece = "endless"

[cue.creeping]
crossfade_s = 0.2
[[cue.creeping.layer]]
piece = "creeping"

[cue.holes]
crossfade_s = 0.2
[[cue.holes.layer]]
piece = "holes"

[cue.edited]
crossfade_s = 0.2
[[cue.edited.layer]]
piece = "edited"
"""

# llvmpipe leaves a loop after 65,535 turns, so a long draw needs long turns. About 0.4 s a repetition on one fast core;
# "slow" is too slow on the smallest canvas, too.
SLOW = """
vec4 piece(vec2 uv) {{
    float x = uv.x;
    for (int i = 0; i < 60000; i++) {{ {turn} }}
    return vec4(0.0, 0.001 * x, 1.0, 1.0);
}}
"""
TURN = "x = fract(sin(x + float(i)) * 43.7); "

# Cheap as long as nobody moves its parameter, so that trying it beforehand tells nothing.
CREEPING = """
vec4 piece(vec2 uv) {{
    float x = uv.x;
    int turns = int(60000.0 * effort);
    for (int i = 0; i < turns; i++) {{ {turn} }}
    return vec4(0.0, 0.001 * x, 1.0, 1.0);
}}
"""

HOLES = """
vec4 piece(vec2 uv) {
    float nothing = u_time - u_time;
    if (uv.x < 0.3) return vec4(nothing / nothing, 1.0, 1.0, 1.0);
    if (uv.x > 0.7) return vec4(1.0 / nothing, 0.5, 0.5, 1.0);
    return vec4(0.5, 0.5, 0.5, 1.0);
}
"""

BLUE = "vec4 piece(vec2 uv) { return vec4(0.0, 0.0, 0.5, 1.0); }\n"
GREEN = "vec4 piece(vec2 uv) { return vec4(0.0, 0.5, 0.0, 1.0); }\n"
BROKEN = "// a first line\nvec4 piece(vec2 uv) {\n    return vec4(undeclared_name, 1.0);\n}\n"
WITHOUT_INCLUDE = '#include "no_such_file.glsl"\n' + GREEN


def save(stage: OnAir, shader: str) -> float:
    """Save the edited piece; returns when."""
    (stage.folder / "edited" / "main.frag").write_text(shader)
    return time.monotonic()


@pytest.fixture(scope="module")
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where facade remembers things, for this module alone."""
    return tmp_path_factory.mktemp("state") / "facade"


def written(folder: Path) -> None:
    canvas = 'domain = "canvas"\nfallback = "ember"\n'
    piece_at(folder, "slow", SLOW.format(turn=TURN * 20), manifest=canvas)
    piece_at(folder, "endless", SLOW.format(turn=TURN * 40), manifest=canvas)
    effort = '[parameter.effort]\ntype = "float"\ndefault = 0.0\n'
    piece_at(folder, "creeping", CREEPING.format(turn=TURN * 40), manifest=canvas + effort)
    piece_at(folder, "holes", HOLES)
    piece_at(folder, "edited", BLUE)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, state_home: Path) -> Iterator[OnAir]:
    env = {"XDG_STATE_HOME": str(state_home.parent)}
    with on_air(tmp_path_factory.mktemp("pieces"), cues=CUES, write=written, env=env) as playing:
        yield playing


def is_green(packet: Packet) -> bool:
    return packet.data[0] == 0 == packet.data[2] and packet.data[1] > 100


@pytest.mark.parametrize("slug", ["slow", "endless"])
def test_a_piece_that_takes_seconds_a_frame_gives_way_to_its_fallback(
    stage: OnAir, slug: str, record_property: Callable[[str, object], None]
) -> None:
    stage.cue("glow", shows(0.5))
    start = time.monotonic()
    stage.cue(slug, is_ember, within_s=60.0)
    assert "250 ms" in stage.wait_said(f"piece {slug}:", "to draw", "fallback")
    gap = stage.node.longest_gap_s(start, time.monotonic())
    record_property("longest_gap_ms", round(gap * 1000))
    print(f"\n{slug}: longest gap {gap * 1000:.0f} ms")
    assert gap < LONGEST_GAP_S
    stage.cue("glow", shows(0.5))


def test_a_piece_that_hangs_the_renderer_again_and_again_is_in_quarantine_until_it_is_released(
    stage: OnAir, state_home: Path, record_property: Callable[[str, object], None]
) -> None:
    start = time.monotonic()
    stage.cue("creeping", is_blue)
    send_osc(stage.osc_port, "/piece/creeping/effort", 1.0)
    stage.wait_said("creeping", "quarantine", within_s=60.0)
    stage.node.wait_for(is_ember, 40.0, "the fallback")
    gap = stage.node.longest_gap_s(start, time.monotonic())
    record_property("longest_gap_ms", round(gap * 1000))
    print(f"\nhung three times in {time.monotonic() - start:.1f} s: longest gap {gap * 1000:.0f} ms")
    assert gap < LONGEST_GAP_S
    held = QuarantineFile(state_home / "quarantine.json")
    folders = {"creeping": stage.folder / "creeping"}
    wait_until(lambda: "creeping" in held.held(folders), what="what is remembered")
    send_osc(stage.osc_port, "/piece/creeping/effort", 0.0)
    send_osc(stage.osc_port, "/show/release", "creeping")
    stage.node.wait_for(is_blue, 40.0, "the piece")
    assert held.held(folders) == {}
    stage.cue("glow", shows(0.5))


def test_what_is_no_number_is_black_and_counted_and_the_rest_is_lit(stage: OnAir) -> None:
    before = page_state(stage.page)["delivery"]["not_finite"]
    # Six columns of windows: the first two give NaN, the last two infinity.
    stage.cue("holes", lambda p: p.data[0] == 0 and min(p.data[6:12]) > 100)
    shown = stage.node.wait_for(is_lit)
    for row in range(3):
        pixels = [tuple(shown.data[(6 * row + column) * 3 :][:3]) for column in range(6)]
        assert pixels[0] == pixels[1] == pixels[4] == pixels[5] == (0, 0, 0)
        assert all(min(pixel) > 100 for pixel in pixels[2:4])
    wait_until(lambda: page_state(stage.page)["delivery"]["not_finite"] > before, what="the count")
    stage.cue("glow", shows(0.5))


def test_a_good_edit_shows_within_two_seconds(stage: OnAir) -> None:
    save(stage, BLUE)
    stage.cue("edited", is_blue)
    saved_at = save(stage, GREEN)
    assert stage.node.wait_for(is_green, what="the edit").at_s - saved_at < RELOAD_S


@pytest.mark.parametrize(
    ("broken", "where", "what"),
    [(BROKEN, "main.frag:3", "undeclared_name"), (WITHOUT_INCLUDE, "main.frag:1", "no_such_file.glsl")],
    ids=["does not compile", "missing include"],
)
def test_a_broken_edit_leaves_the_last_good_program_on_and_names_its_line(
    stage: OnAir, broken: str, where: str, what: str
) -> None:
    save(stage, BLUE)
    stage.cue("edited", is_blue)
    saved_at = save(stage, broken)
    stage.wait_said(where, what)
    wait_until(lambda: "edited" in stage.faults(), what="the fault on the page")
    message = page_state(stage.page)["message"]
    assert message["level"] == "error"
    assert where in message["text"]
    assert what in message["text"]
    assert all(is_blue(packet) for packet in stage.node.since(saved_at))
    saved_at = save(stage, GREEN)
    assert stage.node.wait_for(is_green, what="the mended piece").at_s - saved_at < RELOAD_S
    wait_until(lambda: "edited" not in stage.faults(), what="the end of the fault")


def test_a_manifest_that_is_broken_while_it_plays_changes_nothing(stage: OnAir) -> None:
    save(stage, BLUE)
    stage.cue("edited", is_blue)
    manifest = stage.folder / "edited" / "piece.toml"
    good, saved_at = manifest.read_text(), time.monotonic()
    manifest.write_text(good + "\nnonsense = [\n")
    stage.wait_said("piece edited:", "piece.toml")
    assert all(is_blue(packet) for packet in stage.node.since(saved_at))
    manifest.write_text(good)
    wait_until(lambda: "edited" not in stage.faults(), what="the end of the fault")
