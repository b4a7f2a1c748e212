"""A venue: a building with its surfaces, fixtures, controllers, power groups and safe look.

Axes: x right seen from the street, y up, z out of the wall towards the viewer; metres.
Universes are the protocol's own wire numbers (Art-Net 0..32767, sACN 1..63999); channels are 1..512, as printed.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from facade.config.document import ColorRgb, Document, Point2, Point3, Slug, Table

Positive = Annotated[float, Field(gt=0.0, lt=10_000.0)]


class VenueFacts(Table):
    id: Slug
    name: str
    place: str = ""
    unit: Literal["m"] = "m"
    rate_hz: float = Field(default=40.0, ge=1.0, le=1000.0, description="Delivery rate: frames a second on the wire.")
    viewpoint_m: Point3 = Field(default=(0.0, 1.6, 30.0), description="Where the street view is seen from.")
    sources: tuple[str, ...] = ()
    notes_for_artists: str = ""


class Scene(Table):
    """What surrounds the light in the street view. It changes no light that leaves."""

    building_m: tuple[Positive, Positive] | None = Field(
        default=None, description="Width and height of the dark building; absent means the surfaces with a margin."
    )
    building_at_m: Point2 = (0.0, 0.0)
    look: Literal["brick", "concrete", "metal", "glass"] = "brick"
    pixel: Literal["window", "led", "panel"] = "led"
    ground: Literal["street", "canal", "square"] = "street"


class Surface(Table):
    """A measured plane. origin_m is its bottom-left corner, yaw_deg turns it about y (0 faces the viewer)."""

    origin_m: Point3 = (0.0, 0.0, 0.0)
    size_m: tuple[Positive, Positive]
    yaw_deg: float = Field(default=0.0, gt=-180.0, le=180.0)


class VenueController(Table):
    """A mounted controller. host "multicast" is for sACN only."""

    profile: str
    host: str
    port: int | None = Field(default=None, ge=1, le=65535, description="Absent means the protocol's own port.")
    universe_size: int | None = Field(default=None, ge=1, le=512)
    split_pixels: bool | None = None
    priority: int = Field(default=100, ge=0, le=200, description="sACN only.")
    sync_universe: int = Field(default=0, ge=0, le=63999, description="sACN only; 0 means no synchronisation.")
    interface: str = Field(default="", description="Address of the interface to send from; empty: any.")


class Wiring(Table):
    """In which order a grid's pixels are connected."""

    start: Literal["bottom-left", "bottom-right", "top-left", "top-right"] = "bottom-left"
    along: Literal["row", "column"] = "row"
    serpentine: bool = False


class Segment(Table):
    """A run of one fixture's pixels, in wiring order, on one controller. Universes are filled one after the other."""

    controller: str
    universe: int = Field(ge=0, le=63999)
    channel: int = Field(default=1, ge=1, le=512)
    first: int = Field(default=0, ge=0, alias="from", description="First pixel of the fixture, from 0.")
    count: int | None = Field(default=None, ge=1, description="Absent means to the end of the fixture.")
    reverse: bool = False


class Fixture(Table):
    """One mounted instance of a profile. Positions are metres on its surface, from the surface's bottom-left corner.

    grid    columns, rows, pitch_m, at_m (centre of the bottom-left pixel); mask: CSV of 0/1 rows, top row first
    strip   count, at_m, end_m (centres of the first and the last pixel)
    points  points_m, or file: CSV with columns id, x_m, y_m and optionally z_m, width_m, height_m,
            controller, universe, channel
    """

    profile: str
    surface: str
    shape: Literal["grid", "strip", "points"]
    at_m: Point2 = (0.0, 0.0)
    columns: int | None = Field(default=None, ge=1, le=10_000)
    rows: int | None = Field(default=None, ge=1, le=10_000)
    pitch_m: tuple[Positive, Positive] | None = None
    mask: str | None = None
    count: int | None = Field(default=None, ge=1, le=1_000_000)
    end_m: Point2 | None = None
    points_m: tuple[Point2, ...] | None = None
    file: str | None = None
    outline_m: tuple[Positive, Positive] | None = Field(default=None, description="Lit size of one pixel.")
    wiring: Wiring = Wiring()
    segment: tuple[Segment, ...] = ()


class PowerGroup(Table):
    """A supply and the fixtures it feeds."""

    amps: float = Field(gt=0.0, description="What the supply may give.")
    fixtures: tuple[str, ...] = Field(min_length=1)


class SafeLook(Table):
    """What shows when frames stop coming: the last one held, then a fade to this colour."""

    color: ColorRgb = (0.0, 0.0, 0.0)
    hold_s: float = Field(default=2.0, ge=0.0, le=2.0)
    fade_s: float = Field(default=1.0, ge=0.05, le=60.0)


class Venue(Document):
    KIND: ClassVar[str] = "venue"

    venue: VenueFacts
    scene: Scene = Scene()
    surface: dict[Slug, Surface] = Field(min_length=1)
    controller: dict[Slug, VenueController] = Field(min_length=1)
    fixture: dict[Slug, Fixture] = Field(min_length=1)
    power: dict[Slug, PowerGroup] = {}
    safe: SafeLook = SafeLook()
