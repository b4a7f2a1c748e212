"""What is on at one moment: the timeline's answer to a tick, and the stage's order for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from facade.config.show import Layer, Played


@dataclass(frozen=True, slots=True)
class HelperLook:
    """One filter or transition on air. key: (whose it is, index there), stable for as long as the cue is on."""

    key: tuple[str, int]
    played: Played
    seed: int


@dataclass(frozen=True, slots=True)
class LayerLook:
    """One layer on air. key: (cue, index in the cue), stable for as long as the cue is on."""

    key: tuple[str, int]
    layer: Layer
    seed: int
    filters: tuple[HelperLook, ...] = ()

    @property
    def played(self) -> Played:
        return self.layer


@dataclass(frozen=True, slots=True)
class CueLook:
    """One cue on air. weight: its share of the light, 0..1; the weights of a Look sum to 1. started_at_s: show time.

    rise: how far it has come over all cues before it, 0..1; by its transition if it has one, else in a crossfade.
    filters: of its layers together.
    """

    name: str
    weight: float
    started_at_s: float
    layers: tuple[LayerLook, ...]
    rise: float = 1.0
    transition: HelperLook | None = None
    filters: tuple[HelperLook, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """Everything on air, the oldest cue first. Two entries while one cue follows another, one otherwise."""

    cues: tuple[CueLook, ...]

    def parts(self) -> Iterator[LayerLook | HelperLook]:
        """Yield whatever shows a piece and so has values of its own."""
        for cue in self.cues:
            for layer in cue.layers:
                yield layer
                yield from layer.filters
            yield from cue.filters
            if cue.transition is not None:
                yield cue.transition
