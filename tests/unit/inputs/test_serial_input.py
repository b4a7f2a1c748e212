"""The serial input over a TCP socket, which pyserial opens by URL, and its ways to fail."""

from __future__ import annotations

import errno
import socket

import numpy as np
import pytest

from facade.config.input import SerialInput as SerialConfig
from facade.core.clock import RealClock
from facade.core.health import State
from facade.inputs.serial import OpenPort, Port, SerialInput
from facade.inputs.worker import Backoff
from tests.support.arrivals import running, wait_for_health, wait_for_state


def an_input(port: str, *, open_port: OpenPort | None = None, **more: object) -> SerialInput:
    config = SerialConfig.model_validate({"type": "serial", "port": port, **more})
    backoff = Backoff(np.random.default_rng(0))
    return SerialInput("sensor", config, clock=RealClock(), backoff=backoff, open_port=open_port)


def test_a_sensor_on_the_network_is_read_and_found_again_after_it_hung_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sensor:
        each = an_input(f"socket://127.0.0.1:{sensor.getsockname()[1]}")
        with running(each) as arrivals:
            for turn in range(2):
                line, _ = sensor.accept()
                with line:
                    wait_for_state(each, State.CONNECTING)
                    line.sendall(f"turn={turn}\n".encode())
                    arrivals.wait_for_args(turn)
                wait_for_state(each, State.ABSENT)


def test_a_declared_format_is_kept() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sensor:
        each = an_input(f"socket://127.0.0.1:{sensor.getsockname()[1]}", format="pairs")
        with running(each) as arrivals:
            line, _ = sensor.accept()
            with line:
                wait_for_state(each, State.CONNECTING)
                line.sendall(b"1,2,3\nlight=1\n")
                arrivals.wait_for_address("/light")
                assert each.health().rejected == 1


def test_a_silent_sensor_is_stale() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sensor:
        each = an_input(f"socket://127.0.0.1:{sensor.getsockname()[1]}", stale_s=0.1)
        with running(each):
            line, _ = sensor.accept()
            with line:
                wait_for_state(each, State.CONNECTING)
                line.sendall(b"1\n")
                wait_for_state(each, State.STALE)


@pytest.mark.parametrize(
    ("code", "state", "says"),
    [
        (errno.EACCES, State.FAILED, "dialout"),
        (errno.EBUSY, State.FAILED, "another program"),
        (errno.ENOENT, State.ABSENT, "Plug it in"),
        (errno.EIO, State.FAILED, "/dev/ttyX"),
    ],
)
def test_a_port_that_cannot_be_opened_is_a_state_with_the_way_out(code: int, state: State, says: str) -> None:
    def refuse(device: str, baud: int) -> Port:
        raise OSError(code, "no")

    each = an_input("/dev/ttyX", open_port=refuse)
    with running(each):
        health = wait_for_health(each, lambda h: h.problem != "", "refused")
    assert health.state is state
    assert says in health.problem


def test_a_driver_that_raises_anything_is_a_failed_state_that_is_tried_again() -> None:
    attempts: list[str] = []

    def explode(device: str, baud: int) -> Port:
        attempts.append(device)
        raise RuntimeError("driver")

    each = an_input("/dev/ttyX", open_port=explode)
    with running(each):
        wait_for_health(each, lambda h: len(attempts) >= 2, "tried twice")
        assert each.health().state is State.FAILED
        assert "RuntimeError: driver" in each.health().problem
