"""Feedback to controllers, received on a real socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from facade.config.input import OscInput
from facade.config.piece import Value
from facade.core.clock import StepClock
from facade.inputs.feedback import MAX_BUNDLE_BYTES, MESSAGES_PER_S, Feedback
from facade.protocols import osc


@pytest.fixture
def tablet() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(0.0)
        yield listener


def feedback_to(*tablets: socket.socket, clock: StepClock | None = None) -> Feedback:
    names = tuple(f"127.0.0.1:{t.getsockname()[1]}" for t in tablets)
    return Feedback({"osc": OscInput(type="osc", feedback=names)}, clock or StepClock())


def received(tablet: socket.socket) -> list[tuple[str, tuple[object, ...]]]:
    found: list[tuple[str, tuple[object, ...]]] = []
    while True:
        try:
            packet = tablet.recv(65536)
        except BlockingIOError:
            return found
        assert len(packet) <= MAX_BUNDLE_BYTES
        found += [(m.address, m.args) for _, m in osc.messages(osc.decode(packet))]


def test_each_kind_of_value_is_sent_in_plain_types(tablet: socket.socket) -> None:
    feedback = feedback_to(tablet)
    values: dict[str, Value] = {"/a": 0.5, "/b": 3, "/c": True, "/d": "storm", "/e": (1.0, 0.5, 0.0)}
    feedback.send(values)
    assert dict(received(tablet)) == {"/a": (0.5,), "/b": (3,), "/c": (True,), "/d": ("storm",), "/e": (1.0, 0.5, 0.0)}


def test_every_destination_hears_every_change() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
        for tablet in (one, two):
            tablet.bind(("127.0.0.1", 0))
            tablet.settimeout(0.0)
        feedback_to(one, two).send({"/master": 0.25})
        assert received(one) == received(two) == [("/master", (0.25,))]


def test_a_flood_of_changes_leaves_at_a_bounded_rate_and_ends_with_the_newest(tablet: socket.socket) -> None:
    clock = StepClock()
    feedback = feedback_to(tablet, clock=clock)
    feedback.send({f"/p/{i}": 0 for i in range(1000)})
    first = received(tablet)
    assert len(first) == MESSAGES_PER_S / 4
    feedback.send({f"/p/{i}": 1 for i in range(1000)})
    assert received(tablet) == []
    heard = dict(first)
    for _ in range(60):
        clock.advance(1 / 20)
        feedback.send({})
        heard.update(received(tablet))
    assert heard == {f"/p/{i}": (1,) for i in range(1000)}


def test_a_sleeping_tablet_costs_nothing_but_a_count(tablet: socket.socket) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as gone:
        gone.bind(("127.0.0.1", 0))
        feedback = feedback_to(gone, tablet)
    for value in (0.1, 0.2, 0.3):
        feedback.send({"/master": value})
    assert received(tablet)[-1] == ("/master", (pytest.approx(0.3),))
    assert feedback.errors > 0
    assert "feedback" in feedback.problem


@pytest.mark.parametrize("name", ["nowhere", "127.0.0.1:x", "127.0.0.1:99999999"])
def test_a_destination_that_is_none_is_named(name: str) -> None:
    feedback = Feedback({"osc": OscInput(type="osc", feedback=(name,))}, StepClock())
    feedback.send({"/a": 1})
    assert name in feedback.problem
    assert '"host:port"' in feedback.problem
