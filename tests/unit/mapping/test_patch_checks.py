"""What a venue may not say about controllers, segments and power. Each rule is tried from both sides."""

from __future__ import annotations

import pytest

from facade.core.errors import ConfigError
from tests.support.documents import compile_folder, compiled, problems_with, row


def segment(**changes):
    return {"controller": "node", "universe": 0, **changes}


def wired(*segments, n=8, **changes):
    return {"fixture": {"row": row(n, segment=segments, **changes)}}


def controllers(**changes):
    return {"controller": {"node": {"profile": "node", "host": "10.0.0.1", **changes}}}


def sacn(**changes):
    return controllers(profile="gateway", **changes)


def only(tables):
    (problem,) = problems_with(**tables)
    return problem.key, problem.rule


# Segments


@pytest.mark.parametrize(
    ("segments", "key", "rule"),
    [
        ([], "fixture.row", "has no segment, so its pixels reach no controller"),
        ([segment(count=5)], "fixture.row.segment", "pixels 5..7 are in no segment; the fixture has 0..7"),
        (
            [{**segment(count=2), "from": 3}],
            "fixture.row.segment",
            "pixels 0..2, 5..7 are in no segment; the fixture has 0..7",
        ),
        ([segment(count=9)], "fixture.row.segment[0]", "asks for pixels 0..8; the fixture has 0..7"),
        ([{**segment(), "from": 8}], "fixture.row.segment[0]", "asks for pixels 8..8; the fixture has 0..7"),
        ([{**segment(count=2), "from": 7}], "fixture.row.segment[0]", "asks for pixels 7..8; the fixture has 0..7"),
    ],
)
def test_segments_that_miss_pixels_or_ask_for_too_many(segments, key, rule):
    assert only(wired(*segments)) == (key, rule)


def test_a_pixel_in_two_segments_is_refused():
    segments = [segment(), {**segment(universe=1, count=3), "from": 2}]

    assert only(wired(*segments)) == (
        "fixture.row.segment",
        "pixels 2..4 are in more than one segment; the fixture has 0..7",
    )


def test_segments_that_name_every_pixel_once_are_fine():
    pixels, _ = compiled(**wired({**segment(), "from": 3}, segment(universe=1, count=3)))

    assert pixels.n_pixels == 8


@pytest.mark.parametrize(
    ("tables", "key", "rule"),
    [
        (
            {**controllers(universe_size=510), **wired(segment(channel=511))},
            "fixture.row.segment[0].channel",
            "a universe of controller.node ends at 510",
        ),
        (
            wired(segment(channel=511)),
            "fixture.row.segment[0].channel",
            "the first pixel needs channels 511..513; a universe of controller.node ends at 512",
        ),
        (
            {**controllers(universe_size=2), **wired(segment())},
            "fixture.row.segment[0]",
            "a pixel of 3 channels does not fit into a universe of controller.node, which has 2",
        ),
    ],
)
def test_channels_past_the_end_of_a_universe_are_refused(tables, key, rule):
    assert only(tables) == (key, rule)


def test_the_last_channels_that_fit_are_accepted():
    _, patch = compiled(**wired(segment(channel=510)))

    assert patch.controllers[0].used == (512, 21)


def test_an_unknown_controller_suggests_the_nearest():
    (problem,) = problems_with(**wired(segment(controller="nod")))

    assert (problem.key, problem.rule) == ("fixture.row.segment[0].controller", "there is no controller of this name")
    assert 'Did you mean "node"?' in problem.fix


# Universes


@pytest.mark.parametrize(
    ("tables", "rule"),
    [
        (
            {**sacn(), **wired(segment(universe=0))},
            "needs universe 0 of controller.node; sACN universes are 1..63999 on the wire",
        ),
        (
            {**sacn(), **wired(segment(universe=63999), n=171)},
            "needs universe 63999..64000 of controller.node; sACN universes are 1..63999 on the wire",
        ),
        (
            wired(segment(universe=32768)),
            "needs universe 32768 of controller.node; Art-Net universes are 0..32767 on the wire",
        ),
    ],
)
def test_universes_the_protocol_does_not_have_are_refused(tables, rule):
    assert only(tables) == ("fixture.row.segment[0]", rule)


