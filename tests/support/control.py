"""Small shows and pieces, made in memory, for tests of the control side."""

from __future__ import annotations

from collections.abc import Mapping

from facade.config.piece import PieceManifest
from facade.config.show import Binding, Show
from facade.control.desk import ControlDesk
from facade.control.events import Arg, InputEvent
from facade.control.parameters import ParameterTree

EMBER_PARAMETERS: dict[str, dict[str, object]] = {
    "heat": {"type": "float", "min": 0.0, "max": 2.0, "default": 0.5},
    "drift": {"type": "float", "min": -1.0, "max": 1.0, "default": 0.0, "smooth_s": 0.5},
    "count": {"type": "int", "min": 1, "max": 9, "default": 3},
    "mirror": {"type": "bool"},
    "burst": {"type": "trigger"},
    "tint": {"type": "color", "default": [1.0, 0.5, 0.0]},
    "mode": {"type": "choice", "choices": ["calm", "Wild", "storm"], "default": "calm"},
    "centre": {"type": "point"},
}
EMBER = {"title": "Ember", "parameter": EMBER_PARAMETERS}
TIDE = {"title": "Tide", "parameter": {"heat": {"type": "float", "default": 0.2}, "swell": {"type": "float"}}}


def manifest(table: Mapping[str, object]) -> PieceManifest:
    return PieceManifest.model_validate(table)


def pieces() -> dict[str, PieceManifest]:
    return {"ember": manifest(EMBER), "tide": manifest(TIDE)}


def tree() -> ParameterTree:
    return ParameterTree(pieces(), cues=("dusk", "night", "dawn"))


def show(*bindings: Mapping[str, object]) -> Show:
    """A show with an input of each kind: osc, knobs (MIDI), sensor (serial)."""
    return Show.model_validate(
        {
            "title": "Test",
            "input": {
                "osc": {"type": "osc"},
                "knobs": {"type": "midi", "port": "nano"},
                "sensor": {"type": "serial", "port": "/dev/ttyACM0"},
            },
            "cue": {name: {"layer": [{"piece": "ember"}]} for name in ("dusk", "night", "dawn")},
            "binding": list(bindings),
        }
    )


def binding(source: str, to: str, **more: object) -> Binding:
    return Binding.model_validate({"from": source, "to": to, **more})


def desk(*bindings: Binding) -> ControlDesk:
    return ControlDesk(tree(), bindings, show().input)


def event(address: str, *args: Arg, source: str = "osc", at_s: float = 0.0, trigger: bool = False) -> InputEvent:
    return InputEvent(at_s, source, address, args, trigger)
