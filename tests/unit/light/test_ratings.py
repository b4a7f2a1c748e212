"""A venue's ratings are edited while the show plays: the stricter of start and edit counts, and people are told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.light.ratings import Rating, Ratings, edit_words, rated, ratings_of, stricter, stricter_words
from tests.support.venues import RGB_LINEAR, pixel_map

LAMP = Rating("bar", (0.02, 0.02, 0.02, 0.02), 0.001, (10.0, 20.0, 5.0, 0.0))
START = Ratings({"left": (4.0, ("a", "b")), "right": (2.0, ("c",))}, None, 50.0, (LAMP,))


def left(amps, fixtures=("a", "b")):
    return replace(START, supplies={**START.supplies, "left": (amps, fixtures)})


amperes = st.floats(0.1, 100.0)
lamps = st.builds(
    Rating,
    profile=st.sampled_from(["bar", "spot"]),
    amps=st.tuples(amperes, amperes, amperes, amperes),
    idle_amps=amperes,
    candela=st.none() | st.tuples(amperes, amperes, amperes, amperes),
)
ratings = st.builds(
    Ratings,
    supplies=st.dictionaries(
        st.sampled_from(["left", "right", "top"]), st.tuples(amperes, st.sampled_from([("a",), ("a", "b")]))
    ),
    total_amps=st.none() | amperes,
    area_m2=amperes,
    lamps=st.tuples(lamps),
)


@given(ratings, ratings)
def test_no_edit_loosens_anything(start, edit):
    now = stricter(start, edit)

    assert all(now.supplies[name][0] <= amps for name, (amps, _) in start.supplies.items())
    assert start.total_amps is None or now.total_amps <= start.total_amps
    assert now.area_m2 <= start.area_m2
    assert now.lamps[0].idle_amps >= start.lamps[0].idle_amps
    assert all(new >= old for new, old in zip(now.lamps[0].amps, start.lamps[0].amps, strict=True))
    assert stricter(start, start) == start
    assert stricter_words(start, start) == []


@given(ratings)
def test_ratings_travel_as_json(given_ratings):
    assert Ratings.from_json(json.loads(json.dumps(given_ratings.as_json()))) == given_ratings


def test_a_supply_that_feeds_other_fixtures_is_another_supply():
    assert stricter(START, left(1.0, ("a",))) == START


def test_a_lamp_is_taken_for_the_hungrier_and_the_brighter():
    edit = replace(START, lamps=(Rating("bar", (0.01, 0.03, 0.02, 0.02), 0.0, (12.0, 1.0, 5.0, 0.0)),))

    assert stricter(START, edit).lamps == (Rating("bar", (0.02, 0.03, 0.02, 0.02), 0.001, (12.0, 20.0, 5.0, 0.0)),)


def test_pixels_are_rated_as_asked():
    pixels = pixel_map([{**RGB_LINEAR, "candela": (1.0, 2.0, 3.0, 0.0)}], [10], power=[("row", 3.0)])
    start = ratings_of(pixels)

    now = rated(pixels, replace(start, supplies={"row": (1.5, ())}, total_amps=1.0))

    assert rated(pixels, start).profiles == pixels.profiles
    assert (now.power_amps, now.venue.venue.total_amps) == ((("row", 1.5),), 1.0)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (START, left(1.2), ['supply "left" gives 1.2 A at once']),
        (left(1.2), START, ['supply "left" gives 4 A at once']),
        (START, left(9.0), ['supply "left" gives 9 A from the next start, 4 A until then']),
        (START, replace(START, total_amps=3.0), ["all lights together draw at most 3 A at once"]),
        (
            replace(START, total_amps=3.0),
            replace(START, total_amps=5.0),
            ["all lights together draw at most 5 A at once"],
        ),
        (START, replace(START, area_m2=40.0), ["the permit's area of 40 m² counts at once"]),
        (START, replace(START, area_m2=60.0), ["the permit's area of 60 m² counts from the next start"]),
        (START, START, []),
    ],
)
def test_what_an_edit_does_is_said(before, after, words):
    assert edit_words(START, before, after) == words


def test_what_is_stricter_than_at_the_start_is_said():
    now = stricter(START, replace(left(1.2), total_amps=3.0, area_m2=10.0, lamps=(replace(LAMP, idle_amps=0.1),)))

    assert stricter_words(START, now) == [
        'supply "left" 1.2 A instead of 4 A',
        "3 A in total instead of no limit",
        "an area of 10 m² instead of 50 m²",
        'lamps of profile "bar" that draw or shine more',
    ]
