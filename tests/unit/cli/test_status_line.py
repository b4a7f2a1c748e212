"""The live line names every limit in force and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facade.app.plan import make_plan
from facade.app.play import Status
from facade.cli.status_line import StatusLine
from facade.core.health import DeliveryHealth

_CASES = [
    (DeliveryHealth(), ()),
    (DeliveryHealth(cap="permit", cap_cd_m2=300.0), ("[cap 300 cd/m²: permit]",)),
    (DeliveryHealth(cap="curfew night", cap_level=0.25), ("[cap 25%: curfew night]",)),
    (DeliveryHealth(power_scale=0.62), ("[supply 62%]",)),
    (DeliveryHealth(flash_held=1200), ("[flashes held: 1,200 px]",)),
    (
        DeliveryHealth(cap="permit", cap_cd_m2=300.0, power_scale=0.5, flash_held=3),
        ("[cap 300 cd/m²: permit]", "[supply 50%]", "[flashes held: 3 px]"),
    ),
]


@pytest.mark.parametrize(("delivery", "named"), _CASES)
def test_the_line_names_each_limit_in_force_and_nothing_else(delivery: DeliveryHealth, named: tuple[str, ...]) -> None:
    line = StatusLine(make_plan(None, "imal_minimal"), page=None)

    text = line.text(Status(delivery, {}, {}, (), {}))

    assert [words in text for words in named] == [True] * len(named)
    assert text.count("[") == len(named)


def test_light_that_is_no_number_is_told_once(capfd: pytest.CaptureFixture[str]) -> None:
    line = StatusLine(make_plan(None, "imal_minimal"), page=None)

    for count in (0, 3, 2000):
        line.show(Status(DeliveryHealth(not_finite=count), {}, {}, (), {}))

    assert capfd.readouterr().err.count("not a number") == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "no single pixel may flash too often, because no viewpoint is declared"),
        ({"strict": True}, "no single pixel may flash too often\n"),
        ({"viewpoints_m": ((0.0, 1.6, 20.0),)}, "small areas may flash, seen from 1 viewpoint\n"),
    ],
)
def test_how_the_guard_judges_is_said_before_the_show(capfd: pytest.CaptureFixture[str], more, words: str) -> None:
    plan = make_plan(None, "imal_minimal")
    venue = plan.pixels.venue
    flash = venue.flash.model_copy(update=more)
    plan = replace(plan, pixels=replace(plan.pixels, venue=venue.model_copy(update={"flash": flash})))

    StatusLine(plan, page=None).begin()

    assert f"  guard    {words}" in capfd.readouterr().err
