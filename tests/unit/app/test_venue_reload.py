"""An edited venue: what moves at once, what waits, what is refused."""

from __future__ import annotations

import json

import pytest

from facade.app.venue_reload import Version, compare, read_edit
from facade.app.venues import open_venue_here
from facade.light.ratings import Ratings
from tests.support.playable import two_nodes_at


@pytest.fixture
def file(tmp_path):
    return two_nodes_at(tmp_path, 6454, 5568)


def version_of(file):
    return Version.of(open_venue_here(file)[0])


def edited(file, *replacements, before=None, start=None):
    before = before or version_of(file)
    text = file.read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text)
    after, edit = read_edit(str(file), before, start=(start or before).ratings)
    return after.venue, edit


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
    before = version_of(file).venue

    after, edit = edited(file, ("[safe]", table))

    assert edit.moves == {}
    assert "caps of brightness count where they are darker" in edit.words
    assert before.with_limits(json.loads(json.dumps(edit.limits))).limits() == after.limits()


SUPPLY = '[power.wall]\namps = 3.0\nfixtures = ["lower", "upper"]\n\n[safe]'


def test_a_supply_is_handed_on_and_it_is_said_when_it_counts(file):
    file.write_text(file.read_text().replace("[safe]", SUPPLY))
    start = version_of(file)

    _, less = edited(file, ("amps = 3.0", "amps = 1.0"))
    _, more = edited(file, ("amps = 1.0", "amps = 9.0"), start=start)

    assert Ratings.from_json(json.loads(json.dumps(less.ratings))).supplies["wall"][0] == 1.0
    assert less.words == 'venue.toml: supply "wall" gives 1 A at once.'
    assert more.words == 'venue.toml: supply "wall" gives 9 A from the next start, 3 A until then.'


def test_a_supply_that_is_new_or_feeds_others_waits_for_the_next_start(file):
    _, new = edited(file, ("[safe]", SUPPLY))
    _, other = edited(file, ('["lower", "upper"]', '["lower"]'))

    assert [new.words, other.words] == ["venue.toml: power.wall count from the next start."] * 2


def test_a_supply_that_cannot_feed_black_pixels_is_refused(file):
    _, edit = edited(file, ("[safe]", SUPPLY.replace("3.0", "0.01")))

    assert edit.is_problem
    assert "0.012 A when black" in edit.words


def test_a_broken_edit_changes_nothing_and_says_why(file):
    before, edit = edited(file, ('host = "127.0.0.1"', 'host = "10.0.0.1:6454"'))

    assert edit.is_problem
    assert edit.moves == {}
    assert "controller.east.host" in edit.words
    assert edit.words.endswith("The last good venue goes on.")
    assert before.controller["east"].host == "127.0.0.1"


def test_an_edit_of_nothing_says_nothing(file):
    version = version_of(file)

    assert compare(version, version, start=version.ratings).words == ""
