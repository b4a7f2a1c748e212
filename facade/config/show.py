"""A show: inputs, bindings, cues and playlists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator

from facade.config.document import Document, ParameterName, Ratio, Slug, Table
from facade.config.input import Input
from facade.config.piece import Value

Role = Literal["generator", "filter", "transition"]
"""What a piece does: make a picture, change one, or lead from one to another."""


class Binding(Table):
    """Input address -> parameter or command."""

    source: str = Field(
        alias="from", min_length=3, description="Input and address: osc/fader/1, knobs/cc/1/7, sensor/distance."
    )
    to: str = Field(
        min_length=2,
        pattern=r"^/",
        description="/piece/SLUG/NAME, /master, /blackout, /show/go, /show/back, /show/cue or /show/hold.",
    )
    in_range: tuple[float, float] | None = Field(
        default=None,
        description="Input values mapped onto out_range; absent means 0..1 (MIDI 0..127, bend -8192..8191).",
    )
    out_range: tuple[float, float] | None = Field(default=None, description="Absent means the parameter's own range.")
    curve: Literal["linear", "square", "sqrt", "s"] = Field(
        default="linear", description="Shape between the ends of the range."
    )
    invert: bool = Field(default=False, description="Whether a larger input gives a smaller value.")
    smooth_s: float = Field(default=0.0, ge=0.0, le=60.0, description="Time constant: 63 % of a step after this long.")
    stale: Literal["hold", "default"] = Field(
        default="hold",
        description="What happens when the input falls silent: hold the value, or glide to the parameter's default.",
    )


class Place(Table):
    """How a layer's picture falls on one surface: a part of it, repeated, then mirrored, then turned."""

    surface: str = Field(min_length=1, description="Name of a surface of the venue.")
    crop: tuple[Ratio, Ratio, Ratio, Ratio] | None = Field(
        default=None,
        description="Part of the picture shown there: left, bottom, right, top; absent means what lies behind it.",
    )
    tile: tuple[Annotated[int, Field(ge=1, le=64)], Annotated[int, Field(ge=1, le=64)]] = Field(
        default=(1, 1), description="How often the part is repeated, across and up."
    )
    mirror: Literal["none", "x", "y", "both"] = Field(
        default="none", description="Whether left and right (x), top and bottom (y) or both change places."
    )
    rotate_deg: float = Field(
        default=0.0,
        ge=-360.0,
        le=360.0,
        description="Turn about the middle, positive to the left; the part is enlarged until it fills the corners.",
    )

    @field_validator("crop")
    @classmethod
    def _has_a_size(cls, crop: tuple[float, float, float, float] | None) -> tuple[float, float, float, float] | None:
        if crop is not None and not (crop[0] < crop[2] and crop[1] < crop[3]):
            raise ValueError("the part has no size: left must be less than right, and bottom less than top")
        return crop


class Played(Table):
    """A piece, one of its presets, and values of its own."""

    ROLE: ClassVar[Role] = "generator"

    piece: Slug = Field(description="Name of a piece.")
    preset: Slug | None = Field(default=None, description="Name of one of its presets.")
    values: dict[ParameterName, Value] = Field(
        default={}, description="Parameter values, by name; they go before the preset's."
    )


class Filter(Played):
    """A piece that changes a picture: of the layer it stands in, or of a whole cue."""

    ROLE: ClassVar[Role] = "filter"

    piece: Slug = Field(description="Name of a piece that is a filter.")


class Transition(Played):
    """A piece that leads from one picture to another while the crossfade runs."""

    ROLE: ClassVar[Role] = "transition"

    piece: Slug = Field(description="Name of a piece that is a transition.")


def _by_name(given: object) -> object:
    """A transition may be written as its name alone."""
    return {"piece": given} if isinstance(given, str) else given


