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


def test_a_message_that_is_too_long_is_a_mistake(ends):
    with pytest.raises(ValueError, match="longer than"):
        ends[0].send("event", "x" * 70_000)
