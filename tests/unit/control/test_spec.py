"""What arguments mean to a parameter of each kind."""

from __future__ import annotations

import math

import pytest

from facade.control.events import Arg
from facade.control.spec import is_press
from facade.core.errors import InputError
from tests.support.control import tree


@pytest.mark.parametrize(
    ("name", "args", "value"),
    [
        ("heat", (1.5,), 1.5),
        ("heat", (7,), 2.0),
        ("heat", (-0.1,), 0.0),
        ("heat", (True,), 1.0),
        ("count", (4.4,), 4),
        ("count", (400,), 9),
        ("mirror", (0.5,), True),
        ("mirror", (0.49,), False),
        ("mirror", (False,), False),
        ("tint", (0.1, 0.2, 0.3), (0.1, 0.2, 0.3)),
        ("tint", (0.1, 0.2, 0.3, 0.9), (0.1, 0.2, 0.3)),
        ("tint", (2.0, -1.0, 0.5), (1.0, 0.0, 0.5)),
        ("tint", (255, 0, 51), (1.0, 0.0, 0.2)),
        ("tint", (255, 0, 51, 0), (1.0, 0.0, 0.2)),
        ("tint", (1, 0, 0), (1.0, 0.0, 0.0)),
        ("tint", ("#ff0033",), (1.0, 0.0, 0.2)),
        ("tint", ("ff003380",), (1.0, 0.0, 0.2)),
        ("centre", (0.25, 1.5), (0.25, 1.0)),
        ("mode", ("storm",), "storm"),
        ("mode", ("wild",), "Wild"),
        ("mode", (0,), "calm"),
        ("mode", (99.0,), "storm"),
    ],
)
def test_arguments_become_a_valid_value(name: str, args: tuple[Arg, ...], value: object) -> None:
    assert tree().coerce(f"/piece/ember/{name}", args) == value


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("heat", ()),
        ("heat", (1.0, 2.0)),
        ("heat", ("warm",)),
        ("heat", (None,)),
        ("heat", (b"\0",)),
        ("heat", (math.nan,)),
        ("heat", (math.inf,)),
        ("heat", (10**400,)),
        ("tint", (0.5, 0.5)),
        ("tint", ("#ff00",)),
        ("tint", ("#gg0000",)),
        ("tint", (math.nan, 0.0, 0.0)),
        ("centre", (0.5,)),
        ("mode", ("sunny",)),
        ("mode", (b"x",)),
        ("mode", (math.nan,)),
    ],
)
def test_what_does_not_fit_is_refused_naming_the_parameter(name: str, args: tuple[Arg, ...]) -> None:
    with pytest.raises(InputError, match=f"/piece/ember/{name}"):
        tree().coerce(f"/piece/ember/{name}", args)


def test_a_wrong_choice_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match='Did you mean "storm"'):
        tree().coerce("/piece/ember/mode", ("strom",))


def test_cues_are_named_or_counted_from_one() -> None:
    assert tree().coerce("/show/cue", ("night",)) == "night"
    assert tree().coerce("/show/cue", (1,)) == "dusk"
    assert tree().coerce("/show/cue", (3.0,)) == "dawn"
    with pytest.raises(InputError, match='Did you mean "dawn"'):
        tree().coerce("/show/cue", ("down",))


@pytest.mark.parametrize(
    ("args", "pressed"),
    [((), True), ((None,), True), ((math.inf,), True), ((1.0,), True), (("go",), True), ((0,), False), ((0.0,), False)],
)
def test_a_button_let_go_does_not_fire(args: tuple[Arg, ...], pressed: bool) -> None:
    assert is_press(args) is pressed
