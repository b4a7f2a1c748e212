"""What a native piece reads besides pictures: tables of numbers from files, and the time of a city."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from facade.config.document import ParameterName, Table, Zone

FONTS = (".ttf", ".otf", ".ttc")
TABLES = (".csv", ".json", ".npy")


def beside(name: str) -> str:
    """Check that a file's name means a place in the document's own folder."""
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in name or any(part in ("", ".", "..") for part in parts):
        raise ValueError("must be a path inside the document's own folder, with / between the parts")
    return name


def _font(name: str) -> str:
    if name and PurePosixPath(beside(name)).suffix.lower() not in FONTS:
        raise ValueError(f"a font's file ends in {', '.join(FONTS)}")
    return name


def _table(name: str) -> str:
    if PurePosixPath(beside(name)).suffix.lower() not in TABLES:
        raise ValueError(f"numbers are read from files that end in {', '.join(TABLES)}")
    return name


FontFile = Annotated[str, AfterValidator(_font)]
TableFile = Annotated[str, AfterValidator(_table)]


class PieceData(Table):
    """Numbers from a file as a texture of 32-bit floats; the shader sees a sampler2D."""

    file: TableFile = Field(
        description="CSV, JSON or NPY in the piece's folder; its first row is the bottom one, texel (0, 0) the first."
    )
    columns: tuple[str, ...] = Field(
        default=(), max_length=4096, description="Of a CSV with a header: which columns, in this order; absent all."
    )
    channels: Annotated[int, Field(ge=1, le=4)] = Field(
        default=1, description="So many neighbouring columns are one texel."
    )
    filter: Literal["nearest", "linear"] = Field(default="linear", description="What lies between two texels.")
    help: str = Field(default="", description="What it tells, for whoever reads the shader.")


class PieceClock(Table):
    """The time of a city; the shader sees a vec4: hour 0..24, minute 0..60, second 0..60, day of the year 0..366.

    Each runs on smoothly: at half past six the hour is 6.5.
    """

    zone: Zone | None = Field(
        default=None, description='Time zone such as "Europe/Brussels"; absent means the venue\'s, or UTC.'
    )
    city: ParameterName | None = Field(
        default=None, description="A choice parameter that picks the zone; zones says which."
    )
    zones: dict[str, Zone] = Field(default={}, description="Time zone of each choice of the parameter city.")
    help: str = Field(default="", description="What it tells, for whoever reads the shader.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.city is None) != (not self.zones):
            raise ValueError("city names a choice parameter, and zones gives each of its choices a zone; give both")
        if self.city is not None and self.zone is not None:
            raise ValueError("zone and city say the same thing twice; keep one")
        return self
