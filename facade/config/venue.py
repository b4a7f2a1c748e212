"""A venue: a building with its surfaces, fixtures, controllers, power groups and safe look.

Axes: x right seen from the street, y up, z out of the wall towards the viewer; metres.
Universes are the protocol's own wire numbers (Art-Net 0..32767, sACN 1..63999); channels are 1..512, as printed. Where
pixels are addressed by byte offset, universe n begins at byte n * universe_size, and channels run to universe_size.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from facade.config.document import ColorRgb, Document, Point2, Point3, Slug, Table
from facade.config.input import Input
from facade.config.limits import Curfew, Flash, LightSensor, Permit, Site

Positive = Annotated[float, Field(gt=0.0, lt=10_000.0)]


def _ipv4(text: str) -> str:
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError as error:
        raise ValueError("an IPv4 address such as 10.0.0.5 is needed here") from error
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        raise ValueError("this is no address of one machine")
    return str(address)


Ipv4 = Annotated[str, AfterValidator(_ipv4)]
PixelCount = Annotated[int, Field(ge=1, le=1024)]


class VenueFacts(Table):
    """What the venue is."""

    id: Slug = Field(description="The venue's name: that of its folder.")
    name: str = Field(description="As people call it.")
    place: str = Field(default="", description="City and street.")
    unit: Literal["m"] = Field(default="m", description="Lengths are metres; nothing else is read.")
    rate_hz: float = Field(default=40.0, ge=1.0, le=1000.0, description="Delivery rate: frames a second on the wire.")
    total_amps: float | None = Field(
        default=None, gt=0.0, description="What all lights together may draw; absent means no limit but the supplies'."
    )
    viewpoint_m: Point3 = Field(default=(0.0, 1.6, 30.0), description="Where the street view is seen from.")
    sources: tuple[str, ...] = Field(default=(), description="Where the numbers come from.")
    notes_for_artists: str = Field(default="", description="What to know before making a piece for it.")


class Scene(Table):
    """What surrounds the light in the street view. It changes no light that leaves."""

    building_m: tuple[Positive, Positive] | None = Field(
        default=None, description="Width and height of the dark building; absent means the surfaces with a margin."
    )
    building_at_m: Point2 = Field(default=(0.0, 0.0), description="Bottom-left corner of the building.")
    look: Literal["brick", "concrete", "metal", "glass"] = Field(default="brick", description="Surface of the wall.")
    pixel: Literal["window", "led", "panel"] = Field(
        default="led", description="What a light looks like: a window with a frame, a bare LED, a panel."
    )
    ground: Literal["street", "canal", "square"] = Field(
        default="street", description="What lies before the building; a canal mirrors it."
    )


class Surface(Table):
    """A measured plane. origin_m is its bottom-left corner, yaw_deg turns it about y (0 faces the viewer)."""

    origin_m: Point3 = Field(default=(0.0, 0.0, 0.0), description="Bottom-left corner in venue axes.")
    size_m: tuple[Positive, Positive] = Field(description="Width and height.")
    yaw_deg: float = Field(
        default=0.0,
        gt=-180.0,
        le=180.0,
        description="Turn about the vertical; 0 faces the viewer, positive faces the viewer's right.",
    )


class VenueController(Table):
    """A mounted controller. host "multicast" is for sACN only; a serial device's host is its port."""

    profile: str = Field(description="Name of a file in hardware/controllers.")
    host: str = Field(description="Address or name of the device, or its serial port; multicast is for sACN.")
    port: int | None = Field(default=None, ge=1, le=65535, description="Absent means the protocol's own port.")
    universe_size: int | None = Field(default=None, ge=1, le=65535, description="Instead of the profile's.")
    split_pixels: bool | None = Field(default=None, description="Instead of the profile's.")
    priority: int = Field(default=100, ge=0, le=200, description="sACN only.")
    address_priority: bool = Field(
        default=False, description="sACN only: also says for each slot whether it is sent from here (start code 0xDD)."
    )
    sync_universe: int = Field(default=0, ge=0, le=63999, description="sACN only; 0 means no synchronisation.")
    destination: int = Field(default=1, ge=1, le=255, description="DDP only: id of the display in the device.")
    same_device: bool = Field(
        default=False, description="Another controller of this venue has the same host on purpose: both are one device."
    )
    size_px: tuple[PixelCount, PixelCount] | None = Field(
        default=None, description="Blinkenlights only: columns and rows of the picture."
    )
    interface: str = Field(default="", description="Name (eth1) or address of the interface to send from; empty: any.")
    broadcast: bool = Field(
        default=False,
        description="Art-Net, KiNET: host may be a broadcast address. Every device on the network then reads it all.",
    )


