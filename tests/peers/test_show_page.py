"""Chromium opens the page of a playing show: what it draws follows the light, and what it drags reaches the wire."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.chromium import Browser, browser
from tests.support.running import (
    Receiver,
    RunningShow,
    free_port,
    is_dark,
    is_lit,
    level_byte,
    send_osc,
    show_at,
    shows,
    venue_at,
    wait_for_control,
)

pytestmark = pytest.mark.timeout(150)

SLIDER = '[data-address="/piece/signal/level"] input[type="range"]'

SUM_OF_RED = """
const shown = document.getElementById(arguments[0]);
if (shown.hidden || !shown.width) return null;
const copy = document.createElement("canvas");
[copy.width, copy.height] = [shown.width, shown.height];
const context = copy.getContext("2d");
context.drawImage(shown, 0, 0);
const { data } = context.getImageData(0, 0, copy.width, copy.height);
let sum = 0;
for (let i = 0; i < data.length; i += 4) sum += data[i];
return sum / (data.length / 4);
"""


@dataclass(frozen=True)
class Stage:
    show: RunningShow
    osc_port: int
    node: Receiver
    tab: Browser

    def red(self, canvas: str) -> float:
        """Mean red of a canvas of the page, 0..255."""
        found = self.tab.run(SUM_OF_RED, canvas)
        return -1.0 if found is None else float(found)

    def wait_for_red(self, canvas: str, low: float, high: float) -> float:
        end = time.monotonic() + 30.0
        while not low <= (red := self.red(canvas)) <= high:
            assert time.monotonic() < end, f"{canvas} shows {red:.1f}, not {low:.1f}..{high:.1f}; {self.tab.console()}"
            time.sleep(0.1)
        return red

    def settled_red(self, canvas: str) -> float:
        """Mean red once it has stayed the same for a second: what was sent before has been drawn."""
        before, since, end = self.red(canvas), time.monotonic(), time.monotonic() + 30.0
        while time.monotonic() - since < 1.0:
            red = self.red(canvas)
            if abs(red - before) > 0.5:
                before, since = red, time.monotonic()
            assert time.monotonic() < end, f"{canvas} never settles; {self.tab.console()}"
            time.sleep(0.1)
        return before


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("page")
    node, port = Receiver(), free_port()
    document = show_at(folder / "show", port, piece="signal")
    with RunningShow(document, "--venue", venue_at(folder, node.port)) as show:
        page = show.page_port()
        node.wait_for(is_lit, 40.0, "the first light")
        wait_for_control(node, port)
        with browser(folder, size=(1000, 900)) as tab:
            tab.open(f"http://127.0.0.1:{page}/?probe")
            tab.wait_for("return document.getElementById('no-light').hidden", timeout_s=40.0, what="light on the page")
            yield Stage(show, port, node, tab)
    node.close()


@pytest.mark.parametrize("canvas", ["street", "flat"])
def test_the_page_shows_the_light_change(stage: Stage, canvas: str) -> None:
    if stage.red(canvas) < 0:
        stage.tab.click("#view")
    send_osc(stage.osc_port, "/piece/signal/level", 0.0)
    stage.node.wait_for(shows(0.0), what="no red on the wire")
    dark = stage.settled_red(canvas)
    send_osc(stage.osc_port, "/piece/signal/level", 1.0)
    stage.node.wait_for(shows(1.0), what="all red on the wire")
    stage.wait_for_red(canvas, dark + 5.0, 255.0)
    send_osc(stage.osc_port, "/piece/signal/level", 0.0)
    stage.wait_for_red(canvas, 0.0, dark + 1.0)


def test_a_slider_dragged_on_the_page_reaches_the_bytes_on_the_wire(stage: Stage) -> None:
    send_osc(stage.osc_port, "/piece/signal/level", 0.1)
    stage.node.wait_for(shows(0.1), what="the start")
    stage.tab.wait_for(f"return Math.abs(document.querySelector('{SLIDER}').value - 0.1) < 0.01", what="the slider")
    for share in (0.85, 0.3):
        stage.tab.drag(SLIDER, start=(0.1, 0.5), stop=(share, 0.5))
        value = float(stage.tab.run(f"return document.querySelector('{SLIDER}').value"))
        assert abs(value - share) < 0.06
        stage.node.wait_for(shows(value), what=f"level {value} ({level_byte(value)}) on the wire")


def test_the_master_of_the_page_dims_what_leaves(stage: Stage) -> None:
    send_osc(stage.osc_port, "/piece/signal/level", 0.8)
    stage.node.wait_for(shows(0.8), what="the start")
    stage.tab.drag("#master", start=(0.98, 0.5), stop=(0.5, 0.5))
    master = float(stage.tab.run("return document.getElementById('master').value"))
    stage.node.wait_for(shows(0.8 * master), what=f"master {master} on the wire")
    send_osc(stage.osc_port, "/master", 1.0)
    stage.tab.wait_for("return document.getElementById('master').value == 1", what="the page hearing of it")
    stage.node.wait_for(shows(0.8), what="all of the light")


def test_the_blackout_button_darkens_the_wire_and_lights_it_again(stage: Stage) -> None:
    send_osc(stage.osc_port, "/piece/signal/level", 0.8)
    stage.node.wait_for(shows(0.8), what="the start")
    stage.tab.click("#blackout")
    stage.node.wait_for(is_dark, what="the dark")
    stage.tab.wait_for("return document.getElementById('blackout').getAttribute('aria-pressed') === 'true'")
    stage.tab.click("#blackout")
    stage.node.wait_for(shows(0.8), what="the light after it")


def test_a_switch_and_a_trigger_on_the_page_work(stage: Stage) -> None:
    stage.tab.click('[data-address="/piece/signal/on"] button')
    stage.node.wait_for(lambda p: p.data[1] == 255, what="green on")
    stage.tab.click('[data-address="/piece/signal/blink"] button')
    stage.node.wait_for(lambda p: p.data[2] > 150, what="the blink")
    stage.tab.click('[data-address="/piece/signal/on"] button')
    stage.node.wait_for(lambda p: p.data[1] == 0, what="green off")


def test_the_page_wrote_no_error_to_the_console(stage: Stage) -> None:
    # Software GL is told about by the browser itself; that is not ours.
    assert [m for m in stage.tab.console() if "GPU stall" not in m and "GL Driver Message" not in m] == []
