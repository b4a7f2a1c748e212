"""One layer on air: its own drawing, its fallback's when it is faulted, and how far the one has faded to the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from facade.config.piece import Value
from facade.core.frame import Tick
from facade.gpu.passes import Picture
from facade.gpu.targets import Canvas
from facade.show.look import HelperLook, LayerLook
from facade.stage.board import Board
from facade.stage.grounds import LayerGround
from facade.stage.lives import LayerLife

FALLBACK_FADE_S = 0.5


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture and how its colours are meant. screen: it ends at 1 and has no opacity."""

    picture: Picture
    srgb: bool
    screen: bool


@dataclass(slots=True)
class HelperSlot:
    """One filter or transition: what it is fed with, by name, and the board on which it draws and remembers."""

    look: HelperLook
    starting: Mapping[str, Value] = field(default_factory=dict)
    inputs: dict[str, Canvas] = field(default_factory=dict)
    board: Board | None = None
    first_frame: int | None = None

    @property
    def slug(self) -> str:
        return self.look.played.piece

    def release(self) -> None:
        for picture in self.inputs.values():
            picture.release()
        self.inputs.clear()
        if self.board is not None:
            self.board.release()
            self.board = None


@dataclass(slots=True)
class Drawing:
    """One piece being drawn into one cell. drawn: it has a picture there. first_frame: tick of its first draw.

    shown: its picture after its filters, None for a piece that was drawn per LED. life: its behaviour, if it has one.
    """

    slug: str
    cell: int
    canvas: Canvas | Board | None = None
    first_frame: int | None = None
    drawn: bool = False
    shown: Shown | None = None
    life: LayerLife | None = None

    def release(self) -> None:
        if self.canvas is not None:
            self.canvas.release()
            self.canvas = self.shown = None


@dataclass(slots=True)
class LayerSlot:
    """What the stage remembers of a layer while its cue is on.

    ground: where it falls. starting: its values before any control. filters: of its own picture; a fallback has none.
    """

    look: LayerLook
    started_at_s: float
    own: Drawing
    ground: LayerGround
    starting: Mapping[str, Value] = field(default_factory=dict)
    filters: list[HelperSlot] = field(default_factory=list)
    fallback: Drawing | None = None
    fallback_share: float = 0.0

    def fade(self, tick: Tick, *, faulted: bool) -> None:
        """Move towards the fallback, or back. A layer that never had a picture has nothing to fade from."""
        step = tick.delta_s / FALLBACK_FADE_S
        if not faulted:
            self.fallback_share = max(0.0, self.fallback_share - step)
        elif self.own.drawn:
            self.fallback_share = min(1.0, self.fallback_share + step)
        else:
            self.fallback_share = 1.0

    def release_filters(self) -> None:
        for each in self.filters:
            each.release()

    def release(self) -> None:
        self.own.release()
        self.release_filters()
        if self.fallback is not None:
            self.fallback.release()
