"""What a hand has set outlives the process that knew it: a replaced renderer shows the value, not the default."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.running import (
    Receiver,
    RunningShow,
    free_port,
    is_lit,
    page_state,
    send_osc,
    show_at,
    shows,
    venue_at,
    wait_for_control,
    wait_until,
)

pytestmark = pytest.mark.timeout(300)

LEVEL = "/piece/signal/level"
SECOND_CUE = """
[cue.dim]
crossfade_s = 0.0
[[cue.dim.layer]]
piece = "signal"
values = { level = 0.1 }
"""


@dataclass(frozen=True)
class Stage:
    show: RunningShow
    osc_port: int
    node: Receiver
    page: int

    def replace(self, name: str) -> None:
        """Kill a process and wait until its successor is at work."""
        victim = self.show.children()[name]
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: self.show.children().get(name, victim) != victim, what=f"another {name} process")
        if name == "render":
            before = page_state(self.page)["render"]["frame"]
            wait_until(lambda: page_state(self.page)["render"]["frame"] > before + 60, what="a second of new frames")
        else:
            wait_for_control(self.node, self.osc_port)


# A show for each test: the third time within ten minutes that a renderer ends, a slow machine's included, the piece
# itself is blamed.
@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("values")
    node, port = Receiver(), free_port()
    document = show_at(folder / "show", port, piece="signal", more=SECOND_CUE)
    with RunningShow(document, "--venue", venue_at(folder, node.port)) as show:
        page = show.page_port()
        node.wait_for(is_lit, what="the first light")
        wait_for_control(node, port)
        yield Stage(show, port, node, page)
    node.close()


def test_a_faders_value_outlives_the_renderer(stage: Stage) -> None:
    send_osc(stage.osc_port, LEVEL, 0.9)
    stage.node.wait_for(shows(0.9), what="the fader")
    stage.replace("render")
    stage.node.wait_for(shows(0.9), what="the same light")
    assert page_state(stage.page)["values"][LEVEL] == pytest.approx(0.9)


def test_a_value_that_a_cue_has_set_since_outlives_the_fader_and_the_renderer(stage: Stage) -> None:
    send_osc(stage.osc_port, LEVEL, 0.9)
    stage.node.wait_for(shows(0.9), what="the fader")
    send_osc(stage.osc_port, "/show/cue", "dim")
    stage.node.wait_for(shows(0.1), what="the cue")
    wait_until(lambda: page_state(stage.page)["values"][LEVEL] == pytest.approx(0.1), what="the page hearing of it")
    wait_until(lambda: page_state(stage.page)["render"]["cue"] == "dim", what="the report of the cue")
    stage.replace("render")
    stage.node.wait_for(shows(0.1), what="the same light")


def test_master_blackout_and_values_outlive_the_control_process(stage: Stage) -> None:
    send_osc(stage.osc_port, LEVEL, 0.8)
    send_osc(stage.osc_port, "/master", 0.5)
    stage.node.wait_for(shows(0.4), what="the start")
    stage.replace("control")
    stage.node.wait_for(shows(0.4), what="the same light")
    state = page_state(stage.page)
    assert state["master"] == pytest.approx(0.5)
    assert state["values"][LEVEL] == pytest.approx(0.8)
    send_osc(stage.osc_port, "/master", 1.0)
    stage.node.wait_for(shows(0.8), what="the master of the new process")
