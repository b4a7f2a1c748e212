"""What filters make of a layer's picture: each reads the picture before it, in screen colours, and draws another.

A layer whose piece is an artist's screen is opaque before and after its filters. What else a native piece leaves
transparent stays so as far as the filter passes alpha on. A filter that may not be shown now is left out of the row.
"""

from __future__ import annotations

from pathlib import Path

from facade.gpu.context import GpuContext
from facade.gpu.passes import EncodePass
from facade.gpu.targets import Canvas
from facade.stage.cast import ReadyPiece
from facade.stage.drawer import PassDrawer
from facade.stage.meter import Meter
from facade.stage.moment import Scene, moment_of
from facade.stage.roster import Roster
from facade.stage.slots import FilterSlot, Shown
from facade.stage.values import current_values


class Filters:
    """Draws filters, and tells the meter what each costs."""

    def __init__(self, gpu: GpuContext, drawer: PassDrawer, roster: Roster, meter: Meter, passes: Path) -> None:
        self._gpu = gpu
        self._drawer = drawer
        self._roster = roster
        self._meter = meter
        self._encode = EncodePass(gpu, passes)

    def draw(self, shown: Shown, filters: list[FilterSlot], started_at_s: float, scene: Scene) -> Shown:
        """Return what is left of a picture after its filters, drawn now; the picture itself where there are none."""
        for each in filters:
            ready = self._roster.get(each.slug)
            if ready is not None and not self._roster.is_down(each.slug):
                with self._meter.of(each.slug):
                    shown = self._draw(ready, each, shown, started_at_s, scene)
        return shown

    def _draw(self, ready: ReadyPiece, each: FilterSlot, shown: Shown, started_at_s: float, scene: Scene) -> Shown:
        texture = shown.picture.front
        size = texture.size
        if each.input is None or each.input.size_px != size:
            if each.input is not None:
                each.input.release()
            each.input = Canvas(self._gpu, size, feedback=False)
        self._encode.draw(shown.picture, each.input, srgb=shown.srgb, screen=shown.screen)
        if each.board is None:
            each.board = self._drawer.board(size)
        each.board.canvas_px = size
        if each.first_frame is None:
            each.first_frame = scene.tick.frame
        moment = moment_of(scene.tick, started_at_s, first_frame=each.first_frame, seed=each.look.seed)
        values = current_values(ready.piece, scene.snapshot.values.get(each.look.key, {}), each.starting)
        self._drawer.draw(ready, each.board, values, moment, fed={"inputImage": each.input.front})
        return Shown(each.board, srgb=ready.program.srgb, screen=shown.screen)

    def release(self) -> None:
        self._encode.release()
