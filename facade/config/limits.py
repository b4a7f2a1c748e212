"""What limits a venue's light: permit, curfews, light sensor, and what the flash guard goes by. All only darken."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from facade.config.document import Point3, Ratio, Table, Zone

SUN_TIMES = (
    "sunset", "civil dusk", "nautical dusk", "astronomical dusk",
    "sunrise", "civil dawn", "nautical dawn", "astronomical dawn",
)  # fmt: skip
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _sun_or_clock(text: str) -> str:
    if text not in SUN_TIMES and not _CLOCK.fullmatch(text):
        raise ValueError(f'a time is "HH:MM" or one of {", ".join(SUN_TIMES)}')
    return text


SunOrClock = Annotated[str, AfterValidator(_sun_or_clock)]
Luminance = Annotated[float, Field(gt=0.0, lt=1_000_000.0)]


class Site(Table):
    """Where on Earth the venue is: for the sun, and for what its clocks show."""

    zone: Zone = Field(description="Time zone as the tz database names it, such as Europe/Brussels.")
    latitude: float = Field(ge=-90.0, le=90.0, description="Degrees, north positive.")
    longitude: float = Field(ge=-180.0, le=180.0, description="Degrees, east positive.")


class Permit(Table):
    """What the permit allows: the mean luminance of the facade, light of all pixels over its area."""

    max_cd_m2: Luminance = Field(description="Mean luminance of the facade, cd/m2.")
    area_m2: float | None = Field(
        default=None,
        gt=0.0,
        description="Area of the facade that the permit counts; absent means that of all surfaces.",
    )


class Curfew(Table):
    """A time of the day with less light. Several may overlap; the darkest counts."""

    start: SunOrClock = Field(
        alias="from", description='Local time such as "23:00", or "sunset", "civil dusk", "nautical dusk" and so on.'
    )
    until: SunOrClock = Field(description='The next such time after that: "06:00", "sunrise", "civil dawn" and so on.')
    level: Ratio | None = Field(default=None, description="Share of all light that may leave; 0 is dark.")
    max_cd_m2: Luminance | None = Field(default=None, description="Or the mean luminance of the facade, cd/m2.")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.level is None) == (self.max_cd_m2 is None):
            raise ValueError("a curfew says either level or max_cd_m2")
        return self


class LightSensor(Table):
    """A cap that follows the light of the surroundings. Between the two points it is interpolated, in logarithms."""

    source: str = Field(
        default="",
        alias="from",
        description="Input of this venue and address in it that say lux, such as roof/lux; without it always dark.",
    )
    dark_lux: float = Field(gt=0.0, description="At this illuminance and below, dark_cd_m2 holds.")
    dark_cd_m2: Luminance = Field(
        description="Mean luminance of the facade in the dark; also while the sensor is silent."
    )
    bright_lux: float = Field(gt=0.0, description="At this illuminance and above, bright_cd_m2 holds.")
    bright_cd_m2: Luminance = Field(description="Mean luminance of the facade by day.")
    stale_s: float = Field(default=60.0, gt=0.0, description="After this time without a reading it counts as dark.")

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.bright_lux <= self.dark_lux or self.bright_cd_m2 < self.dark_cd_m2:
            raise ValueError("bright_lux must be above dark_lux, and bright_cd_m2 not below dark_cd_m2")
        return self


class Flash(Table):
    """What the flash guard knows about the people in the street. It is always on; these keys can only make it stricter.

    Without a viewpoint there is no area test: then no single pixel may flash too often (WCAG 2.2, SC 2.3.2).
    """

    viewpoints_m: tuple[Point3, ...] = Field(
        default=(),
        max_length=8,
        description="Where people stand, the nearest and the usual places; empty means no area test, the strictest.",
    )
    strict: bool = Field(default=False, description="No area test, whatever viewpoints_m says.")
    max_flashes: int = Field(default=3, ge=1, le=3, description="Flashes that one second may hold.")
    extended: bool = Field(
        default=False,
        description="Also hold back long sequences: two flashes a second or more for four seconds out of five.",
    )
    white_cd_m2: float = Field(
        default=5000.0,
        ge=200.0,
        le=100_000.0,
        description="Luminance of a white pixel whose profile says no candela. More is stricter.",
    )
