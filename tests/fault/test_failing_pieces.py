"""What an artist's piece may do wrong while the show is on: be slow, be no number, not compile. Light keeps leaving."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from facade.app.quarantine import QuarantineFile
from tests.support.running import (
    Packet,
    Receiver,
    RunningShow,
    free_port,
    is_lit,
    page_state,
    piece_at,
    send_osc,
    show_at,
    shows,
    venue_at,
    wait_for_control,
    wait_until,
)

pytestmark = pytest.mark.timeout(150)

LONGEST_GAP_S = 0.250
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


@dataclass(frozen=True)
class Stage:
    show: RunningShow
    osc_port: int
    node: Receiver
    page: int
    folder: Path

    def cue(self, name: str, shown: Callable[[Packet], bool], *, within_s: float = 30.0) -> None:
        """Start a cue and wait until its light is there."""
        send_osc(self.osc_port, "/show/cue", name)
        self.node.wait_for(shown, within_s, f"cue {name}")

    def save(self, shader: str) -> float:
        """Save the edited piece; returns when."""
        (self.folder / "edited" / "main.frag").write_text(shader)
        return time.monotonic()

    def wait_said(self, *words: str, within_s: float = 20.0) -> str:
        """Return the line on standard error that holds all the words."""

        end = time.monotonic() + within_s
        while time.monotonic() < end:
            for line in self.show.said().splitlines():
                if all(word in line for word in words):
                    return line
            time.sleep(0.02)
        raise AssertionError(f"no line with {words} in:\n{self.show.said()}")


@pytest.fixture(scope="module")
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where facade remembers things, for this module alone."""
    return tmp_path_factory.mktemp("state") / "facade"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, state_home: Path) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("pieces")
    node, port = Receiver(), free_port()
    document = show_at(folder / "show", port, piece="signal", more=CUES)
    canvas = 'domain = "canvas"\nfallback = "ember"\n'
    piece_at(folder / "show", "slow", SLOW.format(turn=TURN * 20), manifest=canvas)
    piece_at(folder / "show", "endless", SLOW.format(turn=TURN * 40), manifest=canvas)
    effort = '[parameter.effort]\ntype = "float"\ndefault = 0.0\n'
    piece_at(folder / "show", "creeping", CREEPING.format(turn=TURN * 40), manifest=canvas + effort)
    piece_at(folder / "show", "holes", HOLES)
    piece_at(folder / "show", "edited", BLUE)
    env = {"XDG_STATE_HOME": str(state_home.parent)}
    with RunningShow(document, "--venue", venue_at(folder, node.port), env=env) as show:
        page = show.page_port()
        node.wait_for(is_lit, 60.0, "the first light")
        wait_for_control(node, port)
        yield Stage(show, port, node, page, folder / "show")
    node.close()


def is_ember(packet: Packet) -> bool:
    """The fallback glows red; what would be shown instead of it is blue or grey."""
    reds, blues = packet.data[0:54:3], packet.data[2:54:3]
    return sum(reds) > 6 * sum(blues) > 0 or (sum(reds) > 200 and sum(blues) == 0)


def is_blue(packet: Packet) -> bool:
    return packet.data[0] == 0 and packet.data[1] < 20 and packet.data[2] > 100


def is_green(packet: Packet) -> bool:
    return packet.data[0] == 0 == packet.data[2] and packet.data[1] > 100


@pytest.mark.parametrize("slug", ["slow", "endless"])
def test_a_piece_that_takes_seconds_a_frame_gives_way_to_its_fallback(
    stage: Stage, slug: str, record_property: Callable[[str, object], None]
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
    stage: Stage, state_home: Path, record_property: Callable[[str, object], None]
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


def test_what_is_no_number_is_black_and_counted_and_the_rest_is_lit(stage: Stage) -> None:
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


def test_a_good_edit_shows_within_two_seconds(stage: Stage) -> None:
    stage.save(BLUE)
    stage.cue("edited", is_blue)
    saved_at = stage.save(GREEN)
    assert stage.node.wait_for(is_green, what="the edit").at_s - saved_at < RELOAD_S


@pytest.mark.parametrize(
    ("broken", "where", "what"),
    [(BROKEN, "main.frag:3", "undeclared_name"), (WITHOUT_INCLUDE, "main.frag:1", "no_such_file.glsl")],
    ids=["does not compile", "missing include"],
)
def test_a_broken_edit_leaves_the_last_good_program_on_and_names_its_line(
    stage: Stage, broken: str, where: str, what: str
) -> None:
    stage.save(BLUE)
    stage.cue("edited", is_blue)
    saved_at = stage.save(broken)
    stage.wait_said(where, what)
    wait_until(lambda: "edited" in page_state(stage.page)["render"]["faults"], what="the fault on the page")
    message = page_state(stage.page)["message"]
    assert message["level"] == "error"
    assert where in message["text"]
    assert what in message["text"]
    assert all(is_blue(packet) for packet in stage.node.since(saved_at))
    saved_at = stage.save(GREEN)
    assert stage.node.wait_for(is_green, what="the mended piece").at_s - saved_at < RELOAD_S
    wait_until(lambda: "edited" not in page_state(stage.page)["render"]["faults"], what="the end of the fault")


def test_a_manifest_that_is_broken_while_it_plays_changes_nothing(stage: Stage) -> None:
    stage.save(BLUE)
    stage.cue("edited", is_blue)
    manifest = stage.folder / "edited" / "piece.toml"
    good, saved_at = manifest.read_text(), time.monotonic()
    manifest.write_text(good + "\nnonsense = [\n")
    stage.wait_said("piece edited:", "piece.toml")
    assert all(is_blue(packet) for packet in stage.node.since(saved_at))
    manifest.write_text(good)
    wait_until(lambda: "edited" not in page_state(stage.page)["render"]["faults"], what="the end of the fault")
