"""A controller that vanishes from the network: the others receive every frame, and it is lit again when it is back."""

from __future__ import annotations

import time
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
    two_nodes_at,
    wait_for_control,
    wait_until,
)

pytestmark = pytest.mark.timeout(90)

RATE_HZ = 40.0
AWAY_S = 3.0


@dataclass
class Stage:
    show: RunningShow
    osc_port: int
    nodes: dict[str, Receiver]
    page: int

    def output(self, name: str) -> dict[str, object]:
        """Health of a controller as the page shows it."""
        outputs = page_state(self.page)["delivery"]["outputs"]
        return next(o for o in outputs if o["name"] == name)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("vanishing")
    nodes, port = {"east": Receiver(), "west": Receiver()}, free_port()
    document = show_at(folder / "show", port, piece="signal")
    venue = two_nodes_at(folder, nodes["east"].port, nodes["west"].port)
    with RunningShow(document, "--venue", venue) as show:
        page = show.page_port()
        nodes["east"].wait_for(is_lit, 40.0, "the first light")
        wait_for_control(nodes["east"], port)
        yield Stage(show, port, nodes, page)
    for node in nodes.values():
        node.close()


@pytest.mark.parametrize(("gone", "stays"), [("west", "east"), ("east", "west")])
def test_a_controller_that_vanishes_leaves_the_other_its_every_frame_and_comes_back(
    stage: Stage, gone: str, stays: str
) -> None:
    port = stage.nodes[gone].port
    stage.nodes[gone].close()
    start = time.monotonic()
    wait_until(lambda: stage.output(gone)["problem"], what=f"{gone} missed")
    assert stage.output(stays)["problem"] == ""
    wait_until(lambda: f"controller {gone}" in stage.show.said(), what="the words about it")
    wait_until(lambda: time.monotonic() - start > AWAY_S, what="the time")
    end = time.monotonic()
    frames = [p for p in stage.nodes[stays].since(start) if p.at_s <= end]
    # One frame either way for the edges; the frames between are counted, not timed.
    assert abs(len(frames) - (end - start) * RATE_HZ) <= 2
    assert stage.nodes[stays].longest_gap_s(start, end) < 0.250
    send_osc(stage.osc_port, "/piece/signal/level", 0.8)
    stage.nodes[stays].wait_for(shows(0.8), what="a fader while one is away")

    stage.nodes[gone] = Receiver(port)
    back_at = time.monotonic()
    lit = stage.nodes[gone].wait_for(shows(0.8), what=f"light on {gone} again")
    # Back-off grows to 1.6 s at most.
    assert lit.at_s - back_at < 3.0
    wait_until(lambda: stage.output(gone)["problem"] == "", what="the end of the problem")
    send_osc(stage.osc_port, "/piece/signal/level", 0.3)
    for node in stage.nodes.values():
        node.wait_for(shows(0.3), what="the next change everywhere")
