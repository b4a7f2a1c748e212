"""Events and health between processes."""

from __future__ import annotations

import pytest

from facade.link import Datagrams, pair


@pytest.fixture
def ends():
    left, right = pair()
    yield Datagrams(left), Datagrams(right)
    left.close()
    right.close()


def test_messages_arrive_in_order(ends):
    left, right = ends
    for n in range(10):
        assert left.send("event", [n, "x", None, 0.5])
    assert right.receive() == [("event", [n, "x", None, 0.5]) for n in range(10)]


def test_a_full_link_drops_and_counts_but_never_waits(ends):
    left, right = ends
    sent = sum(left.send("event", "x" * 1000) for _ in range(5000))
    assert 0 < sent < 5000
    assert left.dropped == 5000 - sent
    received = 0
    while batch := right.receive():
        received += len(batch)
    assert received == sent


def test_what_is_not_json_is_counted_and_skipped(ends):
    left, right = ends
    left._end.send(b"\xff\xfe not json")
    left._end.send(b"[1,2,3]")
    left.send("event", 1)
    assert right.receive() == [("event", 1)]
    assert right.malformed == 2


def test_a_long_message_arrives_whole_and_in_order(ends):
    left, right = ends
    for body in ("x" * 59_990, "y" * 60_000, "z" * 200_000, "after"):
        assert left.send("event", body)
        assert right.receive() == [("event", body)]
    assert (left.dropped, right.malformed) == (0, 0)


def test_a_message_beyond_all_measure_is_dropped_and_counted(ends):
    left, right = ends
    assert not left.send("event", "x" * 2_000_000)
    assert left.dropped == 1
    assert right.receive() == []


def test_what_a_killed_writer_left_half_said_is_forgotten(ends):
    left, right = ends
    left._end.send(b'^["event", "never')
    left.send("event", "x" * 100_000)
    left._end.send(b'^["event", "never')
    left.send("event", 1)
    left._end.send(b'$ ends"]')
    assert [body for _, body in right.receive()] == ["x" * 100_000, 1]
    assert right.malformed == 0


def test_a_long_message_that_finds_no_room_for_its_end_is_lost_alone(ends):
    left, right = ends
    while left.send("event", "x" * 150_000):
        pass
    received = right.receive()
    assert left.send("event", "after")
    assert right.receive() == [("event", "after")]
    assert {len(body) for _, body in received} <= {150_000}
