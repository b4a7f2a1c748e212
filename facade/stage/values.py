"""From a parameter's value, as people and controllers say it, to the number a uniform takes."""

from __future__ import annotations

import numpy as np

from facade.config.piece import (
    BoolParameter,
    ChoiceParameter,
    ColorParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    PointParameter,
    Value,
)
from facade.config.show import Layer
from facade.control.bank import NEVER_S
from facade.core.color import srgb_to_linear
from facade.gpu.program import UniformValue
from facade.pieces.library import Piece


def starting_values(piece: Piece, layer: Layer) -> dict[str, Value]:
    """Return a layer's values before any control: defaults, then its preset, then its own values."""
    values: dict[str, Value] = {name: default_value(p) for name, p in piece.manifest.parameter.items()}
    if layer.preset is not None:
        values.update(piece.presets.get(layer.preset, {}))
    values.update(layer.values)
    return values


def default_value(parameter: Parameter) -> Value:
    """Return the value a parameter has when nobody has set it; for a trigger, the seconds since never."""
    if isinstance(parameter, ChoiceParameter):
        return parameter.default or parameter.choices[0]
    if isinstance(parameter, FloatParameter | IntParameter | BoolParameter | ColorParameter | PointParameter):
        return parameter.default
    return NEVER_S


def uniform_value(parameter: Parameter, value: Value) -> UniformValue:
    """Return what the uniform takes.

    color -> linear; choice -> index; trigger: a number is the seconds since it was fired, true is now, false is never.
    A value that does not fit, as it may after an edit of the manifest, counts as the default.
    """
    fitting = _fitting(parameter, value)
    return _fitting(parameter, default_value(parameter)) or 0.0 if fitting is None else fitting


def _fitting(parameter: Parameter, value: Value) -> UniformValue | None:
    if isinstance(parameter, ChoiceParameter):
        return parameter.choices.index(value) if isinstance(value, str) and value in parameter.choices else None
    if isinstance(parameter, ColorParameter | PointParameter):
        count = 3 if isinstance(parameter, ColorParameter) else 2
        if isinstance(value, bool | int | float | str) or len(value) != count:
            return None
        if isinstance(parameter, PointParameter):
            return (float(value[0]), float(value[1]))
        red, green, blue = srgb_to_linear(np.array(value, dtype=np.float32)).tolist()
        return (red, green, blue)
    if isinstance(value, str | tuple):
        return None
    if isinstance(parameter, BoolParameter):
        return bool(value)
    if isinstance(parameter, IntParameter):
        return min(max(int(value), parameter.min), parameter.max)
    if isinstance(parameter, FloatParameter):
        return min(max(float(value), parameter.min), parameter.max)
    if isinstance(value, bool):
        return 0.0 if value else NEVER_S
    return min(max(float(value), 0.0), NEVER_S)
