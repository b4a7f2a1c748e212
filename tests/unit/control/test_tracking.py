"""Frames of TUIO become points that last, whatever is lost, late, repeated or made up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.control.tracking import MAX_POINTS, MAX_STREAMS, SILENT_S, Tracker
from facade.core.errors import InputError
from facade.protocols import osc, tuio
from facade.protocols.tuio import Profile, TuioAlive, TuioFrame, TuioMessage, TuioSet, TuioSource

Places = dict[int, tuple[float, float]]


def frame(number: int, places: Places, *, profile: Profile = "2Dcur", name: str = "") -> list[TuioMessage]:
    """A whole frame: its places by session, from the top left."""
    sets = [TuioSet(profile, session, x, y) for session, (x, y) in places.items()]
    source: list[TuioMessage] = [TuioSource(profile, name)] if name else []
    return [*source, TuioAlive(profile, tuple(places)), *sets, TuioFrame(profile, number)]


def take(tracker: Tracker, messages: list[TuioMessage], *, sender: str = "a", now_s: float = 0.0) -> bool:
    return [tracker.take(message, sender, now_s) for message in messages][-1]


def seen(tracker: Tracker) -> list[tuple[int, float, float]]:
    return [(p.id, p.x, round(p.y, 6)) for p in tracker.points()]


def test_a_point_keeps_its_number_and_its_age_while_it_is_there() -> None:
    tracker = Tracker()
    assert take(tracker, frame(1, {7: (0.25, 0.25)}), now_s=1.0)
    assert take(tracker, frame(2, {7: (0.5, 1.0), 8: (0.0, 0.0)}), now_s=2.0)
    assert seen(tracker) == [(1, 0.5, 0.0), (2, 0.0, 1.0)]
    assert [p.born_s for p in tracker.points()] == [1.0, 2.0]
    take(tracker, frame(3, {8: (0.0, 0.0)}), now_s=3.0)
    assert [p.id for p in tracker.points()] == [2]
    take(tracker, frame(4, {8: (0.0, 0.0), 7: (0.1, 0.1)}), now_s=4.0)
    assert [(p.id, p.born_s) for p in tracker.points()] == [(2, 2.0), (3, 4.0)]


def test_nothing_counts_before_the_frame_is_whole() -> None:
    tracker = Tracker()
    assert not take(tracker, frame(1, {1: (0.5, 0.5)})[:-1])
    assert seen(tracker) == []


def test_alive_and_set_may_come_in_any_order() -> None:
    tracker = Tracker()
    alive, one, two, end = frame(1, {1: (0.1, 0.0), 2: (0.2, 0.0)})
    take(tracker, [two, alive, one, end])
    assert {x for _, x, _ in seen(tracker)} == {0.1, 0.2}


def test_who_is_not_alive_is_not_there_even_if_it_says_where() -> None:
    tracker = Tracker()
    take(tracker, [TuioSet("2Dcur", 5, 0.5, 0.5), TuioAlive("2Dcur", ()), TuioFrame("2Dcur", 1)])
    assert seen(tracker) == []


def test_who_is_alive_and_has_never_said_where_waits_for_it() -> None:
    tracker = Tracker()
    take(tracker, [TuioAlive("2Dcur", (5,)), TuioFrame("2Dcur", 1)])
    assert seen(tracker) == []
    take(tracker, frame(2, {5: (0.5, 0.5)}))
    assert seen(tracker) == [(1, 0.5, 0.5)]


@pytest.mark.parametrize("number", [3, 1])
def test_a_late_frame_is_forgotten_and_counted(number: int) -> None:
    tracker = Tracker()
    take(tracker, frame(4, {1: (0.9, 0.0)}))
    assert not take(tracker, frame(number, {1: (0.1, 0.0), 2: (0.2, 0.0)}))
    assert (seen(tracker), tracker.late) == ([(1, 0.9, 1.0)], 1)


def test_the_same_number_again_is_the_rest_of_a_frame_that_needed_two_packets() -> None:
    tracker = Tracker()
    alive = TuioAlive("2Dcur", (1, 2))
    take(tracker, [alive, TuioSet("2Dcur", 1, 0.1, 0.0), TuioFrame("2Dcur", 5)])
    take(tracker, [alive, TuioSet("2Dcur", 2, 0.2, 0.0), TuioFrame("2Dcur", 5)])
    assert [x for _, x, _ in seen(tracker)] == [0.1, 0.2]


def test_minus_one_repeats_the_state_and_orders_nothing() -> None:
    tracker = Tracker()
    take(tracker, frame(9, {1: (0.1, 0.0)}))
    assert take(tracker, frame(tuio.REPEATED, {1: (0.2, 0.0)}))
    assert not take(tracker, frame(8, {1: (0.3, 0.0)}))
    assert seen(tracker) == [(1, 0.2, 1.0)]


@pytest.mark.parametrize(("before", "after", "pause_s"), [(5000, 1, 0.01), (20, 1, 1.5)])
def test_a_sender_that_begins_anew_is_heard(before: int, after: int, pause_s: float) -> None:
    tracker = Tracker()
    take(tracker, frame(before, {1: (0.1, 0.0)}))
    assert take(tracker, frame(after, {1: (0.7, 0.0)}), now_s=pause_s)
    assert seen(tracker) == [(1, 0.7, 1.0)]


def test_senders_and_profiles_are_told_apart_and_their_points_are_one_crowd() -> None:
    tracker = Tracker()
    take(tracker, frame(1, {1: (0.1, 0.0)}, name="left@a"), sender="x")
    take(tracker, frame(1, {1: (0.2, 0.0)}, name="right@a"), sender="x")
    take(tracker, frame(1, {1: (0.3, 0.0)}, profile="2Dblb"), sender="y")
    take(tracker, frame(2, {}, name="left@a"), sender="x")
    assert [(p.id, p.x, p.profile) for p in tracker.points()] == [(2, 0.2, "2Dcur"), (3, 0.3, "2Dblb")]


def test_a_named_sender_that_comes_back_on_another_port_leaves_no_ghosts() -> None:
    tracker = Tracker()
    take(tracker, frame(50, {1: (0.1, 0.0)}, name="table@a"), sender="port 1")
    take(tracker, frame(tuio.REPEATED, {9: (0.2, 0.0)}, name="table@a"), sender="port 2")
    assert [x for _, x, _ in seen(tracker)] == [0.2]


def test_a_silent_sender_takes_its_points_with_it() -> None:
    tracker = Tracker()
    take(tracker, frame(1, {1: (0.1, 0.0)}, name="a"), sender="x", now_s=0.0)
    take(tracker, frame(1, {1: (0.2, 0.0)}), sender="y", now_s=SILENT_S)
    assert not tracker.expire(SILENT_S)
    assert tracker.expire(SILENT_S + 0.1)
    assert [x for _, x, _ in seen(tracker)] == [0.2]
    assert not tracker.expire(SILENT_S + 0.1)


def test_one_number_may_close_all_profiles_of_a_sender() -> None:
    tracker = Tracker()
    cursors, blobs = frame(1, {1: (0.1, 0.0)}), frame(1, {2: (0.2, 0.0)}, profile="2Dblb")
    assert take(tracker, [*blobs[:-1], *cursors])
    assert len(tracker.points()) == 2


def test_there_is_room_for_so_many_and_no_more() -> None:
    tracker = Tracker()
    for number in range(10):
        take(tracker, frame(1, dict.fromkeys(range(60), (0.5, 0.5))), sender=str(number))
    assert len(tracker.points()) == MAX_POINTS
    for number in range(1000):
        take(tracker, frame(1, {1: (0.5, 0.5)}, name=f"n{number}"), sender=f"s{number}")
    assert len(tracker._streams) <= MAX_STREAMS
    assert len(tracker._speaks) <= 2 * MAX_STREAMS
    assert tracker.overflow > 0


sessions = st.integers(0, 5)
profiles = st.sampled_from(tuio.PROFILES)
places = st.floats(-10.0, 10.0)
any_message = st.one_of(
    st.builds(TuioSource, profiles, st.sampled_from(["a", "b"])),
    st.builds(TuioAlive, profiles, st.lists(sessions, max_size=6).map(tuple)),
    st.builds(TuioSet, profiles, sessions, places, places),
    st.builds(TuioFrame, profiles, st.integers(-1, 300)),
)


@given(st.lists(st.tuples(any_message, st.sampled_from("xyz"), st.floats(0.0, 2.0)), max_size=60))
def test_whatever_comes_points_lie_on_the_plane_and_have_numbers_of_their_own(
    messages: list[tuple[TuioMessage, str, float]],
) -> None:
    tracker, now_s = Tracker(), 0.0
    for message, sender, pause_s in messages:
        now_s += pause_s
        tracker.take(message, sender, now_s)
        tracker.expire(now_s)
        points = tracker.points()
        assert len({p.id for p in points}) == len(points)
        assert all(0.0 <= p.x <= 1.0 and 0.0 <= p.y <= 1.0 and p.born_s <= now_s for p in points)


@given(
    st.one_of(
        st.builds(TuioSource, profiles, st.text("abc@:", max_size=20)),
        st.builds(TuioAlive, profiles, st.lists(st.integers(-(2**31), 2**31 - 1), max_size=63).map(tuple)),
        st.builds(TuioFrame, profiles, st.integers(-(2**31), 2**31 - 1)),
        st.builds(TuioSet, st.just("2Dcur"), sessions, st.floats(0, 1, width=32), st.floats(0, 1, width=32)),
        st.builds(
            TuioSet, st.just("2Dobj"), sessions, st.floats(0, 1, width=32), st.floats(0, 1, width=32),
            symbol=st.integers(0, 500), angle=st.floats(0, 6, width=32),
        ),
    )
)  # fmt: skip
def test_a_message_survives_its_way_over_the_wire(message: TuioMessage) -> None:
    read = osc.decode(tuio.encode(message))
    assert isinstance(read, osc.OscMessage)
    assert tuio.decode(read) == message


@pytest.mark.parametrize(
    ("address", "args", "says"),
    [
        ("/fader/1", (1.0,), "no TUIO message"),
        ("/tuio/2Dcur", (), "begins with source"),
        ("/tuio/2Dcur", (1, 2), "begins with source"),
        ("/tuio/2Dcur", ("alive", "x"), "no whole number"),
        ("/tuio/2Dcur", ("alive", True), "no whole number"),
        ("/tuio/2Dcur", ("alive", *range(64)), "at most 63"),
        ("/tuio/2Dcur", ("set", 1, 0.5), "takes 6 numbers"),
        ("/tuio/2Dcur", ("set", 1, "a", 0.5, 0.0, 0.0, 0.0), "no number"),
        ("/tuio/2Dcur", ("set", 1, np.nan, 0.5, 0.0, 0.0, 0.0), "no number"),
        ("/tuio/2Dobj", ("set", 1, 7.5, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), "no whole number"),
        ("/tuio/2Dcur", ("fseq",), "takes one number"),
        ("/tuio/2Dcur", ("fseq", 2**40), "no whole number"),
        ("/tuio/2Dcur", ("source", 5), "takes one name"),
    ],
)
def test_what_is_no_tuio_is_refused_with_its_rule(address: str, args: tuple[osc.OscArg, ...], says: str) -> None:
    with pytest.raises(InputError, match=says):
        tuio.decode(osc.OscMessage(address, args))


@pytest.mark.parametrize("address", ["/tuio/25Dcur", "/tuio/3Dobj", "/tuio/_ssblb"])
def test_other_profiles_are_passed_over(address: str) -> None:
    assert tuio.decode(osc.OscMessage(address, ("alive", 1))) is None
    assert tuio.decode(osc.OscMessage("/tuio/2Dcur", ("dance",))) is None
