"""What filters and transitions make of pictures: they read screen colours and draw another picture in them.

A layer whose piece is an artist's screen is opaque before and after its filters. What else a native piece leaves
transparent stays so as far as the filter passes alpha on. A filter that may not be shown now is left out of the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from facade.config.piece import Value
from facade.gpu.context import GpuContext
from facade.gpu.passes import EncodePass, Picture
from facade.gpu.targets import Canvas
from facade.gpu.textures import Texture
from facade.stage.drawer import PassDrawer
from facade.stage.meter import Meter
from facade.stage.moment import Scene, moment_of
from facade.stage.ready import ReadyPiece
from facade.stage.roster import Roster
from facade.stage.slots import HelperSlot, Shown
from facade.stage.values import current_values


class Filters:
    """Draws filters, and tells the meter what each costs."""

    def __init__(self, gpu: GpuContext, drawer: PassDrawer, roster: Roster, meter: Meter, encode: EncodePass) -> None:
        self._gpu = gpu
        self._drawer = drawer
        self._roster = roster
        self._meter = meter
        self._encode = encode

    def draw(self, shown: Shown, filters: list[HelperSlot], started_at_s: float, scene: Scene) -> Shown:
        """Return what is left of a picture after its filters, drawn now; the picture itself where there are none."""
        for each in filters:
            ready = self._roster.get(each.slug)
            if ready is not None and not self._roster.is_down(each.slug):
                with self._meter.of(each.slug, "filter"):
                    shown = self._draw(ready, each, shown, started_at_s, scene)
        return shown

    def transition(
        self, each: HelperSlot, walls: Mapping[str, Shown], progress: float, started_at_s: float, scene: Scene
    ) -> Shown:
        """Return what a transition that is ready makes of two pictures. walls: startImage, endImage."""
        ready = self._roster.get(each.slug)
        assert ready is not None
        fed = {name: wall.picture.front for name, wall in walls.items()}
        with self._meter.of(each.slug, "transition"):
            return self._shown(ready, each, fed, started_at_s, scene, {"progress": progress})

    def warm(self, picture: Picture) -> None:
        """Encode a picture of this kind once, off air."""
        target = Canvas(self._gpu, picture.front.size, feedback=False)
        self._encode.draw(picture, target, srgb=True, screen=True)
        target.release()

    def _draw(self, ready: ReadyPiece, each: HelperSlot, shown: Shown, started_at_s: float, scene: Scene) -> Shown:
        texture = shown.picture.front
        picture = each.inputs.get("inputImage")
        if picture is None or picture.size_px != texture.size:
            if picture is not None:
                picture.release()
            picture = each.inputs["inputImage"] = Canvas(self._gpu, texture.size, feedback=False)
        self._encode.draw(shown.picture, picture, srgb=shown.srgb, screen=shown.screen)
        made = self._shown(ready, each, {"inputImage": picture.front}, started_at_s, scene, {})
        return replace(made, screen=shown.screen)

    def _shown(
        self,
        ready: ReadyPiece,
        each: HelperSlot,
        fed: Mapping[str, Texture],
        started_at_s: float,
        scene: Scene,
        given: Mapping[str, Value],
    ) -> Shown:
        """Draw a helper from the pictures it is fed, at the size of the first. given: values that the mixer sets."""
        size = next(iter(fed.values())).size
        if each.board is None:
            each.board = self._drawer.board(size)
        each.board.canvas_px = size
        if each.first_frame is None:
            each.first_frame = scene.tick.frame
        moment = moment_of(scene, started_at_s, first_frame=each.first_frame, seed=each.look.seed)
        values = current_values(ready.piece, scene.snapshot.values.get(each.look.key, {}), each.starting)
        self._drawer.draw(ready, each.board, {**values, **given}, moment, fed=fed)
        return Shown(each.board, srgb=ready.program.srgb, screen=True)
