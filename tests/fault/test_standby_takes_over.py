"""Two real shows on two addresses of this machine: the standby is silent, goes on where the main machine was killed,
and gives back. Which machine sent a packet is told by the port that it came from.
"""

from __future__ import annotations

import contextlib
import time
from itertools import groupby

import pytest

from tests.support.running import (
    Receiver,
    RunningShow,
    free_port,
    is_lit,
    page_state,
    piece_at,
    send_osc,
    show_at,
    two_nodes_at,
    wait_until,
)

pytestmark = pytest.mark.timeout(150)

LASTS_S = 120.0
"""The piece's red says how old its cue is, from dark to full. Green is a fader; blue tells the cues apart."""

AGE = f"""\
vec4 piece(vec2 uv) {{ return vec4(u_time / {LASTS_S}, level, late ? 1.0 : 0.0, 1.0); }}
"""
PARAMETERS = """\
domain = "pixel"
[parameter.level]
type = "float"
default = 0.1
[parameter.late]
type = "bool"
"""
SECOND_CUE = """
[cue.later]
crossfade_s = 0.0
[[cue.later.layer]]
piece = "age"
[cue.later.layer.values]
late = true
"""
GAMMA = 2.2


def light(packet, channel):
    """Linear light of a channel of the first pixel, as the fixture shows its byte."""
    return (packet.data[channel] / 255.0) ** GAMMA


def is_late(packet):
    return packet.data[2] > 200


def has_fader_at(level):
    return lambda packet: abs(light(packet, 1) - level) < 0.02


def age_s(packet):
    return light(packet, 0) * LASTS_S


def document(folder, osc_port):
    piece_at(folder, "age", AGE, manifest=PARAMETERS)
    return show_at(folder, osc_port, piece="age", more=SECOND_CUE)


def test_a_standby_goes_on_where_the_main_machine_was_killed_and_gives_back(tmp_path):
    east, west = Receiver(), Receiver()
    venue = two_nodes_at(tmp_path, east.port, west.port)
    table = f'\n[standby]\nmain = "127.0.0.1"\nstandby = "127.0.0.2"\nport = {free_port()}\ninterval_s = 0.4\n'
    venue.write_text(venue.read_text() + table)
    osc = free_port()
    first, second = document(tmp_path / "first", osc), document(tmp_path / "second", free_port())

    with RunningShow(second, "--venue", venue, "--standby") as standby:
        with RunningShow(first, "--venue", venue) as main:
            east.wait_for(is_lit, 60.0, "the main machine's light")
            page = standby.page_port()
            follows(page, "glow")
            send_osc(osc, "/show/go")
            began = east.wait_for(is_late, what="the second cue").at_s
            send_osc(osc, "/piece/age/level", 0.6)
            east.wait_for(has_fader_at(0.6), what="the fader")
            follows(page, "later")
            wait_until(lambda: state(page)["values"]["/piece/age/level"] > 0.5, what="the fader on the standby")
            wait_until(lambda: time.monotonic() - began > 6.0, what="an age to be told from a beginning")
            assert len({p.sender for p in east.packets}) == 1, "the standby must be silent"

            main.process.kill()
            killed_at = time.monotonic()
            by_main = east.newest.sender
            taken = east.wait_for(lambda p: p.sender != by_main, what="the standby's light")

        assert taken.at_s > killed_at
        goes_on(taken, began)

        with RunningShow(first, "--venue", venue) as main:
            given = east.wait_for(lambda p: p.sender not in (by_main, taken.sender), 60.0, "the main machine's light")
            settled = east.wait_for(lambda p: p.at_s > given.at_s + 1.0, what="a second of it")
            wait_until(lambda: "standby, silent: 127.0.0.1 sends" in standby.said(), what="the words about it")

            goes_on(settled, began)
            # Each machine's packets follow each other: at no moment did two send.
            for node in (east, west):
                assert len([sender for sender, _ in groupby(p.sender for p in node.packets)]) == 3
            assert main.stop() == 0
        assert standby.stop() == 0
    for node in (east, west):
        node.close()


def goes_on(packet, began):
    """The same cue, as old as it would be had nothing happened, and the same fader."""
    assert is_late(packet)
    assert age_s(packet) == pytest.approx(packet.at_s - began, abs=1.0)
    assert has_fader_at(0.6)(packet)


def state(page):
    """What the page says; two renderers and a page on a busy machine may be late with it."""
    while True:
        with contextlib.suppress(OSError):
            return page_state(page)


def follows(page, cue):
    """Wait until the machine of this page is silent and shows a cue that the other one has on."""

    def does():
        now = state(page)
        waits = (now["delivery"] or {}).get("duty") == "standby, silent: 127.0.0.1 sends"
        return waits and now["on_air"]["cue"] == cue

    wait_until(does, what=f"the standby in {cue}")
