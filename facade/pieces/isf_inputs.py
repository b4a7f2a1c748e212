"""ISF inputs as parameters of a manifest: ranges made sound, longs by value, points in the shader's unit."""

from __future__ import annotations

from typing import Literal

from facade.config.piece import (
    AudioParameter,
    BoolParameter,
    ChoiceParameter,
    ColorParameter,
    FloatParameter,
    ImageParameter,
    IntParameter,
    Parameter,
    PointParameter,
    TriggerParameter,
)
from facade.pieces.isf_header import IsfInput, number, numbers, truth
from facade.pieces.program import GlslType

GLSL: dict[str, GlslType] = {
    "float": "float",
    "bool": "bool",
    "event": "bool",
    "long": "int",
    "color": "vec4",
    "point2d": "vec2",
    "point3d": "vec3",
    "image": "sampler2D",
    "audio": "sampler2D",
    "audiofft": "sampler2D",
    "audiohistogram": "sampler2D",
    "cube": "samplerCube",
}
"""ISF type -> type of its uniform."""

_SOUND_FORMS: dict[str, Literal["wave", "spectrum", "history"]] = {
    "audio": "wave",
    "audiofft": "spectrum",
    "audiohistogram": "history",
}
_INT = 2**31 - 1
_MAX_CHOICES = 64
_FAR = 9_999.0


def parameters_of(given: IsfInput) -> dict[str, Parameter]:
    """Return the parameters that an input declares, the second one that of ``rest_of``; a cube map declares none."""
    if given.type == "cube":
        return {}
    made = _parameter_of(given)
    identity = given.keys.get("IDENTITY")
    if identity is not None:
        made = made.model_copy(update={"help": f"Without effect at {identity}."[:200]})
    found = {given.name: made}
    rest, label = rest_of(given), str(given.keys.get("LABEL") or given.name)
    default = numbers(given.keys.get("DEFAULT"), 4)
    if rest and given.type == "color":
        alpha = 1.0 if default is None else min(max(default[3], 0.0), 1.0)
        found[rest] = FloatParameter(type="float", label=f"{label} alpha"[:200], min=0.0, max=1.0, default=alpha)
    elif rest:
        low, high = numbers(given.keys.get("MIN"), 3), numbers(given.keys.get("MAX"), 3)
        least, most = (low[2], high[2]) if low is not None and high is not None else (-1.0, 1.0)
        start = 0.0 if default is None else default[2]
        least, most = min(least, most, start), max(least, most, start, least + 1e-3)
        found[rest] = FloatParameter(type="float", label=f"{label} z"[:200], min=least, max=most, default=start)
    return found


def rest_of(given: IsfInput) -> str:
    """Return the name of the parameter with an input's last number: a colour's alpha, a point's z. "": it has none.

    A colour without a DEFAULT of four numbers is opaque.
    """
    default = given.keys.get("DEFAULT")
    if given.type == "point3d":
        return f"{given.name}_z"
    four = given.type == "color" and isinstance(default, list) and len(default) >= 4
    return f"{given.name}_alpha" if four else ""


def _parameter_of(given: IsfInput) -> Parameter:
    label = str(given.keys.get("LABEL") or "")
    default = given.keys.get("DEFAULT")
    match given.type:
        case "float":
            return _float(given, label)
        case "bool":
            return BoolParameter(type="bool", label=label, default=truth(default, absent=True))
        case "event":
            return TriggerParameter(type="trigger", label=label)
        case "long":
            return _long(given, label)
        case "color":
            rgba = [min(max(v, 0.0), 1.0) for v in numbers(default, 4) or (0.0, 0.0, 0.0, 1.0)]
            if isinstance(default, list) and len(default) == 3:
                rgba[3] = 1.0
            return ColorParameter(type="color", label=label, default=(rgba[0], rgba[1], rgba[2]), alpha=rgba[3])
        case "point2d" | "point3d":
            return _point(given, label)
        case "image":
            return ImageParameter(type="image", label=label, default=_source(given.name))
    samples = number(given.keys.get("MAX")) or 256.0
    return AudioParameter(
        type="audio",
        label=label,
        form=_SOUND_FORMS[given.type],
        channels=given.type != "audiohistogram",
        samples=int(min(max(samples, 2.0), 4096.0)),
    )


