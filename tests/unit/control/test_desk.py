"""From a message to what it changes."""

from __future__ import annotations

import math

import pytest

from facade.control.desk import MAX_UNKNOWN, ControlDesk
from facade.control.events import Arg, InputEvent
from tests.support.control import binding, desk, event, show, tree


def changes(events: object) -> list[tuple[str, object]]:
    return [(e.address, e.value) for e in events]  # type: ignore[attr-defined]


def test_an_address_moves_its_parameter_clamped() -> None:
    made = desk()
    assert changes(made.handle(event("/piece/ember/heat", 9.0))) == [("/piece/ember/heat", 2.0)]
    assert made.tree.value("/piece/ember/heat") == 2.0


def test_changes_are_numbered_from_one() -> None:
    made = desk()
    numbers = [e.seq for v in (0.1, 0.2, 0.3) for e in made.handle(event("/master", v))]
    assert numbers == [1, 2, 3]
    assert made.seq == 3


def test_go_fires_when_pressed_and_not_when_let_go() -> None:
    made = desk()
    assert changes(made.handle(event("/show/go", 1.0))) == [("/show/go", None)]
    assert made.handle(event("/show/go", 0.0)) == ()
    assert changes(made.handle(event("/show/go"))) == [("/show/go", None)]


def test_a_switch_without_an_argument_toggles() -> None:
    made = desk()
    assert changes(made.handle(event("/blackout"))) == [("/blackout", True)]
    assert changes(made.handle(event("/blackout", None))) == [("/blackout", False)]
    assert changes(made.handle(event("/blackout", 0))) == [("/blackout", False)]


def test_a_wildcard_moves_all_it_reaches() -> None:
    moved = changes(desk().handle(event("/piece/*/heat", 0.3)))
    assert moved == [("/piece/ember/heat", 0.3), ("/piece/tide/heat", 0.3)]


@pytest.mark.parametrize("address", ["/*", "/show/*", "/{master,blackout}", "/show/g?", "/bl*"])
def test_no_wildcard_darkens_or_advances_the_show(address: str) -> None:
    assert desk().handle(event(address, 1.0)) == ()


def test_wildcards_beyond_the_budget_are_counted_and_known_ones_still_work() -> None:
    made = desk()
    made.handle(event("/piece/*/heat", 0.1))
    for index in range(500):
        made.handle(event(f"/piece/*/x{index}*", 0.1))
    assert made.refused_patterns > 400
    assert len(made.handle(event("/piece/*/heat", 0.9))) == 2
    assert len(made.handle(event("/piece/*/hea?", 0.9, at_s=1.0))) == 2


def test_a_sensor_that_says_master_is_not_an_operator() -> None:
    made = desk()
    assert made.handle(event("/master", 0.0, source="sensor")) == ()
    assert changes(made.handle(event("/master", 0.0, source="page"))) == [("/master", 0.0)]


def test_a_message_that_does_not_fit_is_counted_with_its_reason() -> None:
    made = desk()
    assert made.handle(event("/piece/ember/heat", "hot")) == ()
    assert made.rejected == 1
    assert "osc: /piece/ember/heat" in made.problem


def test_unknown_addresses_are_counted_and_bounded() -> None:
    made = desk()
    for index in range(200):
        made.handle(event(f"/nothing/{index}", 1))
    made.handle(event("/nothing/199", 2))
    assert len(made.unknown) == MAX_UNKNOWN
    assert (made.unknown[-1].address, made.unknown[-1].count, made.unknown[-1].last) == ("/nothing/199", 2, "2")


def test_a_knob_covers_the_parameters_own_range() -> None:
    made = desk(binding("knobs/cc/1/7", "/piece/ember/heat"))
    values = [made.handle(event("/cc/1/7", v, source="knobs"))[0].value for v in (0, 127)]
    assert values == [0.0, 2.0]


def test_a_pitch_bend_at_rest_is_in_the_middle() -> None:
    made = desk(binding("knobs/bend/2", "/piece/ember/drift"))
    value = made.handle(event("/bend/2", 0, source="knobs"))[0].value
    assert value == pytest.approx(0.0, abs=1e-4)


def test_a_binding_conditions_with_range_curve_and_inversion() -> None:
    rule = binding(
        "sensor/distance", "/piece/ember/heat", in_range=(20, 120), out_range=(0.5, 1.5), curve="square", invert=True
    )
    made = desk(rule)
    values = [made.handle(event("/distance", v, source="sensor"))[0].value for v in (5, 20, 70, 120, 300)]
    assert values == [1.5, 1.5, 0.75, 0.5, 0.5]


def test_one_message_may_move_several_parameters_and_its_own_address_too() -> None:
    made = desk(
        binding("osc/piece/ember/heat", "/piece/tide/heat"),
        binding("osc/piece/ember/heat", "/master", invert=True),
    )
    moved = changes(made.handle(event("/piece/ember/heat", 0.25)))
    assert moved == [("/piece/ember/heat", 0.25), ("/piece/tide/heat", 0.25), ("/master", 0.75)]


