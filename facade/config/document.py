"""What every document has in common: a schema number, frozen values, no unknown keys, and the file it came from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr

_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,62}")


def _slug(name: str) -> str:
    if not _SLUG.fullmatch(name):
        raise ValueError("a name starts with a lower-case letter and holds lower-case letters, digits, _ and - only")
    return name


Slug = Annotated[str, AfterValidator(_slug)]
"""A name that is safe as a folder, an OSC address part and a table key."""

_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")


def _parameter_name(name: str) -> str:
    if not _PARAMETER.fullmatch(name):
        raise ValueError("a parameter's name starts with a letter and holds letters, digits, _ and - only")
    return name


ParameterName = Annotated[str, AfterValidator(_parameter_name)]
"""A name that is safe as the last part of an OSC address; capitals are allowed, as shaders from elsewhere use them."""


def _zone(zone: str) -> str:
    """Check the name of a time zone."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('a time zone is named as in the tz database, such as "Europe/Brussels"') from error
    return zone


Zone = Annotated[str, AfterValidator(_zone)]

Ratio = Annotated[float, Field(ge=0.0, le=1.0)]
Metres = Annotated[float, Field(gt=-10_000.0, lt=10_000.0, allow_inf_nan=False)]
Point2 = tuple[Metres, Metres]
Point3 = tuple[Metres, Metres, Metres]
ColorRgb = tuple[Ratio, Ratio, Ratio]


class Table(BaseModel):
    """A table inside a document: frozen, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, str_strip_whitespace=True)


class Document(Table):
    """A whole document. ``path`` is the file it was read from, None if it was made in memory."""

    SCHEMA: ClassVar[int] = 1
    KIND: ClassVar[str] = "document"

    schema_number: int = Field(default=1, alias="schema", description="Format of this file; 1 today.")
    _path: Path | None = PrivateAttr(default=None)

    @property
    def path(self) -> Path | None:
        return self._path
