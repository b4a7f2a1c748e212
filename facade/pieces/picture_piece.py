"""A picture, a film or an animation as a piece by itself: facade's own shader shows it, and it fits any wall."""

from __future__ import annotations

from pathlib import Path

from facade.config.piece import ChoiceParameter, ImageParameter, PieceManifest, PointParameter
from facade.core import places
from facade.core.errors import PieceError
from facade.pieces.dialect import Artwork

SHADER = "picture.frag"


def picture_artwork(file: Path, slug: str) -> Artwork:
    """Return the piece that a picture file is. Raises PieceError for a name that no document could say."""
    try:
        picture = ImageParameter(type="image", default=file.name, help="What is shown.")
    except ValueError:
        raise PieceError(
            f"{file.name!r} cannot be named in a document: letters, digits and spaces are safe. Rename the file.",
            file=file,
        ) from None
    manifest = PieceManifest(
        title=(file.stem.strip() or slug)[:80],
        description=f"The file {file.name}.",
        domain="canvas",
        shader=str(places.shaders() / SHADER),
        parameter={
            "picture": picture,
            "fit": ChoiceParameter(
                type="choice",
                choices=("cover", "contain", "stretch"),
                help="Fill the wall and cut the rest, show all of it, or pull it to the wall's shape.",
            ),
            "focus": PointParameter(type="point", help="What stays in the picture where it is cut."),
        },
    )
    return Artwork(slug, file.parent, Path(manifest.shader), "native", manifest)
