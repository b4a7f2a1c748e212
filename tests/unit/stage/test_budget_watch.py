"""Which pieces cost too much, and when they get another chance."""

from __future__ import annotations

from facade.stage.faults import FIRST_PAUSE_S, LATE, PAUSE_GROWS, SCALES, BudgetWatch


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


def test_a_slow_canvas_piece_loses_its_canvas_step_by_step_and_only_then_its_place():
    watch, scales = BudgetWatch(250.0), []
    while not watch.reasons:
        watch.spent("tide", 300.0, now=0.0, part="canvas")
        scales.append(watch.scale("tide"))
    # Three slow draws a step; the first on each new canvas does not count, because the driver may compile there.
    assert scales == [1.0, 1.0, *([0.7] * 4), *([0.5] * 4), *([0.35] * 4), *([0.25] * 5)]
    assert "quarter" in watch.reasons["tide"]
    assert "Its fallback is shown." in watch.reasons["tide"]


def test_a_frame_that_takes_seconds_gives_the_canvas_that_should_do_at_once():
    watch = BudgetWatch(250.0)
    watch.spent("tide", 1900.0, now=0.0, part="canvas")
    assert watch.scales == {"tide": 0.35}
    watch.spent("veil", 9000.0, now=0.0, part="canvas")
    assert "one frame" in watch.reasons["veil"]


def test_a_canvas_comes_back_a_step_after_ten_seconds_with_room_for_it():
    watch = BudgetWatch(250.0)
    watch.foreseen("tide", 1900.0, part="canvas")
    seen = [_rest(watch, "tide", cost_ms=20.0, now=float(now)) for now in range(38)]
    assert [seen.index(scale) for scale in (0.35, 0.5, 0.7, 1.0)] == [0, 12, 24, 36]


def test_a_canvas_stays_small_where_the_next_larger_would_be_too_slow():
    watch = BudgetWatch(250.0)
    for _ in range(3):
        watch.spent("tide", 300.0, now=0.0, part="canvas")
    for now in range(3600):
        watch.spent("tide", 150.0, now=float(now), part="canvas")
    assert watch.scale("tide") == 0.7


def test_a_canvas_that_was_too_slow_again_comes_back_after_pauses_that_grow_to_ten_minutes():
    watch, pauses = BudgetWatch(250.0), []
    now = 0.0
    for _ in range(5):
        while watch.scale("tide") == 1.0:
            watch.spent("tide", 300.0, now=now, part="canvas")
        began = now
        while watch.scale("tide") < 1.0:
            watch.spent("tide", 20.0, now=now, part="canvas")
            now += 1.0
        pauses.append(now - began - 2.0)
    assert pauses == [10, 40, 160, 640, 640]


def test_an_edited_piece_has_its_whole_canvas_again():
    watch = BudgetWatch(250.0)
    watch.foreseen("tide", 1900.0, part="canvas")
    watch.forgive("tide")
    assert watch.scale("tide") == 1.0
    assert watch.scales == {}


def test_only_canvases_are_made_smaller_and_each_part_is_told_what_becomes_of_it():
    watch = BudgetWatch(250.0)
    for part in ("pixel", "filter", "transition"):
        watch.spent(part, 1200.0, now=0.0, part=part)
    assert watch.scales == {}
    assert "Its fallback is shown." in watch.reasons["pixel"]
    assert "It is left out." in watch.reasons["filter"]
    assert "crossfades without it" in watch.reasons["transition"]


def test_offline_nothing_is_watched():
    watch = BudgetWatch(None)
    for _ in range(9):
        watch.spent("tide", 9000.0, now=0.0, part="canvas")
    watch.foreseen("tide", 9000.0, part="canvas")
    assert (watch.scale("tide"), watch.reasons) == (1.0, {})


def _rest(watch: BudgetWatch, slug: str, *, cost_ms: float, now: float) -> float:
    scale = watch.scale(slug)
    watch.spent(slug, cost_ms, now=now, part="canvas")
    return scale


def play(
    watch: BudgetWatch, frames: int, *, whole_ms: dict[str, float], rest_ms: float = 2.0, at: float = 0.0
) -> float:
    """Draw frames of layers that cost so much on their whole canvases, one second in sixty; returns when it is then."""
    for n in range(frames):
        cost = {slug: ms * watch.scale(slug) ** 2 for slug, ms in whole_ms.items()}
        for slug, ms in cost.items():
            watch.spent(slug, ms, now=at + n / 60, part="canvas")
            watch.layer(slug, ms)
        watch.frame(sum(cost.values()) + rest_ms, alone=len(whole_ms) == 1)
    return at + frames / 60


def test_frames_that_stay_late_cost_the_dearest_canvas_a_step_until_they_are_in_time():
    watch = BudgetWatch(250.0, 15.0)
    play(watch, LATE - 1, whole_ms={"sky": 30.0})
    assert watch.scales == {}
    play(watch, 10 * LATE, whole_ms={"sky": 30.0, "grain": 3.0})
    # 30 ms, 15 ms, 7.5 ms beside the 5 of the others.
    assert watch.scales == {"sky": 0.5}
    assert watch.reasons == {}


def test_late_frames_never_take_a_piece_off_and_leave_alone_what_does_not_make_them_late():
    watch = BudgetWatch(250.0, 15.0)
    play(watch, 100 * LATE, whole_ms={"sky": 200.0})
    assert watch.scales == {"sky": SCALES[-1]}
    assert watch.reasons == {}

    watch = BudgetWatch(250.0, 15.0)
    play(watch, 10 * LATE, whole_ms={"grain": 3.0}, rest_ms=40.0)
    assert watch.scales == {}


def test_a_few_late_frames_change_nothing():
    watch = BudgetWatch(250.0, 15.0)
    now = 0.0
    for _ in range(20):
        now = play(watch, LATE // 2, whole_ms={"sky": 30.0}, at=now)
        now = play(watch, LATE // 2, whole_ms={"sky": 8.0}, at=now)
    assert watch.scales == {}


def test_the_canvas_is_given_back_when_the_whole_frame_has_room_for_it():
    watch = BudgetWatch(250.0, 15.0)
    now = play(watch, 5 * LATE, whole_ms={"sky": 20.0, "sea": 12.0})
    lowered = dict(watch.scales)
    assert lowered["sky"] < 1.0
    # The other cue goes on for a while; then this one is alone, and cheaper.
    now = play(watch, 60 * 30, whole_ms={"sky": 20.0, "sea": 12.0}, at=now)
    assert watch.scales["sky"] <= lowered["sky"]
    play(watch, 60 * 60, whole_ms={"sky": 8.0}, at=now)
    assert "sky" not in watch.scales


def test_a_crossfade_that_makes_frames_late_is_not_held_against_a_piece_for_long():
    watch = BudgetWatch(250.0, 15.0)
    now, alone, both = 0.0, {"sky": 8.0}, {"sky": 8.0, "sea": 7.5}
    for _ in range(4):
        now = play(watch, 5 * LATE, whole_ms=both, at=now)
        assert watch.scales["sky"] < 1.0
        now = play(watch, round(60 * (FIRST_PAUSE_S + 2)), whole_ms=alone, at=now)
        assert "sky" not in watch.scales
    for _ in range(2):
        now = play(watch, 5 * LATE, whole_ms={"sky": 16.0}, at=now)
        now = play(watch, round(60 * (FIRST_PAUSE_S + 2)), whole_ms=alone, at=now)
    assert PAUSE_GROWS > 1
    assert watch.scales["sky"] < 1.0
