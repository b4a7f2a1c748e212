"""What an audio input says reaches bindings as numbers and moments, and pieces as whole frames; nothing else does."""

from __future__ import annotations

import pytest

from facade.config.input import AudioInput, Input, OscInput
from facade.control.bindings import check_bindings
from facade.control.desk import ControlDesk
from facade.control.events import Arg, InputEvent
from facade.control.sound import SILENCE, from_text, input_of
from tests.support.control import binding, show, tree

INPUTS: dict[str, Input] = {"mic": AudioInput(type="audio"), "osc": OscInput(type="osc")}


def event(address: str, *args: Arg, name: str = "mic", trigger: bool = False) -> InputEvent:
    return InputEvent(1.0, name, address, args, trigger=trigger)


def test_a_frame_is_passed_on_whole_under_the_inputs_name() -> None:
    desk = ControlDesk(tree(), [], INPUTS)
    (change,) = desk.handle(event("/sound", SILENCE.encode()))
    assert (change.address, input_of(change.address)) == ("/input/mic/sound", "mic")
    assert from_text(str(change.value)).wave == SILENCE.wave


@pytest.mark.parametrize("args", [(), (1.0,), ("text",), (b"short",)])
def test_what_is_no_frame_is_counted_and_forgotten(args: tuple[Arg, ...]) -> None:
    desk = ControlDesk(tree(), [], INPUTS)
    assert desk.handle(event("/sound", *args)) == ()
    assert desk.rejected == 1
    assert "frame of sound" in desk.problem


def test_nobody_on_the_network_can_send_sound() -> None:
    desk = ControlDesk(tree(), [], INPUTS)
    for address in ("/sound", "/input/mic/sound"):
        assert desk.handle(event(address, SILENCE.encode(), name="osc")) == ()


def test_a_level_moves_what_it_is_bound_to_and_an_onset_fires() -> None:
    bindings = [binding("mic/bass", "/piece/ember/heat"), binding("mic/onset", "/piece/ember/burst")]
    desk = ControlDesk(tree(), bindings, INPUTS)
    assert [(c.address, c.value) for c in desk.handle(event("/bass", 0.25))] == [("/piece/ember/heat", 0.5)]
    for _ in range(2):
        assert [c.address for c in desk.handle(event("/onset", trigger=True))] == ["/piece/ember/burst"]


def test_a_level_alone_moves_nothing_even_if_it_is_called_like_a_parameter() -> None:
    desk = ControlDesk(tree(), [], INPUTS)
    assert desk.handle(event("/master", 0.0)) == ()


@pytest.mark.parametrize(
    ("source", "to", "says"),
    [
        ("mic/loudness", "/piece/ember/heat", "nothing that an audio input says. There are: mic/level"),
        ("mic/sound", "/piece/ember/heat", "nothing that an audio input says"),
        ("mic/level", "/piece/ember/tint", "a color takes 3 numbers; sound sends one"),
    ],
)
def test_a_binding_that_cannot_work_is_named_at_load(source: str, to: str, says: str) -> None:
    made = show(binding(source, to).model_dump(by_alias=True)).model_copy(update={"input": INPUTS})
    (problem,) = check_bindings(made, tree())
    assert says in str(problem)