@pytest.mark.parametrize(
    "tables",
    [
        {**sacn(), **wired(segment(universe=1))},
        {**sacn(), **wired(segment(universe=63999))},
        wired(segment(universe=0)),
        wired(segment(universe=32767)),
    ],
)
def test_the_first_and_the_last_universe_of_a_protocol_can_be_used(tables):
    _, patch = compiled(**tables)

    assert patch.n_universes == 1


def test_more_universes_than_a_controller_takes_are_refused():
    assert only(wired(segment(), n=681)) == ("controller.node", "5 universes are sent to it; node takes 4")

    _, patch = compiled(**wired(segment(), n=680))
    assert patch.n_universes == 4


# Overlap


def two_rows(first, second):
    return {"fixture": {"a": row(4, segment=(first,)), "b": row(4, at_m=(0.0, 1.0), segment=(second,))}}


def test_an_overlap_names_both_owners_and_the_range():
    assert only(two_rows(segment(channel=1), segment(channel=10))) == (
        "fixture.b.segment[0]",
        "fixture.a.segment[0] and fixture.b.segment[0] both write channels 10..12 of universe 0 on controller.node",
    )


def test_an_overlap_of_one_channel_is_found():
    _, rule = only(two_rows(segment(channel=1), segment(channel=12)))

    assert "both write channel 12 of universe 0" in rule


def test_neighbours_do_not_overlap():
    _, patch = compiled(**two_rows(segment(channel=1), segment(channel=13)))

    assert patch.controllers[0].used == (24,)


def test_an_overlap_over_several_universes_is_told_universe_by_universe():
    tables = {
        "fixture": {
            "a": row(300, segment=(segment(),)),
            "b": row(4, at_m=(0.0, 1.0), segment=(segment(channel=505),)),
        }
    }

    assert [p.rule.partition(" both write ")[2] for p in problems_with(**tables)] == [
        "channels 505..510 of universe 0 on controller.node",
        "channels 1..6 of universe 1 on controller.node",
    ]


def test_two_runs_of_one_fixture_may_overlap_too():
    segments = (segment(count=4), {**segment(channel=4), "from": 4})

    assert only(wired(*segments)) == (
        "fixture.row.segment[1]",
        "fixture.row.segment[0] and fixture.row.segment[1] both write channels 4..12 of universe 0 on controller.node",
    )


def test_many_overlaps_are_counted_rather_than_listed():
    fixtures = {f"f{n}": row(1, at_m=(0.0, n * 1.0), segment=(segment(),)) for n in range(40)}

    problems = problems_with(fixture=fixtures)

    assert len(problems) == 21
    assert problems[-1].rule == "19 more overlaps on controller.node"


# Receivers


def two_controllers(first, second, universe=0):
    return {
        "controller": {"one": {"profile": "node", **first}, "two": {"profile": "node", **second}},
        **two_rows(segment(controller="one"), segment(controller="two", universe=universe)),
    }


def test_two_controllers_that_are_one_receiver_may_not_share_a_universe():
    tables = two_controllers({"host": "10.0.0.1"}, {"host": "10.0.0.1", "port": 6454})

    assert only(tables) == (
        "controller.two",
        "sends universe 0 to the same host and port as controller.one (10.0.0.1)",
    )


@pytest.mark.parametrize(
    ("second", "universe"),
    [
        ({"host": "10.0.0.2"}, 0),
        ({"host": "10.0.0.1", "port": 6455}, 0),
        ({"host": "10.0.0.1", "same_device": True}, 1),
        ({"host": "10.0.0.1", "profile": "gateway"}, 1),
    ],
    ids=["another host", "another port", "said to be one device", "another protocol"],
)
def test_two_controllers_that_differ_are_fine(second, universe):
    _, patch = compiled(**two_controllers({"host": "10.0.0.1"}, second, universe))

    assert len(patch.controllers) == 2


def test_two_controllers_with_one_address_are_a_mistake_unless_said_otherwise():
    (problem,) = problems_with(**two_controllers({"host": "10.0.0.1"}, {"host": "10.0.0.1"}, universe=1))

    assert (problem.key, problem.rule) == ("controller.two.host", "is that of controller.one too")
    assert "same_device = true" in problem.fix


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "multicast"])
def test_what_is_no_single_device_may_be_named_twice(host):
    tables = two_controllers({"profile": "gateway", "host": host}, {"profile": "gateway", "host": host}, universe=2)
    tables["fixture"]["a"]["segment"][0]["universe"] = 1

    compiled(**tables)


