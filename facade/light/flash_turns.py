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
from facade.light.flash_look import CHUNK
from facade.light.flash_rate import Bits, Chunked
from facade.light.views import FELL, ROSE, View

CONCURRENT_S = 0.04
"""One picture of 25 Hz television, for which BT.1702 was written: what happens within it happens at once."""

_TIME_ROUNDING_S = 1e-4


class Recent:
    """Which pixels rose or fell in the last few frames. rate_hz: the most frames a second, as a rule.

    turned: where those of the frame that is looked at are to be written, see FlashRules.
    """

    def __init__(self, n_chunks: int, *, rate_hz: float) -> None:
        n_rows = int(np.ceil(CONCURRENT_S * rate_hz)) + 3
        # Frames that come faster share a row, so that those of CONCURRENT_S always fit.
        self._row_s = CONCURRENT_S / (n_rows - 2)
        # Of each row: when the first frame in it was, and when the last.
        self._begins = [-np.inf] * n_rows
        self._times = [-np.inf] * n_rows
        self._turned = np.zeros((n_rows, n_chunks * CHUNK), np.uint8)
        self._turned_in = np.zeros((n_rows, n_chunks), np.uint8)
        self._pairs = list(zip(self._turned, self._turned_in, strict=True))
        self._rows = np.zeros(n_rows, np.int64)
        self._row, self._latest = 0, 1

    @property
    def turned(self) -> Chunked:
        return self._pairs[self._row]

    def mark(self, now: float, marks: Chunked, counts: NDArray[np.int64]) -> None:
        """Write into marks, as in turned, what pixels do now or have done less than CONCURRENT_S ago.

        counts: (chunks,), of how many pixels of each that is a rise.
        """
        recent = [row for row, at in enumerate(self._times) if row == self._row or _is_now(at, now)]
        self._rows[: len(recent)] = recent
        _mark(self._turned, self._turned_in, self._rows[: len(recent)], *marks, counts)

    def keep(self, now: float) -> None:
        """Let it happen."""
        if now - self._begins[self._latest] < self._row_s:
            # In a row that lasts, what turned first is taken to have turned a little later, and so counts for longer.
            _join(*self._pairs[self._row], *self._pairs[self._latest])
            self._times[self._latest] = now
            return
        self._begins[self._row] = self._times[self._row] = now
        self._latest, self._row = self._row, int(np.argmin(self._times))
        self._times[self._row] = -np.inf

    def forget(self) -> None:
        self._times = [-np.inf] * len(self._times)
        self._begins = [-np.inf] * len(self._times)


class Turns:
    """Rises of every field of one view, under each rule."""

    def __init__(self, view: View, n_rules: int, *, max_flashes: int) -> None:
        n = view.n_windows
        self._view = view
        # Of each window: when it rose, newest first, and last when it fell; whether it may rise again, and whether
        # some window may not.
        self._times = np.full((n_rules, max_flashes + 2, n), -np.inf)
        self._armed = np.ones((n_rules, n), np.uint8)
        self._awaits = [False] * n_rules
        # Of the last look: which windows rise, and which hold too much of what falls, if that has been asked yet.
        self._rises, self._fell = np.zeros((n_rules, n), np.uint8), np.zeros((n_rules, n), np.uint8)
        self._rose = np.zeros(n, np.uint8)
        self._event, self._falls = [False] * n_rules, [False] * n_rules
        self._asked = [False] * n_rules

    def is_idle(self, rule: int, *, falls: bool) -> bool:
        """Whether there is nothing to keep: nothing rose, and what fell, if anything did, changes nothing.

        Where every field may rise anyhow, a fall changes nothing.
        """
        return not self._event[rule] and not (falls and self._awaits[rule])

    def skip_all(self) -> None:
        """Nothing rises under any rule."""
        for rule in range(len(self._event)):
            self.skip(rule)

    def skip(self, rule: int) -> None:
        """Nothing rises in the frame that is looked at."""
        self._event[rule] = self._asked[rule] = False

    def look(self, rule: int, *, falls: bool, now: float, edge: float) -> bool:
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

    def over(self, rule: int, edge: float) -> float:
        """Return the area of the fullest window that would rise too often as a factor of what is allowed, or 0."""
        if not self._event[rule]:
            return 0.0
        too_often = self._rises[rule] * (self._times[rule, -3] > edge)
        return self._view.fullest(ROSE, rule, too_often) / self._view.limit

    def offends(self, rule: int, edge: float) -> bool:
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
        if falls and not self._asked[rule]:
            self._ask(rule)
        self._awaits[rule] = _keep(
            self._event[rule],
            self._rises[rule],
            self._fell[rule],
            falls and self._falls[rule],
            self._armed[rule],
            self._times[rule],
            _while_ago(now),
            now,
        )

    def forget(self, *, spent: bool) -> None:
        self._times[:] = -np.inf
        self._times[:, :-2] = -2 * CONCURRENT_S if spent else -np.inf
        self._armed[:] = 1
        for rule in range(len(self._armed)):
            self._awaits[rule] = False
            self.skip(rule)

    def _ask(self, rule: int) -> None:
        self._falls[rule] = self._view.over_into(FELL, rule, self._fell[rule])
        self._asked[rule] = True


