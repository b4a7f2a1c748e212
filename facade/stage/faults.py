"""Which pieces may not be shown, and why: they did not compile, or they cost too much too often.

A piece drawn on a canvas that is too slow is drawn on a smaller one first, step by step; its fallback takes over only
when the smallest is too slow as well. Where whole frames are late, the layer that costs most of them gets a smaller
canvas, and nothing worse. A canvas is given back step by step, when there has been room for a while.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

BUDGET_MS = 250.0
PATIENCE = 3
"""Frames in a row over the budget before a piece is taken off."""

OUTRIGHT = 4.0
"""A single frame that costs this many budgets takes the piece off at once, or to the canvas that should do."""

SCALES = (1.0, 0.7, 0.5, 0.35, 0.25)
"""Of a canvas's width and height: each step halves its texels."""

LATE = 30
"""Frames over their time, less those within it, before a layer gets a smaller canvas."""

WORTH = 0.25
"""A layer that takes less than this share of a frame is left its canvas: it is not what makes frames late."""

ROOM = 0.7
"""A piece gets the next larger canvas when it should cost no more than this share of the budget there."""

FIRST_PAUSE_S = 10.0
PAUSE_GROWS = 4.0
LONGEST_PAUSE_S = 640.0
"""A piece that is really too slow costs one slow frame in ten minutes."""

Part = Literal["pixel", "canvas", "filter", "transition"]
"""What a draw was for: a layer's piece once per LED or on its canvas, or what changes pictures of others."""

_INSTEAD: dict[Part, str] = {
    "pixel": "Its fallback is shown.",
    "canvas": "Its fallback is shown.",
    "filter": "It is left out.",
    "transition": "The cue crossfades without it.",
}


@dataclass(slots=True)
class _Account:
    """What is remembered of one piece. over: draws over the budget in a row; -1: the next one does not count.

    step: of SCALES. back_at: when it is tried again. room_since: since when a larger canvas should do. rise_s: how
    long that must last. risen: it has been given a larger canvas since it last lost one.
    """

    over: int = 0
    step: int = 0
    back_at: float | None = None
    pause_s: float = FIRST_PAUSE_S / PAUSE_GROWS
    room_since: float | None = None
    rise_s: float = FIRST_PAUSE_S
    risen: bool = False

    def move(self, step: int) -> None:
        # The driver may have to compile at the first draw of another size.
        self.step, self.over, self.room_since = step, -1, None


