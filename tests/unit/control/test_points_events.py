"""Points on their way from a tracker to a parameter."""

from __future__ import annotations

import pytest

from facade.config.input import Input, OscInput, SerialInput, TuioInput
from facade.config.piece import PieceManifest
from facade.config.show import Layer
from facade.control.bank import ParameterBank
from facade.control.bindings import check_bindings
from facade.control.desk import ControlDesk
from facade.control.events import Arg, ControlEvent, InputEvent
from facade.control.parameters import ParameterTree
from facade.core.frame import Tick
from facade.show.look import LayerLook
from tests.support.control import binding, manifest, show

CROWD = manifest(
    {
        "title": "Crowd",
        "parameter": {
            "people": {"type": "points", "max": 2, "default": "test"},
            "place": {"type": "point"},
            "size": {"type": "float"},
        },
    }
)
PIECES: dict[str, PieceManifest] = {"crowd": CROWD}
INPUTS: dict[str, Input] = {
    "floor": TuioInput(type="tuio"),
    "osc": OscInput(type="osc"),
    "sensor": SerialInput(type="serial", port="x"),
}
PEOPLE = "/piece/crowd/people"


def desk(*pairs: tuple[str, str], **more: object) -> ControlDesk:
    return ControlDesk(ParameterTree(PIECES), [binding(a, b, **more) for a, b in pairs], INPUTS)


def event(name: str, address: str, *args: Arg) -> InputEvent:
    return InputEvent(1.0, name, address, args)


def test_points_arrive_whole_in_number_and_unconditioned() -> None:
    made = desk(("floor/points", PEOPLE))
    (change,) = made.handle(event("floor", "/points", 70, 0.5, 0.25, 12.0, 71, 1.0, 0.0, 0.0, 72, 0.0, 0.0, 0.0))
    assert change.value == (70.0, 0.5, 0.25, 12.0, 71.0, 1.0, 0.0, 0.0)
    (change,) = made.handle(event("floor", "/points"))
    assert change.value == ()
    assert made.take_changes() == {}, "no tablet is told of every step"


def test_any_program_may_send_points_by_their_address() -> None:
    (change,) = desk().handle(event("osc", PEOPLE, 1, 2.0, -1.0, 5.0))
    assert change.value == (1.0, 1.0, 0.0, 5.0)


@pytest.mark.parametrize("args", [(1.0,), (1, 0.5, 0.5), ("x", 0.5, 0.5, 0.0), (1, float("nan"), 0.5, 0.0)])
def test_what_are_no_points_is_refused(args: tuple[Arg, ...]) -> None:
    made = desk()
    assert made.handle(event("osc", PEOPLE, *args)) == ()
    assert "id, x, y and age of each point" in made.problem


def test_a_cursor_moves_a_point_and_the_count_a_number() -> None:
    made = desk(("floor/cursor/1", "/piece/crowd/place"), ("floor/count", "/piece/crowd/size"), in_range=None)
    assert [c.value for c in made.handle(event("floor", "/cursor/1", 0.25, 0.75))] == [(0.25, 0.75)]
    assert [c.value for c in made.handle(event("floor", "/count", 3))] == [1.0]


def test_a_silent_tracker_with_a_default_leaves_nobody() -> None:
    made = desk(("floor/points", PEOPLE), stale="default")
    assert [c.value for c in made.stale("floor", 2.0)] == [()]


@pytest.mark.parametrize(
    ("source", "to", "more", "says"),
    [
        ("floor/hands", PEOPLE, {}, "nothing that a TUIO input says"),
        ("floor/cursor/17", "/piece/crowd/place", {}, "nothing that a TUIO input says"),
        ("floor/count", PEOPLE, {}, "takes points"),
        ("sensor/x", PEOPLE, {}, "takes points"),
        ("floor/points", PEOPLE, {"in_range": (0.0, 2.0)}, "passed on as they come"),
        ("floor/points", PEOPLE, {"smooth_s": 1.0}, "passed on as they come"),
    ],
)
def test_a_binding_that_cannot_work_is_named_at_load(source: str, to: str, more: dict[str, object], says: str) -> None:
    made = show(binding(source, to, **more).model_dump(by_alias=True)).model_copy(update={"input": INPUTS})
    problems = check_bindings(made, ParameterTree(PIECES))
    assert any(says in str(problem) for problem in problems)


def test_a_bound_parameter_has_nobody_until_somebody_comes() -> None:
    bank = ParameterBank(PIECES)
    bank.connect(PEOPLE)
    layer = LayerLook(key=("a", 0), layer=Layer(piece="crowd"), seed=1)
    bank.start_layer(layer, {})
    assert bank.values(layer.key)["people"] == ()
    bank.apply(ControlEvent(1, 0.0, PEOPLE, (1.0, 0.5, 0.5, 0.0)))
    bank.snapshot(Tick(1, 0.1, 0.1))
    assert bank.values(layer.key)["people"] == (1.0, 0.5, 0.5, 0.0)
    assert PEOPLE not in bank.current(), "no fader stands there"


def test_an_unbound_parameter_leaves_its_default_to_the_stage() -> None:
    bank = ParameterBank(PIECES)
    for address in ("/master", "/piece/crowd/size", "/piece/gone/people"):
        bank.connect(address)
    layer = LayerLook(key=("a", 0), layer=Layer(piece="crowd"), seed=1)
    bank.start_layer(layer, {})
    assert "people" not in bank.values(layer.key)
