"""The live line names every limit in force and why."""

from __future__ import annotations

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
