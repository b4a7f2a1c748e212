"""Manifests become the controls that the page shows."""

from __future__ import annotations

import json

from facade.config.show import Cue, Filter, Layer
from facade.web.hub import cue_info, piece_info
from tests.support.pages import EMBER


def test_every_parameter_becomes_one_control_with_what_its_kind_needs():
    info = piece_info("ember", EMBER)
    by_name = {p["name"]: p for p in info["parameters"]}

    assert list(by_name) == list(EMBER.parameter)
    assert by_name["speed"]["max"] == 4.0
    assert by_name["speed"]["unit"] == "Hz"
    assert by_name["tint"]["default"] == [1.0, 0.45, 0.1]
    assert by_name["shape"]["default"] == "wave"
    assert "default" not in by_name["flare"]
    assert by_name["warmth"]["address"] == "/piece/ember/warmth"
    assert by_name["warmth"]["label"] == "Warmth"
    assert json.dumps(info, allow_nan=False)


def test_a_cue_without_a_title_is_shown_by_its_name():
    info = cue_info("first_light", Cue(layer=(Layer(piece="ember"), Layer(piece="tide"))))
    assert info["title"] == "First light"
    assert info["pieces"] == ["ember", "tide"]
    assert (info["transition"], info["filters"]) == ("", [])


def test_a_cue_says_what_leads_into_it_and_what_its_light_goes_through():
    layer = Layer(piece="ember", filter=(Filter(piece="haze"),))
    info = cue_info(
        "dusk", Cue(layer=(layer, Layer(piece="tide")), transition="sweep", filter=(Filter(piece="grade"),))
    )
    assert info["pieces"] == ["ember", "haze", "tide", "grade", "sweep"]
    assert (info["transition"], info["filters"]) == ("sweep", ["haze", "grade"])
