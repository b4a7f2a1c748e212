"""A sensor on a pseudo-terminal made by socat: it speaks, babbles, is pulled out and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facade.config.input import SerialInput as SerialConfig
from facade.core.clock import RealClock
from facade.core.health import State
from facade.inputs.serial import SerialInput
from facade.inputs.worker import Backoff
from tests.support.arrivals import running, wait_for_health, wait_for_state
from tests.support.socat import SerialCable


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[SerialCable]:
    with SerialCable(tmp_path) as cable:
        yield cable


def an_input(cable: SerialCable) -> SerialInput:
    config = SerialConfig(type="serial", port=str(cable.device))
    return SerialInput("sensor", config, clock=RealClock(), backoff=Backoff(np.random.default_rng(0)))


def test_lines_of_every_kind_arrive(cable: SerialCable) -> None:
    each = an_input(cable)
    with running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        cable.say(b'12,0.5\r\ndistance=40 light:7\n{"pir":{"door":true}}\n')
        arrivals.wait_for_address("/pir/door")
    assert {e.address: e.args for e in arrivals.events} == {
        "/0": (12,),
        "/1": (0.5,),
        "/distance": (40,),
        "/light": (7,),
        "/pir/door": (True,),
    }


def test_a_sensor_pulled_out_comes_back_by_itself(cable: SerialCable) -> None:
    each = an_input(cable)
    with running(each) as arrivals:
        for round_trip in range(2):
            wait_for_state(each, State.CONNECTING)
            cable.say(f"round={round_trip}\n".encode())
            arrivals.wait_for_args(round_trip)
            assert each.health().state is State.LIVE
            cable.unplug()
            assert "back" in wait_for_state(each, State.ABSENT).problem
            cable.plug()


def test_half_a_line_from_before_the_plug_was_pulled_is_not_joined_to_the_next(cable: SerialCable) -> None:
    each = an_input(cable)
    with running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        cable.say(b"first=1\n12")
        arrivals.wait_for_address("/first")
        cable.unplug()
        wait_for_state(each, State.ABSENT)
        cable.plug()
        wait_for_state(each, State.CONNECTING)
        cable.say(b"34\nlast=1\n")
        arrivals.wait_for_address("/last")
    assert [e.args for e in arrivals.events] == [(1,), (34,), (1,)]


def test_a_port_that_babbles_without_newlines_is_counted_and_heals(cable: SerialCable) -> None:
    each = an_input(cable)
    with running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        cable.say(b"\x55\xaa" * 100_000)
        rejected = wait_for_health(each, lambda h: h.rejected > 0, "rejecting")
        assert "baud rate" in rejected.problem
        cable.say(b"\ndistance=1\n")
        arrivals.wait_for_address("/distance")
    assert each.health().rejected == 1
    assert len(arrivals.events) == 1


def test_garbage_lines_are_counted_and_the_next_is_read(cable: SerialCable) -> None:
    each = an_input(cable)
    with running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        cable.say(b"hello\n\xff\xfe\n{]\n1,nan\ndistance=1\n")
        arrivals.wait_for_address("/distance")
    assert each.health().rejected == 4


def test_a_port_another_program_reads_is_a_state_that_says_so(cable: SerialCable) -> None:
    first, second = an_input(cable), an_input(cable)
    with running(first):
        wait_for_state(first, State.CONNECTING)
        with running(second):
            assert "another program" in wait_for_state(second, State.FAILED).problem
