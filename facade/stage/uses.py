"""In which ways a show draws its pieces, so that each is compiled and drawn off air in all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from facade.config.show import Cue
from facade.pieces.library import Piece
from facade.pieces.program import Domain, PieceProgram
from facade.stage.faults import Part


@dataclass(frozen=True, slots=True)
class Way:
    """One way to draw a piece. fed: from pictures the mixer gives it, as a filter or transition."""

    domain: Domain
    fed: bool = False


@dataclass(slots=True)
class Uses:
    """What the cues of a show ask of pieces, by slug.

    filtered: some layer shows them through filters, which read a picture. fed: filters and transitions.
    helpers: those of them that are nothing else. pictured: somebody watches the canvas while the show plays.
    """

    pictured: bool = False
    filtered: set[str] = field(default_factory=set)
    fed: set[str] = field(default_factory=set)
    helpers: frozenset[str] = frozenset()

    def note(self, cues: Iterable[Cue], *, helpers: Collection[str]) -> None:
        """Take the cues into account. helpers: pieces that are on as filters or transitions only."""
        self.helpers = frozenset(helpers)
        for cue in cues:
            self.filtered.update(layer.piece for layer in cue.layer if layer.filter)
            self.fed.update(part.piece for _, part in cue.parts() if part.ROLE != "generator")

    def ways(self, piece: Piece, program: PieceProgram) -> tuple[Way, ...]:
        """Return every way a piece is drawn, the one that counts for its cost last."""
        found = []
        if piece.slug not in self.helpers or piece.role == "generator":
            found.append(Way(program.domain))
            if program.domain == "pixel" and (self.pictured or piece.slug in self.filtered):
                found.append(Way("canvas"))
        if piece.slug in self.fed and piece.role != "generator":
            found.append(Way("canvas", fed=True))
        return tuple(found)

    def part(self, piece: Piece, program: PieceProgram) -> Part:
        """Return what a piece is drawn for; the dearest, where for several things."""
        if piece.slug in self.fed and piece.role != "generator":
            return piece.role
        return "canvas" if piece.slug in self.filtered else program.domain

    def costly(self, piece: Piece, program: PieceProgram) -> Way:
        """Return the way that ``part`` means."""
        part = self.part(piece, program)
        return Way("pixel") if part == "pixel" else Way("canvas", fed=part != "canvas")
