"""OSC with liblo at the other end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facade.config.input import OscInput as OscConfig
from facade.core.clock import RealClock
from facade.core.health import State
from facade.inputs.feedback import Feedback
from facade.inputs.osc import OscInput
from facade.inputs.queue import EventQueue
from facade.inputs.worker import Backoff
from tests.support.arrivals import PATIENCE_S, wait_for_state
from tests.support.control import desk
from tests.support.liblo import oscdump, oscsend
from tests.support.running import free_port


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def queue(port: int) -> Iterator[EventQueue]:
    config = OscConfig(type="osc", port=port)
    each = OscInput("osc", config, clock=RealClock(), backoff=Backoff(np.random.default_rng(0)))
    queue = EventQueue()
    each.start(queue.post)
    wait_for_state(each, State.CONNECTING)
    yield queue
    each.stop()


@pytest.mark.parametrize(
    ("address", "types", "values", "changed"),
    [
        ("/piece/ember/heat", "f", (1.25,), {"/piece/ember/heat": 1.25}),
        ("/piece/ember/heat", "i", (1,), {"/piece/ember/heat": 1.0}),
        ("/piece/ember/heat", "d", (0.75,), {"/piece/ember/heat": 0.75}),
        ("/piece/ember/count", "h", (7,), {"/piece/ember/count": 7}),
        ("/piece/ember/mirror", "T", (), {"/piece/ember/mirror": True}),
        ("/piece/ember/mode", "s", ("storm",), {"/piece/ember/mode": "storm"}),
        ("/piece/ember/tint", "fff", (0.0, 1.0, 0.5), {"/piece/ember/tint": (0.0, 1.0, 0.5)}),
        ("/piece/*/heat", "f", (1.0,), {"/piece/ember/heat": 1.0, "/piece/tide/heat": 1.0}),
        ("/show/go", "", (), {"/show/go": None}),
        ("/show/go", "I", (), {"/show/go": None}),
        ("/show/go", "N", (), {"/show/go": None}),
        ("/blackout", "i", (1,), {"/blackout": True}),
    ],
)
def test_oscsend_moves_a_parameter(
    port: int, queue: EventQueue, address: str, types: str, values: tuple[object, ...], changed: dict[str, object]
) -> None:
    oscsend(port, address, types, *values)
    (event,) = queue.drain(PATIENCE_S)
    assert {c.address: c.value for c in desk().handle(event)} == changed


def test_oscdump_hears_every_change(tmp_path: Path, port: int, queue: EventQueue) -> None:
    listener = free_port()
    with oscdump(listener, tmp_path) as dump:
        config = OscConfig(type="osc", feedback=(f"127.0.0.1:{listener}",))
        feedback = Feedback({"osc": config}, RealClock())
        made = desk()
        for address, types, values in (
            ("/piece/ember/heat", "f", (1.25,)),
            ("/piece/ember/tint", "fff", (0.0, 0.5, 1.0)),
            ("/piece/ember/mode", "s", ("storm",)),
            ("/piece/*/heat", "f", (0.5,)),
            ("/blackout", "T", ()),
        ):
            oscsend(port, address, types, *values)
            (event,) = queue.drain(PATIENCE_S)
            made.handle(event)
            feedback.send(made.take_changes())
        assert " /blackout T" in dump.wait_for("/blackout")
        feedback.close()
        heard = [line.split(" ", 1)[1] for line in dump.lines()]
    assert heard[-6:] == [
        "/piece/ember/heat f 1.250000",
        "/piece/ember/tint fff 0.000000 0.500000 1.000000",
        '/piece/ember/mode s "storm"',
        "/piece/ember/heat f 0.500000",
        "/piece/tide/heat f 0.500000",
        "/blackout T #T",
    ]
