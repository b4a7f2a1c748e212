"""What is on: a slot for every layer of the look, each with a cell of its own to be drawn into."""

from __future__ import annotations

from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.gpu.passes import MAX_LAYERS, MixLayer
from facade.gpu.targets import LayerCells
from facade.show.look import CueLook, LayerLook, Look
from facade.stage.grounds import Grounds
from facade.stage.roster import Roster
from facade.stage.slots import Drawing, HelperSlot, LayerSlot
from facade.stage.values import starting_values

_SlotKey = tuple[tuple[str, int], str, float]
_FIRST_CELLS = 8
"""Layers on at once before more are made on air: two cues of three layers, and two that fall back."""


class OnAir:
    """Slots by layer, made when a layer comes on and freed when it is gone. ``mixed``: those that show, in order.

    cells: of size_px, one a drawing; replaced by more when all are taken.
    """

    def __init__(self, gpu: GpuContext, roster: Roster, grounds: Grounds, *, size_px: tuple[int, int]) -> None:
        self._gpu = gpu
        self._roster = roster
        self._grounds = grounds
        self.cells = LayerCells(gpu, size_px, count=_FIRST_CELLS)
        self._slots: dict[_SlotKey, LayerSlot] = {}
        self.mixed: list[tuple[LayerSlot, CueLook, bool]] = []

    def follow(self, look: Look, tick: Tick) -> None:
        """Make the slots those of the look; the ones that are gone give their canvases back."""
        wanted: dict[_SlotKey, LayerLook] = {_slot_key(layer, cue): layer for cue in look.cues for layer in cue.layers}
        for key in [k for k in self._slots if k not in wanted]:
            self._slots.pop(key).release()
        for key, layer in wanted.items():
            slot = self._slots.get(key)
            if slot is None:
                drawing, ground = Drawing(layer.layer.piece, self._free_cell()), self._grounds.of(layer.layer)
                slot = LayerSlot(look=layer, started_at_s=key[2], own=drawing, ground=ground)
                self._slots[key] = slot
                self._start(slot)
            elif slot.look.layer is not layer.layer:
                slot.look = layer
                self._start(slot)
            slot.look = layer
            slot.fade(tick, faulted=self._roster.is_down(slot.own.slug))
        self.mixed = []
        for cue in look.cues:
            shown = [layer for layer in cue.layers if cue.weight > 0.0]
            for layer in shown:
                self.mixed.append((self._slots[_slot_key(layer, cue)], cue, layer is shown[-1]))
        del self.mixed[MAX_LAYERS:]

    def by_cue(self, *, apart: bool = False) -> list[tuple[CueLook, list[MixLayer]]]:
        """Return the layers that show as the mix takes them, cue by cue.

        apart: in cells 2 i and 2 i + 1, the fallback's, for the i-th of ``mixed``; else in the cells they have.
        """
        cues: list[tuple[CueLook, list[MixLayer]]] = []
        for i, (slot, cue, last) in enumerate(self.mixed):
            if not cues or cues[-1][0] is not cue:
                cues.append((cue, []))
            cues[-1][1].append(_mix_layer(slot, cue, last=last, cells=(2 * i, 2 * i + 1) if apart else None))
        return cues

    def restart(self, slug: str) -> None:
        """Take a piece that was read again into the slots that show it."""
        for slot in self._slots.values():
            if slot.look.layer.piece == slug:
                self._start(slot)
            for each in slot.filters:
                if each.slug == slug:
                    self._start_helper(each)

    def give_stand_in(self, slot: LayerSlot) -> None:
        """Let a slot have its fallback's drawing if it needs one and can have it, and lose one it may not show."""
        if slot.fallback is not None and (slot.fallback_share == 0.0 or self._roster.is_down(slot.fallback.slug)):
            slot.fallback.release()
            slot.fallback = None
        if slot.fallback_share > 0.0 and slot.fallback is None:
            slug = self._roster.stand_in(slot.own.slug)
            slot.fallback = None if slug is None else Drawing(slug, self._free_cell())

    def _start(self, slot: LayerSlot) -> None:
        slot.ground = self._grounds.of(slot.look.layer)
        if [each.look for each in slot.filters] != list(slot.look.filters):
            slot.release_filters()
            slot.filters = [HelperSlot(each) for each in slot.look.filters]
        ready = self._roster.first_seen(slot.look.layer.piece)
        slot.starting = {} if ready is None else starting_values(ready.piece, slot.look.layer)
        for each in slot.filters:
            self._start_helper(each)

    def _start_helper(self, each: HelperSlot) -> None:
        ready = self._roster.first_seen(each.slug)
        each.starting = {} if ready is None else starting_values(ready.piece, each.look.played)

    def _free_cell(self) -> int:
        """Return a cell nobody draws into; more are made when all are taken, and then every picture is drawn anew."""
        drawings = [d for s in self._slots.values() for d in (s.own, s.fallback) if d is not None]
        taken = {d.cell for d in drawings}
        free = next(i for i in range(len(taken) + 1) if i not in taken)
        if free >= self.cells.count:
            self.cells.release()
            self.cells = LayerCells(self._gpu, self.cells.size_px, count=self.cells.count * 2)
            for drawing in drawings:
                drawing.drawn = False
        return free

    def release(self) -> None:
        for slot in self._slots.values():
            slot.release()
        self._slots.clear()
        self.mixed = []
        self.cells.release()


def _mix_layer(slot: LayerSlot, cue: CueLook, *, last: bool, cells: tuple[int, int] | None = None) -> MixLayer:
    """Return a slot as the mix takes it. last: of its cue. cells: own and fallback's; those it has if None."""
    own, fallback = cells or (slot.own.cell, 0 if slot.fallback is None else slot.fallback.cell)
    # A fallback that could not be had is black, and black is what a layer of no opacity adds.
    black = slot.fallback is None and slot.fallback_share > 0.0
    return MixLayer(
        cell=own,
        opacity=slot.look.layer.opacity * (1.0 - slot.fallback_share if black else 1.0),
        blend=slot.look.layer.blend,
        weight=cue.weight,
        closes_cue=last,
        fallback_cell=fallback,
        fallback_share=0.0 if black else slot.fallback_share,
    )


def _slot_key(layer: LayerLook, cue: CueLook) -> _SlotKey:
    """A cue that starts again, or shows another piece in a layer, starts with nothing remembered."""
    return layer.key, layer.layer.piece, cue.started_at_s
