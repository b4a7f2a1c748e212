"""A whole show, moved from outside by liblo and by a serial cable, watched where its Art-Net and sACN arrive."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.liblo import OscDump, oscdump, oscsend
from tests.support.running import (
    Receiver,
    RunningShow,
    free_port,
    is_dark,
    is_lit,
    level_byte,
    show_at,
    shows,
    two_nodes_at,
    wait_for_control,
)
from tests.support.socat import SerialCable

pytestmark = pytest.mark.timeout(90)

LONGEST_GAP_S = 0.250
SENSOR = """
[input.sensor]
type = "serial"
port = "{port}"
stale_s = 3600.0

[[binding]]
from = "sensor/distance"
to = "/piece/signal/level"
in_range = [150.0, 50.0]
"""


@dataclass(frozen=True)
class Stage:
    """A show of one signal piece on two nodes. east: Art-Net; west: sACN; heard: what feedback told oscdump."""

    show: RunningShow
    osc_port: int
    east: Receiver
    west: Receiver
    cable: SerialCable
    heard: OscDump


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("controls")
    east, west = Receiver(), Receiver()
    port, feedback = free_port(), free_port()
    cable = SerialCable(folder)
    document = show_at(
        folder / "show",
        port,
        piece="signal",
        osc=f'feedback = ["127.0.0.1:{feedback}"]\n',
        more=SENSOR.format(port=cable.device),
    )
    venue = two_nodes_at(folder, east.port, west.port)
    with oscdump(feedback, folder) as heard, RunningShow(document, "--venue", venue, "--no-page") as show:
        east.wait_for(is_lit, 40.0, "the first light")
        wait_for_control(east, port)
        yield Stage(show, port, east, west, cable, heard)
    east.close()
    west.close()


def test_oscsend_moves_the_playing_piece_on_every_controller(stage: Stage) -> None:
    for light in (0.9, 0.1):
        oscsend(stage.osc_port, "/piece/signal/level", "f", light)
        artnet = stage.east.wait_for(shows(light), what=f"level {light} over Art-Net")
        sacn = stage.west.wait_for(shows(light), what=f"level {light} over sACN")
        assert (artnet.universe, sacn.universe) == (1, 2)
        assert all(abs(b - level_byte(light)) <= 1 for b in artnet.data[0:18:3])
        assert all(abs(b - level_byte(light)) <= 1 for b in sacn.data[0:18:3])


def test_a_wildcard_from_oscsend_reaches_the_piece(stage: Stage) -> None:
    oscsend(stage.osc_port, "/piece/*/lev{el,er}", "f", 0.6)
    stage.east.wait_for(shows(0.6), what="level 0.6")


def test_oscsend_fires_a_trigger_and_flips_a_switch(stage: Stage) -> None:
    oscsend(stage.osc_port, "/piece/signal/blink")
    stage.east.wait_for(lambda p: p.data[2] > 200, what="the blink")
    stage.east.wait_for(lambda p: p.data[2] == 0, what="the end of the blink")
    for wanted in (255, 0):
        oscsend(stage.osc_port, "/piece/signal/on")
        stage.east.wait_for(lambda p, wanted=wanted: p.data[1] == wanted, what=f"green at {wanted}")


def test_oscsend_dims_and_blacks_out_what_leaves(stage: Stage) -> None:
    oscsend(stage.osc_port, "/piece/signal/level", "f", 0.8)
    oscsend(stage.osc_port, "/master", "f", 0.25)
    stage.west.wait_for(shows(0.2), what="a quarter of the light")
    oscsend(stage.osc_port, "/blackout", "T")
    stage.west.wait_for(is_dark, what="the dark")
    oscsend(stage.osc_port, "/blackout", "F")
    oscsend(stage.osc_port, "/master", "f", 1.0)
    stage.west.wait_for(shows(0.8), what="all of the light")


def test_oscdump_hears_what_changes(stage: Stage) -> None:
    oscsend(stage.osc_port, "/piece/signal/level", "f", 0.375)
    oscsend(stage.osc_port, "/master", "f", 0.5)
    assert stage.heard.wait_for("/piece/signal/level f 0.375")
    assert stage.heard.wait_for("/master f 0.5")
    oscsend(stage.osc_port, "/master", "f", 1.0)
    stage.east.wait_for(shows(0.375), what="the light that was told")


def test_a_value_beyond_its_range_is_clamped_and_a_wrong_one_changes_nothing(stage: Stage) -> None:
    oscsend(stage.osc_port, "/piece/signal/level", "f", 7.5)
    stage.east.wait_for(shows(1.0), what="the top of the range")
    oscsend(stage.osc_port, "/piece/signal/level", "s", "bright")
    oscsend(stage.osc_port, "/piece/signal/on", "T")
    told = stage.east.wait_for(lambda p: p.data[1] == 255, what="the message after the wrong one")
    assert shows(1.0)(told)
    oscsend(stage.osc_port, "/piece/signal/on", "F")


def test_a_serial_sensor_speaks_is_pulled_out_and_speaks_again(stage: Stage) -> None:
    start = time.monotonic()
    for distance, light in ((110, 0.4), (60, 0.9)):
        stage.cable.plug()
        try:
            said_until = time.monotonic() + 25.0
            while not shows(light)(stage.east.newest):
                assert time.monotonic() < said_until, f"the sensor was not heard; {stage.show.said()}"
                stage.cable.say(f"distance={distance}\r\n".encode())
                time.sleep(0.05)
            stage.west.wait_for(shows(light), what="the sensor over sACN")
        finally:
            stage.cable.unplug()
    # The cable is out: the last value holds, and light never stopped leaving.
    assert shows(0.9)(stage.east.wait_for(is_lit))
    for node in (stage.east, stage.west):
        assert node.longest_gap_s(start, time.monotonic()) < LONGEST_GAP_S


def test_a_serial_sensor_that_babbles_without_newlines_stops_nothing(stage: Stage, tmp_path: Path) -> None:
    start = time.monotonic()
    stage.cable.plug()
    try:
        stage.cable.say(b"\x55\xaa" * 20_000)
        oscsend(stage.osc_port, "/piece/signal/level", "f", 0.15)
        stage.east.wait_for(shows(0.15), what="OSC beside the babble")
        stage.cable.say(b"\ndistance=80\n")
        stage.east.wait_for(shows(0.7), what="the first whole line after the babble")
    finally:
        stage.cable.unplug()
    assert stage.east.longest_gap_s(start, time.monotonic()) < LONGEST_GAP_S
