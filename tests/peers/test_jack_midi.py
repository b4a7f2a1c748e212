"""A knob box on a JACK server: it is turned, pulled out and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facade.config.input import MidiInput as MidiConfig
from facade.core.clock import RealClock
from facade.core.health import State
from facade.inputs.midi import MidiInput, port_names
from facade.inputs.worker import Backoff
from tests.support.arrivals import running, wait_for_health, wait_for_state
from tests.support.control import binding, desk
from tests.support.jack import KnobBox, jack_server


@pytest.fixture
def jack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with jack_server(tmp_path, monkeypatch):
        yield


def an_input(port: str = "test knobs") -> MidiInput:
    config = MidiConfig(type="midi", port=port)
    return MidiInput("knobs", config, clock=RealClock(), backoff=Backoff(np.random.default_rng(0)))


@pytest.mark.usefixtures("jack")
def test_a_knob_turns_a_parameter() -> None:
    made = desk(binding("knobs/cc/1/7", "/piece/ember/heat"))
    each = an_input()
    with KnobBox() as box, running(each) as arrivals:
        assert "Test Knobs" in wait_for_state(each, State.CONNECTING).where
        box.send(0xB0, 7, 127)
        event = arrivals.wait_for_address("/cc/1/7")
    assert [(c.address, c.value) for c in made.handle(event)] == [("/piece/ember/heat", 2.0)]


@pytest.mark.usefixtures("jack")
def test_keys_and_bends_arrive_in_order_and_other_messages_are_passed_over() -> None:
    each = an_input()
    with KnobBox() as box, running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        for message in ((0x9F, 60, 100), (0xC0, 5), (0x8F, 60, 64), (0xE1, 0x7F, 0x7F), (0xE1, 0, 0x40)):
            box.send(*message)
        arrivals.wait_for(lambda e: e.args == (0,) and e.address == "/bend/2", "the last bend")
    assert [(e.address, e.args, e.trigger) for e in arrivals.events] == [
        ("/note/16/60", (100,), True),
        ("/note/16/60", (0,), True),
        ("/bend/2", (8191,), False),
        ("/bend/2", (0,), False),
    ]


@pytest.mark.usefixtures("jack")
def test_a_box_pulled_out_comes_back_by_itself() -> None:
    each = an_input()
    with KnobBox() as box, running(each) as arrivals:
        for turn in (10, 20):
            wait_for_state(each, State.CONNECTING)
            box.send(0xB0, 1, turn)
            arrivals.wait_for_args(turn)
            box.unplug()
            wait_for_state(each, State.ABSENT)
            box.plug()


@pytest.mark.usefixtures("jack")
def test_an_absent_box_says_which_ports_there_are() -> None:
    with KnobBox("Other Box"):
        assert any("Other Box" in name for name in port_names())
        each = an_input()
        with running(each):
            absent = wait_for_health(each, lambda h: h.problem != "", "settled")
    assert absent.state is State.ABSENT
    assert 'no MIDI port is called "test knobs"' in absent.problem
    assert "Other Box" in absent.problem


def test_a_server_that_dies_and_is_started_again_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = an_input()
    with running(each) as arrivals:
        for turn in (10, 20):
            with jack_server(tmp_path, monkeypatch), KnobBox() as box:
                wait_for_state(each, State.CONNECTING)
                box.send(0xB0, 1, turn)
                arrivals.wait_for_args(turn)
            wait_for_state(each, State.ABSENT)