def test_own_networks_broadcast_address_needs_to_be_asked_for():
    own = {"10.0.0.255": "eth1"}
    (problem,) = problems_with(broadcasts=own, **controllers(host="10.0.0.255"))

    assert (problem.key, problem.value) == ("controller.node.host", '"10.0.0.255"')
    assert problem.rule.startswith("is everybody's address on eth1")
    assert problem.fix.endswith("say broadcast = true.")
    compiled(broadcasts=own, **controllers(host="10.0.0.255", broadcast=True))
    compiled(broadcasts=own, **controllers(host="10.0.0.254"))


def test_two_multicast_controllers_may_not_share_a_universe():
    tables = two_controllers(
        {"profile": "gateway", "host": "multicast"}, {"profile": "gateway", "host": "multicast"}, universe=1
    )
    tables["fixture"]["a"]["segment"][0]["universe"] = 1

    assert only(tables)[0] == "controller.two"


# Controllers


@pytest.mark.parametrize(
    ("tables", "key", "rule"),
    [
        (controllers(profile="nod"), "controller.node.profile", "there is no controller profile of this name"),
        (controllers(host=""), "controller.node.host", "must be an address or a name, without port, slash or space"),
        (
            controllers(host="10.0.0.1:80"),
            "controller.node.host",
            "must be an address or a name, without port, slash or space",
        ),
        (controllers(host="multicast"), "controller.node.host", "only sACN has multicast groups"),
        (controllers(host="239.255.0.1"), "controller.node.host", "is a multicast group"),
        (
            controllers(host="255.255.255.255"),
            "controller.node.host",
            "is everybody's address; light is sent to one controller",
        ),
        (controllers(sync_universe=3), "controller.node.sync_universe", "has a meaning for sACN only"),
        (
            controllers(interface="10.0.0"),
            "controller.node.interface",
            "must be the name of a network card or an address",
        ),
        (
            {"venue": {"id": "t", "name": "T", "rate_hz": 45.0}},
            "venue.rate_hz",
            "controller.node (node) takes at most 44 frames a second",
        ),
    ],
)
def test_a_controller_that_cannot_work_is_refused_once(tables, key, rule):
    assert only(tables) == (key, rule)


@pytest.mark.parametrize(
    "tables",
    [
        controllers(host="lamps.local", interface="10.0.0.9"),
        {**sacn(host="multicast", sync_universe=3), **wired(segment(universe=1))},
        {"venue": {"id": "t", "name": "T", "rate_hz": 44.0}},
    ],
)
def test_a_controller_that_can_work_is_accepted(tables):
    _, patch = compiled(**tables)

    assert len(patch.controllers) == 1


def test_one_slow_controller_does_not_decide_the_rate_of_a_building():
    quick = two_controllers({"host": "10.0.0.1"}, {"host": "10.0.0.2", "profile": "box"})
    slow = two_controllers({"host": "10.0.0.1"}, {"host": "10.0.0.2"})
    at_60_hz = {"venue": {"id": "t", "name": "T", "rate_hz": 60.0}}

    _, patch = compiled(**quick, **at_60_hz)

    assert len(patch.controllers) == 2
    assert only({**slow, **at_60_hz}) == (
        "venue.rate_hz",
        "controller.one (node) takes at most 44 frames a second, and no other takes more",
    )


# Power


@pytest.mark.parametrize(
    ("power", "key", "rule"),
    [
        ({"a": {"amps": 1.0, "fixtures": ("rwo",)}}, "power.a.fixtures[0]", "there is no fixture of this name"),
        (
            {"a": {"amps": 1.0, "fixtures": ("row",)}, "b": {"amps": 1.0, "fixtures": ("row",)}},
            "power.b.fixtures[0]",
            "this fixture is already in power.a",
        ),
        ({"a": {"amps": 1.0, "fixtures": ("row", "row")}}, "power.a.fixtures[1]", "this fixture is already in power.a"),
    ],
)
def test_a_power_group_names_each_fixture_once(power, key, rule):
    assert only({"power": power}) == (key, rule)


