"""Mistakes in bindings, found before the show starts."""

from __future__ import annotations

import pytest

from facade.control.bindings import check_bindings, ordered_addresses
from tests.support.control import binding, show, tree


def test_good_bindings_have_no_problems() -> None:
    good = show(
        {"from": "osc/fader/1", "to": "/piece/ember/heat", "smooth_s": 0.2},
        {"from": "knobs/cc/16/127", "to": "/master"},
        {"from": "knobs/note/1/0", "to": "/show/cue", "out_range": [2, 2]},
        {"from": "sensor/distance", "to": "/piece/ember/drift", "in_range": [200, 20]},
    )
    assert check_bindings(good, tree()) == []


@pytest.mark.parametrize(
    ("table", "key", "says"),
    [
        ({"from": "osk/fader", "to": "/master"}, "from", 'Did you mean "osc"'),
        ({"from": "osc", "to": "/master"}, "from", "no address"),
        ({"from": "knobs/cc/17/1", "to": "/master"}, "from", "channels count from 1"),
        ({"from": "knobs/cc/1/128", "to": "/master"}, "from", "no MIDI address"),
        ({"from": "knobs/fader", "to": "/master"}, "from", "no MIDI address"),
        ({"from": "osc/x", "to": "/piece/ember/heet"}, "to", 'Did you mean "/piece/ember/heat"'),
        ({"from": "knobs/cc/1/1", "to": "/piece/ember/tint"}, "to", "MIDI sends one"),
        ({"from": "osc/x", "to": "/master", "in_range": [3, 3]}, "in_range", "must differ"),
        ({"from": "osc/x", "to": "/master", "smooth_s": 1}, "smooth_s", "cannot"),
        ({"from": "osc/x", "to": "/piece/ember/count", "smooth_s": 1}, "smooth_s", "cannot"),
        ({"from": "osc/x", "to": "/piece/ember/heat", "out_range": [0, 5]}, "out_range", "0..2"),
        ({"from": "osc/x", "to": "/show/cue", "out_range": [0, 1]}, "out_range", "1..3"),
    ],
)
def test_each_mistake_names_its_key_and_the_way_out(table: dict[str, object], key: str, says: str) -> None:
    (problem,) = check_bindings(show({"from": "osc/ok", "to": "/master"}, table), tree())
    assert problem.key == f"binding[1].{key}"
    assert says in str(problem)


def test_all_mistakes_are_found_at_once() -> None:
    problems = check_bindings(show({"from": "x/y", "to": "/nope"}, {"from": "osc", "to": "/no"}), tree())
    assert [p.key for p in problems] == ["binding[0].from", "binding[0].to", "binding[1].from", "binding[1].to"]


def test_messages_of_acts_are_kept_in_order_wherever_they_come_from() -> None:
    bindings = [binding("osc/button", "/piece/ember/burst"), binding("osc/fader", "/piece/ember/heat")]
    ordered = ordered_addresses(tree(), bindings)
    assert {"/show/go", "/show/cue", "/blackout", "/piece/ember/burst", "/piece/ember/mirror", "/button"} <= ordered
    assert {"/fader", "/master", "/piece/ember/heat"}.isdisjoint(ordered)