class Layer(Played):
    """A piece with its values, its share, its blend and its place."""

    opacity: Ratio = Field(default=1.0, description="Share of this layer.")
    blend: Literal["normal", "add", "multiply", "screen", "overlay", "lighten", "darken", "difference"] = Field(
        default="normal", description="How it meets the layers below, in linear light."
    )
    filter: tuple[Filter, ...] = Field(
        default=(), max_length=4, description="What changes its picture before it falls on the wall, in order."
    )
    surfaces: tuple[str, ...] = Field(
        default=(), description="Mask: it shows on these surfaces and fixtures only; both absent means everywhere."
    )
    fixtures: tuple[str, ...] = Field(default=(), description="Mask: it shows on these fixtures and surfaces only.")
    place: tuple[Place, ...] = Field(
        default=(), max_length=64, description="How it falls on a surface; on those not named as on one great wall."
    )

    @field_validator("place")
    @classmethod
    def _once_each(cls, places: tuple[Place, ...]) -> tuple[Place, ...]:
        named = [place.surface for place in places]
        twice = next((name for name in named if named.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f'surface "{twice}" is placed twice')
        return places


class Cue(Table):
    """What is on."""

    title: str = Field(default="", description="As the operator sees it.")
    wait_s: float = Field(
        default=0.0, ge=0.0, le=3600.0, description="From go to the start of this cue; what is on stays on meanwhile."
    )
    crossfade_s: float = Field(default=2.0, ge=0.0, le=600.0, description="From the cue before into this one.")
    curve: Literal["linear", "s"] = Field(
        default="linear", description="How the crossfade runs: evenly in light, or slow at both ends."
    )
    hold_s: float | None = Field(
        default=None,
        gt=0.0,
        description="From the start of this cue to the next one; absent waits for go, or for the playlist's max_s.",
    )
    follow: Slug | None = Field(
        default=None, description="Cue that comes after this one; absent means what the playlist says."
    )
    transition: Annotated[
        Transition | None, BeforeValidator(_by_name, json_schema_input_type=str | Transition | None)
    ] = Field(
        default=None,
        description="What leads here from the cue before: a transition's name, or a table; absent crossfades.",
    )
    filter: tuple[Filter, ...] = Field(
        default=(), max_length=4, description="What changes the light of its layers together, in order."
    )
    layer: tuple[Layer, ...] = Field(min_length=1, max_length=8, description="What is on, from the bottom up.")

    def parts(self) -> Iterator[tuple[str, Played]]:
        """Yield every piece the cue names and where, such as ("layer[0].filter[1]", filter)."""
        for n, layer in enumerate(self.layer):
            yield f"layer[{n}]", layer
            for i, each in enumerate(layer.filter):
                yield f"layer[{n}].filter[{i}]", each
        for i, each in enumerate(self.filter):
            yield f"filter[{i}]", each
        if self.transition is not None:
            yield "transition", self.transition


class Playlist(Table):
    """Cues in order."""

    cues: tuple[Slug, ...] = Field(min_length=1, description="Names of cues, in order.")
    order: Literal["listed", "random"] = Field(
        default="listed",
        description="As they stand here, or each round drawn anew from the show's seed, never one twice running.",
    )
    weights: dict[Slug, Annotated[int, Field(ge=1, le=20)]] = Field(
        default={},
        description="How often a cue comes in each random round; absent means as often as it stands in cues.",
    )
    max_s: float | None = Field(
        default=None, gt=0.0, description="Longest that a cue stays, also one without hold_s; absent means no limit."
    )
    loop: bool = Field(default=True, description="Whether the first follows the last, or another round the first.")


class Show(Document):
    KIND: ClassVar[str] = "show"

    title: str = Field(min_length=1, description="As people call it.")
    seed: int = Field(
        default=1, ge=0, le=2**31 - 1, description="Of everything random, so that an evening can be repeated."
    )
    rate_hz: float = Field(default=60.0, ge=1.0, le=240.0, description="Render rate.")
    start: Slug | None = Field(default=None, description="Playlist to start with; absent means the first.")
    input: dict[Slug, Input] = Field(default={}, description="Where messages come from, by name.")
    binding: tuple[Binding, ...] = Field(default=(), description="Which message moves which parameter.")
    cue: dict[Slug, Cue] = Field(min_length=1, description="What can be on, by name.")
    playlist: dict[Slug, Playlist] = Field(default={}, description="Cues in order, by name.")
