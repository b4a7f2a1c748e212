"""50,000 packets a second from one sender: another sender's fader still moves, and nothing grows."""

from __future__ import annotations

import socket

import numpy as np
import pytest

from facade.config.input import OscInput as OscConfig
from facade.core.clock import RealClock
from facade.core.health import State
from facade.inputs.osc import OscInput
from facade.inputs.queue import CAPACITY, EventQueue
from facade.inputs.worker import Backoff
from facade.protocols import osc
from tests.support.arrivals import wait_for_health, wait_for_state
from tests.support.control import desk
from tests.support.flood import KINDS, flood
from tests.support.running import free_port

MOVES = 20
MOST_TRIES = 20_000
"""For all moves together. A flood fills the socket's buffer, and what finds no room there the kernel drops unread: how
often is the machine's business (20 to over 1,000 seen). That one comes through at all is ours."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_fader_still_moves_while_another_sender_floods(kind: str) -> None:
    port = free_port()
    each = OscInput(
        "osc", OscConfig(type="osc", port=port), clock=RealClock(), backoff=Backoff(np.random.default_rng(0))
    )
    queue = EventQueue()
    made = desk()
    each.start(queue.post)
    try:
        wait_for_state(each, State.CONNECTING)
        with flood(port, kind), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hand:
            hand.connect(("127.0.0.1", port))
            wait_for_health(each, lambda h: h.overflow > 1000, "flooded")
            tries, largest = 0, 0
            for move in range(MOVES):
                while made.tree.value("/piece/ember/heat") != move / 16:
                    hand.send(osc.encode("/piece/ember/heat", (move / 16,)))
                    tries += 1
                    assert tries <= MOST_TRIES
                    waiting = queue.drain(0.05)
                    largest = max(largest, len(waiting))
                    for event in waiting:
                        made.handle(event)
        assert largest <= CAPACITY
        assert each.health().state is State.LIVE
    finally:
        each.stop()
