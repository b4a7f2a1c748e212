"""An edited venue: what moves at once, what waits, what is refused."""

from __future__ import annotations

import json

import pytest

from facade.app.venue_reload import compare, read_edit
from facade.config.loader import load_venue
from facade.core import places
from tests.support.playable import two_nodes_at


@pytest.fixture
def file(tmp_path):
    return two_nodes_at(tmp_path, 6454, 5568)


def edited(file, *replacements):
    before = load_venue(file, places.hardware())
    text = file.read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)
    return read_edit(str(file), before)


def test_a_new_address_moves_that_controller_alone(file):
    after, edit = edited(file, ('host = "127.0.0.1"\nport = 6454', 'host = "127.0.0.5"\nport = 6455'))

    assert edit.moves == {"east": {"host": "127.0.0.5", "port": 6455}}
    assert edit.words == "venue.toml: east moves to 127.0.0.5:6455."
    assert after.controller["east"].port == 6455


def test_a_name_is_looked_up_before_it_reaches_delivery(file):
    _, edit = edited(file, ('host = "127.0.0.1"', 'host = "localhost"'))

    assert edit.moves == {"east": {"host": "127.0.0.1"}}


def test_what_cannot_change_while_it_plays_is_named(file):
    _, edit = edited(file, ("rate_hz = 40.0", "rate_hz = 30.0"), ("columns = 6", "columns = 5"))

    assert edit.moves == {}
    assert edit.words == "venue.toml: fixture.lower, venue.rate_hz count from the next start."


def test_caps_are_handed_on_and_come_back_as_they_were(file):
    table = '[site]\nzone = "UTC"\nlatitude = 0.0\nlongitude = 0.0\n'
    table += '\n[curfew.night]\nfrom = "23:00"\nuntil = "06:00"\nlevel = 0.0\n\n[safe]'
    before = load_venue(file, places.hardware())

    after, edit = edited(file, ("[safe]", table))

    assert edit.moves == {}
    assert "caps of brightness count where they are darker" in edit.words
    assert before.with_limits(json.loads(json.dumps(edit.limits))).limits() == after.limits()


def test_a_broken_edit_changes_nothing_and_says_why(file):
    before, edit = edited(file, ('host = "127.0.0.1"', 'host = "10.0.0.1:6454"'))

    assert edit.is_problem
    assert edit.moves == {}
    assert "controller.east.host" in edit.words
    assert edit.words.endswith("The last good venue goes on.")
    assert before.controller["east"].host == "127.0.0.1"


def test_an_edit_of_nothing_says_nothing(file):
    venue = load_venue(file, places.hardware())

    assert compare(venue, venue).words == ""
