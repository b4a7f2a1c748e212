"""A fixture profile: one model of light bar, panel or spot, and how its channels drive light."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from facade.config.document import Document
from facade.core.color import white_gains

_CHANNEL = re.compile(r"(?:[RGBW](?:_fine)?|fixed:(?:25[0-5]|2[0-4]\d|1?\d?\d))")


def _channel(name: str) -> str:
    if not _CHANNEL.fullmatch(name):
        raise ValueError('a channel is "R", "G", "B", "W", one of these with "_fine", or "fixed:0" to "fixed:255"')
    return name


def _white(xy: tuple[float, float]) -> tuple[float, float]:
    if min(xy) <= 0:
        raise ValueError("a chromaticity is two numbers above 0, such as [0.3127, 0.3290]")
    white_gains(xy)
    return xy


Channel = Annotated[str, AfterValidator(_channel)]
WhiteXy = Annotated[tuple[float, float], AfterValidator(_white)]
Amps = Annotated[float, Field(ge=0.0)]
Candela = Annotated[float, Field(ge=0.0)]


class FixtureProfile(Document):
    """One model of lamp. Channels are listed in the order of the device's own table, one per DMX slot."""

    KIND: ClassVar[str] = "fixture profile"

    id: str = Field(description="The profile's name: that of its file.")
    name: str = Field(default="", description="As people call it.")
    channels: tuple[Channel, ...] = Field(min_length=1, max_length=32, description="One entry per slot of a pixel.")
    curve: Literal["linear", "gamma", "srgb"] = Field(
        default="gamma", description="How a slot value becomes light; the pipeline applies its inverse."
    )
    gamma: float = Field(default=2.2, ge=1.0, le=4.0, description="Exponent when curve is gamma.")
    white_xy: WhiteXy | None = Field(
        default=None, description="CIE 1931 chromaticity at full drive of R, G and B; absent means D65."
    )
    white_mode: Literal["subtract", "add"] = Field(
        default="subtract",
        description="RGBW: subtract takes min(r, g, b) out of RGB and gives it to W; add leaves RGB and adds W.",
    )
    amps: tuple[Amps, Amps, Amps, Amps] = Field(
        default=(0.02, 0.02, 0.02, 0.02), description="Amperes of one pixel at full drive of R, G, B, W."
    )
    candela: tuple[Candela, Candela, Candela, Candela] | None = Field(
        default=None,
        description="Measured candela of one pixel at full drive of R, G, B, W; absent means unknown.",
    )
    idle_amps: float = Field(default=0.001, ge=0.0, description="Amperes of one pixel that shows black.")
    dither: bool = Field(default=True, description="Spread what 8 bits cannot show over time.")
    notes: str = Field(default="", description="What is published, what is assumed.")

    @model_validator(mode="after")
    def _lit(self) -> Self:
        if all(channel.startswith("fixed:") for channel in self.channels):
            raise ValueError("channels holds no light: at least one of R, G, B and W is needed")
        for channel in self.channels:
            coarse = channel.removesuffix("_fine")
            if coarse not in self.channels:
                raise ValueError(f'channels holds "{channel}" without "{coarse}"')
        return self