class Wiring(Table):
    """In which order a grid's pixels are connected."""

    start: Literal["bottom-left", "bottom-right", "top-left", "top-right"] = Field(
        default="bottom-left", description="Corner of the first pixel, seen from the street."
    )
    along: Literal["row", "column"] = Field(
        default="row", description="Whether the cable runs along rows or columns first."
    )
    serpentine: bool = Field(default=False, description="Whether every other line runs back.")


class Segment(Table):
    """A run of one fixture's pixels, in wiring order, on one controller. Universes are filled one after the other."""

    controller: str = Field(description="Name of a controller of this venue.")
    universe: int = Field(ge=0, le=63999, description="First universe, the protocol's number on the wire.")
    channel: int = Field(default=1, ge=1, le=65535, description="First channel in it, as printed on devices.")
    first: int = Field(default=0, ge=0, alias="from", description="First pixel of the fixture, from 0.")
    count: int | None = Field(default=None, ge=1, description="Absent means to the end of the fixture.")
    reverse: bool = Field(default=False, description="Whether the last pixel of the run is the first on the wire.")
    order: str | None = Field(
        default=None,
        pattern=r"^[RGBW]{1,4}$",
        description="Colours of this port's lamps in the order of the wire, such as GRB; absent means the profile's.",
    )
    nulls: int = Field(
        default=0, ge=0, le=1000, description="Pixels on the cable before the first one that stay dark, as repeaters."
    )
    group: int = Field(default=1, ge=1, le=1000, description="Pixels on the cable that show one pixel of the fixture.")


class Fixture(Table):
    """One mounted instance of a profile. Positions are metres on its surface, from the surface's bottom-left corner.

    grid    columns, rows, pitch_m, at_m (centre of the bottom-left pixel); mask: CSV of 0/1 rows, top row first
    strip   count, at_m, end_m (centres of the first and the last pixel)
    points  points_m, or file: CSV with columns id, x_m, y_m and optionally z_m, width_m, height_m,
            controller, universe, channel
    """

    profile: str = Field(description="Name of a file in hardware/fixtures.")
    surface: str = Field(description="Name of a surface of this venue.")
    shape: Literal["grid", "strip", "points"] = Field(description="How its pixels are laid out.")
    at_m: Point2 = Field(
        default=(0.0, 0.0),
        description="Centre of a grid's bottom-left pixel or of the first pixel of a strip; moves points.",
    )
    columns: int | None = Field(default=None, ge=1, le=10_000, description="Of a grid.")
    rows: int | None = Field(default=None, ge=1, le=10_000, description="Of a grid.")
    pitch_m: tuple[Positive, Positive] | None = Field(
        default=None, description="Of a grid: from pixel to pixel, across and up."
    )
    mask: str | None = Field(
        default=None, description="Of a grid: CSV of 0 and 1, top row first; the cable skips each 0."
    )
    count: int | None = Field(default=None, ge=1, le=1_000_000, description="Of a strip: number of pixels.")
    end_m: Point2 | None = Field(default=None, description="Of a strip: centre of its last pixel.")
    points_m: tuple[Point2, ...] | None = Field(default=None, description="Of points: their centres, in wiring order.")
    file: str | None = Field(default=None, description="Of points: a CSV in the venue's folder, in wiring order.")
    outline_m: tuple[Positive, Positive] | None = Field(
        default=None, description="Lit width and height of one pixel; absent means half the pitch."
    )
    wiring: Wiring = Field(default=Wiring(), description="Of a grid: in which order its pixels are connected.")
    segment: tuple[Segment, ...] = Field(
        default=(), description="Where its pixels are connected; a points file with addresses has none."
    )


