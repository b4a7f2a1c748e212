"""Uniforms that the artist declares as parameters: what people may move starts at the value that the shader gives it.

A first value that no parameter can start at, such as an expression, or a direction in a vec3, stays where it is
written, and the uniform is no parameter: a slider is not worth another picture.
"""

from __future__ import annotations

import re

from facade.config.piece import (
    BoolParameter,
    ColorParameter,
    FloatParameter,
    ImageParameter,
    IntParameter,
    Parameter,
    PointParameter,
)

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[fF]?"
_PLAIN = re.compile(rf"{_NUMBER}\Z")
_VECTOR = re.compile(rf"vec([234])\s*\(\s*({_NUMBER}(?:\s*,\s*{_NUMBER})*)\s*\)\Z")
_FAR = 9_999.0
"""As far as a point or a number goes."""


def uniform_parameter(kind: str, name: str, initial: str, file: str = "") -> Parameter | None:
    """Return the parameter that a uniform makes, by its type and first value; None if it makes none.

    file: the picture that a sampler2D shows at first, "" for a generated one.
    """
    if kind == "sampler2D":
        return ImageParameter(type="image", default=file or ("noise" if "noise" in name.lower() else "gradient"))
    if kind == "bool":
        return BoolParameter(type="bool", default=initial == "true") if initial in ("", "true", "false") else None
    values = _values(kind, initial)
    if values is None or any(abs(v) > _FAR for v in values):
        return None
    first = values[0]
    match kind:
        case "float":
            return FloatParameter(type="float", min=min(0.0, first), max=max(1.0, first), default=first)
        case "int" if first == int(first):
            return IntParameter(type="int", min=min(0, int(first)), max=max(10, int(first)), default=int(first))
        case "vec2":
            low = (min(0.0, 2.0 * values[0]), min(0.0, 2.0 * values[1]))
            high = (_high(values[0]), _high(values[1]))
            at = [(v - a) / (b - a) for v, a, b in zip(values, low, high, strict=True)]
            return PointParameter(type="point", default=(at[0], at[1]), low=low, high=high)
        case "vec3" | "vec4" if all(0.0 <= v <= 1.0 for v in values):
            alpha = values[3] if kind == "vec4" and initial else 1.0
            return ColorParameter(type="color", default=(values[0], values[1], values[2]), alpha=alpha)
    return None


def stays_as_written(kind: str, name: str, initial: str) -> bool:
    """Whether a uniform keeps the first value that the shader's text gives it, because it makes no parameter."""
    return bool(initial) and uniform_parameter(kind, name, initial) is None


def _high(value: float) -> float:
    return 2.0 * value if value > 1.0 else 1.0


def _values(kind: str, initial: str) -> tuple[float, ...] | None:
    """Return the numbers of a first value, zeroes if there is none; None where it is no plain one of that type."""
    count = {"float": 1, "int": 1, "vec2": 2, "vec3": 3, "vec4": 4}.get(kind)
    if count is None:
        return None
    if not initial:
        return (0.0,) * count
    if count == 1:
        return (float(initial.rstrip("fF")),) if _PLAIN.match(initial) else None
    vector = _VECTOR.match(initial)
    if vector is None or vector[1] != str(count):
        return None
    values = tuple(float(v.strip().rstrip("fF")) for v in vector[2].split(","))
    if len(values) == 1:
        return values * count
    return values if len(values) == count else None
