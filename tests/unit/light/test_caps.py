"""Permit, curfews by the clock and by the sun, the light sensor; and what they do to frames."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from facade.config.limits import Site
from facade.config.venue import Venue
from facade.light.caps import Cap, CapSchedule
from facade.light.decode import LightDecoder
from facade.light.pipeline import LightPipeline
from facade.light.sun import instant_of
from tests.support.venues import pixel_map, venue

BRUSSELS = {"zone": "Europe/Brussels", "latitude": 50.8503, "longitude": 4.3517}
TROMSO = {"zone": "Europe/Oslo", "latitude": 69.6496, "longitude": 18.9560}
SITE = Site.model_validate(BRUSSELS)
LAMP = {"channels": ["R", "G", "B"], "curve": "linear", "dither": False, "candela": [0.2, 0.7, 0.1, 0.0]}


def schedule(**tables):
    return CapSchedule(Venue.model_validate({**venue().model_dump(by_alias=True), "site": BRUSSELS, **tables}))


def local(text, zone="Europe/Brussels", fold=0):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def capped(at, **curfew):
    return schedule(curfew={"night": {"level": 0.25, **curfew}}).at(at)


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [
        ("sunset", date(2026, 6, 21), "2026-06-21 21:59:41"),
        ("sunset", date(2026, 12, 21), "2026-12-21 16:38:26"),
        ("nautical dusk", date(2026, 6, 21), "2026-06-21 23:57:07"),
        ("civil dusk", date(2026, 3, 29), "2026-03-29 20:43:54"),
        ("astronomical dusk", date(2026, 10, 25), "2026-10-25 19:20:41"),
        ("sunrise", date(2026, 10, 25), "2026-10-25 07:22:32"),
    ],
)
def test_the_sun_of_brussels(name, day, expected):
    found = instant_of(name, day, SITE, ends=False)

    assert abs(found.at - local(expected)) < timedelta(minutes=1)
    assert found.note == ""


def test_nights_without_astronomical_dusk_take_the_nautical_one_and_say_so():
    days = [date(2026, 1, 1) + timedelta(days=k) for k in range(365)]
    found = [instant_of("astronomical dusk", day, SITE, ends=False) for day in days]

    without = [f for f in found if f.note]
    assert len(without) == 55
    midsummer = found[171]
    assert midsummer.note == "no astronomical dusk on 2026-06-21, nautical dusk instead"
    assert midsummer.at == instant_of("nautical dusk", days[171], SITE, ends=False).at


def test_where_the_sun_does_not_set_a_curfew_by_the_sun_lasts_all_day_and_says_so():
    tables = {"site": TROMSO, "curfew": {"night": {"from": "sunset", "until": "sunrise", "level": 0.1}}}
    caps = schedule(**tables)

    for hour in range(24):
        cap = caps.at(datetime(2026, 6, 21, hour, 30, tzinfo=UTC))
        assert cap.level == 0.1
        assert "noon instead" in cap.why


def test_in_spring_a_time_that_the_clocks_skip_is_the_moment_at_which_they_skip_it():
    # 29 March 2026: 02:00 CET becomes 03:00 CEST, at 01:00 UTC.
    for ends in (False, True):
        assert instant_of("02:30", date(2026, 3, 29), SITE, ends=ends).at == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_in_autumn_a_curfew_takes_the_longer_of_the_two_repeated_hours():
    # 25 October 2026: 03:00 CEST becomes 02:00 CET; 02:30 is at 00:30 and at 01:30 UTC.
    day = date(2026, 10, 25)

    assert instant_of("02:30", day, SITE, ends=False).at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant_of("02:30", day, SITE, ends=True).at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "level"),
    [
        ("2026-05-10 22:59:59", 1.0),
        ("2026-05-10 23:00:00", 0.25),
        ("2026-05-11 00:00:00", 0.25),
        ("2026-05-11 05:59:59", 0.25),
        ("2026-05-11 06:00:00", 1.0),
        # Both nights on which the clocks change.
        ("2026-03-28 23:30:00", 0.25),
        ("2026-03-29 05:59:59", 0.25),
        ("2026-03-29 06:00:00", 1.0),
        ("2026-10-25 05:59:59", 0.25),
        ("2026-10-25 06:00:00", 1.0),
        ("2026-12-31 23:59:59", 0.25),
    ],
)
def test_a_curfew_by_the_clock_is_by_the_clock_of_the_place(at, level):
    assert capped(local(at), **{"from": "23:00", "until": "06:00"}).level == level


def test_a_curfew_that_lies_in_the_skipped_hour_is_skipped_and_one_in_the_repeated_hour_is_longer():
    curfew = {"from": "02:15", "until": "02:45"}

    assert all(capped(datetime(2026, 3, 29, h, 0, 1, tzinfo=UTC), **curfew).level == 1.0 for h in range(24))
    assert capped(local("2026-03-30 02:30"), **curfew).level == 0.25
    assert capped(datetime(2026, 10, 25, 1, 0, tzinfo=UTC), **curfew).level == 0.25, "between the two hours"


def test_from_dusk_until_a_curfew_that_comes_before_it_the_limit_holds_until_the_next_day():
    # Nautical dusk is at 23:57 on 21 June: the hour named first has passed.
    curfew = {"from": "nautical dusk", "until": "23:00"}

    assert capped(local("2026-06-22 12:00"), **curfew).level == 0.25
    assert capped(local("2026-12-21 17:30"), **curfew).level == 1.0
    assert capped(local("2026-12-21 18:30"), **curfew).level == 0.25


def test_the_darkest_of_all_caps_counts_and_says_why():
    caps = schedule(
        permit={"max_cd_m2": 300.0},
        curfew={
            "late": {"from": "23:00", "until": "06:00", "max_cd_m2": 50.0},
            "dim": {"from": "22:00", "until": "06:00", "level": 0.5},
        },
        light_sensor={"dark_lux": 1.0, "dark_cd_m2": 100.0, "bright_lux": 10_000.0, "bright_cd_m2": 5000.0},
    )

    noon, night = local("2026-05-10 12:00"), local("2026-05-10 23:30")
    assert caps.at(noon, lux=50_000.0) == Cap(1.0, 300.0, "permit")
    assert caps.at(noon).cd_m2 == 100.0
    assert "silent" in caps.at(noon).why
    assert caps.at(night, lux=50_000.0) == Cap(0.5, 50.0, "curfew dim and curfew late")


def test_a_cap_that_another_makes_meaningless_is_not_named():
    sensor = {"dark_lux": 1.0, "dark_cd_m2": 100.0, "bright_lux": 10_000.0, "bright_cd_m2": 5000.0}
    caps = schedule(permit={"max_cd_m2": 300.0}, light_sensor=sensor)

    assert caps.at(local("2026-05-10 12:00"), lux=1.0).why == "light sensor, 1 lux"
    assert caps.at(local("2026-05-10 12:00"), lux=9_000.0).why == "permit"


@pytest.mark.parametrize(("name", "day"), [("nautical dusk", date(2026, 3, 29)), ("civil dusk", date(2026, 10, 25))])
def test_a_curfew_by_the_sun_begins_with_the_sun_on_the_days_on_which_the_clocks_change(name, day):
    begins = instant_of(name, day, SITE, ends=False).at
    curfew = {"from": name, "until": "civil dawn"}

    assert capped(begins - timedelta(seconds=1), **curfew).level == 1.0
    assert capped(begins, **curfew).level == 0.25
    dawn = instant_of("civil dawn", day + timedelta(days=1), SITE, ends=True).at
    assert capped(dawn - timedelta(seconds=1), **curfew).level == 0.25
    assert capped(dawn, **curfew).level == 1.0


@pytest.mark.parametrize(
    ("lux", "cd_m2"),
    [(0.0, 100.0), (1.0, 100.0), (100.0, 1000.0), (10_000.0, 10_000.0), (1e9, 10_000.0), (None, 100.0), (-5.0, 100.0),
     (math.nan, 100.0), (math.inf, 100.0)],
)  # fmt: skip
def test_no_reading_of_a_sensor_leaves_the_range_that_the_venue_names(lux, cd_m2):
    sensor = {"dark_lux": 1.0, "dark_cd_m2": 100.0, "bright_lux": 10_000.0, "bright_cd_m2": 10_000.0}

    assert schedule(light_sensor=sensor).at(local("2026-05-10 12:00"), lux=lux).cd_m2 == pytest.approx(cd_m2)


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        ({"curfew": {"x": {"from": "24:00", "until": "06:00", "level": 0}}}, "HH:MM"),
        ({"curfew": {"x": {"from": "dusk", "until": "06:00", "level": 0}}}, "civil dusk"),
        ({"curfew": {"x": {"from": "23:00", "until": "06:00"}}}, "either level or max_cd_m2"),
        ({"curfew": {"x": {"from": "23:00", "until": "06:00", "level": 0.5, "max_cd_m2": 3}}}, "either"),
        ({"site": {**BRUSSELS, "zone": "Europe/Brusels"}}, "tz database"),
        ({"permit": {"max_cd_m2": 0}}, "greater than 0"),
        ({"light_sensor": {"dark_lux": 10, "dark_cd_m2": 1, "bright_lux": 5, "bright_cd_m2": 9}}, "above dark_lux"),
    ],
)
def test_a_cap_that_makes_no_sense_is_refused_at_load(table, rule):
    with pytest.raises(ValueError, match=rule):
        schedule(**table)


def wall(**tables):
    """40 lamps of 1 cd on a wall of 1 m2: 40 cd/m2 in full white."""
    pixels = pixel_map([LAMP], [40])

    document = Venue.model_validate({**pixels.venue.model_dump(by_alias=True), "site": BRUSSELS, **tables})
    return replace(pixels, venue=document)


def shine(pipeline, pixels, *, seconds, frames_hz=40.0, light=1.0):
    """Mean luminance of every frame, cd/m2, from the bytes that leave."""
    decoder, out, found = LightDecoder(pixels), np.zeros((pixels.n_pixels, 3), np.float32), []
    rgb = np.full((pixels.n_pixels, 3), light, np.float32)
    for frame in range(round(seconds * frames_hz)):
        decoder.rgb_into(pipeline.process(rgb, master=1.0, delta_s=1 / frames_hz, frame=frame), out)
        found.append(float((out @ np.array([0.2, 0.7, 0.1])).sum()))
    return np.array(found)


def test_a_facade_that_wants_more_than_its_permit_shows_its_permit():
    pixels = wall(permit={"max_cd_m2": 10.0})
    pipeline = LightPipeline(pixels)
    pipeline.set_cap(CapSchedule(pixels.venue).at(local("2026-05-10 22:00")))

    found = shine(pipeline, pixels, seconds=1.0)

    assert np.all(found <= 10.0)
    assert found[-1] > 9.0
    assert pipeline.counters.cap.why == "permit"


def test_a_picture_under_the_permit_is_not_touched():
    pixels = wall(permit={"max_cd_m2": 10.0})
    pipeline, free = LightPipeline(pixels), LightPipeline(pixel_map([LAMP], [40]))
    pipeline.set_cap(CapSchedule(pixels.venue).at(local("2026-05-10 22:00")))

    assert np.array_equal(shine(pipeline, pixels, seconds=0.5, light=0.2), shine(free, pixels, seconds=0.5, light=0.2))


def test_a_curfew_comes_and_goes_over_seconds():
    pixels = wall(curfew={"night": {"from": "23:00", "until": "06:00", "level": 0.2}})
    pipeline = LightPipeline(pixels)
    caps = CapSchedule(pixels.venue)
    pipeline.set_cap(caps.at(local("2026-05-10 22:59:59")))
    before = shine(pipeline, pixels, seconds=0.5)
    pipeline.set_cap(caps.at(local("2026-05-10 23:00:00")))
    going = shine(pipeline, pixels, seconds=12.0)

    assert before[-1] == pytest.approx(40.0, rel=0.01)
    assert np.abs(np.diff(going)).max() < 0.5, "no frame falls by more than a hundredth"
    assert going[-1] == pytest.approx(8.0, rel=0.03)


def test_a_curfew_in_candela_comes_and_goes_in_steps_nobody_sees():
    pixels = wall(curfew={"night": {"from": "23:00", "until": "06:00", "max_cd_m2": 4.0}})
    pipeline = LightPipeline(pixels)
    caps = CapSchedule(pixels.venue)
    pipeline.set_cap(caps.at(local("2026-05-10 22:59:59")))
    before = shine(pipeline, pixels, seconds=0.5)
    pipeline.set_cap(caps.at(local("2026-05-10 23:00:00")))
    going = shine(pipeline, pixels, seconds=12.0)
    pipeline.set_cap(caps.at(local("2026-05-11 06:00:00")))
    coming = shine(pipeline, pixels, seconds=24.0)

    path = np.concatenate([before[-1:], going, coming])
    steps = np.abs(np.diff(path))
    # A ramp's own step, a factor of 1000 in 10 s, and no more than one level of these lamps on top.
    assert np.all(steps < 0.02 * path[:-1] + 1.01 * 40.0 / 255)
    assert np.all(np.diff(going) <= 1e-6)
    assert np.all(np.diff(coming) >= -1e-6)
    assert going[-1] == pytest.approx(4.0, rel=0.05)
    assert going[-1] <= 4.0
    assert coming[-1] == pytest.approx(before[-1])


def test_the_first_cap_of_an_evening_holds_from_the_first_frame():
    pixels = wall(curfew={"night": {"from": "23:00", "until": "06:00", "level": 0.0}})
    pipeline = LightPipeline(pixels)
    pipeline.set_cap(CapSchedule(pixels.venue).at(local("2026-05-10 23:30")))

    assert shine(pipeline, pixels, seconds=0.1).max() == 0.0


def test_dither_does_not_lift_a_frame_over_the_permit():

    lamp = {**LAMP, "curve": "gamma", "gamma": 2.2, "dither": True}
    pixels = pixel_map([lamp], [40])
    document = Venue.model_validate({**pixels.venue.model_dump(by_alias=True), "permit": {"max_cd_m2": 7.0}})
    pixels = replace(pixels, venue=document)
    pipeline = LightPipeline(pixels)
    pipeline.set_cap(CapSchedule(pixels.venue).at(local("2026-05-10 22:00")))
    rng, decoder, out = np.random.default_rng(3), LightDecoder(pixels), np.zeros((40, 3), np.float32)
    for frame in range(100):
        rgb = rng.random((40, 3), dtype=np.float32)
        decoder.rgb_into(pipeline.process(rgb, master=1.0, delta_s=0.025, frame=frame), out)

        assert float((out @ np.array([0.2, 0.7, 0.1])).sum()) <= 7.0
