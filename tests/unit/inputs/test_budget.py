"""Token buckets: what one sender may cost."""

from __future__ import annotations

import numpy as np

from facade.inputs.budget import MAX_SOURCES, SourceBudgets, TokenBucket
from facade.inputs.worker import FIRST_PAUSE_S, LONGEST_PAUSE_S, Backoff


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    bucket = TokenBucket(rate_per_s=10.0, burst=5.0, now_s=0.0)
    assert [bucket.take(1.0, 0.0) for _ in range(6)] == [True] * 5 + [False]
    assert [bucket.take(1.0, 0.2) for _ in range(3)] == [True, True, False]


def test_a_bucket_never_saves_more_than_its_burst() -> None:
    bucket = TokenBucket(rate_per_s=10.0, burst=5.0, now_s=0.0)
    assert sum(bucket.take(1.0, 1000.0) for _ in range(100)) == 5


def test_debt_is_paid_back_before_anything_is_given() -> None:
    bucket = TokenBucket(rate_per_s=10.0, burst=10.0, now_s=0.0)
    bucket.charge(15.0)
    assert not bucket.take(1.0, 0.4)
    assert bucket.take(1.0, 0.6)


def test_a_sender_that_floods_empties_only_its_own_bucket() -> None:
    budgets = SourceBudgets(rate_per_s=100.0, total_per_s=1000.0)
    flood = budgets.bucket("flood", 0.0)
    assert sum(budgets.take(flood, 0.0) for _ in range(10_000)) == 50
    assert budgets.take(budgets.bucket("hand", 0.0), 0.0)


def test_senders_remembered_are_bounded() -> None:
    budgets = SourceBudgets(rate_per_s=100.0, total_per_s=1e9)
    first = budgets.bucket(0, 0.0)
    assert budgets.bucket(0, 0.0) is first
    for source in range(1, MAX_SOURCES + 1):
        budgets.bucket(source, 0.0)
    assert budgets.bucket(0, 0.0) is not first


def test_pauses_double_within_their_bounds_and_the_same_seed_gives_the_same() -> None:
    pauses = [backoff.next_s() for backoff in [Backoff(np.random.default_rng(3))] for _ in range(10)]
    again = [backoff.next_s() for backoff in [Backoff(np.random.default_rng(3))] for _ in range(10)]
    assert pauses == again
    for index, pause in enumerate(pauses):
        full = min(FIRST_PAUSE_S * 2**index, LONGEST_PAUSE_S)
        assert 0.75 * full <= pause <= full


def test_success_makes_the_next_pause_short_again() -> None:
    backoff = Backoff(np.random.default_rng(0))
    for _ in range(8):
        backoff.next_s()
    backoff.reset()
    assert backoff.next_s() <= FIRST_PAUSE_S
