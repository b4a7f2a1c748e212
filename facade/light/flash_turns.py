"""Flashes of a whole field of view, whichever pixels make them: halves in counterphase, quarters in turn.

Each pixel may keep the rate and the field still flash far more often, when one area goes up as another goes down. WCAG
speaks of "flashes occurring concurrently" and does not say whether flashes in different places add up; here they do:

  a field rises   when pixels that fill more than a quarter of it rise within CONCURRENT_S of each other
  a field falls   when so many fall; each rise but the first needs a fall of its own, before it or at the same time.
                  A wipe or a dissolve is one rise, however long

and a field that would rise a fourth time within a second offends. Fields are the windows of fields.py. Without
viewpoints the facade is taken for a screen: a quarter of all its lit area (ITU-R BT.1702 speaks of the screen).
Rises that follow the field's last one by less than CONCURRENT_S belong to it; so no rise counts twice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.compiled import compiled
from facade.light.flash_rate import Bits, Chunked, ChunkedMarks, Marks
from facade.light.views import FELL, ROSE, View

CONCURRENT_S = 0.04
"""One picture of 25 Hz television, for which BT.1702 was written: what happens within it happens at once."""

_TIME_ROUNDING_S = 1e-4
_UNMARKED = np.uint16(0)


class Recent:
    """Which pixels rose or fell in the last few frames. rate_hz: the most frames a second."""

    def __init__(self, n_pixels: int, *, rate_hz: float, chunk: int) -> None:
        depth = int(np.ceil(CONCURRENT_S * rate_hz)) + 1
        self._chunk = chunk
        self._times = np.full(depth, -np.inf, np.float32)
        self._turned = np.zeros((depth, n_pixels), np.uint8)
        self._rows = np.zeros(depth, np.int64)
        self._next = 0

    def mark(self, told: Chunked, since: NDArray[np.float32], now: float, marks: ChunkedMarks) -> None:
        """Write into marks, as in turned, what pixels do now or have done less than CONCURRENT_S ago."""
        recent = np.flatnonzero(np.float32(now) - self._times < np.float32(CONCURRENT_S - _TIME_ROUNDING_S))
        self._rows[: len(recent)] = recent
        oldest = self._times[recent].min(initial=np.inf)
        _mark(self._chunk, *told, since, oldest, self._turned, self._rows[: len(recent)], *marks)

    def keep(self, told: Chunked, now: float) -> None:
        _note(self._chunk, *told, self._turned[self._next])
        self._times[self._next] = now
        self._next = (self._next + 1) % len(self._times)

    def rebase(self, by_s: float) -> None:
        self._times -= np.float32(by_s)

    def forget(self) -> None:
        self._times[:] = -np.inf


class Turns:
    """Rises of every field of one view, under each rule."""

    def __init__(self, view: View, n_rules: int, *, max_flashes: int) -> None:
        n = view.n_windows
        self._view = view
        # Of each window: when it rose, newest first, and last when it fell; whether it may rise again.
        self._times = np.full((n_rules, max_flashes + 2, n), -np.inf, np.float32)
        self._armed = np.ones((n_rules, n), np.uint8)
        # Of the last look: which windows rise, and which hold too much of what falls, if that has been asked yet.
        self._rises, self._fell = np.zeros((n_rules, n), np.uint8), np.zeros((n_rules, n), np.uint8)
        self._rose = np.zeros(n, np.uint8)
        self._event, self._falls = [False] * n_rules, [False] * n_rules
        self._asked = [False] * n_rules

    def awaits_fall(self, rule: int) -> bool:
        """Whether some field may not rise again before it has fallen."""
        return not self._armed[rule].all()

    def skip(self, rule: int) -> None:
        """Nothing rises in the frame that is looked at."""
        self._event[rule] = self._asked[rule] = False

    def look(self, rule: int, *, falls: bool, now: float, edge: np.float32) -> bool:
        """Return whether some field would rise once too often. The view has added up what rose and what fell.

        falls: whether any pixel falls.
        """
        self.skip(rule)
        if not self._view.over_into(ROSE, rule, self._rose):
            return False
        if falls:
            self._ask(rule)
        event, too_often = _rise(
            self._rose,
            self._fell[rule],
            falls and self._falls[rule],
            self._armed[rule],
            self._times[rule],
            _while_ago(now),
            edge,
            self._rises[rule],
        )
        self._event[rule] = event
        return bool(too_often)

    def over(self, rule: int, edge: np.float32) -> float:
        """Return the area of the fullest window that would rise too often as a factor of what is allowed, or 0."""
        if not self._event[rule]:
            return 0.0
        too_often = self._rises[rule] * (self._times[rule, -3] > edge)
        return self._view.fullest(ROSE, rule, too_often) / self._view.limit

    def offends(self, rule: int, edge: np.float32) -> bool:
        """Whether a field has risen too often in the second that ends now, without what was last looked at."""
        return bool((self._times[rule, -2] > edge).any())

    def fastest(self, rule: int) -> float:
        """Return how often a second the busiest field rises."""
        first, last = self._times[rule, -2], self._times[rule, 0]
        known = np.isfinite(first)
        if not known.any():
            return 0.0
        return (self._times.shape[1] - 2) / max(float((last[known] - first[known]).min()), 1e-3)

    def keep(self, rule: int, *, falls: bool, now: float) -> None:
        """Let the rises looked at happen, and what fell: a fall lets a field rise again, once, at once or later.

        falls: whether any pixel falls; if so, the view has added up what fell.
        """
        # Where every field may rise anyhow and none did, a fall changes nothing.
        if not self._event[rule] and not (falls and self.awaits_fall(rule)):
            return
        if falls and not self._asked[rule]:
            self._ask(rule)
        _keep(
            self._event[rule],
            self._rises[rule],
            self._fell[rule],
            falls and self._falls[rule],
            self._armed[rule],
            self._times[rule],
            _while_ago(now),
            np.float32(now),
        )

    def rebase(self, by_s: float) -> None:
        self._times -= np.float32(by_s)

    def forget(self, *, spent: bool) -> None:
        self._times[:] = -np.inf
        self._times[:, :-2] = -2 * CONCURRENT_S if spent else -np.inf
        self._armed[:] = 1
        for rule in range(len(self._armed)):
            self.skip(rule)

    def _ask(self, rule: int) -> None:
        self._falls[rule] = self._view.over_into(FELL, rule, self._fell[rule])
        self._asked[rule] = True


def _while_ago(now: float) -> np.float32:
    """What is later than this belongs to what happens now."""
    return np.float32(now - CONCURRENT_S + _TIME_ROUNDING_S)


@compiled(
    "void(int64, uint8[::1], uint8[::1], float32[::1], float32, uint8[:, ::1], int64[::1], uint16[::1], uint16[::1])"
)
def _mark(
    chunk: int,
    turned: Bits,
    turned_in: Bits,
    since: NDArray[np.float32],
    oldest: np.float32,
    before: NDArray[np.uint8],
    rows: NDArray[np.int64],
    marks: Marks,
    marks_in: Marks,
) -> None:
    for k in range(len(turned_in)):
        lo, hi = k * chunk, min((k + 1) * chunk, len(turned))
        told, mark = turned[lo:hi], marks[lo:hi]
        all_bits = np.uint8(255) if turned_in[k] != 0 else np.uint8(0)
        for i in range(hi - lo):
            mark[i] = told[i] & all_bits
        if since[k] >= oldest:
            for row in rows:
                earlier = before[row, lo:hi]
                for i in range(hi - lo):
                    mark[i] |= earlier[i]
        some = _UNMARKED
        for i in range(hi - lo):
            some = np.uint16(some | mark[i])
        marks_in[k] = some


@compiled("void(int64, uint8[::1], uint8[::1], uint8[::1])")
def _note(chunk: int, turned: Bits, turned_in: Bits, row: Bits) -> None:
    for k in range(len(turned_in)):
        all_bits = np.uint8(255) if turned_in[k] != 0 else np.uint8(0)
        for i in range(k * chunk, min((k + 1) * chunk, len(turned))):
            row[i] = turned[i] & all_bits


@compiled(
    "UniTuple(boolean, 2)(uint8[::1], uint8[::1], boolean, uint8[::1], float32[:, ::1], float32, float32, uint8[::1])"
)
def _rise(
    rose: Bits,
    fell: Bits,
    falls: bool,
    armed: Bits,
    times: NDArray[np.float32],
    while_ago: np.float32,
    edge: np.float32,
    rises: Bits,
) -> tuple[bool, bool]:
    """Write which windows rise; return whether any does, armed or not, and whether any does so once too often."""
    newest, last_but_one, last_fall = times[0], times[times.shape[0] - 3], times[times.shape[0] - 1]
    event, too_often = False, False
    for w in range(len(rose)):
        # What follows the last rise by less than CONCURRENT_S belongs to it; likewise a fall.
        rise = rose[w] != 0 and newest[w] < while_ago
        event |= rise
        fall = falls and fell[w] != 0 and last_fall[w] < while_ago
        rise = rise and (fall or armed[w] != 0)
        rises[w] = rise
        too_often |= rise and last_but_one[w] > edge
    return event, too_often


@compiled("void(boolean, uint8[::1], uint8[::1], boolean, uint8[::1], float32[:, ::1], float32, float32)")
def _keep(
    event: bool,
    rises: Bits,
    fell: Bits,
    falls: bool,
    armed: Bits,
    times: NDArray[np.float32],
    while_ago: np.float32,
    now: np.float32,
) -> None:
    last = times.shape[0] - 1
    for w in range(len(armed)):
        rise = event and rises[w] != 0
        fall = falls and fell[w] != 0 and times[last, w] < while_ago
        # One that rises by the fall of this very frame has used it up.
        used_up = rise and armed[w] == 0
        if rise:
            for row in range(last - 1, 0, -1):
                times[row, w] = times[row - 1, w]
            times[0, w] = now
            armed[w] = 0
        if fall:
            times[last, w] = now
            if not used_up:
                armed[w] = 1