class PowerGroup(Table):
    """A supply and the fixtures it feeds."""

    amps: float = Field(gt=0.0, description="What the supply may give.")
    fixtures: tuple[str, ...] = Field(
        min_length=1, description="Names of fixtures of this venue; a fixture has one supply."
    )


class SafeLook(Table):
    """What shows when frames stop coming: the last one held, then a fade to this colour."""

    color: ColorRgb = Field(default=(0.0, 0.0, 0.0), description="Linear light, 0..1 for red, green, blue.")
    hold_s: float = Field(default=2.0, ge=0.0, le=2.0, description="How long the last frame stays.")
    fade_s: float = Field(default=1.0, ge=0.05, le=60.0, description="How long the fade takes.")


class Standby(Table):
    """Two machines for one facade: one sends, the other waits in silence until it has missed three heartbeats."""

    main: Ipv4 = Field(description="Address of the machine that sends; heartbeats go between these two.")
    standby: Ipv4 = Field(description="Address of the machine that waits: started with play --standby.")
    port: int = Field(default=8478, ge=1, le=65535, description="UDP port of the heartbeats, on both.")
    interval_s: float = Field(default=0.5, ge=0.1, le=10.0, description="Between two heartbeats; three may be missed.")
    key: str = Field(default="", description="A word that both know; what is signed with another is ignored.")

    @model_validator(mode="after")
    def _are_two(self) -> Standby:
        if self.main == self.standby:
            raise ValueError("main and standby are two machines with two addresses")
        return self


class Limits(Table):
    """The tables of a venue that cap brightness, alone."""

    site: Site | None = None
    permit: Permit | None = None
    curfew: dict[Slug, Curfew] = {}
    light_sensor: LightSensor | None = None


LIMITS = tuple(Limits.model_fields)

MOVABLE = ("host", "port", "interface", "priority")
"""Of a venue's controller: what may change while it plays."""


class Venue(Document):
    """A building and the light on it."""

    KIND: ClassVar[str] = "venue"

    venue: VenueFacts = Field(description="What it is.")
    scene: Scene = Field(default=Scene(), description="What surrounds the light in the street view.")
    surface: dict[Slug, Surface] = Field(min_length=1, description="Measured planes, by name.")
    controller: dict[Slug, VenueController] = Field(min_length=1, description="Mounted devices, by name.")
    fixture: dict[Slug, Fixture] = Field(
        min_length=1, description="Mounted lights, by name, in the order of the pixel ids."
    )
    power: dict[Slug, PowerGroup] = Field(default={}, description="Supplies, by name.")
    flash: Flash = Field(default=Flash(), description="What the flash guard goes by.")
    site: Site | None = Field(default=None, description="Where on Earth it is; curfews need it.")
    permit: Permit | None = Field(default=None, description="What the permit allows.")
    curfew: dict[Slug, Curfew] = Field(default={}, description="Times of the day with less light, by name.")
    input: dict[Slug, Input] = Field(
        default={}, description="Sensors that belong to the building, whatever show plays, by name; as in a show."
    )
    light_sensor: LightSensor | None = Field(default=None, description="A cap that follows the light around.")
    standby: Standby | None = Field(default=None, description="A second machine that takes over.")
    safe: SafeLook = Field(default=SafeLook(), description="What shows when frames stop coming.")

    def with_limits(self, limits: Mapping[str, object]) -> Venue:
        """Return this venue with other LIMITS, as ``limits`` gave them. Raises ValueError if they are not sound."""
        made = Limits.model_validate(limits)
        return self.model_copy(update={name: getattr(made, name) for name in LIMITS})

    def limits(self) -> dict[str, object]:
        """Return the tables that cap brightness, as plain JSON values."""
        return self.model_dump(mode="json", by_alias=True, include=set(LIMITS))
