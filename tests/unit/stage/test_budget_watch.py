"""Which pieces cost too much, and when they get another chance."""

from __future__ import annotations

from facade.stage.faults import BudgetWatch


def test_a_single_slow_frame_is_forgiven_and_three_in_a_row_are_not():
    watch = BudgetWatch(250.0)
    watch.spent("ember", 300.0, now=0.0)
    watch.spent("ember", 300.0, now=0.1)
    watch.spent("ember", 10.0, now=0.2)
    watch.spent("ember", 300.0, now=0.3)
    assert watch.reasons == {}
    watch.spent("ember", 300.0, now=0.4)
    watch.spent("ember", 300.0, now=0.5)
    assert "3 frames in a row" in watch.reasons["ember"]


def test_a_piece_taken_off_is_tried_again_after_pauses_that_grow_to_ten_minutes():
    watch, now, pauses = BudgetWatch(250.0), 0.0, []
    for _ in range(5):
        watch.spent("ember", 5000.0, now=now)
        pause = next(p for p in range(0, 1000, 10) if _is_back(watch, now + p))
        pauses.append(pause)
        now += pause
    assert pauses == [10, 40, 160, 640, 640]


def test_a_piece_foreseen_as_too_slow_stays_off_until_it_is_edited():
    watch = BudgetWatch(250.0)
    watch.foreseen("ember", 5000.0)
    watch.reprieve(1e9)
    assert "ember" in watch.reasons
    watch.forgive("ember")
    assert watch.reasons == {}


def _is_back(watch: BudgetWatch, now: float) -> bool:
    watch.reprieve(now)
    return not watch.reasons
