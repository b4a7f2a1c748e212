"""A controller is live, suspect or gone by what comes back from it, and by nothing else."""

from __future__ import annotations

import logging

from facade.core.health import Presence
from facade.outputs.presence import ASK_S, GONE_S, QUIET_LOG_S, SUSPECT_S, Attendance


def attendance():
    return Attendance("node", "10.0.0.20")


def look(node, now, *, neighbour=True, cable_in=None):
    node.look(now, is_neighbour=neighbour, cable_in=cable_in)
    return node.presence


def test_node_that_answers_is_live_then_suspect_then_gone():
    node = attendance()
    node.replied(0.0, round_trip_s=0.004)

    assert look(node, SUSPECT_S, neighbour=None) is Presence.LIVE
    assert look(node, SUSPECT_S + 0.1, neighbour=None) is Presence.SUSPECT
    assert look(node, GONE_S + 0.1, neighbour=None) is Presence.GONE
    assert "no answer for 14 s" in node.problem


def test_node_that_never_learned_to_answer_is_not_blamed():
    node = attendance()

    assert look(node, 1000.0, neighbour=True) is Presence.LIVE
    assert look(node, 1003.0, neighbour=None) is Presence.UNKNOWN
    assert node.problem == ""


def test_address_that_nobody_has_is_gone_only_after_a_second_look():
    node = attendance()

    assert look(node, 0.0, neighbour=False) is Presence.SUSPECT
    assert look(node, ASK_S, neighbour=False) is Presence.GONE
    assert "nobody on the wire has its address" in node.problem
    assert look(node, 2 * ASK_S, neighbour=True) is Presence.LIVE


def test_cable_that_is_out_is_named_at_once():
    node = attendance()
    node.replied(0.0)

    assert look(node, 0.1, cable_in="eth1") is Presence.GONE
    assert node.problem == "no cable in eth1, which leads to it"


def test_node_on_the_wire_that_stops_answering_is_suspect_and_says_why():
    node = attendance()
    node.replied(0.0)

    assert look(node, GONE_S + 1.0, neighbour=True) is Presence.SUSPECT
    assert "answers no Art-Net any more" in node.problem


def test_going_and_coming_back_are_said_once_each(caplog):
    caplog.set_level(logging.INFO)
    node = attendance()
    node.replied(0.0)
    look(node, 1.0)

    for k in range(5):
        look(node, 20.0 + k, cable_in="eth1")
    for k in range(5):
        look(node, 30.0 + k)
        node.replied(30.0 + k)

    said = [r.getMessage() for r in caplog.records]
    assert said == [
        "controller node at 10.0.0.20: no cable in eth1, which leads to it; others go on",
        "controller node at 10.0.0.20 is there again",
    ]


def test_one_that_flaps_is_not_reported_each_time(caplog):
    caplog.set_level(logging.INFO)
    node = attendance()
    for k in range(20):
        look(node, k * 0.4, cable_in="eth1")
        node.replied(k * 0.4 + 0.2)
        look(node, k * 0.4 + 0.2)

    assert QUIET_LOG_S > 20 * 0.4
    assert len(caplog.records) == 2
