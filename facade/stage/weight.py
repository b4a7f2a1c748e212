"""How much texture memory one layer of a piece takes, judged from what it declares before any of it is made.

Counted are the targets it draws into, twice, because each may read itself; the images, cube maps, tables and supplied
textures it brings; the pictures and films it shows at first. What facade generates is shared, and not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from PIL import Image

from facade.config.piece_parts import SuppliedTexture
from facade.core.errors import PieceError
from facade.gpu.spares import BYTES
from facade.gpu.targets import LAYER_DTYPE
from facade.media.still import BROKEN
from facade.pieces.library import Piece
from facade.pieces.pictures import picture_files
from facade.pieces.program import MAX_TEXTURE_BYTES, PieceProgram
from facade.stage.board import PLATES, wanted_targets
from facade.stage.cubes import MAX_SIDE_PX as MAX_CUBE_PX
from facade.stage.pictures import MAX_SIDE_PX
from facade.stage.values import Values

_RGBA = 4
_FACES = 6


class Weight:
    """The sum for one piece. ``add`` raises PieceError when it is too much."""

    def __init__(self, slug: str) -> None:
        self._slug = slug
        self.parts: dict[str, int] = {}

    @property
    def total(self) -> int:
        """Bytes."""
        return sum(self.parts.values())

    def add(self, parts: Mapping[str, int]) -> None:
        """Count bytes by what they are for. Raises PieceError if the piece then takes more than it may."""
        for what, count in parts.items():
            self.parts[what] = self.parts.get(what, 0) + count
        if self.total > MAX_TEXTURE_BYTES:
            told = ", ".join(f"{in_bytes(count)} of {what}" for what, count in self.parts.items() if count)
            raise PieceError(
                f'"{self._slug}" needs {in_bytes(self.total)} of textures ({told}); a piece may have '
                f"{in_bytes(MAX_TEXTURE_BYTES)}. Make its targets or images smaller or fewer, or use 8 bits a channel."
            )


def declared_weight(
    piece: Piece,
    program: PieceProgram,
    values: Values,
    numbers: Mapping[str, float],
    *,
    canvas_px: tuple[int, int],
    limit_px: int,
    picture_px: int,
) -> Weight:
    """Return what a piece takes but for its tables. values: it starts with; numbers: those of single inputs.

    limit_px: the longest side of a texture, picture_px: of a picture shown. Raises PieceError if it is too much.
    """
    if program.on_board:
        wanted = wanted_targets(program, numbers, canvas_px=canvas_px, limit=limit_px)
        targets = sum(PLATES * size[0] * size[1] * BYTES[dtype] for size, dtype, _ in wanted.values())
    elif program.domain == "canvas":
        plates = PLATES if program.reads_previous else 1
        targets = plates * canvas_px[0] * canvas_px[1] * BYTES[LAYER_DTYPE]
    else:
        targets = 0
    shown = [piece.media[name] for name in picture_files(values, piece.manifest, piece.media)]
    supplied = [each for each in program.manifest.uniform.values() if isinstance(each, SuppliedTexture)]
    weight = Weight(piece.slug)
    weight.add(
        {
            "targets": targets,
            "images": _images(program.files_read, MAX_SIDE_PX) + _cubes(program.cubes),
            "data": sum(BYTES["f4"] // 4 * each.channels * each.size[0] * each.size[1] for each in supplied),
            "pictures and films": _images(shown, picture_px),
        }
    )
    return weight


def _images(files: Iterable[Path], side_px: int) -> int:
    return sum(_RGBA * width * height for width, height in (_within(file, side_px) for file in files))


def _cubes(cubes: Iterable[tuple[Path, ...]]) -> int:
    return sum(_RGBA * _FACES * max((max(_within(f, MAX_CUBE_PX)) for f in faces), default=0) ** 2 for faces in cubes)


def _within(file: Path, side_px: int) -> tuple[int, int]:
    """Return the size an image is kept at; of what is no image (a film, or broken) the largest 16:9 it could have."""
    try:
        with Image.open(file) as image:
            width, height = image.size
    except BROKEN:
        width, height = 16 * side_px, 9 * side_px
    share = min(1.0, side_px / max(width, height, 1))
    return round(width * share), round(height * share)


def in_bytes(count: int) -> str:
    """Return a number of bytes in words."""
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:,.{int(unit == 'GB')}f} {unit}"
    return f"{count / 1e3:.0f} kB"
