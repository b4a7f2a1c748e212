"""A controller profile: one model of network or serial device, with its limits and habits."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from facade.config.document import Document, Slug

Protocol = Literal[
    "artnet",
    "sacn",
    "ddp",
    "kinet1",
    "kinet2",
    "opc",
    "wled",
    "tpm2net",
    "enttec_pro",
    "open_dmx",
    "adalight",
    "tpm2",
    "aec_udp",
    "blp",
    "mcuf",
    "colorlight",
    "driver",
]
"""Those of facade/protocols/registry.py, and driver for a file in hardware/drivers."""


class ControllerProfile(Document):
    """One model of controller. A venue's controller names a profile and may override universe_size and split_pixels."""

    KIND: ClassVar[str] = "controller profile"

    id: str = Field(description="The profile's name: that of its file.")
    name: str = Field(default="", description="As people call it.")
    protocol: Protocol = Field(description="How frames reach it.")
    driver: Slug | None = Field(
        default=None,
        description="With protocol driver: name of a Python file in hardware/drivers, run as facade itself.",
    )
    universe_size: int = Field(
        default=512,
        ge=1,
        le=65535,
        description="Slots of a universe this device reads; of a packet, where pixels are addressed by byte offset.",
    )
    pixel_channels: int = Field(
        default=3, ge=1, le=16, description="Channels of a pixel, for protocols that say so in their packets."
    )
    split_pixels: bool = Field(default=False, description="Whether one pixel may straddle two universes.")
    max_rate_hz: float = Field(default=44.0, gt=0, description="44 where DMX ports follow; more for pixel drivers.")
    max_universes: int = Field(default=32768, ge=1, description="Most universes it takes.")
    max_mbit: float = Field(
        default=0.0, ge=0, description="Megabits a second its port takes; packets are paced to it. 0: no limit."
    )
    baud: int = Field(default=115_200, ge=1200, le=20_000_000, description="Of a serial device.")
    sync: bool = Field(
        default=False, description="Whether frames are closed with ArtSync, a sACN sync packet, or KiNET's."
    )
    preview: bool = Field(default=False, description="Marks sACN data as not meant for live output (option bit 7).")
    notes: str = Field(default="", description="What is published, what is assumed.")
