"""A venue's caps are edited while the show plays: darker ones count, brighter ones do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
import pytest

from facade.core.clock import StepClock
from facade.core.frame import PixelFrame, Tick
from facade.delivery.build import build_delivery
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
