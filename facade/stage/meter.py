"""What drawing each piece costs, measured on the GPU's own end of it and told to the budget watch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from facade.core.clock import Clock
from facade.gpu.context import GpuContext
from facade.stage.faults import BudgetWatch, Part

Announce = Callable[[str], None]
"""Takes the slug of the piece that is about to be drawn, and "" when it has been."""


class Meter:
    """cost_ms: of the last draw of each piece. announce: is told of every draw, so that one without end has a name."""

    def __init__(self, gpu: GpuContext, clock: Clock, watch: BudgetWatch, *, announce: Announce) -> None:
        self._gpu = gpu
        self._clock = clock
        self._watch = watch
        self._announce = announce
        self.cost_ms: dict[str, float] = {}

    @contextmanager
    def of(self, slug: str, part: Part) -> Iterator[None]:
        """Measure what is drawn inside as a draw of this piece, for this."""
        before = self._clock.now()
        self._announce(slug)
        try:
            yield
            # Waiting after every draw tells whose cost it was; one fence costs some ten microseconds.
            self._gpu.wait()
        finally:
            self._announce("")
        after = self._clock.now()
        self.cost_ms[slug] = (after - before) * 1e3
        self._watch.spent(slug, self.cost_ms[slug], now=after, part=part)
