"""From a parameter's value, as people and controllers say it, to the number a uniform takes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from facade.config.piece import (
    AudioParameter,
    BoolParameter,
    ChoiceParameter,
    ColorParameter,
    FloatParameter,
    ImageParameter,
    IntParameter,
    Parameter,
    PieceManifest,
    PointParameter,
    PointsParameter,
    TextParameter,
    Value,
)
from facade.config.show import Played
from facade.control.bank import NEVER_S
from facade.core.color import srgb_to_linear
from facade.gpu.program import UniformValue
from facade.pieces.library import Piece
from facade.pieces.program import GlslType

Values = Mapping[str, Value]


def starting_values(piece: Piece, played: Played) -> dict[str, Value]:
    """Return a layer's or filter's values before any control: defaults, then its preset, then its own values."""
    values = default_values(piece.manifest)
    if played.preset is not None:
        values.update(piece.presets.get(played.preset, {}))
    values.update(played.values)
    return values


def current_values(piece: Piece, controlled: Mapping[str, Value], starting: Mapping[str, Value]) -> dict[str, Value]:
    """Return a value for every parameter of a piece: what controls say, else what it started with, else its default."""
    values: dict[str, Value] = {}
    for name, parameter in piece.manifest.parameter.items():
        value = controlled.get(name)
        if value is None:
            value = starting.get(name)
        values[name] = default_value(parameter) if value is None else value
    return values


def default_values(manifest: PieceManifest) -> dict[str, Value]:
    """Return the values a piece has when nobody has set any."""
    return {name: default_value(p) for name, p in manifest.parameter.items()}


def default_value(parameter: Parameter) -> Value:
    """Return the value a parameter has when nobody has set it; for a trigger, the seconds since never."""
    if isinstance(parameter, ChoiceParameter):
        return parameter.default or parameter.choices[0]
    kinds = FloatParameter | IntParameter | BoolParameter | ColorParameter | PointParameter
    if isinstance(parameter, kinds | PointsParameter | ImageParameter | AudioParameter | TextParameter):
        return parameter.default
    return NEVER_S


def uniform_value(parameter: Parameter, value: Value, kind: GlslType | None = None) -> UniformValue:
    """Return what the uniform takes. kind: its type, the native dialect's for this parameter if absent.

    color -> linear vec3, or a vec4 as the artist wrote it; choice -> its number; point -> the shader's own range.
    trigger: a number is the seconds since it was fired, true is now, false is never; a bool is true for that one frame.
    A value that does not fit, as it may after an edit of the manifest, counts as the default.
    """
    fitting = _fitting(parameter, value, kind)
    return _fitting(parameter, default_value(parameter), kind) or 0.0 if fitting is None else fitting


def _fitting(parameter: Parameter, value: Value, kind: GlslType | None) -> UniformValue | None:
    if isinstance(parameter, ChoiceParameter):
        if not isinstance(value, str) or value not in parameter.choices:
            return None
        index = parameter.choices.index(value)
        return parameter.numbers[index] if parameter.numbers else index
    if isinstance(parameter, ColorParameter | PointParameter):
        count = 3 if isinstance(parameter, ColorParameter) else 2
        if isinstance(value, bool | int | float | str) or len(value) != count:
            return None
        if isinstance(parameter, PointParameter):
            (x0, y0), (x1, y1) = parameter.low, parameter.high
            return (x0 + float(value[0]) * (x1 - x0), y0 + float(value[1]) * (y1 - y0))
        if kind == "vec4":
            return (*(float(v) for v in value), parameter.alpha)
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
    if kind == "bool":
        return value if isinstance(value, bool) else float(value) <= 0.0
    if isinstance(value, bool):
        return 0.0 if value else NEVER_S
    return min(max(float(value), 0.0), NEVER_S)
