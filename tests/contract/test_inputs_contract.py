"""What every input promises, whatever its medium."""

from __future__ import annotations

import threading

import pytest

from facade.config.input import AudioInput, MidiInput, OscInput, SerialInput
from facade.config.input import Input as InputConfig
from facade.control.events import InputEvent
from facade.core.clock import RealClock
from facade.core.health import InputHealth, State
from facade.inputs.build import build_inputs
from facade.inputs.contract import STOP_S, Input
from tests.support.arrivals import wait_for_health
from tests.support.running import free_port

CONFIGS: dict[str, InputConfig] = {
    "osc": OscInput(type="osc", port=free_port()),
    "midi": MidiInput(type="midi", port="no such box"),
    "serial": SerialInput(type="serial", port="/dev/serial/by-id/usb-none"),
    "socket": SerialInput(type="serial", port=f"socket://127.0.0.1:{free_port()}"),
    "nonsense": SerialInput(type="serial", port="nonsense://x"),
    "sound": AudioInput(type="audio", device="no such microphone"),
    "song": AudioInput(type="audio", file="no such song.wav"),
    "folder": SerialInput(type="serial", port="/"),
}


@pytest.fixture(params=sorted(CONFIGS))
def each(request: pytest.FixtureRequest) -> Input:
    (built,) = build_inputs({request.param: CONFIGS[request.param]}, RealClock())
    return built


def ignore(event: InputEvent) -> None:
    """A listener that wants nothing."""


def has_settled(health: InputHealth) -> bool:
    """Open, or with a reason why not."""
    return health.state is State.CONNECTING or health.problem != ""


def test_it_carries_the_name_the_show_gave_it(each: Input) -> None:
    assert each.health().name == each.name
    assert each.name in CONFIGS


def test_before_the_start_it_is_absent_and_stop_is_harmless(each: Input) -> None:
    assert each.health().state is State.ABSENT
    each.stop()
    each.stop()


def test_it_stops_within_its_time_and_leaves_no_thread(each: Input) -> None:
    each.start(ignore)
    wait_for_health(each, has_settled, "settled")
    each.stop()
    left = [t.name for t in threading.enumerate() if t.name == f"input-{each.name}"]
    assert left == []
    assert STOP_S < 1.0


def test_a_missing_device_is_a_state_with_its_reason_and_no_exception(each: Input) -> None:
    each.start(ignore)
    try:
        health = wait_for_health(each, has_settled, "settled")
    finally:
        each.stop()
    if health.name != "osc":
        assert health.state in (State.ABSENT, State.FAILED)


def test_its_thread_is_a_daemon(each: Input) -> None:
    each.start(ignore)
    (thread,) = [t for t in threading.enumerate() if t.name == f"input-{each.name}"]
    assert thread.daemon
    each.stop()
