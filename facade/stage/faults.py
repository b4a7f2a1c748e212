"""Which pieces may not be shown, and why: they did not compile, or they cost too much too often."""

from __future__ import annotations

from dataclasses import dataclass, field

BUDGET_MS = 250.0
PATIENCE = 3
"""Frames in a row over the budget before a piece is taken off."""

OUTRIGHT = 4.0
"""A single frame that costs this many budgets takes the piece off at once."""


FIRST_PAUSE_S = 10.0
PAUSE_GROWS = 4.0
LONGEST_PAUSE_S = 640.0
"""A piece that is really too slow costs one slow frame in ten minutes."""


@dataclass(slots=True)
class BudgetWatch:
    """Counts what drawing each piece costs. budget_ms None watches nothing, for rendering offline.

    A piece that was taken off while playing is tried again after a pause, because a machine that stood still for a
    second looks just like a piece that is too slow, and nobody may be there to put it back.
    """

    budget_ms: float | None = BUDGET_MS
    _over: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    _back_at: dict[str, float] = field(default_factory=dict)
    _pause_s: dict[str, float] = field(default_factory=dict)

    def spent(self, slug: str, cost_ms: float, *, now: float) -> None:
        """Note what one draw of a piece cost at a time in seconds; ``reasons`` gains the slug when it was too much."""
        if self.budget_ms is None:
            return
        if cost_ms <= self.budget_ms:
            self._over.pop(slug, None)
            return
        count = self._over.get(slug, 0) + 1
        self._over[slug] = count
        if cost_ms > self.budget_ms * OUTRIGHT or count >= PATIENCE:
            frames = "one frame" if count < PATIENCE else f"{count} frames in a row"
            self.reasons[slug] = (
                f'"{slug}" takes {cost_ms:.0f} ms to draw ({frames}); a piece may take {self.budget_ms:.0f} ms. '
                "Its fallback is shown. Make it cheaper and save it, or choose another piece."
            )
            self._pause(slug, now)

    def failed(self, slug: str, reason: str, *, now: float) -> None:
        """Take a piece off because it cannot go on; it is tried again like one that was too slow."""
        self.reasons[slug] = reason
        self._pause(slug, now)

    def _pause(self, slug: str, now: float) -> None:
        pause_s = min(self._pause_s.get(slug, FIRST_PAUSE_S / PAUSE_GROWS) * PAUSE_GROWS, LONGEST_PAUSE_S)
        self._pause_s[slug] = pause_s
        self._back_at[slug] = now + pause_s

    def reprieve(self, now: float) -> None:
        """Give back the pieces whose pause is over."""
        for slug in [slug for slug, back_at in self._back_at.items() if now >= back_at]:
            del self._back_at[slug]
            self._over.pop(slug, None)
            self.reasons.pop(slug, None)

    def foreseen(self, slug: str, cost_ms: float) -> None:
        """Take a piece off before it is ever shown, if one frame of it would be too much at once."""
        if self.budget_ms is not None and cost_ms > self.budget_ms * OUTRIGHT:
            self.reasons[slug] = (
                f'"{slug}" would take about {cost_ms:.0f} ms to draw; a piece may take {self.budget_ms:.0f} ms. '
                "Its fallback is shown. Make it cheaper and save it, or choose another piece."
            )

    def forgive(self, slug: str) -> None:
        """Give a piece another chance, because it was edited or asked for again."""
        self._over.pop(slug, None)
        self.reasons.pop(slug, None)
        self._back_at.pop(slug, None)
        self._pause_s.pop(slug, None)
