"""A controller profile: one model of network or serial device, with its limits and habits."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from facade.config.document import Document


class ControllerProfile(Document):
    """One model of controller. A venue's controller names a profile and may override universe_size and split_pixels."""

    KIND: ClassVar[str] = "controller profile"

    id: str = Field(description="The profile's name: that of its file.")
    name: str = Field(default="", description="As people call it.")
    protocol: Literal["artnet", "sacn"] = Field(description="How frames reach it.")
    universe_size: int = Field(default=512, ge=1, le=512, description="Slots of a universe this device reads.")
    split_pixels: bool = Field(default=False, description="Whether one pixel may straddle two universes.")
    max_rate_hz: float = Field(default=44.0, gt=0, description="44 where DMX ports follow; more for pixel drivers.")
    max_universes: int = Field(default=32768, ge=1, description="Most universes it takes.")
    sync: bool = Field(default=False, description="Whether frames are closed with ArtSync or a sACN sync packet.")
    notes: str = Field(default="", description="What is published, what is assumed.")
