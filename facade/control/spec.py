"""One parameter as the control side sees it: address, type, range, and the law that turns arguments into a value.

A number outside the range is clamped, because a fader must never be refused; anything that is not a number of the
right count is refused with the rule. What comes out is always a valid ``config.piece.Value`` of the parameter.
"""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from facade.config.piece import (
    CAMERA,
    POINT_SOURCES,
    AudioParameter,
    BoolParameter,
    ChoiceParameter,
    ColorParameter,
    FloatParameter,
    ImageParameter,
    IntParameter,
    Parameter,
    PointParameter,
    PointsParameter,
    TextParameter,
    TriggerParameter,
    Value,
    is_camera,
)
from facade.control.events import Arg
from facade.core.errors import InputError, did_you_mean

Kind = Literal["float", "int", "bool", "trigger", "color", "choice", "point", "points", "text", "cue"]

OSC_TYPES: dict[Kind, str] = {
    "float": "f",
    "int": "i",
    "bool": "T",
    "trigger": "N",
    "color": "fff",
    "choice": "s",
    "point": "ff",
    "points": "ifff",
    "text": "s",
    "cue": "s",
}
"""Type tags that feedback uses and that a controller may rely on; other numbers are accepted too (docs/control.md)."""

MOST = 1e6
"""Greatest id and age of a point."""

COMPONENTS: dict[Kind, int] = {"color": 3, "point": 2}
"""How many numbers a value of this kind has; kinds not listed have one."""


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """A parameter. default: None for triggers and cues, which have no value at rest.

    min and max: of every component; max of a text: characters. choices: texts of a choice, or the names of the show's
    cues. smooth_s: time constant, 0 for none.
    """

    address: str
    kind: Kind
    min: float = 0.0
    max: float = 1.0
    default: Value | None = None
    choices: tuple[str, ...] = ()
    smooth_s: float = 0.0
    label: str = ""
    help: str = ""
    unit: str = ""

    @property
    def own_range(self) -> tuple[float, float]:
        """What a fader from bottom to top covers: min..max, choice indices from 0, cue numbers from 1."""
        if self.kind == "choice":
            return (0.0, float(len(self.choices) - 1))
        if self.kind == "cue":
            return (1.0, float(max(1, len(self.choices))))
        return (self.min, self.max)

    def coerce(self, args: Sequence[Arg]) -> Value | None:
        """Return the value that these arguments mean, clamped to the range. A trigger's value is None.

        Raises InputError saying what was expected.
        """
        match self.kind:
            case "float":
                return self._clamp(self._number(args))
            case "int":
                return round(self._clamp(self._number(args)))
            case "bool":
                return self._number(args) >= 0.5
            case "trigger":
                return None
            case "color":
                return self._color(args)
            case "point":
                return self._numbers(args, count=2)
            case "points":
                return self._points(args)
            case "text":
                return self._text(args)
            case "choice" | "cue":
                return self._choice(args)

    def refuse(self, args: Sequence[Arg], rule: str) -> InputError:
        """Return the error for arguments that break rule."""
        shown = " ".join(_shown(a) for a in args[:8]) or "(nothing)"
        return InputError(f"{self.address} {shown}: {rule}.")

    def _number(self, args: Sequence[Arg]) -> float:
        number = as_number(args[0]) if len(args) == 1 else None
        if number is None:
            raise self.refuse(args, f"takes one finite number {self.min:g}..{self.max:g}")
        return number

    def _numbers(self, args: Sequence[Arg], *, count: int) -> tuple[float, ...]:
        numbers = [as_number(a) for a in args]
        if len(numbers) != count or None in numbers:
            raise self.refuse(args, f"takes {count} finite numbers {self.min:g}..{self.max:g}")
        return tuple(self._clamp(n) for n in numbers if n is not None)

    def _points(self, args: Sequence[Arg]) -> Value:
        """Four numbers a point: id, x, y (0..1 from the bottom left), age in seconds; at most max points are kept."""
        if len(args) == 1 and args[0] in POINT_SOURCES:
            return str(args[0]) if args[0] == "test" else ()
        numbers = [as_number(a) for a in args]
        if len(numbers) % 4 or None in numbers:
            raise self.refuse(args, "takes id, x, y and age of each point")
        limits = ((0.0, MOST), (0.0, 1.0), (0.0, 1.0), (0.0, MOST))
        kept = [n for n in numbers if n is not None][: 4 * int(self.max)]
        return tuple(min(max(n, limits[k % 4][0]), limits[k % 4][1]) for k, n in enumerate(kept))

    def _color(self, args: Sequence[Arg]) -> tuple[float, ...]:
        """sRGB from three or four numbers 0..1 (alpha ignored), from integers 0..255, or from "#rrggbb[aa]"."""
        if len(args) == 1 and isinstance(args[0], str):
            text = args[0].removeprefix("#")
            if len(text) not in (6, 8) or not set(text) <= set(string.hexdigits):
                raise self.refuse(args, 'takes three numbers 0..1 or a text such as "#ff8800"')
            return tuple(int(text[i : i + 2], 16) / 255 for i in (0, 2, 4))
        rgb = args[:3] if len(args) == 4 else args
        # Integers are bytes as soon as one of them exceeds 1; a page sends the float 1.0 as the integer 1.
        if all(isinstance(a, int) and not isinstance(a, bool) for a in args) and any(_above_one(a) for a in args):
            rgb = [a / 255 if isinstance(a, int) else a for a in rgb]
        return self._numbers(rgb, count=3)

    def _text(self, args: Sequence[Arg]) -> str:
        """One text, or a number as people write it; control characters become spaces, and what is too long is cut."""
        number = as_number(args[0]) if len(args) == 1 else None
        if len(args) != 1 or not (isinstance(args[0], str) or number is not None):
            raise self.refuse(args, "takes one text")
        text = args[0] if isinstance(args[0], str) else f"{number:g}"
        return "".join(c if c.isprintable() or c == "\n" else " " for c in text)[: int(self.max)]

    def _choice(self, args: Sequence[Arg]) -> str:
        what = "cue" if self.kind == "cue" else "choice"
        if len(args) != 1 or args[0] is None or isinstance(args[0], bytes):
            raise self.refuse(args, f"takes the name or number of one {what}")
        if isinstance(args[0], str):
            return self._named(args[0], what)
        number = as_number(args[0])
        if number is None or not self.choices:
            raise self.refuse(args, f"takes the name of a {what}")
        first, last = self.own_range
        return self.choices[round(min(max(number, first), last) - first)]

    def _named(self, name: str, what: str) -> str:
        if name in self.choices or (is_camera(name) and CAMERA in self.choices):
            return name
        folded = [c for c in self.choices if c.casefold() == name.casefold()]
        if len(folded) == 1:
            return folded[0]
        raise InputError(f'{self.address} "{name[:80]}": is no {what} here.{did_you_mean(name[:80], self.choices)}')

    def _clamp(self, number: float) -> float:
        return min(max(number, self.min), self.max)


