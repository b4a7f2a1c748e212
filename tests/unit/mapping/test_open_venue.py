"""A venue with mistakes of every kind: all are told in one go, those of a table's form and those between tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.app.venue_reload import Version, read_edit
from facade.core import places
from facade.core.errors import ConfigError, Problem
from facade.mapping.compile import open_venue

HEAD = """\
schema = 1
[venue]
id = "five"
name = "Five"
[surface.front]
size_m = [10.0, 10.0]
[controller.lab]
profile = "sacn_gateway"
host = "10.0.0.1"
[controller.east]
profile = "artnet_node"
host = "10.0.0.2"
[controller.west]
profile = "artnet_node"
host = "10.0.0.3"
[controller.roof]
profile = "artnet_node"
host = "10.0.0.4"
"""
GOOD = HEAD + "".join(
    f"""\
[fixture.{name}]
profile = "rgb_spot_dmx"
surface = "front"
shape = "grid"
columns = 2
rows = 1
pitch_m = [1.0, 1.0]
at_m = [0.0, {n}.0]
[[fixture.{name}.segment]]
controller = "{controller}"
universe = 1
"""
    for n, (name, controller) in enumerate([("one", "lab"), ("two", "east"), ("three", "west"), ("four", "roof")])
)
GOOD += """\
[power.left]
amps = 10.0
fixtures = ["one"]
[power.right]
amps = 10.0
fixtures = ["two"]
"""
MISTAKES = (
    ("universe = 1\n[fixture.two]", "universe = 0\n[fixture.two]"),
    ('"10.0.0.3"', '"10.0.0.2"'),
    ('"10.0.0.4"', '"255.255.255.255"'),
    ("[power.left]\namps = 10.0\n", "[power.left]\n"),
    ('["two"]', '["twoo"]'),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "venue.toml"
    file.write_text(GOOD)
    return file


def write(file: Path, *mistakes: tuple[str, str]) -> None:
    text = file.read_text()
    for old, new in mistakes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text)


def problems_of(file: Path) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as raised:
        open_venue(file, places.hardware())
    return raised.value.problems


def test_every_mistake_of_the_list_is_named_at_once_with_its_line_and_the_fix(file: Path) -> None:
    pixels, _ = open_venue(file, places.hardware())
    write(file, *MISTAKES)

    problems = problems_of(file)

    assert [p.key for p in problems] == [
        "controller.west",
        "controller.roof.host",
        "fixture.one.segment[0]",
        "power.left.amps",
        "power.right.fixtures[0]",
    ]
    assert all(p.line and p.rule and p.fix for p in problems)
    assert [p.line for p in problems] == sorted(p.line for p in problems if p.line)
    # It declares no viewpoint: no mistake, no single pixel may flash.
    assert pixels.venue.flash.viewpoints_m == ()


def test_a_table_whose_needed_key_is_wrong_hides_no_other_mistake(file: Path) -> None:
    wrong = "\n[permit]\nmax_cd_m2 = 0\n[standby]\nmain = '10.0.0.7'\nstandby = '10.0.0.7'\n"
    file.write_text(GOOD.replace('name = "Five"', 'name = "Five"\ntotal_amps = -1.0') + wrong)
    write(file, *MISTAKES)

    assert [p.key for p in problems_of(file)] == [
        "venue.total_amps",
        "controller.west",
        "controller.roof.host",
        "fixture.one.segment[0]",
        "power.left.amps",
        "power.right.fixtures[0]",
        "permit.max_cd_m2",
        "standby",
    ]


def test_the_venue_that_plays_goes_on_when_all_these_mistakes_are_saved(file: Path) -> None:
    before = Version.of(open_venue(file, places.hardware())[0])
    write(file, *MISTAKES)

    after, edit = read_edit(str(file), before, start=before.ratings)

    assert after is before
    assert edit.is_problem
    assert not edit.moves
    assert edit.limits is None
    assert edit.ratings is None
    for key in ("controller.west", "controller.roof", "fixture.one", "power.left.amps", "power.right.fixtures"):
        assert key in edit.words
    assert edit.words.endswith("The last good venue goes on.")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"10.0.0.1"', "10", "controller.lab.host"),
        ("[surface.front]\nsize_m = [10.0, 10.0]", "[surface.side]\nsize_m = [9, 9]\n[surface.front]", "surface.front"),
        ("at_m = [0.0, 0.0]", 'at_m = "here"', "fixture.one.at_m"),
        ('name = "Five"', 'name = "Five"\nrate_hz = "fast"', "venue.rate_hz"),
    ],
)
def test_a_table_that_cannot_be_read_is_not_missed_by_those_that_name_it(
    file: Path, old: str, new: str, key: str
) -> None:
    write(file, (old, new), MISTAKES[-1])

    problems = problems_of(file)

    assert [p.key.startswith(k) for p, k in zip(problems, (key, "power.right.fixtures[0]"), strict=True)] == [
        True,
        True,
    ]


def test_where_too_little_is_left_the_form_alone_is_told(file: Path) -> None:
    write(file, ('[venue]\nid = "five"\n', "[venue]\n"), MISTAKES[-1])

    assert [p.key for p in problems_of(file)] == ["venue.id"]