def _float(given: IsfInput, label: str) -> FloatParameter:
    low, high = number(given.keys.get("MIN")), number(given.keys.get("MAX"))
    default = number(given.keys.get("DEFAULT"))
    if low is None or high is None:
        # 0..1, or as far again as the default and the other end go. VVISF takes 0..1 and clamps the default into it,
        # the web host and score keep the default; nobody can have meant the first.
        start = default or 0.0
        far = max(start, low or 0.0)
        low = min(0.0, 2.0 * start, 2.0 * (high or 0.0)) if low is None else low
        high = (2.0 * far if far > 1.0 else 1.0) if high is None else high
    if low == high:
        # A range of nothing is a slip: clamped to it, the default would be lost.
        low, high = min(0.0, default or 0.0, low), max(1.0, default or 0.0, high)
    low, high = min(low, high), max(low, high)
    if default is None:
        # A transition that nobody drives stands in its middle.
        default = 0.5 * (low + high)
    if given.name == "progress" and given.keys.get("DEFAULT") is None:
        default = 0.5
    return FloatParameter(type="float", label=label, min=low, max=high, default=min(max(default, low), high))


def _long(given: IsfInput, label: str) -> ChoiceParameter | IntParameter:
    values = given.keys.get("VALUES")
    default = number(given.keys.get("DEFAULT"))
    if isinstance(values, list) and 2 <= len(values) <= _MAX_CHOICES:
        whole = tuple(_whole(number(v) or 0.0) for v in values)
        labels = given.keys.get("LABELS")
        names = _distinct([str(v) for v in labels] if isinstance(labels, list) else [], whole)
        # The default is one of the values; a number that is none of them counts as the first.
        chosen = whole.index(_whole(default)) if default is not None and _whole(default) in whole else 0
        return ChoiceParameter(type="choice", label=label, choices=names, numbers=whole, default=names[chosen])
    if isinstance(values, list) and values:
        listed = [_whole(number(v) or 0.0) for v in values]
        low, high = min(listed), max(listed)
    else:
        least, most = number(given.keys.get("MIN")), number(given.keys.get("MAX"))
        start = _whole(default or 0.0)
        low = _whole(least) if least is not None else min(0, start)
        high = _whole(most) if most is not None else max(10, start)
    low, high = min(low, high), max(low, high)
    high = high if high > low else low + 1
    return IntParameter(type="int", label=label, min=low, max=high, default=min(max(_whole(default or low), low), high))


def _whole(value: float) -> int:
    return int(min(max(value, -_INT), _INT))


def _distinct(labels: list[str], values: tuple[int, ...]) -> tuple[str, ...]:
    """Return one name a value: its label, with the value behind it where a label is missing or comes twice."""
    names: list[str] = []
    for i, value in enumerate(values):
        name = labels[i].strip() if i < len(labels) and labels[i].strip() else str(value)
        while name in names:
            name = f"{name} ({value})" if f"{name} ({value})" not in names else f"{name}'"
        names.append(name)
    return tuple(names)


def _point(given: IsfInput, label: str) -> PointParameter:
    default = numbers(given.keys.get("DEFAULT"), 2)
    low, high = numbers(given.keys.get("MIN"), 2), numbers(given.keys.get("MAX"), 2)
    if low is None or high is None:
        # Without a range the unit is the shader's own business: 0..1, or as far again as its default goes.
        start = default or (0.5, 0.5)
        low = tuple(min(0.0, 2.0 * v) for v in start)
        high = tuple(max(1.0, 2.0 * v if v > 1.0 else 1.0) for v in start)
    bounds = [(min(a, b), max(a, b)) for a, b in zip(low, high, strict=True)]
    bounds = [(max(a, -_FAR), min(b, _FAR)) for a, b in bounds]
    bounds = [(a, b if b > a else a + 1.0) for a, b in bounds]
    # VVISF starts a point without a default at the bottom left.
    places = [min(max((v - a) / (b - a), 0.0), 1.0) for v, (a, b) in zip(default or (0.0, 0.0), bounds, strict=True)]
    (x0, x1), (y0, y1) = bounds
    return PointParameter(type="point", label=label, default=(places[0], places[1]), low=(x0, y0), high=(x1, y1))


def _source(name: str) -> Literal["gradient", "bars"]:
    """The two pictures of a transition, and the second one of a filter, must differ to be told apart."""
    return "gradient" if name in ("inputImage", "endImage") else "bars"
