"""A metronome on a JACK server is heard: its pitch in the right bin, its beats, and its going away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from facade.config.input import AudioInput as AudioConfig
from facade.control.sound import SILENCE, SOUND, SoundFrame
from facade.core.clock import RealClock
from facade.core.health import State
from facade.inputs.audio import AudioInput, audio_devices
from facade.inputs.worker import Backoff
from tests.support.arrivals import Arrivals, running, wait_for_health, wait_for_state
from tests.support.jack import jack_server
from tests.support.peers import absent, child, need_program

pytest.importorskip("sounddevice", reason="extra audio") if os.environ.get("CI") != "true" else None

PITCH_HZ = 1000.0
BIN = PITCH_HZ / (48_000 / 2048)


@contextmanager
def metronome(folder: Path) -> Iterator[None]:
    """Beats of 1 kHz, 80 ms long, four a second."""
    program = need_program("jack_metro", "jackd2")
    beats = [program, "-n", "metro", "-f", str(round(PITCH_HZ)), "-b", "240", "-A", "0.5", "-D", "80"]
    with child(beats, log=folder / "metro.log"):
        yield


def an_input(device: str = "metro") -> AudioInput:
    config = AudioConfig(type="audio", device=device)
    return AudioInput("mic", config, clock=RealClock(), backoff=Backoff(np.random.default_rng(0)))


def loud_frame(arrivals: Arrivals) -> SoundFrame:
    """Wait for a frame in which the metronome sounds."""
    event = arrivals.wait_for(
        lambda e: e.address == SOUND and SoundFrame.decode(bytes(e.args[0])).levels[0] > 0.5, "a loud frame"
    )
    return SoundFrame.decode(bytes(event.args[0]))


def test_a_metronome_is_heard_at_its_pitch_and_its_beats_are_onsets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with jack_server(tmp_path, monkeypatch), metronome(tmp_path):
        names, problem = audio_devices()
        if problem:
            absent(problem)
        assert any("metro" in name for name, _, _ in names)
        each = an_input()
        with running(each) as arrivals:
            frame = loud_frame(arrivals)
            arrivals.wait_for(lambda e: e.address == "/onset" and e.trigger, "an onset")
            assert wait_for_state(each, State.LIVE).where.startswith("metro")
    spectrum = np.frombuffer(frame.spectrum, dtype=np.uint8).astype(int)
    loudest = np.flatnonzero(spectrum == spectrum.max())
    assert abs(float(loudest.mean()) - BIN) < 1.5
    assert spectrum[400:].max() < spectrum.max() - 60


def test_a_device_that_goes_is_silence_and_comes_back_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = an_input()
    with running(each) as arrivals:
        for _ in range(2):
            with jack_server(tmp_path, monkeypatch), metronome(tmp_path):
                wait_for_state(each, State.LIVE)
                arrivals.events.clear()
                loud_frame(arrivals)
            wait_for_state(each, State.ABSENT)
            last = [e for e in arrivals.events if e.address == SOUND][-1]
            assert SoundFrame.decode(bytes(last.args[0])) == SILENCE


def test_an_absent_device_says_which_ones_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with jack_server(tmp_path, monkeypatch), metronome(tmp_path):
        each = an_input("no such microphone")
        with running(each):
            found = wait_for_health(each, lambda h: h.problem != "", "settled")
    assert found.state is State.ABSENT
    assert 'no sound device is called "no such microphone"' in found.problem
    assert "metro" in found.problem