def test_an_xy_pad_moves_a_point() -> None:
    made = desk(binding("osc/xy", "/piece/ember/centre", invert=True))
    assert made.handle(event("/xy", 0.25, 1.0))[0].value == (0.75, 0.0)
    assert made.handle(event("/xy", 0.25)) == ()
    assert made.rejected == 1


def test_a_note_fires_on_any_velocity_and_not_on_release() -> None:
    made = desk(binding("knobs/note/1/36", "/piece/ember/burst"))
    assert len(made.handle(event("/note/1/36", 1, source="knobs", trigger=True))) == 1
    assert made.handle(event("/note/1/36", 0, source="knobs", trigger=True)) == ()
    assert len(made.handle(event("/note/1/36", 90, source="knobs", trigger=True))) == 1


def test_a_note_toggles_a_switch() -> None:
    made = desk(binding("knobs/note/1/36", "/blackout"))
    seen = [made.handle(event("/note/1/36", v, source="knobs", trigger=True)) for v in (80, 0, 80, 0)]
    assert [changes(s) for s in seen] == [[("/blackout", True)], [], [("/blackout", False)], []]


def test_a_note_starts_the_cue_its_binding_names() -> None:
    made = desk(binding("knobs/note/1/37", "/show/cue", out_range=(2, 2)))
    seen = [made.handle(event("/note/1/37", v, source="knobs", trigger=True)) for v in (64, 0, 64)]
    assert [changes(s) for s in seen] == [[("/show/cue", "night")], [], [("/show/cue", "night")]]


def test_a_sensor_fires_once_each_time_it_crosses_upwards() -> None:
    made = desk(binding("sensor/pir", "/show/go"))
    fired = [len(made.handle(event("/pir", v, source="sensor"))) for v in (0, 1, 1, 1, 0, 0.4, 0.6)]
    assert fired == [0, 1, 0, 0, 0, 0, 1]


def test_a_knob_starts_a_cue_only_when_it_reaches_another() -> None:
    made = desk(binding("knobs/cc/1/1", "/show/cue"))
    seen = [changes(made.handle(event("/cc/1/1", v, source="knobs"))) for v in (0, 5, 64, 66, 127)]
    assert seen == [[("/show/cue", "dusk")], [], [("/show/cue", "night")], [], [("/show/cue", "dawn")]]


def test_each_osc_press_fires_though_no_release_was_seen() -> None:
    made = desk(binding("osc/button", "/show/go"))
    assert [len(made.handle(event("/button", v))) for v in (1.0, 1.0, 0.0, 1.0)] == [1, 1, 0, 1]


def test_a_silent_input_lets_its_parameters_go_where_the_binding_says() -> None:
    made = desk(
        binding("sensor/distance", "/piece/ember/heat", stale="default"),
        binding("sensor/light", "/piece/ember/drift"),
        binding("sensor/pir", "/show/go", stale="default"),
    )
    for address in ("/distance", "/light"):
        made.handle(event(address, 1.0, source="sensor"))
    assert changes(made.stale("sensor", 5.0)) == [("/piece/ember/heat", 0.5)]
    assert made.stale("knobs", 5.0) == ()


def test_feedback_hears_each_changed_address_once_with_its_newest_value() -> None:
    made = desk()
    for value in (0.1, 0.2, 0.3):
        made.handle(event("/master", value))
    made.handle(event("/piece/ember/heat", 0.5))
    assert made.take_changes() == {"/master": 0.3}
    assert made.take_changes() == {}


def test_feedback_hears_what_a_cue_changed() -> None:
    made = desk()
    made.observe("/piece/ember/heat", 1.5)
    made.observe("/piece/ember/heat", 1.5)
    assert made.take_changes() == {"/piece/ember/heat": 1.5}


def test_resync_sends_every_value_and_is_no_command() -> None:
    made = desk()
    assert made.handle(event("/show/resync")) == ()
    assert made.take_changes() == made.tree.values()


def test_the_light_sensor_alone_says_lux_and_nothing_of_it_is_a_parameter() -> None:
    made = ControlDesk(tree(), [], show().input, light_sensor="sensor/lux")
    (change,) = made.handle(InputEvent(2.0, "sensor", "/lux", (120,)))
    assert (change.address, change.value) == ("/light_sensor", 120.0)
    for name, address in (("osc", "/lux"), ("osc", "/light_sensor"), ("osc", "/*"), ("page", "/light_sensor")):
        assert made.handle(InputEvent(2.0, name, address, (1e6,))) == ()


@pytest.mark.parametrize("args", [(), ("dark",), (-1.0,), (math.nan,), (math.inf,), (None,)])
def test_a_light_sensor_that_says_nonsense_is_counted_and_not_believed(args: tuple[Arg, ...]) -> None:
    made = ControlDesk(tree(), [], show().input, light_sensor="sensor/lux")
    assert made.handle(InputEvent(2.0, "sensor", "/lux", args)) == ()
    assert made.rejected == 1
    assert "says lux" in made.problem
