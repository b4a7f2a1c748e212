"""The pictures of one layer whose piece draws several passes: its named targets, and the picture the last pass made."""

from __future__ import annotations

import math
from collections.abc import Mapping

from facade.gpu.context import GpuContext
from facade.gpu.passes import ScalePass
from facade.gpu.targets import PassTarget
from facade.gpu.textures import Texture
from facade.pieces.program import MAX_TARGET_PX, Pass, PieceProgram, Target
from facade.pieces.size import SizeExpression


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

        values: numbers of the inputs, for sizes. Targets too large for MAX_TARGET_PX together are made smaller.
        """
        width, height = self.canvas_px
        known = {**values, "WIDTH": float(width), "HEIGHT": float(height)}
        wanted: dict[str | None, tuple[tuple[int, int], Target | None]] = {}
        for each in program.targets:
            limit = self._gpu.max_size_px
            wanted[each.name] = (_size(each.width, known, width, limit), _size(each.height, known, height, limit)), each
        if any(p.target is None for p in program.passes):
            wanted[None] = (self.canvas_px, None)
        for gone in [name for name in self._targets if name not in wanted]:
            self._targets.pop(gone).release()
        share_px = MAX_TARGET_PX // len(wanted)
        for name, (size, declared) in wanted.items():
            self._fit_one(name, _within(size, share_px), declared)
        self.last = program.passes[-1].target

    def _fit_one(self, name: str | None, size: tuple[int, int], declared: Target | None) -> None:
        dtype = _dtype(declared)
        had = self._targets.get(name)
        if had is None or had.size_px != size or had.dtype != dtype:
            made = PassTarget(self._gpu, size, dtype=dtype)
            if had is not None:
                self._scale.draw(had, made)
                had.release()
            self._targets[name] = made
        if declared is None or not declared.persistent:
            self._targets[name].clear()

    def release(self) -> None:
        for target in self._targets.values():
            target.release()
        self._targets.clear()


def dtype_of(program: PieceProgram, each: Pass) -> str:
    """Return what the target of a pass is made of."""
    return _dtype(next((t for t in program.targets if t.name == each.target), None))


def _dtype(declared: Target | None) -> str:
    # Half float for the picture itself: more than a screen's 8 bits, because LEDs show darker steps than a screen.
    return "f2" if declared is None or declared.half else "f4" if declared.float32 else "f1"


def _size(expression: SizeExpression | None, known: Mapping[str, float], absent: int, limit: int) -> int:
    return absent if expression is None else max(1, min(limit, int(expression(known))))


def _within(size: tuple[int, int], limit_px: int) -> tuple[int, int]:
    """Return size, or one of the same shape with at most limit_px texels."""
    width, height = size
    if width * height <= limit_px:
        return size
    share = math.sqrt(limit_px / (width * height))
    return max(1, int(width * share)), max(1, int(height * share))
