"""What every dialect becomes: passes of GLSL, typed uniforms, a domain and a map back to the artist's own lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from facade.config.piece import PieceManifest
from facade.pieces.behaviour import Behaviour
from facade.pieces.includes import LineMap
from facade.pieces.size import SizeExpression

Domain = Literal["pixel", "canvas"]
Dialect = Literal["native", "isf", "shadertoy", "plain"]
GlslType = Literal["float", "int", "bool", "vec2", "vec3", "vec4", "sampler2D", "samplerCube"]

UNIFORM_TYPES: dict[str, GlslType] = {
    "float": "float",
    "int": "int",
    "bool": "bool",
    "trigger": "float",
    "color": "vec3",
    "choice": "int",
    "point": "vec2",
    "image": "sampler2D",
    "audio": "sampler2D",
    "points": "sampler2D",
    "text": "sampler2D",
}
"""Parameter type -> type of the uniform that carries it in the native dialect."""

Filter = Literal["linear", "nearest", "mipmap"]
"""How a picture is read between its texels; mipmap: smaller copies of it are made, for textureLod and for far away."""

MAX_PASSES = 32
MAX_SAMPLERS = 13
"""Pictures one shader may read: GL 3.3 promises 16 units, three are facade's."""

MAX_TEXTURE_BYTES = 512_000_000
"""Of all textures of one layer together: its targets, twice, its images, tables, pictures and films."""

Quantity = Literal["time", "delta", "frame", "size", "pass", "date", "date0", "mouse", "mouse01", "rate", "seed"]
"""What a dialect's automatic uniform tells.

time, delta: seconds. frame: from 0. size: of the target being drawn, texels. pass: its index. date: year, month from 1,
day, seconds of the day; date0 counts months from 0. mouse: place in texels, and button; mouse01: the place, 0..1. rate:
frames a second.
"""


@dataclass(frozen=True, slots=True)
class Uniform:
    """One parameter as the shader sees it. parameter: its name in the manifest, the uniform's own if "".

    A colour is sRGB as the artist wrote it; the vec3 of a native piece is linear light. A bool of a trigger is true for
    one frame.
    rest: a parameter of one number that gives the last one: a colour's alpha, the third coordinate of a point.
    """

    name: str
    type: GlslType
    parameter: str = ""
    rest: str = ""

    @property
    def source(self) -> str:
        return self.parameter or self.name


@dataclass(frozen=True, slots=True)
class Automatic:
    """One uniform that facade fills by itself. size: how many numbers the shader takes; whole: it is an int."""

    name: str
    quantity: Quantity
    size: int
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Sampler:
    """One picture the shader reads.

    kind: "input", "audio" and "points" are parameters (ref: the name), "target" a target, "data" what a behaviour
    supplies, "file" an image beside the shader (ref: an index into ``PieceProgram.files_read``), "cube" a cube map
    (ref: an index into ``PieceProgram.cubes``), "noise" and "keyboard" are made by facade. repeat: wraps at the edges.
    """

    name: str
    kind: Literal["input", "audio", "points", "text", "target", "data", "file", "cube", "noise", "keyboard"]
    ref: str = ""
    repeat: bool = False
    filter: Filter = "linear"


@dataclass(frozen=True, slots=True)
class Target:
    """A named picture that passes draw into. persistent: kept from frame to frame.

    float32, half: 32 or 16 bits a channel; else 8. width, height: texels, evaluated once a frame; None is the canvas's.
    """

    name: str
    persistent: bool = False
    float32: bool = False
    width: SizeExpression | None = None
    height: SizeExpression | None = None
    half: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One shader to compile: the artist's text, includes in place, ending in what calls it. vertex: None for ours."""

    text: str
    prelude: str = ""
    entry: str = ""
    vertex: str | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """One draw. source: index of the shader. target: None draws the picture itself."""

    source: int = 0
    target: str | None = None
    samplers: tuple[Sampler, ...] = ()


@dataclass(frozen=True, slots=True)
class PieceProgram:
    """A piece ready for the GPU to compile.

    passes: in drawing order; the last one is the picture. reads_previous: the layer's previous canvas is kept for it.
    discards: some texels may be left undrawn, so the target is cleared first. reason: why this domain.
    repairs: what was changed in old GLSL, and what stands in for what is missing. files_read: images it shows.
    behaviour: what it does by itself.
    cubes: cube maps, six faces each as +x -x +y -y +z -z, top row first; none at all is the sky that facade makes.
    """

    slug: str
    manifest: PieceManifest
    dialect: Dialect
    domain: Domain
    sources: tuple[Source, ...]
    passes: tuple[Pass, ...]
    uniforms: tuple[Uniform, ...]
    lines: LineMap
    reads_previous: bool = False
    discards: bool = False
    targets: tuple[Target, ...] = ()
    samplers: tuple[Sampler, ...] = ()
    automatic: tuple[Automatic, ...] = ()
    files_read: tuple[Path, ...] = ()
    cubes: tuple[tuple[Path, ...], ...] = ()
    repairs: tuple[str, ...] = ()
    reason: str = ""
    behaviour: Behaviour | None = None

    @property
    def on_board(self) -> bool:
        """Whether its canvas is a board of targets; else it is one picture, perhaps with the previous one beside it."""
        return self.dialect != "native" or bool(self.manifest.passes)

    @property
    def srgb(self) -> bool:
        return self.manifest.color_space == "srgb"

    @property
    def screen(self) -> bool:
        """Whether it returns a screen's picture: colours end at 1, and alpha is the artist's own business.

        Many public shaders leave alpha at 0 or undefined; an LED shows their colour as it is.
        """
        return self.dialect != "native"

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file this program was made from; a change of any of them is a reason to reload."""
        by_itself = () if self.behaviour is None else (self.behaviour.file,)
        return self.lines.files + self.files_read + tuple(face for cube in self.cubes for face in cube) + by_itself
