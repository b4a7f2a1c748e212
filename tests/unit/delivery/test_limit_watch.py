"""What the limits say in the log, and the local unlock: caps rest for a while, nothing else does."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import numpy as np
import pytest

from facade.config.venue import Venue
from facade.core.clock import StepClock
from facade.core.frame import PixelFrame, Tick
from facade.delivery.build import build_delivery
from facade.light.flash_report import analyse
from facade.outputs.virtual import VirtualNetwork
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

SITE = {"zone": "Europe/Brussels", "latitude": 50.85, "longitude": 4.35}
DARK = {"site": SITE, "curfew": {"night": {"from": "00:00", "until": "23:59", "level": 0.1}}}
LAMP = {**RGB_LINEAR, "amps": [0.1, 0.1, 0.1, 0.0], "idle_amps": 0.0}


class Delivery:
    def __init__(self, tables=None, *, power=(), **options):
        self.clock = StepClock(wall_at=datetime(2026, 5, 10, 12, tzinfo=UTC))
        flat = pixel_map([LAMP], [10], power=power)
        document = Venue.model_validate({**flat.venue.model_dump(by_alias=True), **(tables or {})})
        self.pixels = replace(flat, venue=document)
        options = {"back_s": 0.0, "udp": False, "network": VirtualNetwork(), **options}
        self.engine = build_delivery(self.pixels, patch_of(self.pixels), clock=self.clock, cid=UUID(int=1), **options)

    def run(self, seconds, light):
        """Levels of the first pixel, one a frame."""
        shown = []
        for n in range(round(seconds * 40)):
            value = light(n) if callable(light) else light
            self.engine.offer(PixelFrame(Tick(n, 0.0, 0.0), np.full((10, 3), value, np.float32)))
            self.engine.step()
            self.clock.advance(1 / 40)
            shown.append(int(self.engine.levels[0]))
        return shown


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="facade.delivery.limits")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "facade.delivery.limits"]


def test_the_guard_says_when_it_began_by_which_rule_how_much_and_when_it_ended(lines):
    delivery = Delivery()
    delivery.run(1.0, 0.0)
    delivery.run(4.0, lambda n: float(n % 4 < 2))
    delivery.run(3.0, 0.0)

    began, ended = lines()
    assert re.fullmatch(r"flash guard began: wcag, holds back light in \d+ frames of a second", began)
    assert re.fullmatch(r"flash guard ended after [45] s: wcag, at most: holds back light in \d\d frames .*", ended)


def test_a_supply_at_its_limit_is_named(lines):
    delivery = Delivery(power=[("left", 1.0)])
    delivery.run(3.0, 1.0)
    delivery.run(6.0, 0.0)

    began, ended = lines()
    assert began.startswith('power limit began: supply "left", lets 3')
    assert ended.startswith("power limit ended after")


def test_a_limit_that_comes_and_goes_every_second_says_so_once_in_ten(lines):
    delivery = Delivery()
    for _ in range(15):
        delivery.run(1.0, lambda n: float(n % 4 < 2))
        delivery.run(1.5, 0.0)

    began = [line for line in lines() if "began" in line]
    assert 3 <= len(began) <= 5
    assert "more times since the last line" in began[-1]


def test_a_curfew_says_what_it_allows(lines):
    Delivery(DARK).run(2.0, 1.0)

    assert lines() == ["brightness cap began: curfew night, allows 10 % of all light"]


def test_unlocked_the_caps_rest_and_come_back_by_themselves_without_a_jump():
    delivery = Delivery(DARK, unlocked_s=5.0)

    shown = delivery.run(18.0, 1.0)

    assert shown[0] == shown[190] == 255
    assert delivery.engine.health().cap == "curfew night"
    assert shown[-1] <= 26
    assert max(a - b for a, b in pairwise(shown)) <= 2


def test_unlocked_health_says_so():
    delivery = Delivery(DARK, unlocked_s=5.0)
    delivery.run(1.0, 1.0)

    assert delivery.engine.health().cap == "unlocked on site to test fixtures"


def test_unlocked_the_supply_is_still_kept():
    delivery = Delivery(DARK, power=[("left", 1.0)], unlocked_s=60.0)

    shown = delivery.run(1.0, 1.0)

    assert max(shown) * 10 * 0.3 / 255 <= 1.0


def test_unlocked_the_flash_guard_still_holds():
    delivery = Delivery(DARK, unlocked_s=60.0)

    shown = np.array(delivery.run(4.0, lambda n: float(n % 4 < 2)), np.float32) / 255

    light = np.broadcast_to(shown[:, None, None], (len(shown), 10, 3)).astype(np.float32)
    assert analyse(light, delivery.pixels, rate_hz=40.0).passes
    assert delivery.engine.health().flash_frames > 0
