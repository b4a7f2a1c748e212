"""A venue's caps are edited while the show plays: darker ones count, brighter ones do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest

from facade.core.clock import StepClock
from facade.core.errors import MappingError
from facade.core.frame import PixelFrame, Tick
from facade.delivery.build import build_delivery
from facade.light.ratings import ratings_of
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

SITE = {"zone": "UTC", "latitude": 50.0, "longitude": 4.0}


def curfew(level):
    return {"site": SITE, "curfew": {"night": {"from": "20:00", "until": "06:00", "level": level}}}


@pytest.mark.parametrize(
    ("start", "edits", "level"),
    [
        ({}, [curfew(0.5)], 0.5),
        (curfew(0.5), [curfew(0.2)], 0.2),
        (curfew(0.5), [curfew(0.9)], 0.5),
        (curfew(0.5), [{}], 0.5),
        (curfew(0.5), [curfew(0.1), curfew(0.3)], 0.3),
    ],
    ids=["new", "darker", "brighter", "taken out", "taken back in part"],
)
def test_an_edited_cap_counts_where_it_is_darker_than_at_the_start(start, edits, level):
    plain = pixel_map([RGB_LINEAR], [18])
    begun = plain.venue.with_limits(start)
    pixels = replace(plain, venue=begun)
    clock = StepClock(wall_at=datetime(2026, 5, 10, 22, tzinfo=UTC))
    engine = build_delivery(pixels, patch_of(pixels), clock=clock, cid=UUID(int=1), udp=False, back_s=0.0)

    for edit in edits:
        engine.tighten(begun.with_limits(edit))
    for _ in range(40 * 60):
        engine.offer(PixelFrame(Tick(0, 0.0, 0.025), np.ones((18, 3), np.float32)))
        engine.step()
        clock.advance(0.025)

    assert engine.health().cap_level == level
    assert abs(int(engine.levels[0]) - 255 * level) <= 1


def test_a_permit_that_is_added_while_it_plays_dims_the_facade():
    measured = {**RGB_LINEAR, "candela": [100.0, 200.0, 50.0, 0.0]}
    pixels = pixel_map([measured], [18])
    clock = StepClock()
    engine = build_delivery(pixels, patch_of(pixels), clock=clock, cid=UUID(int=1), udp=False, back_s=0.0)

    # 18 pixels of 350 candela on one square metre: 6,300 cd/m2 of white.
    engine.tighten(pixels.venue.with_limits({"permit": {"max_cd_m2": 630.0}}))
    for _ in range(40 * 60):
        engine.offer(PixelFrame(Tick(0, 0.0, 0.025), np.ones((18, 3), np.float32)))
        engine.step()
        clock.advance(0.025)

    assert engine.health().cap == "permit"
    assert abs(int(engine.levels[0]) - 255 * 0.1) <= 1


AMPS = 0.02


def fed(supply, *, total=None, lamp_amps=AMPS, safe=(0.0, 0.0, 0.0)):
    """Eighteen pixels that draw 1.08 A at full white, 0.36 A of them red."""
    lamp = {**RGB_LINEAR, "amps": (lamp_amps,) * 4, "idle_amps": 0.0}
    pixels = pixel_map([lamp], [18], power=[("row", supply)])
    facts = pixels.venue.venue.model_copy(update={"total_amps": total})
    look = pixels.venue.safe.model_copy(update={"color": safe, "hold_s": 0.0, "fade_s": 0.05})
    return replace(pixels, venue=pixels.venue.model_copy(update={"venue": facts, "safe": look}))


def engine_of(pixels, clock=None):
    clock = clock or StepClock()
    return build_delivery(pixels, patch_of(pixels), clock=clock, cid=UUID(int=1), udp=False, back_s=0.0), clock


def white(engine, clock, frames):
    """Deliver so many frames of white; returns the amperes of the last one."""
    for _ in range(frames):
        engine.offer(PixelFrame(Tick(0, 0.0, 0.025), np.ones((18, 3), np.float32)))
        engine.step()
        clock.advance(0.025)
    return float(engine.levels[:54].sum()) / 255 * AMPS


@pytest.mark.parametrize(
    ("edits", "amps"),
    [
        ([fed(0.5)], 0.5),
        ([fed(2.0)], 0.8),
        ([fed(0.5), fed(0.7)], 0.7),
        ([fed(0.5), fed(2.0)], 0.8),
        ([fed(0.8, total=0.3)], 0.3),
        ([fed(0.8, total=0.3), fed(0.8)], 0.8),
        ([fed(0.8, lamp_amps=2 * AMPS)], 0.4),
        ([fed(0.8, lamp_amps=AMPS / 2)], 0.8),
    ],
    ids=["less", "more", "some given back", "all given back", "a total", "no total again", "hungrier", "less hungry"],
)
def test_a_supply_gives_the_less_of_start_and_edit(edits, amps):
    engine, clock = engine_of(fed(0.8))
    white(engine, clock, 3)

    for edit in edits:
        engine.rate(ratings_of(edit))

    assert white(engine, clock, 100) == pytest.approx(amps, rel=0.03)
    assert white(engine, clock, 1) <= amps


def test_less_comes_with_the_next_frame_and_what_is_given_back_comes_slowly():
    engine, clock = engine_of(fed(0.8))
    assert white(engine, clock, 3) > 0.75

    engine.rate(ratings_of(fed(0.2)))
    assert white(engine, clock, 1) <= 0.2

    engine.rate(ratings_of(fed(0.8)))
    assert white(engine, clock, 4) < 0.3
    assert white(engine, clock, 80) > 0.75


def test_the_safe_look_keeps_it_too():
    engine, clock = engine_of(fed(0.8, safe=(1.0, 1.0, 1.0)))
    engine.step()
    clock.advance(1.1)
    engine.rate(ratings_of(fed(0.2)))
    engine.step()
    clock.advance(1.1)

    engine.send_safe()

    assert 0.0 < float(engine.levels[:54].sum()) / 255 * AMPS <= 0.2


def test_a_supply_that_cannot_feed_black_pixels_is_refused_and_nothing_changes():
    engine, clock = engine_of(fed(0.8))
    edit = ratings_of(fed(0.5))

    with pytest.raises(MappingError, match="row"):
        engine.rate(replace(edit, total_amps=0.3, lamps=(replace(edit.lamps[0], idle_amps=1.0),)))

    assert white(engine, clock, 100) == pytest.approx(0.8, rel=0.03)
    assert engine.health().tightened == ""


def test_it_is_shown_as_long_as_it_is_stricter():
    engine, _ = engine_of(fed(0.8))

    engine.rate(ratings_of(fed(0.5)))
    assert engine.health().tightened == 'supply "row" 0.5 A instead of 0.8 A'

    engine.rate(ratings_of(fed(0.8)))
    assert engine.health().tightened == ""
