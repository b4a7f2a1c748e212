"""A piece's manifest: the only declaration of its parameters; uniform, OSC address and slider follow from it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from facade.config.document import ColorRgb, Document, ParameterName, Point2, Ratio, Slug, Table
from facade.config.piece_media import FontFile, PieceClock, PieceData, beside
from facade.config.piece_parts import MAX_SUPPLIED, MAX_TEXTURES, PiecePass, Supplied, SuppliedTexture

Value = bool | int | float | str | tuple[float, ...]
"""float -> float; int -> int; bool and trigger -> bool; color -> 3 numbers; point -> 2 numbers; choice -> its text.

An image's and an audio's value is the name of its source, a text's is the text."""

SOURCES = ("gradient", "bars", "noise")
"""Generated pictures that an image parameter shows while nothing is connected to it."""

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
"""Ends of the names of picture files; GIF and WebP may be animated."""

FILMS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ogv")
"""Ends of the names of films, which need the extra video."""

CAMERA = "camera"
"""Source name of the first camera; ``camera:NAME`` is the one whose name holds NAME."""

_MAX_NAME = 160

MAX_TEXT = 200
"""Characters of a text parameter, at most."""

MAX_DATA = 8

SOUNDS = ("test", "silence")
"""Generated sound, for the same purpose."""


class _Shared(Table):
    label: str = Field(default="", description="Name on the slider; absent means the parameter's own.")
    help: str = Field(default="", description="What it does, for whoever moves it.")


class FloatParameter(_Shared):
    """A number."""

    type: Literal["float"] = Field(description="float: the shader sees a float.")
    min: float = Field(default=0.0, description="Least value.")
    max: float = Field(default=1.0, description="Greatest value.")
    default: float = Field(default=0.0, description="Value at the start.")
    unit: str = Field(default="", description="Shown behind the value, such as s or m.")
    smooth_s: float = Field(default=0.0, ge=0.0, le=60.0, description="Time constant: 63 % of a step after this long.")

    @model_validator(mode="after")
    def _range(self) -> Self:
        if not self.min < self.max:
            raise ValueError(f"min {self.min} must be below max {self.max}")
        if not self.min <= self.default <= self.max:
            raise ValueError(f"default {self.default} must lie within {self.min}..{self.max}")
        return self


class IntParameter(_Shared):
    """A whole number."""

    type: Literal["int"] = Field(description="int: the shader sees an int.")
    min: int = Field(default=0, description="Least value.")
    max: int = Field(default=10, description="Greatest value.")
    default: int = Field(default=0, description="Value at the start.")

    @model_validator(mode="after")
    def _range(self) -> Self:
        if not self.min < self.max:
            raise ValueError(f"min {self.min} must be below max {self.max}")
        if not self.min <= self.default <= self.max:
            raise ValueError(f"default {self.default} must lie within {self.min}..{self.max}")
        return self


class BoolParameter(_Shared):
    """On or off."""

    type: Literal["bool"] = Field(description="bool: the shader sees a bool.")
    default: bool = Field(default=False, description="Value at the start.")


class TriggerParameter(_Shared):
    """Seen by the shader as a float: seconds since it was last fired, large before the first time."""

    type: Literal["trigger"] = Field(
        description="trigger: the shader sees a float, the seconds since it was last fired."
    )


class ColorParameter(_Shared):
    """Declared and controlled as sRGB 0..1, handed to the shader as linear vec3."""

    type: Literal["color"] = Field(description="color: the shader sees a vec3 in linear light.")
    default: ColorRgb = Field(default=(1.0, 1.0, 1.0), description="Value at the start, sRGB.")
    alpha: Ratio = Field(default=1.0, description="Fourth number, for shaders that take a vec4.")
    smooth_s: float = Field(default=0.0, ge=0.0, le=60.0, description="Time constant: 63 % of a step after this long.")


class ChoiceParameter(_Shared):
    """Handed to the shader as the choice's index, an int; PIECE.NAME constants are not made."""

    type: Literal["choice"] = Field(description="choice: the shader sees an int, the index.")
    choices: tuple[str, ...] = Field(min_length=2, max_length=64, description="The names, the first is index 0.")
    default: str = Field(default="", description="Value at the start; absent means the first.")
    numbers: tuple[int, ...] = Field(default=(), description="What the shader sees for each; absent means the index.")

    @model_validator(mode="after")
    def _known(self) -> Self:
        if len(set(self.choices)) != len(self.choices):
            raise ValueError("choices must differ from one another")
        if self.default and self.default not in self.choices:
            raise ValueError(f'default "{self.default}" must be one of {", ".join(self.choices)}')
        if self.numbers and len(self.numbers) != len(self.choices):
            raise ValueError(f"{len(self.choices)} choices need as many numbers, not {len(self.numbers)}")
        return self


