"""What a piece may be made of besides parameters: passes drawn one after the other, and what a behaviour supplies."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from facade.config.document import Table

Texels = Annotated[int, Field(ge=1, le=16_384)]
Share = Annotated[float, Field(gt=0.0, le=4.0)]

MAX_TIMES = 16
"""How often one pass may be drawn in one frame."""

MAX_TEXTURE_TEXELS = 65_536
"""Of one texture a behaviour supplies: it is copied to the GPU in every frame."""

MAX_SUPPLIED = 32
MAX_TEXTURES = 4


class PiecePass(Table):
    """One draw of a piece of several. They are drawn in the order of the file; the last one is the picture."""

    shader: str = Field(default="", description="File in the piece's folder; absent means the piece's own shader.")
    target: str = Field(
        default="", description="Name under which every pass reads what this one drew; only the last may have none."
    )
    persistent: bool = Field(default=False, description="The target is kept from frame to frame.")
    float32: bool = Field(
        default=False, alias="float", description="32 bits a channel instead of 16, for what adds up over minutes."
    )
    width: Texels | str = Field(
        default="", description="Texels, or an expression such as `$WIDTH / 2`; absent means the canvas's."
    )
    height: Texels | str = Field(default="", description="Likewise.")
    scale: Share = Field(default=1.0, description="Size as a part of the canvas, for both sides at once.")
    times: Annotated[int, Field(ge=1, le=MAX_TIMES)] = Field(
        default=1, description="Draws in a frame, each reading what the one before has drawn."
    )

    @model_validator(mode="after")
    def _sizes(self) -> Self:
        if self.scale != 1.0 and (self.width or self.height):
            raise ValueError("scale and width or height say the same thing twice; keep one")
        if not self.target and (self.persistent or self.float32 or self.width or self.height or self.scale != 1.0):
            raise ValueError("persistent, float and a size belong to a target; name one, or leave them out")
        return self


class SuppliedNumber(Table):
    """A number, or a few of them."""

    type: Literal["float", "int", "bool", "vec2", "vec3", "vec4"] = Field(description="As the shader sees it.")
    help: str = Field(default="", description="What it tells, for whoever reads the shader.")


class SuppliedTexture(Table):
    """A small picture, 32-bit float; the shader sees a sampler2D."""

    type: Literal["texture"] = Field(description="texture: the shader sees a sampler2D.")
    size: tuple[Texels, Texels] = Field(description="Width and height in texels, at most 65,536 together.")
    channels: Annotated[int, Field(ge=1, le=4)] = Field(default=4, description="Numbers a texel.")
    filter: Literal["nearest", "linear"] = Field(default="nearest", description="What lies between two texels.")
    help: str = Field(default="", description="What it tells, for whoever reads the shader.")

    @model_validator(mode="after")
    def _small(self) -> Self:
        if self.size[0] * self.size[1] > MAX_TEXTURE_TEXELS:
            raise ValueError(f"{self.size[0]} x {self.size[1]} texels are too many; {MAX_TEXTURE_TEXELS:,} at most")
        return self


Supplied = Annotated[SuppliedNumber | SuppliedTexture, Field(discriminator="type")]
