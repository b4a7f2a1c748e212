"""A saved manifest changes the controls of a playing show, and nothing that still fits is lost."""

from __future__ import annotations

from facade.config.piece import PieceManifest
from facade.config.show import Binding
from facade.control.desk import ControlDesk
from facade.control.events import InputEvent
from facade.control.parameters import ParameterTree


def manifest(**parameters: dict[str, object]) -> PieceManifest:
    return PieceManifest.model_validate({"title": "x", "parameter": parameters})


HEAT = {"type": "float", "min": 0.0, "max": 1.0, "default": 0.25}


def a_desk() -> ControlDesk:
    tree = ParameterTree({"ember": manifest(heat=HEAT, calm={"type": "bool"})})
    return ControlDesk(tree, [Binding.model_validate({"from": "page/a", "to": "/piece/ember/heat"})], {})


def send(desk: ControlDesk, address: str, *args: float):
    return [(e.address, e.value) for e in desk.handle(InputEvent(0.0, "page", address, args))]


def test_a_new_parameter_answers_at_once():
    desk = a_desk()
    desk.reload("ember", manifest(heat=HEAT, glow={"type": "float", "default": 0.5}))
    assert desk.tree.value("/piece/ember/glow") == 0.5
    assert send(desk, "/piece/ember/glow", 0.75) == [("/piece/ember/glow", 0.75)]


def test_a_value_survives_and_is_clamped_to_the_new_range():
    desk = a_desk()
    send(desk, "/piece/ember/heat", 0.9)
    desk.reload("ember", manifest(heat=HEAT | {"max": 2.0}))
    assert desk.tree.value("/piece/ember/heat") == 0.9
    desk.reload("ember", manifest(heat=HEAT | {"max": 0.5}))
    assert desk.tree.value("/piece/ember/heat") == 0.5


def test_a_value_of_another_type_becomes_the_default():
    desk = a_desk()
    send(desk, "/piece/ember/heat", 0.9)
    desk.reload("ember", manifest(heat={"type": "color", "default": [1.0, 0.5, 0.0]}))
    assert desk.tree.value("/piece/ember/heat") == (1.0, 0.5, 0.0)


def test_a_removed_parameter_answers_no_more_and_its_binding_rests_until_it_is_back():
    desk = a_desk()
    desk.reload("ember", manifest())
    assert send(desk, "/a", 1.0) == []
    assert "/piece/ember/heat" not in desk.tree.values()
    desk.reload("ember", manifest(heat=HEAT | {"max": 2.0}))
    assert send(desk, "/a", 1.0) == [("/piece/ember/heat", 2.0)]
