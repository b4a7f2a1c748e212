"""Who else sends our universes: told in words, forgotten when silent, ignored where it is not our business."""

from __future__ import annotations

import logging

import pytest

from facade.outputs.rivals import FORGET_S, MOST, Rivals


def rivals():
    return Rivals({"sacn": {3: 100, 4: 100}, "artnet": {7: 0}})


def hear(found, universe=3, *, now=0.0, priority=None, protocol="sacn", who="a", name="Console"):
    found.heard(protocol, who, universe, now=now, name=name, where="10.0.0.7", priority=priority)


@pytest.mark.parametrize(
    ("priority", "says"),
    [
        (120, "priority 120: receivers show it and not this show, which has 100"),
        (100, "priority 100, as this show: receivers mix both; give one of them another priority"),
        (99, "priority 99: receivers show this show, which has 100"),
    ],
)
def test_what_follows_from_priorities_is_said(priority, says):
    found = rivals()
    hear(found, priority=priority)

    (other,) = found.others()

    assert other.says == f'10.0.0.7 "Console" also sends sACN universe 3, {says}'
    assert (other.universes, other.priority) == ((3,), priority)


def test_universes_of_others_are_their_own_business():
    found = rivals()
    hear(found, universe=5)
    hear(found, universe=3, protocol="artnet")

    assert found.others() == ()


def test_art_net_has_no_priorities():
    found = rivals()
    hear(found, 7, protocol="artnet", name="")

    assert found.others()[0].says.startswith("10.0.0.7 also sends Art-Net universe 7: Art-Net has no priorities")


def test_one_that_falls_silent_is_forgotten_and_both_are_said_once(caplog):
    caplog.set_level(logging.INFO)
    found = rivals()
    for k in range(5):
        hear(found, now=float(k), priority=120)
        found.look(float(k))
    found.look(4.0 + FORGET_S + 0.1)
    found.look(4.0 + FORGET_S + 3.0)

    assert found.others() == ()
    assert [r.levelname for r in caplog.records] == ["WARNING", "INFO"]


def test_one_that_says_it_stops_is_gone_at_once():
    found = rivals()
    hear(found, priority=120)
    found.ended("sacn", "a", 3)

    assert found.others() == ()


def test_a_crowd_of_made_up_senders_takes_no_more_memory():
    found = rivals()
    for k in range(10 * MOST):
        hear(found, who=str(k))

    assert len(found.others()) == MOST