def test_a_supply_that_cannot_feed_its_black_pixels_is_named_whether_its_own_or_of_all():
    small = {"power": {"a": {"amps": 1e-6, "fixtures": ("row",)}}}
    total = {"venue": {"id": "t", "name": "T", "total_amps": 1e-6}}

    (key, rule), (other, of_all) = only(small), only(total)

    assert (key, other) == ("power.a.amps", "venue.total_amps")
    assert "A when black: nothing is left for light" in rule
    assert "A when black: nothing is left for light" in of_all


NIGHT = {"from": "23:00", "until": "06:00"}
DARK = {"dark_lux": 1, "dark_cd_m2": 1, "bright_lux": 9, "bright_cd_m2": 9}


@pytest.mark.parametrize(
    ("tables", "key", "rule"),
    [
        ({"curfew": {"n": {**NIGHT, "level": 0.1}}}, "curfew", "a curfew needs the venue's place and time zone"),
        ({"permit": {"max_cd_m2": 300}}, "permit.max_cd_m2", "luminance cannot be limited"),
        ({"light_sensor": DARK}, "light_sensor", "luminance cannot be limited"),
        (
            {
                "curfew": {"n": {**NIGHT, "max_cd_m2": 3}},
                "site": {"zone": "Europe/Brussels", "latitude": 50.8, "longitude": 4.3},
            },
            "curfew.n.max_cd_m2",
            "luminance cannot be limited",
        ),
    ],
)
def test_a_cap_needs_a_place_and_lamps_of_known_brightness(tables, key, rule):
    found = only(tables)

    assert found[0] == key
    assert rule in found[1]


@pytest.mark.parametrize(
    ("source", "rule"), [("roof/lux", 'the venue has no input "roof"'), ("roof", "names no address")]
)
def test_a_light_sensor_is_an_input_of_the_venue_itself(source, rule):
    problems = problems_with(light_sensor={**DARK, "from": source})

    assert [p.rule for p in problems if p.key == "light_sensor.from"] == [rule]


def test_every_problem_of_a_venue_is_reported_at_once_with_its_line(tmp_path):
    (tmp_path / "venue.toml").write_text(
        """\
[venue]
id = "t"
name = "T"
rate_hz = 50
[surface.wall]
size_m = [9, 9]
[controller.node]
profile = "node"
host = "multicast"
[controller.other]
profile = "nodee"
host = "h"
[fixture.a]
profile = "rgb"
surface = "wal"
shape = "grid"
columns = 4
rows = 1
pitch_m = [0.1, 0.1]
[[fixture.a.segment]]
controller = "other"
universe = 0
[fixture.b]
profile = "rgbx"
surface = "wall"
shape = "points"
file = "none.csv"
[fixture.c]
profile = "rgb"
surface = "wall"
shape = "strip"
count = 2
end_m = [1, 0]
[[fixture.c.segment]]
controller = "node"
universe = 0
[[fixture.c.segment]]
controller = "node"
universe = 0
channel = 4
[power.p]
amps = 1
fixtures = ["d"]
"""
    )

    with pytest.raises(ConfigError) as caught:
        compile_folder(tmp_path)
    problems = caught.value.problems

    assert sorted((p.file.name, p.line or 0, p.key) for p in problems) == [
        ("none.csv", 0, "none.csv"),
        ("venue.toml", 4, "venue.rate_hz"),
        ("venue.toml", 9, "controller.node.host"),
        ("venue.toml", 11, "controller.other.profile"),
        ("venue.toml", 15, "fixture.a.surface"),
        ("venue.toml", 24, "fixture.b.profile"),
        ("venue.toml", 34, "fixture.c.segment"),
        ("venue.toml", 37, "fixture.c.segment[1]"),
        ("venue.toml", 43, "power.p.fixtures[0]"),
    ]


# Other media


def test_a_broadcast_address_needs_to_be_asked_for():
    assert only(controllers(host="255.255.255.255"))[0] == "controller.node.host"

    compiled(**controllers(host="255.255.255.255", broadcast=True))


def test_broadcast_is_for_protocols_whose_devices_expect_it():
    tables = {**sacn(broadcast=True), **wired(segment(universe=1))}

    assert only(tables) == ("controller.node.broadcast", "has a meaning for Art-Net and KiNET only")
