"""package.json: what a piece package says about itself. Written by ``piece pack``, read by ``piece install``."""

from __future__ import annotations

import json
from typing import Annotated, ClassVar

from pydantic import Field, ValidationError

from facade.config.document import Document, Slug, Table
from facade.core.errors import PieceError

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PackedFile(Table):
    """One file of the piece."""

    sha256: Sha256 = Field(description="Of its bytes.")
    size: int = Field(ge=0, description="In bytes.")


class GoldenFrames(Table):
    """What the piece looked like where it was packed. Holds for the same renderer only."""

    venue: str = Field(description="Where it was run.")
    renderer: str = Field(description="GL renderer it was drawn with.")
    rate_hz: float = Field(gt=0.0, description="Frames a second.")
    frames: tuple[int, ...] = Field(description="Which frames were looked at.")
    sha256: Sha256 = Field(description="Of their light, uint8 sRGB (frames, pixels, 3).")


class PackageManifest(Document):
    """package.json, first in the zip. files: path inside the piece's folder -> what it must be."""

    KIND: ClassVar[str] = "package"

    slug: Slug = Field(description="Name of the piece and of its folder.")
    title: str = Field(default="", description="As people call it.")
    author: str = Field(default="", description="Who made it.")
    license: str = Field(default="", description="Under which terms others may show it.")
    files: dict[str, PackedFile] = Field(min_length=1, description="Every file of the piece.")
    preview: PackedFile | None = Field(default=None, description="Picture of it, preview.png beside package.json.")
    golden: GoldenFrames | None = Field(default=None, description="What it looked like where it was packed.")


def parse_package(raw: bytes) -> PackageManifest:
    """Read package.json. Raises PieceError in one sentence; a newer schema is said before its keys."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise PieceError("package.json is not JSON. Pack the piece again.") from None
    number = data.get("schema", 1) if isinstance(data, dict) else None
    if isinstance(number, int) and number > PackageManifest.SCHEMA:
        raise PieceError(
            f"the package was made by a newer facade (schema {number}); this one reads schema "
            f"{PackageManifest.SCHEMA}. Update facade, or ask for a package made by an older one."
        )
    try:
        return PackageManifest.model_validate_json(raw, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PieceError(f"package.json: {where or 'its data'}: {first['msg']}. Pack the piece again.") from None


def package_json(manifest: PackageManifest) -> bytes:
    """Return package.json, the same bytes for the same manifest."""
    data = manifest.model_dump(mode="json", by_alias=True, exclude_none=True)
    data["files"] = dict(sorted(data["files"].items()))
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()
