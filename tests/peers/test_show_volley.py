"""Two people play Volley: one with an OSC app, one with a MIDI controller, as its README says."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.jack import KnobBox, jack_server
from tests.support.liblo import oscsend
from tests.support.running import Receiver, RunningShow, free_port, is_lit, show_at, venue_at

pytestmark = pytest.mark.timeout(120)

PLAYERS = """
[input.knobs]
type = "midi"
port = "test knobs"

[[binding]]
from = "osc/left"
to = "/piece/volley/left"

[[binding]]
from = "knobs/cc/1/12"
to = "/piece/volley/right"
"""
COLUMNS, TOP_ROW = 6, 2


def brightness(data: bytes, column: int, row: int) -> int:
    first = 3 * (COLUMNS * row + column)
    return sum(data[first : first + 3])


def move_until(node: Receiver, move: Callable[[float], None], column: int, *, up: bool) -> None:
    """Move a player again and again, as a hand does, until their end of the wall is brightest there."""
    end = time.monotonic() + 30.0
    step = 0
    while True:
        step += 1
        move((0.97 if up else 0.03) + 0.02 * (step % 2))
        time.sleep(0.1)
        data = node.newest.data
        top, bottom = brightness(data, column, TOP_ROW), brightness(data, column, 0)
        if (top > 1.3 * bottom) if up else (bottom > 1.3 * top):
            return
        assert time.monotonic() < end, f"column {column}: top {top}, bottom {bottom}"


def test_an_osc_app_and_a_midi_controller_move_the_two_players(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node, port = Receiver(), free_port()
    document = show_at(tmp_path / "show", port, piece="volley", more=PLAYERS)
    with (
        jack_server(tmp_path, monkeypatch),
        KnobBox() as box,
        RunningShow(document, "--venue", venue_at(tmp_path, node.port), "--no-page") as show,
    ):
        node.wait_for(is_lit, 40.0, "the first light")
        for up in (True, False, True):
            move_until(node, lambda y: oscsend(port, "/left", "f", y), 0, up=up)
            move_until(node, lambda y: box.send(0xB0, 12, round(127 * y)), COLUMNS - 1, up=up)
        assert show.process.poll() is None
    node.close()
