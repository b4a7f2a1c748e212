"""The queue between input threads and the control loop."""

from __future__ import annotations

import threading

from facade.inputs.queue import EventQueue
from tests.support.control import event


def test_the_newest_value_of_an_address_takes_the_place_of_the_one_that_waits() -> None:
    queue = EventQueue()
    for value in (0.1, 0.2, 0.3):
        queue.post(event("/fader", value))
    queue.post(event("/other", 1.0))
    queue.post(event("/fader", 0.4))
    assert [(e.address, e.args) for e in queue.drain(0.0)] == [("/fader", (0.4,)), ("/other", (1.0,))]
    assert queue.drain(0.0) == []


def test_the_same_address_of_two_inputs_is_two() -> None:
    queue = EventQueue()
    queue.post(event("/x", 1))
    queue.post(event("/x", 2, source="page"))
    assert len(queue.drain(0.0)) == 2


def test_triggers_all_arrive_in_order() -> None:
    queue = EventQueue(ordered=frozenset({"/show/go"}))
    for value in (1.0, 0.0, 1.0, 0.0):
        queue.post(event("/show/go", value))
        queue.post(event("/note/1/1", value, source="knobs", trigger=True))
    drained = queue.drain(0.0)
    assert [e.args for e in drained if e.address == "/show/go"] == [(1.0,), (0.0,), (1.0,), (0.0,)]
    assert [e.args for e in drained if e.trigger] == [(1.0,), (0.0,), (1.0,), (0.0,)]


def test_one_input_that_floods_takes_no_place_of_another() -> None:
    queue = EventQueue(capacity=100)
    accepted = [queue.post(event(f"/{i}", 1)) for i in range(1000)]
    assert queue.post(event("/distance", 1, source="sensor"))
    drained = queue.drain(0.0)
    assert sum(accepted) == 100
    assert len(drained) == 101
    assert queue.overflow == {"osc": 900}


def test_what_coalesces_still_arrives_when_the_share_is_full() -> None:
    queue = EventQueue(capacity=2)
    for address in ("/a", "/b", "/c"):
        queue.post(event(address, 1))
    assert queue.post(event("/a", 2))
    assert queue.drain(0.0)[0].args == (2,)


def test_a_waiting_loop_is_woken_by_an_event_from_another_thread() -> None:
    queue = EventQueue()
    sender = threading.Thread(target=queue.post, args=(event("/x", 1),))
    sender.start()
    drained = queue.drain(60.0)
    sender.join()
    assert [e.address for e in drained] == ["/x"]


def test_nothing_is_lost_or_doubled_between_threads() -> None:
    queue = EventQueue(capacity=10**6)
    senders = [
        threading.Thread(target=lambda n=n: [queue.post(event(f"/{n}", i, trigger=True)) for i in range(2000)])
        for n in range(4)
    ]
    for sender in senders:
        sender.start()
    drained = []
    while any(s.is_alive() for s in senders):
        drained += queue.drain(0.01)
    drained += queue.drain(0.0)
    for n in range(4):
        assert [e.args[0] for e in drained if e.address == f"/{n}"] == list(range(2000))
