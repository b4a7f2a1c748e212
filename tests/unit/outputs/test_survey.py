"""What is found on a network, held against the patch."""

from __future__ import annotations

import pytest

from facade.outputs.discovery import ArtNode, Device, Found, SacnSource
from facade.outputs.survey import compare
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

HOST = "10.0.0.20"


def controllers(protocol="artnet", host=HOST, n_pixels=340):
    patch = patch_of(pixel_map([RGB_LINEAR], [n_pixels]), controllers={"node": {"host": host, "protocol": protocol}})
    return [(c, "" if host == "multicast" else host) for c in patch.controllers]


def node(address=HOST, outputs=(1, 2), **more):
    return ArtNode(address, "Tower", "Tower, north", 0x0107, "02:00:00:00:00:20", outputs, **more)


@pytest.mark.parametrize(
    ("found", "state", "says"),
    [
        (Found(nodes=(node(),)), "ok", '"Tower" shows universes 1–2'),
        (Found(nodes=(node(outputs=(0, 1)),)), "universes", "shows universes 0–1; the patch sends it universes 1–2"),
        (Found(nodes=(node(merging=(2,)),)), "shared", "gets universe 2 from two senders"),
        (Found(nodes=(node("10.0.0.45"),)), "elsewhere", 'answers at 10.0.0.45, if it is "Tower"'),
        (Found(), "missing", "no answer"),
        (Found(on_the_wire={HOST: False}), "missing", "nobody on the wire has this address"),
        (Found(on_the_wire={HOST: True}), "silent", "on the wire, but answers no ArtPoll"),
    ],
)
def test_art_net_node_is_held_against_the_patch(found, state, says):
    (remark,) = compare(controllers(), found)

    assert (remark.name, remark.state) == ("node", state)
    assert says in remark.found
    assert bool(remark.fix) is (state != "ok")


@pytest.mark.parametrize(
    ("found", "state", "says"),
    [
        (Found(devices=(Device(HOST, "Lobby", "WLED 0.15", "", 340),)), "ok", '"Lobby", 340 pixels'),
        (Found(devices=(Device(HOST, "Lobby", "WLED 0.15", "", 60),)), "universes", "has 60 pixels"),
        (Found(on_the_wire={HOST: True}), "ok", "on the wire"),
        (Found(on_the_wire={HOST: False}), "missing", "nobody"),
        (Found(), "unasked", "router"),
    ],
)
def test_device_without_questions_of_its_own_is_judged_by_what_there_is(found, state, says):
    (remark,) = compare(controllers("ddp"), found)

    assert remark.state == state
    assert says in remark.found


def test_strangers_are_listed_and_want_nobody():
    remarks = compare(controllers(), Found(nodes=(node(), node("10.0.0.99", (7,)))))

    assert [(r.where, r.state, r.is_fine) for r in remarks] == [(HOST, "ok", True), ("10.0.0.99", "unknown", True)]


def test_sacn_source_on_the_universes_of_the_patch_wants_a_person():
    mine, theirs = SacnSource("10.0.0.7", "Console", "a", (2, 3)), SacnSource("10.0.0.8", "Stage", "b", (9,))

    remarks = compare(controllers("sacn", "multicast"), Found(sources=(mine, theirs)))

    assert [(r.name, r.state) for r in remarks] == [
        ("node", "unasked"),
        ("Console", "also sends"),
        ("Stage", "unknown"),
    ]
    assert "universe 2" in remarks[1].found
