"""A whole show and a knob box on a JACK server: the knob turns the light, is pulled out, comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.jack import KnobBox, jack_server
from tests.support.running import Receiver, RunningShow, free_port, is_lit, show_at, shows, venue_at, wait_for_control

pytestmark = pytest.mark.timeout(90)

KNOBS = """
[input.knobs]
type = "midi"
port = "test knobs"

[[binding]]
from = "knobs/cc/1/7"
to = "/piece/signal/level"

[[binding]]
from = "knobs/note/1/60"
to = "/piece/signal/on"
"""


@dataclass(frozen=True)
class Stage:
    show: RunningShow
    node: Receiver
    box: KnobBox

    def turn(self, value: int) -> None:
        """Turn the knob until the light shows it: the box may have only just been plugged in."""
        end = time.monotonic() + 25.0
        while not shows(value / 127)(self.node.newest):
            assert time.monotonic() < end, f"the knob was not heard at {value}; {self.show.said()}"
            self.box.send(0xB0, 7, value)
            time.sleep(0.05)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("midi")
    node, port = Receiver(), free_port()
    document = show_at(folder / "show", port, piece="signal", more=KNOBS)
    venue = venue_at(folder, node.port)
    with (
        pytest.MonkeyPatch.context() as patch,
        jack_server(folder, patch),
        KnobBox() as box,
        RunningShow(document, "--venue", venue, "--no-page") as show,
    ):
        node.wait_for(is_lit, 40.0, "the first light")
        wait_for_control(node, port)
        yield Stage(show, node, box)
    node.close()


def test_a_knob_turns_the_light(stage: Stage) -> None:
    for value in (127, 0, 64):
        stage.turn(value)


def test_a_key_switches_once_a_press(stage: Stage) -> None:
    stage.turn(90)
    for wanted in (255, 0):
        stage.box.send(0x90, 60, 100)
        stage.box.send(0x80, 60, 0)
        stage.node.wait_for(lambda p, wanted=wanted: p.data[1] == wanted, what=f"green at {wanted}")


def test_a_box_pulled_out_leaves_the_light_and_works_again_when_it_is_back(stage: Stage) -> None:
    stage.turn(100)
    stage.box.unplug()
    out_at = time.monotonic()
    held = stage.node.wait_for(lambda p: p.at_s > out_at + 1.5, what="light without the box")
    assert shows(100 / 127)(held)
    stage.box.plug()
    stage.turn(20)
    assert stage.node.longest_gap_s(out_at, time.monotonic()) < 0.250


def test_a_loose_cable_that_is_out_for_an_instant_works_again(stage: Stage) -> None:
    stage.turn(100)
    stage.box.unplug()
    out_at = time.monotonic()
    stage.node.wait_for(lambda p: p.at_s > out_at + 0.4, what="half a second")
    stage.box.plug()
    stage.turn(20)