class PointParameter(_Shared):
    """A place on the facade, 0..1 from the bottom left; vec2."""

    type: Literal["point"] = Field(description="point: the shader sees a vec2.")
    default: tuple[Ratio, Ratio] = Field(default=(0.5, 0.5), description="Value at the start, from the bottom left.")
    low: Point2 = Field(default=(0.0, 0.0), description="What the shader sees at the bottom left.")
    high: Point2 = Field(default=(1.0, 1.0), description="What the shader sees at the top right.")
    smooth_s: float = Field(default=0.0, ge=0.0, le=60.0, description="Time constant: 63 % of a step after this long.")


def is_camera(source: str) -> bool:
    """Whether an image's value means a camera."""
    return source == CAMERA or (
        source.startswith(f"{CAMERA}:") and source.isprintable() and len(CAMERA) + 1 < len(source) <= _MAX_NAME
    )


def _image_source(name: str) -> str:
    """Check a source by its name alone; whether the file is there is for whoever knows the folder to say."""
    if name in SOURCES or is_camera(name):
        return name
    if not name.lower().endswith((*PICTURES, *FILMS)):
        kinds = " ".join((*PICTURES, *FILMS))
        raise ValueError(f"is none of {', '.join(SOURCES)}, {CAMERA}, {CAMERA}:NAME, or a file that ends in {kinds}")
    beside(name)
    if len(name) > _MAX_NAME or not name.isprintable():
        raise ValueError(f"must be at most {_MAX_NAME} printable characters")
    return name


def is_source(name: str) -> bool:
    """Whether a name may be an image's value."""
    try:
        _image_source(name)
    except ValueError:
        return False
    return True


ImageSource = Annotated[str, AfterValidator(_image_source)]


POINT_SOURCES = ("none", "test")


class PointsParameter(_Shared):
    """Fingers, markers or people: up to max points. Its value is id, x, y and age of one after the other."""

    type: Literal["points"] = Field(description="points: the shader sees a sampler2D that points.glsl reads.")
    max: int = Field(default=32, ge=1, le=256, description="How many are seen; the first to come.")
    default: Literal["none", "test"] = Field(
        default="none", description="What is there while nothing is bound to it: nobody, or a few who walk about."
    )


class ImageParameter(_Shared):
    """A picture, a film or a camera; the shader sees a sampler2D, origin bottom left."""

    type: Literal["image"] = Field(description="image: the shader sees a sampler2D.")
    default: ImageSource = Field(
        default="gradient",
        description="What it shows at the start: a generated picture (gradient, bars, noise), a file beside "
        "piece.toml, or camera.",
    )
    sources: tuple[ImageSource, ...] = Field(
        default=(),
        max_length=1024,
        description="Files it may show, and camera; absent means all in the piece's folder and the show's.",
    )

    @property
    def choices(self) -> tuple[str, ...]:
        """Every name it may be given, generated pictures first."""
        return tuple(dict.fromkeys((*SOURCES, *self.sources, self.default)))

    def accepts(self, name: object) -> bool:
        """Whether a value is one of its own: a camera may be any where one may be shown."""
        return isinstance(name, str) and (name in self.choices or (is_camera(name) and CAMERA in self.choices))


class AudioParameter(_Shared):
    """Sound as a picture: the wave around 0.5, the spectrum, its past, or its levels; the shader sees a sampler2D."""

    type: Literal["audio"] = Field(description="audio: the shader sees a sampler2D.")
    form: Literal["wave", "spectrum", "both", "levels", "history"] = Field(
        default="spectrum",
        description="Samples over time, over frequency, a row of each with the spectrum below, the numbers that "
        "sound.glsl reads, or the spectra of the last four seconds, the newest below.",
    )
    samples: int = Field(default=256, ge=2, le=4096, description="Columns of the picture; levels have their own.")
    channels: bool = Field(
        default=False, description="Of a wave or a spectrum a row for each channel, the left one below, not their mean."
    )
    default: Literal["test", "silence"] = Field(default="test", description="Sound while the show has no audio input.")
    inputs: tuple[Slug, ...] = Field(
        default=(), max_length=64, description="Audio inputs it may hear, by name; absent means all of the show's."
    )

    @property
    def choices(self) -> tuple[str, ...]:
        """Every name it may be given: the inputs and silence, or the generated sound while there is no input."""
        return tuple(dict.fromkeys((*self.inputs, "silence"))) if self.inputs else SOUNDS

    @property
    def first(self) -> str:
        """What it hears at the start."""
        return self.inputs[0] if self.inputs and self.default == "test" else self.default

    def accepts(self, name: object) -> bool:
        """Whether a value is one of its own; the test sound gives way to the first input there is."""
        return name in self.choices or name in SOUNDS

    def among(self, inputs: Collection[str]) -> Self:
        """Return it with those of a show's audio inputs that it may hear: all of them if it names none of these."""
        wanted = tuple(name for name in self.inputs if name in inputs)
        return self.model_copy(update={"inputs": wanted or tuple(inputs)})


