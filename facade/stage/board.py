"""The pictures of one layer whose piece draws several passes: its named targets, and the picture the last pass made."""

from __future__ import annotations

import math
from collections.abc import Mapping

from facade.gpu.context import GpuContext
from facade.gpu.passes import ScalePass
from facade.gpu.spares import BYTES
from facade.gpu.targets import PassTarget
from facade.gpu.textures import Texture
from facade.pieces.program import MAX_TEXTURE_BYTES, Pass, PieceProgram, Target
from facade.pieces.size import SizeExpression

PLATES = 2
"""Pictures of each target: what is drawn, and what may be read meanwhile."""


class Board:
    """Targets by name; None is the picture of a pass that names no target.

    ``fit`` once a frame, then ``begin`` and ``end`` around each pass. ``front`` is the picture of the last pass.
    """

    def __init__(self, gpu: GpuContext, scale: ScalePass, canvas_px: tuple[int, int]) -> None:
        self.canvas_px = canvas_px
        self.last: str | None = None
        self._gpu = gpu
        self._scale = scale
        self._targets: dict[str | None, PassTarget] = {}

    @property
    def front(self) -> Texture:
        """The picture the last pass of the last frame made."""
        return self._targets[self.last].front

    def target(self, name: str | None) -> PassTarget:
        return self._targets[name]

    def fit(self, program: PieceProgram, values: Mapping[str, float]) -> None:
        """Make the targets what the program asks of this frame; what it remembers is kept, scaled where it must be.

        values: numbers of the inputs, for sizes. Targets that grow beyond MAX_TEXTURE_BYTES together are made smaller.
        """
        wanted = wanted_targets(program, values, canvas_px=self.canvas_px, limit=self._gpu.max_size_px)
        for gone in [name for name in self._targets if name not in wanted]:
            self._targets.pop(gone).release()
        total = sum(PLATES * BYTES[dtype] * size[0] * size[1] for size, dtype, _ in wanted.values())
        share = min(1.0, math.sqrt(MAX_TEXTURE_BYTES / total))
        for name, (size, dtype, keeps) in wanted.items():
            self._fit_one(name, _scaled(size, share), dtype, keeps=keeps)
        self.last = program.passes[-1].target

    def _fit_one(self, name: str | None, size: tuple[int, int], dtype: str, *, keeps: bool) -> None:
        had = self._targets.get(name)
        if had is None or had.size_px != size or had.dtype != dtype:
            made = PassTarget(self._gpu, size, dtype=dtype)
            if had is not None:
                self._scale.draw(had, made)
                had.release()
            self._targets[name] = made
        if not keeps:
            self._targets[name].clear()

    def release(self) -> None:
        for target in self._targets.values():
            target.release()
        self._targets.clear()


Wanted = tuple[tuple[int, int], str, bool]
"""Size in texels, what it is made of, and whether it is kept from frame to frame."""


def wanted_targets(
    program: PieceProgram, values: Mapping[str, float], *, canvas_px: tuple[int, int], limit: int
) -> dict[str | None, Wanted]:
    """Return the targets a program asks of a frame. values: numbers of the inputs. limit: the longest side, texels."""
    width, height = canvas_px
    known = {**values, "WIDTH": float(width), "HEIGHT": float(height)}
    wanted: dict[str | None, Wanted] = {}
    for each in program.targets:
        size = _size(each.width, known, width, limit), _size(each.height, known, height, limit)
        wanted[each.name] = size, _dtype(each), each.persistent
    if any(p.target is None for p in program.passes):
        wanted[None] = canvas_px, _dtype(None), False
    return wanted


def dtype_of(program: PieceProgram, each: Pass) -> str:
    """Return what the target of a pass is made of."""
    return _dtype(next((t for t in program.targets if t.name == each.target), None))


def _dtype(declared: Target | None) -> str:
    # Half float for the picture itself: more than a screen's 8 bits, because LEDs show darker steps than a screen.
    return "f2" if declared is None or declared.half else "f4" if declared.float32 else "f1"


def _size(expression: SizeExpression | None, known: Mapping[str, float], absent: int, limit: int) -> int:
    return absent if expression is None else max(1, min(limit, int(expression(known))))


def _scaled(size: tuple[int, int], share: float) -> tuple[int, int]:
    return max(1, int(size[0] * share)), max(1, int(size[1] * share))
