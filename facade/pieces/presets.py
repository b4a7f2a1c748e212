"""Do these values suit this piece? Asked of presets when a piece is read, and of the values a show gives a layer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from facade.config.piece import (
    POINT_SOURCES,
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
from facade.core.errors import Problem, did_you_mean
from facade.pieces.pictures import missing


def value_problems(manifest: PieceManifest, values: Mapping[str, Value], *, file: Path | None) -> list[Problem]:
    """Return what is wrong with values, one problem a parameter, in their order; empty if they all hold."""
    problems: list[Problem] = []
    for name, value in values.items():
        parameter = manifest.parameter.get(name)
        if parameter is None:
            fix = f"Remove it or name another.{did_you_mean(name, manifest.parameter)}"
            problems.append(Problem(file, name, f'"{manifest.title}" has no such parameter', fix, value=repr(value)))
            continue
        if isinstance(parameter, ImageParameter) and isinstance(value, str):
            if not parameter.accepts(value):
                problems.append(missing(value, parameter.choices, file=file, key=name))
            continue
        rule = _broken_rule(parameter, value)
        if rule:
            problems.append(Problem(file, name, rule, "Change the value.", value=repr(value)))
    return problems


def _broken_rule(parameter: Parameter, value: Value) -> str:
    """Return the rule value breaks, or "" if it is a value of parameter."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(parameter, FloatParameter | IntParameter):
        if not number or (isinstance(parameter, IntParameter) and not isinstance(value, int)):
            return f"must be {'a whole number' if isinstance(parameter, IntParameter) else 'a number'}"
        assert isinstance(value, int | float)
        return "" if parameter.min <= value <= parameter.max else f"must lie within {parameter.min}..{parameter.max}"
    if isinstance(parameter, BoolParameter):
        return "" if isinstance(value, bool) else "must be true or false"
    if isinstance(parameter, ChoiceParameter):
        return "" if value in parameter.choices else f"must be one of {', '.join(parameter.choices)}"
    if isinstance(parameter, ColorParameter | PointParameter):
        count = 3 if isinstance(parameter, ColorParameter) else 2
        fits = isinstance(value, tuple) and len(value) == count and all(0.0 <= v <= 1.0 for v in value)
        return "" if fits else f"must be {count} numbers within 0..1"
    if isinstance(parameter, PointsParameter):
        return "" if value in POINT_SOURCES else f"must be one of {', '.join(POINT_SOURCES)}"
    if isinstance(parameter, ImageParameter):
        return "must be the name of a picture"
    if isinstance(parameter, AudioParameter):
        return "" if parameter.accepts(value) else f"must be one of {', '.join(parameter.choices)}"
    if isinstance(parameter, TextParameter):
        fits = isinstance(value, str) and len(value) <= parameter.max_length
        return "" if fits else f"must be a text of at most {parameter.max_length} characters"
    return "is a trigger: it is fired, not set"
