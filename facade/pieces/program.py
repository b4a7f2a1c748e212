"""What every dialect becomes: passes of GLSL, typed uniforms, a domain and a map back to the artist's own lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from facade.config.piece import PieceManifest
from facade.pieces.includes import LineMap

Domain = Literal["pixel", "canvas"]
GlslType = Literal["float", "int", "bool", "vec2", "vec3"]

UNIFORM_TYPES: dict[str, GlslType] = {
    "float": "float",
    "int": "int",
    "bool": "bool",
    "trigger": "float",
    "color": "vec3",
    "choice": "int",
    "point": "vec2",
}
"""Parameter type -> type of the uniform that carries it."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """One parameter as the shader sees it."""

    name: str
    type: GlslType


@dataclass(frozen=True, slots=True)
class Pass:
    """One draw. text: the artist's source, includes in place, without prelude and main."""

    text: str


@dataclass(frozen=True, slots=True)
class PieceProgram:
    """A piece ready for the GPU to compile.

    passes: in drawing order; the last one is the picture. reads_previous: the layer's previous canvas is kept for it.
    discards: some texels may be left undrawn, so the target is cleared first. srgb: the output is decoded for mixing.
    """

    slug: str
    manifest: PieceManifest
    dialect: Literal["native"]
    domain: Domain
    passes: tuple[Pass, ...]
    uniforms: tuple[Uniform, ...]
    lines: LineMap
    reads_previous: bool
    discards: bool

    @property
    def srgb(self) -> bool:
        return self.manifest.color_space == "srgb"

    @property
    def files(self) -> tuple[Path, ...]:
        """Every source file this program was made from; a change of any of them is a reason to reload."""
        return self.lines.files
