"""What is on at time t."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.config.show import Show
from facade.core.errors import InputError
from facade.core.frame import Tick
from facade.show.timeline import Timeline, layer_seed


def a_show(*, loop: bool = True, hold_s: float | None = None, crossfade_s: float = 2.0) -> Show:
    cue = {"crossfade_s": crossfade_s, "layer": [{"piece": "ember"}]} | ({"hold_s": hold_s} if hold_s else {})
    return Show.model_validate(
        {
            "title": "test",
            "cue": {"dusk": cue, "tide": cue, "dawn": cue},
            "playlist": {"evening": {"cues": ["dusk", "tide", "dawn"], "loop": loop}},
        }
    )


def at(time_s: float) -> Tick:
    return Tick(frame=round(time_s * 60), time_s=time_s, delta_s=1 / 60)


def weights(timeline: Timeline, time_s: float) -> dict[str, float]:
    return {cue.name: pytest.approx(cue.weight) for cue in timeline.at(at(time_s)).cues}


def test_first_tick_shows_the_first_cue_without_a_fade():
    assert weights(Timeline(a_show()), 0.0) == {"dusk": 1.0}


def test_crossfade_counts_seconds():
    timeline = Timeline(a_show(crossfade_s=2.0))
    timeline.at(at(0.0))
    timeline.go()
    assert weights(timeline, 10.0) == {"dusk": 1.0, "tide": 0.0}
    assert weights(timeline, 10.5) == {"dusk": 0.75, "tide": 0.25}
    assert weights(timeline, 12.0) == {"tide": 1.0}


def test_a_cue_without_crossfade_cuts():
    timeline = Timeline(a_show(crossfade_s=0.0))
    timeline.at(at(0.0))
    timeline.go()
    assert weights(timeline, 1.0) == {"tide": 1.0}


def test_go_during_a_crossfade_starts_from_the_mixture():
    timeline = Timeline(a_show(crossfade_s=2.0))
    timeline.at(at(0.0))
    timeline.go()
    timeline.at(at(1.0))
    timeline.at(at(2.0))
    timeline.go()
    assert weights(timeline, 2.0) == {"dusk": 0.5, "tide": 0.5, "dawn": 0.0}
    assert weights(timeline, 3.0) == {"dusk": 0.25, "tide": 0.25, "dawn": 0.5}


def test_hold_time_moves_on_by_itself_unless_held():
    timeline = Timeline(a_show(hold_s=5.0, crossfade_s=0.0))
    timeline.at(at(0.0))
    assert weights(timeline, 5.0) == {"tide": 1.0}
    timeline.hold(True)
    assert weights(timeline, 60.0) == {"tide": 1.0}
    timeline.hold(False)
    assert weights(timeline, 60.1) == {"dawn": 1.0}


def test_a_playlist_that_loops_begins_again_and_one_that_does_not_stays():
    looping, ending = Timeline(a_show(loop=True, crossfade_s=0.0)), Timeline(a_show(loop=False, crossfade_s=0.0))
    for timeline in (looping, ending):
        timeline.at(at(0.0))
        for step in range(3):
            timeline.go()
            timeline.at(at(1.0 + step))
    assert looping.cue == "dusk"
    assert ending.cue == "dawn"
    assert ending.next_cue == ""


def test_back_returns_to_the_cue_before():
    timeline = Timeline(a_show(crossfade_s=0.0))
    timeline.at(at(0.0))
    timeline.go()
    timeline.at(at(1.0))
    timeline.back()
    assert weights(timeline, 2.0) == {"dusk": 1.0}


def test_an_unknown_cue_is_refused_with_the_nearest():
    with pytest.raises(InputError, match='Did you mean "dusk"'):
        Timeline(a_show()).start("dusc")


def test_a_follower_begins_where_the_other_is_without_a_fade_and_as_old():
    timeline = Timeline(a_show())
    timeline.be_at("tide", position=1, started_at_s=-500.0)
    assert weights(timeline, 100.0) == {"tide": 1.0}
    assert (timeline.next_cue, timeline.age_s) == ("dawn", 600.0)


def test_a_follower_fades_with_the_other_and_does_not_move_by_itself():
    timeline = Timeline(a_show(hold_s=5.0))
    timeline.following = True
    timeline.at(at(0.0))
    timeline.be_at("tide", position=1, started_at_s=9.0)
    assert weights(timeline, 10.0) == {"dusk": 0.5, "tide": 0.5}
    assert weights(timeline, 50.0) == {"tide": 1.0}


def test_a_follower_left_to_itself_goes_on_from_there():
    timeline = Timeline(a_show(hold_s=5.0, crossfade_s=0.0))
    timeline.following = True
    timeline.be_at("tide", position=1, started_at_s=97.0)
    timeline.at(at(100.0))
    timeline.following = False
    assert [weights(timeline, s) for s in (101.9, 102.0)] == [{"tide": 1.0}, {"dawn": 1.0}]


def test_a_message_that_took_its_time_moves_nothing_and_another_age_is_taken_over():
    timeline = Timeline(a_show())
    run = timeline.at(at(0.0)).cues[0].layers[0].key
    timeline.be_at("dusk", position=0, started_at_s=0.05)
    assert timeline.at(at(1.0)).cues[0].started_at_s == 0.0
    timeline.be_at("dusk", position=0, started_at_s=-40.0)
    (older,) = timeline.at(at(2.0)).cues
    assert (older.started_at_s, older.layers[0].key) == (-40.0, run)


def test_a_cue_that_the_other_starts_again_is_a_new_run():
    timeline = Timeline(a_show(crossfade_s=2.0))
    timeline.at(at(0.0))
    timeline.be_at("dusk", position=0, started_at_s=29.0)
    assert [cue.started_at_s for cue in timeline.at(at(30.0)).cues] == [0.0, 29.0]


def test_a_follower_of_another_show_keeps_what_it_has():
    timeline = Timeline(a_show())
    timeline.at(at(0.0))
    timeline.be_at("finale", position=12, started_at_s=3.0)
    assert weights(timeline, 10.0) == {"dusk": 1.0}
    timeline.be_at("tide", position=12, started_at_s=3.0)
    for seconds in (10.0, 20.0, 30.0):
        timeline.be_at("tide", position=12, started_at_s=3.0)
        assert weights(timeline, seconds) == {"tide": 1.0}


@given(st.lists(st.tuples(st.sampled_from(["dusk", "tide", "dawn"]), st.integers(0, 2), st.floats(0.0, 2.0))))
def test_a_follower_of_whatever_has_few_cues_on_and_weights_that_sum_to_one(leads):
    timeline, now_s = Timeline(a_show(crossfade_s=20.0)), 0.0
    for name, position, wait_s in leads:
        now_s += wait_s + 0.01
        timeline.be_at(name, position=position, started_at_s=now_s)
        look = timeline.at(at(now_s + 0.005))
        assert len(look.cues) <= 4
        assert sum(cue.weight for cue in look.cues) == pytest.approx(1.0)


def test_the_same_cue_again_is_a_new_run_with_keys_of_its_own():
    timeline = Timeline(a_show(crossfade_s=2.0))
    first = timeline.at(at(0.0))
    timeline.start("dusk")
    both = timeline.at(at(1.0))
    assert len({layer.key for cue in both.cues for layer in cue.layers}) == 2
    assert both.cues[0].layers[0].key == first.cues[0].layers[0].key


def test_seeds_follow_the_show_seed_and_fit_a_float():
    assert layer_seed(1, "dusk", 0) != layer_seed(2, "dusk", 0)
    assert layer_seed(1, "dusk", 0) == layer_seed(1, "dusk", 0)
    assert 0 <= layer_seed(2**31 - 1, "x", 7) < 2**24


@given(
    st.lists(st.tuples(st.sampled_from(["go", "back", "dusk", "tide", "dawn", ""]), st.floats(0.01, 3.0)), max_size=40)
)
def test_weights_always_sum_to_one_whatever_is_pressed(presses):
    timeline, now_s = Timeline(a_show(hold_s=4.0)), 0.0
    for press, wait_s in presses:
        if press in ("go", "back"):
            getattr(timeline, press)()
        elif press:
            timeline.start(press)
        look = timeline.at(at(now_s))
        assert sum(cue.weight for cue in look.cues) == pytest.approx(1.0)
        assert all(cue.weight >= 0.0 for cue in look.cues)
        assert len(look.cues) <= 4
        now_s += wait_s
