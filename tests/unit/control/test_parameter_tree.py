"""The tree of everything that can be moved."""

from __future__ import annotations

import json

import pytest

from facade.core.errors import InputError
from facade.protocols.osc_pattern import AddressPattern
from tests.support.control import tree


def test_every_parameter_answers_at_its_piece_and_name() -> None:
    made = tree()
    assert made.get("/piece/ember/heat").max == 2.0
    assert made.get("/piece/tide/swell").kind == "float"
    assert {"/master", "/blackout", "/show/go", "/show/cue"} <= set(made.addresses)


def test_an_unknown_address_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match='Did you mean "/piece/ember/heat"'):
        tree().get("/piece/ember/heet")


def test_values_start_at_their_defaults_and_remember_the_last() -> None:
    made = tree()
    assert made.value("/piece/ember/tint") == (1.0, 0.5, 0.0)
    assert made.value("/master") == 1.0
    assert made.value("/show/go") is None
    assert made.set("/piece/ember/heat", 1.25)
    assert not made.set("/piece/ember/heat", 1.25)
    assert made.values()["/piece/ember/heat"] == 1.25
    assert not made.set("/piece/ember/nothing", 1.0)


@pytest.mark.parametrize(
    ("pattern", "reached"),
    [
        ("/piece/*/heat", {"/piece/ember/heat", "/piece/tide/heat"}),
        ("/piece/tide/*", {"/piece/tide/heat", "/piece/tide/swell"}),
        ("/pie?e/{tide,none}/s[a-z]ell", {"/piece/tide/swell"}),
        ("/*", set()),
        ("/show/*", set()),
        ("/{master,blackout}", set()),
    ],
)
def test_wildcards_reach_pieces_but_never_the_show_itself(pattern: str, reached: set[str]) -> None:
    assert {s.address for s in tree().match(AddressPattern(pattern))} == reached


def test_the_description_is_plain_json_with_what_a_page_needs() -> None:
    nodes = {n["address"]: n for n in json.loads(json.dumps(tree().describe(), allow_nan=False))}
    heat = nodes["/piece/ember/heat"]
    assert (heat["kind"], heat["min"], heat["max"], heat["default"], heat["value"]) == ("float", 0.0, 2.0, 0.5, 0.5)
    assert nodes["/piece/ember/tint"]["value"] == [1.0, 0.5, 0.0]
    assert nodes["/piece/ember/mode"]["choices"] == ["calm", "Wild", "storm"]
    assert nodes["/show/cue"]["choices"] == ["dusk", "night", "dawn"]
    assert nodes["/piece/ember/burst"]["osc"] == "N"
