"""A piece's manifest: the only declaration of its parameters; uniform, OSC address and slider follow from it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from facade.config.document import ColorRgb, Document, Ratio, Slug, Table

Value = bool | int | float | str | tuple[float, ...]
"""float -> float; int -> int; bool and trigger -> bool; color -> 3 numbers; point -> 2 numbers; choice -> its text."""


class _Shared(Table):
    label: str = ""
    help: str = ""


class FloatParameter(_Shared):
    type: Literal["float"]
    min: float = 0.0
    max: float = 1.0
    default: float = 0.0
    unit: str = ""
    smooth_s: float = Field(default=0.0, ge=0.0, le=60.0, description="Time constant: 63 % of a step after this long.")

    @model_validator(mode="after")
    def _range(self) -> Self:
        if not self.min < self.max:
            raise ValueError(f"min {self.min} must be below max {self.max}")
        if not self.min <= self.default <= self.max:
            raise ValueError(f"default {self.default} must lie within {self.min}..{self.max}")
        return self


class IntParameter(_Shared):
    type: Literal["int"]
    min: int = 0
    max: int = 10
    default: int = 0

    @model_validator(mode="after")
    def _range(self) -> Self:
        if not self.min < self.max:
            raise ValueError(f"min {self.min} must be below max {self.max}")
        if not self.min <= self.default <= self.max:
            raise ValueError(f"default {self.default} must lie within {self.min}..{self.max}")
        return self


class BoolParameter(_Shared):
    type: Literal["bool"]
    default: bool = False


class TriggerParameter(_Shared):
    """Seen by the shader as a float: seconds since it was last fired, large before the first time."""

    type: Literal["trigger"]


class ColorParameter(_Shared):
    """Declared and controlled as sRGB 0..1, handed to the shader as linear vec3."""

    type: Literal["color"]
    default: ColorRgb = (1.0, 1.0, 1.0)
    smooth_s: float = Field(default=0.0, ge=0.0, le=60.0)


class ChoiceParameter(_Shared):
    """Handed to the shader as the choice's index, an int; PIECE.NAME constants are not made."""

    type: Literal["choice"]
    choices: tuple[str, ...] = Field(min_length=2, max_length=64)
    default: str = ""

    @model_validator(mode="after")
    def _known(self) -> Self:
        if len(set(self.choices)) != len(self.choices):
            raise ValueError("choices must differ from one another")
        if self.default and self.default not in self.choices:
            raise ValueError(f'default "{self.default}" must be one of {", ".join(self.choices)}')
        return self


class PointParameter(_Shared):
    """A place on the facade, 0..1 from the bottom left; vec2."""

    type: Literal["point"]
    default: tuple[Ratio, Ratio] = (0.5, 0.5)
    smooth_s: float = Field(default=0.0, ge=0.0, le=60.0)


Parameter = Annotated[
    FloatParameter
    | IntParameter
    | BoolParameter
    | TriggerParameter
    | ColorParameter
    | ChoiceParameter
    | PointParameter,
    Field(discriminator="type"),
]


class PieceManifest(Document):
    """piece.toml. Presets are files presets/NAME.toml with one table of parameter values."""

    KIND: ClassVar[str] = "piece"

    title: str = Field(min_length=1, max_length=80)
    author: str = ""
    license: str = ""
    description: str = ""
    domain: Literal["auto", "pixel", "canvas"] = "auto"
    color_space: Literal["linear", "srgb"] = "linear"
    shader: str = Field(default="main.frag", description="File in the piece's folder.")
    fallback: Slug | None = Field(default=None, description="Piece shown if this one faults.")
    parameter: dict[Slug, Parameter] = {}
