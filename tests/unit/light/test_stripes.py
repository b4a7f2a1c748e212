"""Stripes in a report: how many, how bright, how large, how long; and what is no pattern."""

from __future__ import annotations

import numpy as np
import pytest

from facade.light.flash_report import analyse
from facade.light.stripes import StripeFinding
from tests.support.venues import wall_map

COLUMNS, ROWS = 48, 24
RATE_HZ = 20.0


def wall(distance_m=None, white=500.0):
    eyes = [] if distance_m is None else [[0.0, 0.0, distance_m]]
    return wall_map(COLUMNS, ROWS, pitch_m=0.1, flash={"white_cd_m2": white, "viewpoints_m": eyes})


def picture(light):
    """Light (P, 3) of a picture (24, 48)."""
    return np.repeat(np.asarray(light, np.float32).reshape(-1, 1), 3, axis=1)


def upright(pairs, *, bright=1.0, dark=0.0, tilt=0.0):
    """So many pairs of stripes across the wall; tilt: how far they lean, in columns a row."""
    x, y = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    return picture(np.where(((x + tilt * y) * pairs / COLUMNS) % 1.0 < 0.5, bright, dark))


def moving(pairs):
    """Stripes (24, 48) whose light goes up and down softly, so that a step aside changes each pixel only a little."""
    x = np.arange(COLUMNS)[None, :].repeat(ROWS, axis=0)
    return 0.5 + 0.3 * np.sin(2 * np.pi * x * pairs / COLUMNS)


def found(frame, pixels, seconds=1.0):
    report = analyse([frame] * round(seconds * RATE_HZ), pixels, rate_hz=RATE_HZ)
    assert report.passes, "stripes are a warning"
    return [w for w in report.warnings if isinstance(w, StripeFinding)]


def stripes_of(frames, pixels):
    report = analyse(frames, pixels, rate_hz=RATE_HZ)
    return [w for w in report.warnings if isinstance(w, StripeFinding)]


@pytest.mark.parametrize(("pairs", "too_many"), [(5, False), (6, False), (8, False), (12, True), (24, True)])
def test_more_than_eight_pairs_that_stand_still_are_reported(pairs, too_many):
    stripes = found(upright(pairs), wall())

    assert bool(stripes) is too_many
    if too_many:
        assert (stripes[0].pairs, stripes[0].angle_deg, stripes[0].still) == (pairs, 0, True)


@pytest.mark.parametrize("every", [1, 8])
@pytest.mark.parametrize(("pairs", "too_many"), [(4, False), (6, True), (8, True)])
def test_more_than_five_pairs_that_move_are_reported(pairs, too_many, every):
    # To and fro by a third of a stripe, at once or every 0.4 s: too little for a pixel here and there to flash.
    pixels = wall()
    step = COLUMNS // pairs // 6 or 1
    frames = [picture(np.roll(moving(pairs), step * (n // every % 2), axis=1)) for n in range(30)]

    stripes = stripes_of(frames, pixels)

    assert bool(stripes) is too_many
    assert all(not s.still and s.pairs >= pairs - 1 for s in stripes)


def test_stripes_that_change_and_come_back_between_two_looks_do_not_stand_still():
    # The light is looked at ten times a second; at twenty frames a second every other one is dark.
    frames = [upright(6, bright=0.3 if n % 2 else 0.4) for n in range(30)]

    assert stripes_of(frames, wall(white=1000.0))


@pytest.mark.parametrize(("bright", "counts"), [(0.11, True), (0.09, False)])
def test_the_light_stripes_are_above_50_candela(bright, counts):
    assert bool(found(upright(12, bright=bright), wall(white=500.0))) is counts


@pytest.mark.parametrize(("dark", "counts"), [(0.75, True), (0.9, False)])
def test_stripes_that_hardly_differ_are_none(dark, counts):
    assert bool(found(upright(12, dark=dark), wall())) is counts


@pytest.mark.parametrize(("seconds", "counts"), [(0.4, False), (0.8, True)])
def test_stripes_count_when_they_last_half_a_second(seconds, counts):
    assert bool(found(upright(12), wall(), seconds)) is counts


@pytest.mark.parametrize(("distance_m", "counts"), [(12.0, True), (60.0, False)])
def test_stripes_fill_a_quarter_of_a_field(distance_m, counts):
    # The wall is 4.8 x 2.4 m: 0.08 sr from 12 m, 0.0032 sr from 60 m.
    assert bool(found(upright(24), wall(distance_m))) is counts


def test_leaning_and_lying_stripes_are_seen_too():
    lying = picture(np.repeat((np.arange(ROWS) % 2)[:, None], COLUMNS, axis=1))

    assert found(lying, wall())[0].angle_deg == 90
    assert found(upright(12, tilt=1.0), wall())[0].angle_deg == 45


def test_noise_a_checkerboard_of_large_squares_and_a_gradient_are_no_stripes():
    rng = np.random.default_rng(1)
    x, y = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))

    for frame in (rng.random((ROWS, COLUMNS)), (x // 12 + y // 12) % 2, x / COLUMNS, np.ones((ROWS, COLUMNS))):
        assert not found(picture(frame), wall())


def test_the_report_says_it_in_words():
    text = str(found(upright(24), wall(12.0))[0])

    assert "light and dark pairs at 0°" in text
    assert "500 cd/m²" in text