class TextParameter(_Shared):
    """A text, drawn; the shader sees a sampler2D as large as the text, 1 where ink is, origin bottom left.

    ``{NAME}`` in it stands for the value of another parameter, ``{CLOCK:%H:%M}`` for the time of a clock.
    """

    type: Literal["text"] = Field(description="text: the shader sees a sampler2D, the text drawn in a font.")
    default: str = Field(default="", max_length=MAX_TEXT, description="Text at the start; \\n begins a new line.")
    max_length: int = Field(default=80, ge=1, le=MAX_TEXT, description="Characters; what is longer is cut.")
    font: FontFile = Field(default="", description="TTF or OTF in the piece's folder; absent means facade's own.")
    size_px: int = Field(default=64, ge=6, le=512, description="Size of the letters, in texels.")
    align: Literal["left", "centre", "right"] = Field(default="centre", description="Of several lines.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.default) > self.max_length:
            raise ValueError(f"default has {len(self.default)} characters; max_length is {self.max_length}")
        return self


Parameter = Annotated[
    FloatParameter
    | IntParameter
    | BoolParameter
    | TriggerParameter
    | ColorParameter
    | ChoiceParameter
    | PointParameter
    | PointsParameter
    | ImageParameter
    | AudioParameter
    | TextParameter,
    Field(discriminator="type"),
]


class PieceManifest(Document):
    """piece.toml. Presets are files presets/NAME.toml with one table of parameter values."""

    KIND: ClassVar[str] = "piece"

    title: str = Field(min_length=1, max_length=80, description="As people call it.")
    author: str = Field(default="", description="Who made it.")
    license: str = Field(default="", description="Under which terms others may show it, such as CC-BY-4.0.")
    description: str = Field(default="", description="What one sees, in a sentence.")
    domain: Literal["auto", "pixel", "canvas"] = Field(
        default="auto", description="Evaluated once per LED or for every texel of a canvas; auto picks."
    )
    color_space: Literal["linear", "srgb"] = Field(
        default="linear", description="What the shader returns: linear light, or sRGB to be decoded before mixing."
    )
    dialect: Literal["native", "isf", "shadertoy", "plain"] = Field(
        default="native", description="Convention the shader is written in."
    )
    shader: str = Field(default="main.frag", description="File in the piece's folder.")
    fallback: Slug | None = Field(default=None, description="Piece shown if this one faults.")
    parameter: dict[ParameterName, Parameter] = Field(
        default={}, description="What can be changed while it plays, by name."
    )
    passes: tuple[PiecePass, ...] = Field(
        default=(), alias="pass", max_length=32, description="Draws of a native piece that needs several, in order."
    )
    uniform: dict[ParameterName, Supplied] = Field(
        default={}, max_length=MAX_SUPPLIED, description="What behaviour.py tells the shader in every frame, by name."
    )

    data: dict[ParameterName, PieceData] = Field(
        default={}, max_length=MAX_DATA, description="Numbers from files for a native piece, by name."
    )
    clock: dict[ParameterName, PieceClock] = Field(
        default={}, max_length=MAX_DATA, description="Times of cities for a native piece, by name."
    )

    @model_validator(mode="after")
    def _one_name_one_thing(self) -> Self:
        targets = {p.target for p in self.passes if p.target}
        named = [*self.parameter, *self.uniform, *targets, *self.data, *self.clock]
        for name in dict.fromkeys(named):
            if named.count(name) > 1:
                raise ValueError(
                    f'"{name}" names two things; parameters, uniforms, targets, data and clocks need names of their own'
                )
        for name, clock in self.clock.items():
            chosen = self.parameter.get(clock.city or "")
            if clock.city is not None and (
                not isinstance(chosen, ChoiceParameter) or set(chosen.choices) != set(clock.zones)
            ):
                raise ValueError(
                    f'the clock "{name}" follows "{clock.city}", which must be a choice parameter '
                    "whose choices are those of zones"
                )
        if sum(isinstance(u, SuppliedTexture) for u in self.uniform.values()) > MAX_TEXTURES:
            raise ValueError(f"a behaviour may supply {MAX_TEXTURES} textures")
        return self
