"""The order of an evening: random without chance, waits, follows, jumps aside, and a longest stay."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facade.config.loader import load_show
from facade.config.show import Playlist, Show
from facade.core.errors import ConfigError
from facade.core.frame import Tick
from facade.show.playlist import Order, draw_round
from facade.show.timeline import Timeline

WEIGHTS = st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", "f"]), st.integers(1, 20), min_size=2).filter(
    lambda times: 2 * max(times.values()) <= sum(times.values())
)


def a_show(seed: int = 7, cues: dict | None = None, **playlist: object) -> Show:
    layer = {"layer": [{"piece": "ember"}], "crossfade_s": 0.0}
    named = {name: layer | table for name, table in (cues or {n: {} for n in "abcd"}).items()}
    listed = {"cues": [n for n in named if len(n) == 1]} | playlist
    return Show.model_validate({"title": "x", "seed": seed, "cue": named, "playlist": {"evening": listed}})


def at(timeline: Timeline, time_s: float) -> str:
    timeline.at(Tick(frame=round(time_s * 60), time_s=time_s, delta_s=1 / 60))
    return timeline.cue


def random_order(times: dict[str, int], *, seed: int = 1, name: str = "evening", loop: bool = True) -> Order:
    listed = Playlist(cues=tuple(times), order="random", weights=times, loop=loop)
    return Order(listed, name=name, seed=seed)


# ---- the random order ----


@settings(max_examples=60, deadline=None)
@given(times=WEIGHTS, seed=st.integers(0, 2**31 - 1))
def test_every_round_holds_each_cue_as_often_as_it_weighs_and_none_twice_running(times, seed) -> None:
    order, size = random_order(times, seed=seed), sum(times.values())
    evening = [order.at(i) for i in range(size * 20)]
    for start in range(0, len(evening), size):
        assert Counter(evening[start : start + size]) == times
    assert all(a != b for a, b in pairwise(evening))


@settings(max_examples=30, deadline=None)
@given(times=WEIGHTS, seed=st.integers(0, 2**31 - 1), start=st.integers(0, 60))
def test_the_same_seed_gives_the_same_evening_from_wherever_one_looks(times, seed, start) -> None:
    whole = random_order(times, seed=seed)
    evening = [whole.at(i) for i in range(100)]
    again = random_order(times, seed=seed)
    assert [again.at(i) for i in range(start, 100)] == evening[start:]
    assert [again.at(i) for i in reversed(range(100))] == evening[::-1]


def test_another_seed_and_another_playlist_are_other_evenings() -> None:
    times = dict.fromkeys("abcdef", 2)
    evenings = [[order.at(i) for i in range(48)] for order in (random_order(times), random_order(times, seed=2))]
    evenings.append([random_order(times, name="matinee").at(i) for i in range(48)])
    assert len({tuple(e) for e in evenings}) == 3


def test_every_order_that_is_allowed_is_drawn_and_none_much_more_than_another() -> None:
    drawn = Counter(tuple(draw_round({"a": 1, "b": 1, "c": 1}, last="", seed=str(n))) for n in range(1200))
    assert len(drawn) == 6
    assert all(150 <= n <= 250 for n in drawn.values())


def test_a_random_playlist_that_does_not_loop_ends_after_one_round() -> None:
    timeline = Timeline(a_show(order="random", loop=False))
    on = [at(timeline, 0.0)]
    for step in range(1, 8):
        timeline.go()
        on.append(at(timeline, step))
    assert sorted(on[:4]) == ["a", "b", "c", "d"]
    assert on[4:] == on[3:4] * 4
    assert timeline.next_cue == ""


def test_back_finds_what_was_on_in_a_random_evening() -> None:
    timeline = Timeline(a_show(order="random"))
    forth = [at(timeline, 0.0)]
    for step in range(1, 10):
        timeline.go()
        forth.append(at(timeline, step))
    back = []
    for step in range(10, 19):
        timeline.back()
        back.append(at(timeline, step))
    assert back == forth[-2::-1]


def test_a_jump_in_a_random_evening_does_not_disturb_its_order_and_is_not_repeated() -> None:
    plain = Timeline(a_show(order="random"))
    at(plain, 0.0)
    following = plain.next_cue
    other = next(c for c in "abcd" if c not in (plain.cue, following))
    jumped = Timeline(a_show(order="random"))
    first = at(jumped, 0.0)
    jumped.start(other)
    assert at(jumped, 1.0) == other
    assert jumped.next_cue == following
    jumped.back()
    assert at(jumped, 2.0) == first
    jumped.start(following)
    at(jumped, 3.0)
    assert jumped.next_cue != following


def test_a_replaced_renderer_goes_on_in_the_same_random_evening() -> None:
    timeline = Timeline(a_show(order="random"))
    at(timeline, 0.0)
    for step in range(1, 14):
        timeline.go()
        at(timeline, step)
    heir = Timeline(a_show(order="random"))
    heir.be_at(timeline.cue, position=timeline.position, started_at_s=13.0)
    assert (at(heir, 20.0), heir.next_cue) == (timeline.cue, timeline.next_cue)


# ---- waits, follows, longest stays ----


def test_a_cue_that_waits_starts_so_long_after_go() -> None:
    timeline = Timeline(a_show(cues={"a": {}, "b": {"wait_s": 3.0}, "c": {}}))
    at(timeline, 0.0)
    timeline.go()
    assert [at(timeline, s) for s in (1.0, 3.9, 4.0)] == ["a", "a", "b"]


def test_during_a_wait_go_starts_at_once_back_calls_off_and_a_jump_replaces() -> None:
    def waiting() -> Timeline:
        timeline = Timeline(a_show(cues={"a": {}, "b": {"wait_s": 9.0}, "c": {}}))
        at(timeline, 0.0)
        timeline.go()
        assert at(timeline, 1.0) == "a"
        assert timeline.next_cue == "b"
        return timeline

    hurried, called_off, replaced = waiting(), waiting(), waiting()
    hurried.go()
    assert at(hurried, 1.1) == "b"
    called_off.back()
    assert at(called_off, 30.0) == "a"
    assert called_off.next_cue == "b"
    replaced.start("c")
    assert [at(replaced, s) for s in (1.1, 30.0)] == ["c", "c"]


def test_a_cue_names_what_follows_it_and_the_playlist_goes_on_after() -> None:
    cues = {"a": {"hold_s": 1.0, "follow": "encore"}, "b": {}, "c": {}, "encore": {"hold_s": 2.0}}
    timeline = Timeline(a_show(cues=cues))
    assert [at(timeline, s) for s in (0.0, 1.0, 2.9, 3.0, 60.0)] == ["a", "encore", "encore", "b", "b"]


def test_a_jump_to_a_cue_outside_the_playlist_returns_to_it() -> None:
    timeline = Timeline(a_show(cues={"a": {}, "b": {}, "c": {}, "bell": {"hold_s": 2.0}}))
    at(timeline, 0.0)
    timeline.go()
    at(timeline, 1.0)
    timeline.start("bell")
    assert [at(timeline, s) for s in (2.0, 4.0)] == ["bell", "c"]
    timeline.start("bell")
    at(timeline, 5.0)
    timeline.back()
    assert at(timeline, 6.0) == "c"


def test_the_longest_stay_moves_on_also_without_hold_time_unless_held() -> None:
    timeline = Timeline(a_show(cues={"a": {}, "b": {"hold_s": 2.0}, "c": {"hold_s": 90.0}}, max_s=5.0))
    assert [at(timeline, s) for s in (0.0, 4.9, 5.0, 7.0, 11.9)] == ["a", "a", "b", "c", "c"]
    timeline.hold(True)
    assert at(timeline, 100.0) == "c"
    timeline.hold(False)
    assert at(timeline, 100.1) == "a"


def test_an_s_curve_is_slow_at_both_ends_and_half_way_in_the_middle() -> None:
    timeline = Timeline(a_show(cues={"a": {}, "b": {"crossfade_s": 4.0, "curve": "s"}}))
    at(timeline, 0.0)
    timeline.go()
    rises = []
    for s in (1.0, 2.0, 3.0, 4.0, 5.0):
        look = timeline.at(Tick(frame=int(s * 60), time_s=s, delta_s=1 / 60))
        assert sum(cue.weight for cue in look.cues) == pytest.approx(1.0)
        rises.append(look.cues[-1].weight)
    assert rises == pytest.approx([0.0, 0.15625, 0.5, 0.84375, 1.0])


PRESSES = st.lists(
    st.tuples(st.sampled_from(["go", "back", "hold", "let", "", "a", "b", "encore"]), st.floats(0.0, 4.0)), max_size=40
)


@settings(max_examples=150, deadline=None)
@given(presses=PRESSES, order=st.sampled_from(["listed", "random"]), loop=st.booleans(), seed=st.integers(0, 99))
def test_whatever_is_pressed_weights_sum_to_one_and_two_runs_agree(presses, order, loop, seed) -> None:
    cues = {
        "a": {"wait_s": 0.5, "crossfade_s": 1.0, "curve": "s"},
        "b": {"hold_s": 1.5, "follow": "encore", "crossfade_s": 2.0},
        "c": {},
        "encore": {"hold_s": 1.0, "crossfade_s": 0.7, "curve": "s"},
    }

    def run() -> list[tuple[str, str, int]]:
        timeline, now_s, seen = Timeline(a_show(seed, cues, order=order, loop=loop, max_s=3.0)), 0.0, []
        for press, wait_s in presses:
            if press in ("go", "back"):
                getattr(timeline, press)()
            elif press in ("hold", "let"):
                timeline.hold(press == "hold")
            elif press:
                timeline.start(press)
            look = timeline.at(Tick(frame=round(now_s * 60), time_s=now_s, delta_s=1 / 60))
            assert sum(cue.weight for cue in look.cues) == pytest.approx(1.0)
            assert all(cue.weight >= 0.0 for cue in look.cues)
            seen.append((timeline.cue, timeline.next_cue, timeline.position))
            now_s += wait_s
        return seen

    assert run() == run()


# ---- documents ----


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('[cue.a]\nfollow = "bb"\nlayer = [{ piece = "x" }]\n', 'cue.a.follow = "bb": there is no cue'),
        ('[playlist.p]\ncues = ["a", "b"]\nweights = { a = 2 }\n', "count in a random order only"),
        ('[playlist.p]\ncues = ["a", "b"]\norder = "random"\nweights = { a = 2 }\n', "would follow itself"),
        ('[playlist.p]\ncues = ["a"]\norder = "random"\n', "would follow itself"),
        ('[playlist.p]\ncues = ["a", "b"]\norder = "random"\nweights = { c = 2 }\n', "is not in the playlist"),
    ],
)
def test_orders_that_cannot_be_are_refused(tmp_path: Path, body: str, said: str) -> None:
    cues = "".join(f'[cue.{n}]\nlayer = [{{ piece = "x" }}]\n' for n in "abc" if f"[cue.{n}]" not in body)
    (tmp_path / "show.toml").write_text(f'title = "x"\n{cues}{body}')
    with pytest.raises(ConfigError) as caught:
        load_show(tmp_path / "show.toml")
    assert said in str(caught.value)