def _while_ago(now: float) -> float:
    """What is later than this belongs to what happens now."""
    return now - CONCURRENT_S + _TIME_ROUNDING_S


def _is_now(at: float, now: float) -> bool:
    return now - at < CONCURRENT_S - _TIME_ROUNDING_S


@compiled("void(uint8[:, ::1], uint8[:, ::1], int64[::1], uint8[::1], uint8[::1], int64[::1])")
def _mark(
    turned: NDArray[np.uint8],
    turned_in: NDArray[np.uint8],
    rows: NDArray[np.int64],
    marks: Bits,
    marks_in: Bits,
    counts: NDArray[np.int64],
) -> None:
    for k in range(len(marks_in)):
        mark, some, rising, first = marks[k * CHUNK : (k + 1) * CHUNK], np.uint8(0), 0, True
        for row in rows:
            if turned_in[row, k] == 0:
                continue
            some |= turned_in[row, k]
            told = turned[row, k * CHUNK : (k + 1) * CHUNK]
            if first:
                for i in range(CHUNK):
                    mark[i] = told[i]
            else:
                for i in range(CHUNK):
                    mark[i] |= told[i]
            first = False
        if some & 15:
            for i in range(CHUNK):
                rising += (mark[i] & 15) != 0
        marks_in[k], counts[k] = some, rising


@compiled("void(uint8[::1], uint8[::1], uint8[::1], uint8[::1])")
def _join(turned: Bits, turned_in: Bits, later: Bits, later_in: Bits) -> None:
    """Add what turned in one frame to what did in another."""
    for k in range(len(turned_in)):
        if turned_in[k] == 0:
            continue
        for i in range(k * CHUNK, (k + 1) * CHUNK):
            later[i] = turned[i] | (later[i] if later_in[k] != 0 else np.uint8(0))
        later_in[k] |= turned_in[k]


@compiled(
    "UniTuple(boolean, 2)(uint8[::1], uint8[::1], boolean, uint8[::1], float64[:, ::1], float64, float64, uint8[::1])"
)
def _rise(
    rose: Bits,
    fell: Bits,
    falls: bool,
    armed: Bits,
    times: NDArray[np.float64],
    while_ago: float,
    edge: float,
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


@compiled("boolean(boolean, uint8[::1], uint8[::1], boolean, uint8[::1], float64[:, ::1], float64, float64)")
def _keep(
    event: bool,
    rises: Bits,
    fell: Bits,
    falls: bool,
    armed: Bits,
    times: NDArray[np.float64],
    while_ago: float,
    now: float,
) -> bool:
    """Return whether any window may not rise again before it falls."""
    last, awaits = times.shape[0] - 1, False
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
        awaits |= armed[w] == 0
    return awaits
