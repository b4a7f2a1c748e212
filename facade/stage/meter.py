"""What drawing each piece costs, measured on the GPU's own end of it and told to the budget watch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from facade.core.clock import Clock
from facade.gpu.context import GpuContext
from facade.stage.faults import BudgetWatch, Part


class Meter:
    """cost_ms: of the last draw of each piece."""

    def __init__(self, gpu: GpuContext, clock: Clock, watch: BudgetWatch) -> None:
        self._gpu = gpu
        self._clock = clock
        self._watch = watch
        self.cost_ms: dict[str, float] = {}

    @contextmanager
    def of(self, slug: str, part: Part) -> Iterator[None]:
        """Measure what is drawn inside as a draw of this piece, for this."""
        before = self._clock.now()
        yield
        # Waiting after every draw tells whose cost it was; one fence costs some ten microseconds.
        self._gpu.wait()
        after = self._clock.now()
        self.cost_ms[slug] = (after - before) * 1e3
        self._watch.spent(slug, self.cost_ms[slug], now=after, part=part)
