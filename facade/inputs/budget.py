"""How much one sender may cost: token buckets, so that a flood empties its own and not the others'."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

MAX_SOURCES = 64
"""Senders remembered, the newest; a flood from forged addresses only makes the flood's own buckets be forgotten."""


class TokenBucket:
    """Refills at rate_per_s up to burst. Starts full."""

    __slots__ = ("_at_s", "_burst", "_rate_per_s", "_tokens")

    def __init__(self, *, rate_per_s: float, burst: float, now_s: float) -> None:
        self._rate_per_s, self._burst = rate_per_s, burst
        self._tokens, self._at_s = burst, now_s

    def take(self, cost: float, now_s: float) -> bool:
        """Pay cost, even into debt, if there is anything left; False, unpaid, if not."""
        if now_s > self._at_s:
            self._tokens = min(self._burst, self._tokens + (now_s - self._at_s) * self._rate_per_s)
            self._at_s = now_s
        if self._tokens <= 0.0:
            return False
        self._tokens -= cost
        return True

    def charge(self, cost: float) -> None:
        """Pay afterwards for something that turned out dearer; may go into debt, down to one burst."""
        self._tokens = max(self._tokens - cost, -self._burst)


class SourceBudgets:
    """One bucket a sender, and one for all of them together."""

    def __init__(self, *, rate_per_s: float, total_per_s: float) -> None:
        self._rate_per_s = rate_per_s
        self._total_per_s = total_per_s
        self._total: TokenBucket | None = None
        self._sources: OrderedDict[Hashable, TokenBucket] = OrderedDict()

    def bucket(self, source: Hashable, now_s: float) -> TokenBucket:
        """Return a sender's bucket, with half a second's worth to begin with."""
        found = self._sources.get(source)
        if found is None:
            found = TokenBucket(rate_per_s=self._rate_per_s, burst=self._rate_per_s / 2, now_s=now_s)
            self._sources[source] = found
            if len(self._sources) > MAX_SOURCES:
                self._sources.popitem(last=False)
        else:
            self._sources.move_to_end(source)
        return found

    def take(self, bucket: TokenBucket, now_s: float) -> bool:
        """Pay for one message from a sender's bucket and from the common one."""
        if self._total is None:
            self._total = TokenBucket(rate_per_s=self._total_per_s, burst=self._total_per_s / 2, now_s=now_s)
        return bucket.take(1.0, now_s) and self._total.take(1.0, now_s)

    def charge(self, bucket: TokenBucket, cost: float) -> None:
        """Pay afterwards, from both, for a message that turned out dearer."""
        bucket.charge(cost)
        if self._total is not None:
            self._total.charge(cost)