@dataclass(slots=True)
class BudgetWatch:
    """Counts what drawing each piece costs. budget_ms None watches nothing, for rendering offline.

    frame_ms: what a whole frame may take before canvases are made smaller for it; None minds single pieces alone.

    A piece that was taken off while playing is tried again after a pause, because a machine that stood still for a
    second looks just like a piece that is too slow, and nobody may be there to put it back.
    """

    budget_ms: float | None = BUDGET_MS
    frame_ms: float | None = None
    reasons: dict[str, str] = field(default_factory=dict)
    _accounts: dict[str, _Account] = field(default_factory=dict)
    _layers: dict[str, float] = field(default_factory=dict)
    _late: int = 0
    _spare_ms: float = 0.0

    def scale(self, slug: str) -> float:
        """Return the share of its canvas's width and height that a piece is drawn at, one of SCALES."""
        account = self._accounts.get(slug)
        return 1.0 if account is None else SCALES[account.step]

    @property
    def scales(self) -> dict[str, float]:
        """Slug -> scale of the pieces that do not have their whole canvas."""
        return {slug: SCALES[account.step] for slug, account in self._accounts.items() if account.step}

    def spent(self, slug: str, cost_ms: float, *, now: float, part: Part = "pixel") -> None:
        """Note what one draw cost at a time in seconds. Too much: ``scale`` falls, or ``reasons`` gains the slug."""
        if self.budget_ms is None:
            return
        account = self._accounts.setdefault(slug, _Account())
        if account.over < 0:
            account.over = 0
        elif cost_ms <= self.budget_ms:
            account.over = 0
            self._rise(account, cost_ms, now)
        else:
            account.over += 1
            account.room_since = None
            outright = cost_ms > self.budget_ms * OUTRIGHT
            if not outright and account.over < PATIENCE:
                return
            if part == "canvas" and self._drop(account, cost_ms, outright=outright):
                return
            frames = "one frame" if account.over < PATIENCE else f"{account.over} frames in a row"
            even = ", even on a canvas of a quarter the width" if account.step == len(SCALES) - 1 else ""
            self.reasons[slug] = (
                f'"{slug}" takes {cost_ms:.0f} ms to draw ({frames}){even}; a piece may take {self.budget_ms:.0f} ms. '
                f"{_INSTEAD[part]} Make it cheaper and save it, or choose another piece."
            )
            self._pause(account, now)

    def layer(self, slug: str, cost_ms: float) -> None:
        """Note what a layer on a canvas has cost in this frame, with its filters."""
        self._layers[slug] = cost_ms

    def frame(self, cost_ms: float, *, alone: bool) -> None:
        """Note what a whole frame took. alone: no crossfade is on, which makes frames dear for a few seconds only."""
        if self.budget_ms is None or self.frame_ms is None:
            return
        self._spare_ms = self.frame_ms * ROOM - cost_ms
        self._late = max(0, self._late + (1 if cost_ms > self.frame_ms else -1))
        if self._late >= LATE:
            self._late = 0
            dearest = max(self._layers, key=self._layers.__getitem__, default="")
            if dearest and self._layers[dearest] >= self.frame_ms * WORTH:
                account = self._accounts.setdefault(dearest, _Account())
                if account.step + 1 < len(SCALES):
                    self._lower(account, account.step + 1, lasting=alone)
        self._layers.clear()

    def foreseen(self, slug: str, cost_ms: float, *, part: Part = "pixel") -> None:
        """Give a piece a small canvas, or take it off, before it is ever shown: one frame would be too much at once."""
        if self.budget_ms is None or cost_ms <= self.budget_ms * OUTRIGHT:
            return
        if part == "canvas" and self._drop(self._accounts.setdefault(slug, _Account()), cost_ms, outright=True):
            return
        self.reasons[slug] = (
            f'"{slug}" would take about {cost_ms:.0f} ms to draw; a piece may take {self.budget_ms:.0f} ms. '
            f"{_INSTEAD[part]} Make it cheaper and save it, or choose another piece."
        )

    def failed(self, slug: str, reason: str, *, now: float) -> None:
        """Take a piece off because it cannot go on; it is tried again like one that was too slow."""
        self.reasons[slug] = reason
        self._pause(self._accounts.setdefault(slug, _Account()), now)

    def reprieve(self, now: float) -> None:
        """Give back the pieces whose pause is over."""
        for slug, account in self._accounts.items():
            if account.back_at is not None and now >= account.back_at:
                account.back_at, account.over = None, 0
                self.reasons.pop(slug, None)

    def forgive(self, slug: str) -> None:
        """Give a piece another chance, with its whole canvas, because it was edited or asked for again."""
        self._accounts.pop(slug, None)
        self.reasons.pop(slug, None)

    def _pause(self, account: _Account, now: float) -> None:
        account.pause_s = min(account.pause_s * PAUSE_GROWS, LONGEST_PAUSE_S)
        account.back_at = now + account.pause_s

    def _drop(self, account: _Account, cost_ms: float, *, outright: bool) -> bool:
        """Give a smaller canvas, outright one that should do. Returns whether there is one."""
        step = account.step + 1
        if outright:
            step = next((i for i in range(step, len(SCALES)) if self._fits(account, cost_ms, i)), len(SCALES))
        if step >= len(SCALES):
            return False
        self._lower(account, step)
        return True

    def _lower(self, account: _Account, step: int, *, lasting: bool = True) -> None:
        """Give a smaller canvas. lasting: one that was given back in vain is given back later the next time."""
        if account.risen and lasting:
            account.rise_s, account.risen = min(account.rise_s * PAUSE_GROWS, LONGEST_PAUSE_S), False
        account.move(step)

    def _rise(self, account: _Account, cost_ms: float, now: float) -> None:
        """Give the next larger canvas back, when there has been room for it long enough."""
        if account.step == 0:
            return
        grows_ms = cost_ms * ((SCALES[account.step - 1] / SCALES[account.step]) ** 2 - 1.0)
        in_time = self.frame_ms is None or grows_ms <= self._spare_ms
        if not in_time or not self._fits(account, cost_ms, account.step - 1, share=ROOM):
            account.room_since = None
        elif account.room_since is None:
            account.room_since = now
        elif now - account.room_since >= account.rise_s:
            account.move(account.step - 1)
            account.risen = True

    def _fits(self, account: _Account, cost_ms: float, step: int, *, share: float = 1.0) -> bool:
        """Whether a draw that cost so much should be within a share of the budget at another step."""
        assert self.budget_ms is not None
        return cost_ms * (SCALES[step] / SCALES[account.step]) ** 2 <= self.budget_ms * share
