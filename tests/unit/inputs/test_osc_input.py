"""The OSC input on a real socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import numpy as np
import pytest

from facade.config.input import OscInput as OscConfig
from facade.core.clock import RealClock
from facade.core.health import State
from facade.inputs.osc import OscInput
from facade.inputs.worker import Backoff
from facade.protocols import osc
from tests.support.arrivals import Arrivals, running, wait_for_health, wait_for_state
from tests.support.running import free_port


class Sender:
    """A controller with a socket of its own."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", port))

    def send(self, packet: bytes) -> None:
        self._socket.send(packet)

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def an_input(port: int, **more: object) -> OscInput:
    config = OscConfig.model_validate({"type": "osc", "port": port, **more})
    return OscInput("osc", config, clock=RealClock(), backoff=Backoff(np.random.default_rng(0)))


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def listening(port: int) -> Iterator[tuple[OscInput, Arrivals]]:
    each = an_input(port)
    with running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        yield each, arrivals


def test_a_message_arrives_with_its_arguments(port: int, listening: tuple[OscInput, Arrivals]) -> None:
    each, arrivals = listening
    with Sender(port) as sender:
        sender.send(osc.encode("/fader/1", (0.5, 7, "x")))
        event = arrivals.wait_for_address("/fader/1")
    assert (event.input, event.args, event.trigger) == ("osc", (0.5, 7, "x"), False)
    health = each.health()
    assert (health.state, health.received, health.last) == (State.LIVE, 1, "/fader/1 0.5 7 'x'")


def test_a_message_without_arguments_is_kept_from_coalescing(port: int, listening: tuple[OscInput, Arrivals]) -> None:
    with Sender(port) as sender:
        sender.send(osc.encode("/show/go"))
        assert listening[1].wait_for_address("/show/go").trigger


def test_malformed_packets_are_counted_and_shown_and_the_next_is_read(
    port: int, listening: tuple[OscInput, Arrivals]
) -> None:
    each, arrivals = listening
    with Sender(port) as sender:
        for packet in (b"", b"x", b"/a", b"/\xff\xfe\0", b"#bundle\0" + bytes(8) + b"\xff" * 4, b"/a\0\0,Z\0\0"):
            sender.send(packet)
        sender.send(osc.encode("/after", (1,)))
        arrivals.wait_for_address("/after")
    health = each.health()
    assert health.rejected == 6
    assert "First bytes: 2f 61" in health.problem


def test_a_bundle_dated_a_moment_ahead_waits_until_then(port: int, listening: tuple[OscInput, Arrivals]) -> None:
    clock = RealClock()
    due_s = clock.wall().timestamp() + 0.3
    due_at = clock.now() + 0.3
    with Sender(port) as sender:
        sender.send(osc.encode_bundle([osc.encode("/later", (1,))], timetag=osc.timetag_of(due_s)))
        sender.send(osc.encode("/now", (1,)))
        later = listening[1].wait_for_address("/later")
    assert [e.address for e in listening[1].events] == ["/now", "/later"]
    assert later.at_s >= due_at - 0.05


def test_a_bundle_from_the_past_counts_at_once(port: int, listening: tuple[OscInput, Arrivals]) -> None:
    with Sender(port) as sender:
        sender.send(osc.encode_bundle([osc.encode("/past", (1,))], timetag=osc.timetag_of(1_000_000_000.0)))
        assert listening[1].wait_for_address("/past").args == (1,)


def test_bundles_dated_an_hour_ahead_are_dropped_and_counted(port: int, listening: tuple[OscInput, Arrivals]) -> None:
    each, arrivals = listening
    hour = RealClock().wall().timestamp() + 3600.0
    with Sender(port) as sender:
        for _ in range(20):
            sender.send(osc.encode_bundle([osc.encode("/hour", (1,))], timetag=osc.timetag_of(hour)))
        sender.send(osc.encode("/after", (1,)))
        arrivals.wait_for_address("/after")
    assert each.health().rejected == 20
    assert "compare the clocks" in each.health().problem


def test_a_taken_port_is_a_state_that_names_the_port_and_the_fix_and_heals(port: int) -> None:
    each = an_input(port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        with running(each) as arrivals:
            failed = wait_for_state(each, State.FAILED)
            assert f"port {port} on 127.0.0.1 is taken" in failed.problem
            assert "input.osc.port" in failed.problem
            other.close()
            wait_for_state(each, State.CONNECTING)
            with Sender(port) as sender:
                sender.send(osc.encode("/back", (1,)))
                arrivals.wait_for_address("/back")


def test_an_address_of_another_machine_is_a_state_with_the_fix() -> None:
    each = an_input(free_port(), bind="192.0.2.1")
    with running(each):
        assert "no address of this machine" in wait_for_state(each, State.FAILED).problem


def test_silence_is_a_state(port: int) -> None:
    each = an_input(port, stale_s=0.1)
    with running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        with Sender(port) as sender:
            sender.send(osc.encode("/x", (1,)))
            arrivals.wait_for_address("/x")
            assert wait_for_state(each, State.STALE).age_s
            sender.send(osc.encode("/y", (1,)))
            arrivals.wait_for_address("/y")
            wait_for_health(each, lambda h: h.received == 2, "live again")
