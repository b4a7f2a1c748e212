"""Behaviours of the layers on air: stepped once a frame, within a time budget, and told to their shaders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from facade.config.piece import Value
from facade.core.clock import Clock
from facade.core.errors import PieceError
from facade.pieces.behaviour import Behaviour, LayerTick, Life
from facade.pieces.program import Domain
from facade.stage.crowd import with_points
from facade.stage.moment import Moment
from facade.stage.ready import ReadyPiece
from facade.stage.site import Site

BUDGET_MS = 8.0
"""One update may take half a frame at 60 Hz."""

PATIENCE = 10
"""Updates over the budget, less those within it, before the piece is taken off."""

OUTRIGHT_MS = 500.0
"""A single update of this length takes it off at once."""


@dataclass(slots=True)
class LayerLife:
    """One layer's behaviour. first_frame: tick of its first update. over: how often it was late, less the good ones."""

    life: Life
    first_frame: int
    over: int = 0


class Lives:
    """Steps behaviours. clock: measures them. budgeted: False lets them take their time, offline."""

    def __init__(self, site: Site, clock: Clock, *, budgeted: bool) -> None:
        self._site = site
        self._clock = clock
        self._budgeted = budgeted

    def step(
        self,
        ready: ReadyPiece,
        had: LayerLife | None,
        values: Mapping[str, Value],
        moment: Moment,
        *,
        frame: int,
        seed: int,
    ) -> LayerLife | None:
        """Let a layer live one frame; had: as it was before. Returns it, None for a piece without a behaviour.

        A behaviour that was edited begins anew. Raises PieceError when it fails or is late too often.
        """
        behaviour = ready.program.behaviour
        if behaviour is None:
            return None
        if had is None or (had.life.behaviour is not behaviour and had.life.behaviour != behaviour):
            had = LayerLife(Life(behaviour, seed=seed), frame)
        before = self._clock.now()
        had.life.update(
            LayerTick(
                frame=(frame - had.first_frame) & 0x7FFFFFFF,
                time_s=moment.time_s,
                delta_s=moment.delta_s,
                rng=had.life.rng,
                size_m=self._site.size_m,
                pixels=self._site.uv,
            ),
            with_points(ready.piece.manifest.parameter, values, moment.time_s),
        )
        self._judge(ready, had, (self._clock.now() - before) * 1e3)
        return had

    def _judge(self, ready: ReadyPiece, living: LayerLife, cost_ms: float) -> None:
        if not self._budgeted:
            return
        living.over = max(0, living.over + (1 if cost_ms > BUDGET_MS else -1))
        if living.over >= PATIENCE or cost_ms >= OUTRIGHT_MS:
            often = "" if living.over < PATIENCE else f", {PATIENCE} times by now"
            raise PieceError(
                f'update of "{ready.piece.slug}" takes {cost_ms:.0f} ms{often}; it may take {BUDGET_MS:.0f} ms. '
                "Its fallback is shown. Make it cheaper and save it, or choose another piece.",
                file=living.life.behaviour.file,
            )


def rehearse(behaviour: Behaviour, values: Mapping[str, Value], site: Site) -> None:
    """Let a behaviour live one frame off air, so that what fails at once never goes on. Raises PieceError."""
    life = Life(behaviour, seed=0)
    life.update(LayerTick(0, 0.0, 1.0 / 60.0, life.rng, site.size_m, site.uv), values)


def tell(ready: ReadyPiece, living: LayerLife, domain: Domain) -> None:
    """Hand the shaders of a domain what a behaviour has said last."""
    for name, picture in living.life.pictures.items():
        ready.data[name].write(picture)
    for shader in ready.shaders(domain):
        for name, number in living.life.numbers.items():
            shader.set(name, number)
