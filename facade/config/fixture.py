"""A fixture profile: one model of light bar, panel or spot, and how its channels drive light."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from facade.config.document import Document

_CHANNEL = re.compile(r"(?:[RGBW](?:_fine)?|fixed:(?:25[0-5]|2[0-4]\d|1?\d?\d))")


def _channel(name: str) -> str:
    if not _CHANNEL.fullmatch(name):
        raise ValueError('a channel is "R", "G", "B", "W", one of these with "_fine", or "fixed:0" to "fixed:255"')
    return name


Channel = Annotated[str, AfterValidator(_channel)]


class FixtureProfile(Document):
    """One model of lamp. Channels are listed in the order of the device's own table, one per DMX slot."""

    KIND: ClassVar[str] = "fixture profile"

    id: str
    name: str = ""
    channels: tuple[Channel, ...] = Field(min_length=1, max_length=32, description="One entry per slot of a pixel.")
    curve: Literal["linear", "gamma", "srgb"] = Field(
        default="gamma", description="How a slot value becomes light; the pipeline applies its inverse."
    )
    gamma: float = Field(default=2.2, ge=1.0, le=4.0, description="Exponent when curve is gamma.")
    white_xy: tuple[float, float] | None = Field(
        default=None, description="CIE 1931 chromaticity at full drive of R, G and B; absent means D65."
    )
    white_mode: Literal["subtract", "add"] = Field(
        default="subtract",
        description="RGBW: subtract takes min(r, g, b) out of RGB and gives it to W; add leaves RGB and adds W.",
    )
    amps: tuple[float, float, float, float] = Field(
        default=(0.02, 0.02, 0.02, 0.02), description="Amperes of one pixel at full drive of R, G, B, W."
    )
    idle_amps: float = Field(default=0.001, ge=0.0, description="Amperes of one pixel that shows black.")
    dither: bool = Field(default=True, description="Spread what 8 bits cannot show over time.")
    notes: str = ""
