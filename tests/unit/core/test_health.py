"""What is reported of faults has bounds: a report must never be what stops a show."""

from __future__ import annotations

from facade.core.health import MOST_CHARACTERS, MOST_FAULTS, RenderHealth, as_json, told_faults
from facade.link import Datagrams, pair
from facade.link.datagrams import MAX_BYTES


def test_four_hundred_faults_of_any_length_make_one_report_that_arrives():
    faults = {f"piece_{n:03}": f"main.frag:{n}: " + "é\\" * 50_000 for n in range(400)}
    told, more = told_faults(faults, ["piece_399"])
    health = as_json(RenderHealth(faults=told, more_faults=more))
    near, far = pair()
    link, other = Datagrams(near), Datagrams(far)
    assert link.send("render", health)
    ((kind, body),) = other.receive()
    assert (kind, body["more_faults"]) == ("render", 400 - MOST_FAULTS)
    assert len(str(body["faults"])) < MAX_BYTES
    link.close()
    other.close()


def test_faults_of_what_is_on_are_told_before_others_and_long_texts_are_cut():
    faults = {f"other_{n}": "x" * 9_000 for n in range(99)} | {"on_air": "short"}
    told, more = told_faults(faults, ["ember", "on_air", "on_air"])
    assert next(iter(told)) == "on_air"
    assert told["on_air"] == "short"
    assert (len(told), more) == (MOST_FAULTS, 100 - MOST_FAULTS)
    assert {len(text) for text in told.values()} == {len("short"), MOST_CHARACTERS}
    assert told["other_0"].endswith(" …")


def test_a_few_faults_are_told_as_they_are():
    assert told_faults({"tide": "main.frag:3: no"}, ()) == ({"tide": "main.frag:3: no"}, 0)