def spec_of(address: str, parameter: Parameter) -> ParameterSpec:
    """Return the spec of a piece's parameter at this OSC address."""
    label, text = parameter.label, parameter.help
    match parameter:
        case FloatParameter() as p:
            return ParameterSpec(
                address, "float", p.min, p.max, p.default, (), p.smooth_s, label=label, help=text, unit=p.unit
            )
        case IntParameter() as p:
            return ParameterSpec(address, "int", p.min, p.max, p.default, label=label, help=text)
        case BoolParameter() as p:
            return ParameterSpec(address, "bool", default=p.default, label=label, help=text)
        case TriggerParameter():
            return ParameterSpec(address, "trigger", label=label, help=text)
        case ColorParameter() as p:
            return ParameterSpec(address, "color", default=p.default, smooth_s=p.smooth_s, label=label, help=text)
        case ChoiceParameter() as p:
            default = p.default or p.choices[0]
            return ParameterSpec(address, "choice", default=default, choices=p.choices, label=label, help=text)
        case PointParameter() as p:
            return ParameterSpec(address, "point", default=p.default, smooth_s=p.smooth_s, label=label, help=text)
        case PointsParameter() as p:
            return ParameterSpec(address, "points", max=float(p.max), label=label, help=text)
        case ImageParameter() as p:
            return ParameterSpec(address, "choice", default=p.default, choices=p.choices, label=label, help=text)
        case TextParameter() as p:
            return ParameterSpec(address, "text", max=p.max_length, default=p.default, label=label, help=text)
        case AudioParameter() as p:
            return ParameterSpec(address, "choice", default=p.first, choices=p.choices, label=label, help=text)


def is_press(args: Sequence[Arg]) -> bool:
    """Whether a message to a trigger fires it: nothing, nil or impulse does; zero or false is a button let go."""
    if not args:
        return True
    first = args[0]
    return not isinstance(first, bool | int | float) or bool(first)


def as_number(arg: Arg) -> float | None:
    """Return a finite number as float, None for anything else."""
    if not isinstance(arg, bool | int | float):
        return None
    try:
        number = float(arg)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _above_one(arg: Arg) -> bool:
    return isinstance(arg, int) and arg > 1


def _shown(arg: Arg) -> str:
    return f'"{arg[:40]}"' if isinstance(arg, str) else repr(arg)[:40]
