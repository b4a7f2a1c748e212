"""The render side's values."""

from __future__ import annotations

import math

import pytest

from facade.config.piece import Value
from facade.config.show import Layer
from facade.control.bank import NEVER_S, ParameterBank
from facade.control.bindings import smoothing_of
from facade.control.events import ControlEvent
from facade.core.frame import Tick
from facade.show.look import LayerLook
from tests.support.control import EMBER_PARAMETERS, binding, manifest, pieces

KEY = ("dusk#1", 0)


def layer(piece: str = "ember", key: tuple[str, int] = KEY, **values: Value) -> LayerLook:
    return LayerLook(key=key, layer=Layer(piece=piece, values=values), seed=1)


def change(address: str, value: object, seq: int = 1) -> ControlEvent:
    return ControlEvent(seq, 0.0, address, value)  # type: ignore[arg-type]


def tick(frame: int, delta_s: float = 1 / 60) -> Tick:
    return Tick(frame, frame * delta_s, delta_s)


def test_a_layer_starts_with_default_under_live_under_preset_under_cue() -> None:
    bank = ParameterBank(pieces())
    for name, value in (("heat", 1.1), ("count", 5), ("mirror", True)):
        bank.apply(change(f"/piece/ember/{name}", value))
    bank.start_layer(layer(count=7), {"mirror": False, "count": 2})
    values = bank.snapshot(tick(0)).values[KEY]
    assert values["tint"] == (1.0, 0.5, 0.0)
    assert values["heat"] == 1.1
    assert values["mirror"] is False
    assert values["count"] == 7


def test_the_latest_event_wins_over_what_the_cue_set() -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(heat=0.1), {})
    bank.apply(change("/piece/ember/heat", 0.9))
    bank.apply(change("/piece/ember/heat", 0.4))
    assert bank.snapshot(tick(0)).values[KEY]["heat"] == 0.4


def test_an_event_moves_every_layer_of_its_piece_and_no_other() -> None:
    bank = ParameterBank(pieces())
    again, other = ("night#2", 0), ("night#2", 1)
    bank.start_layer(layer(), {})
    bank.start_layer(layer(key=again), {})
    bank.start_layer(layer("tide", other), {})
    bank.apply(change("/piece/ember/heat", 2.0))
    values = bank.snapshot(tick(0)).values
    assert (values[KEY]["heat"], values[again]["heat"], values[other]["heat"]) == (2.0, 2.0, 0.2)


@pytest.mark.parametrize("rate_hz", [10, 60, 240])
def test_smoothing_covers_63_percent_in_its_time_constant_at_any_rate(rate_hz: int) -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(), {})
    bank.apply(change("/piece/ember/drift", 1.0))
    for frame in range(rate_hz // 2):
        snapshot = bank.snapshot(tick(frame, 1 / rate_hz))
    assert snapshot.values[KEY]["drift"] == pytest.approx(1 - 1 / math.e, abs=1e-9)


def test_a_glide_arrives_exactly_and_stays() -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(), {})
    bank.apply(change("/piece/ember/drift", 1.0))
    values = [bank.snapshot(tick(frame, 0.1)).values[KEY]["drift"] for frame in range(100)]
    assert values[-1] == 1.0
    assert values == sorted(values)


def test_a_binding_may_smooth_more_than_the_piece_asks_for() -> None:
    smooth_s = smoothing_of([binding("osc/x", "/piece/ember/heat", smooth_s=1.0)])
    bank = ParameterBank(pieces(), smooth_s=smooth_s)
    bank.start_layer(layer(heat=0.0), {})
    bank.apply(change("/piece/ember/heat", 1.0))
    for frame in range(10):
        value = bank.snapshot(tick(frame, 0.1)).values[KEY]["heat"]
    assert value == pytest.approx(1 - 1 / math.e)


def test_a_trigger_is_the_seconds_since_it_fired_and_never_before() -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(), {})
    assert bank.snapshot(tick(0)).values[KEY]["burst"] == NEVER_S
    bank.apply(change("/piece/ember/burst", None))
    ages = [bank.snapshot(tick(frame, 0.02)).values[KEY]["burst"] for frame in range(3)]
    assert ages == pytest.approx([0.0, 0.02, 0.04])


def test_a_snapshot_does_not_change_afterwards() -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(), {})
    before = bank.snapshot(tick(0))
    bank.apply(change("/piece/ember/heat", 2.0))
    bank.snapshot(tick(1))
    assert before.values[KEY]["heat"] == 0.5


def test_a_layer_off_air_is_forgotten() -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(), {})
    bank.end_layer(KEY)
    bank.end_layer(KEY)
    assert bank.snapshot(tick(0)).values == {}


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("", 1.0),
        ("master", 1.0),
        ("/master", 1.0),
        ("/piece/none/heat", 1.0),
        ("/piece/ember/none", 1.0),
        ("/piece/ember/heat", "hot"),
        ("/piece/ember/heat", {"a": 1}),
        ("/piece/ember/heat", None),
        ("/piece/ember/tint", [1.0]),
    ],
)
def test_an_event_that_does_not_fit_changes_nothing(address: str, value: object) -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(), {})
    before = bank.snapshot(tick(0)).values
    bank.apply(change(address, value))
    assert bank.snapshot(tick(1)).values == before


def test_tuples_that_came_as_lists_over_a_link_fit() -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(), {})
    assert bank.apply(change("/piece/ember/centre", [0.25, 0.75]))
    assert bank.snapshot(tick(0)).values[KEY]["centre"] == (0.25, 0.75)


def test_a_preset_value_that_does_not_fit_leaves_the_default_and_is_counted() -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(), {"heat": "hot", "gone": 1.0})
    assert bank.snapshot(tick(0)).values[KEY]["heat"] == 0.5
    assert bank.refused == 1
    assert "/piece/ember/heat" in bank.problem


def test_an_edited_manifest_keeps_the_values_that_still_fit() -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(), {})
    bank.apply(change("/piece/ember/heat", 2.0))
    bank.apply(change("/piece/ember/count", 4))
    parameters = EMBER_PARAMETERS | {
        "heat": {"type": "float", "max": 1.0},
        "glow": {"type": "float", "default": 0.7},
    }
    del parameters["tint"]
    bank.reload("ember", manifest({"title": "Ember", "parameter": parameters}))
    values = bank.snapshot(tick(0)).values[KEY]
    assert (values["heat"], values["count"], values["glow"]) == (1.0, 4, 0.7)
    assert "tint" not in values


def test_current_is_where_faders_should_stand() -> None:
    bank = ParameterBank(pieces())
    bank.start_layer(layer(drift=0.0), {})
    bank.apply(change("/piece/ember/drift", 1.0))
    bank.snapshot(tick(0))
    assert bank.current()["/piece/ember/drift"] == 1.0
    assert "/piece/ember/burst" not in bank.current()
