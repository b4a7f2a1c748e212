"""Sound as an input: samples from a device or a file, analysed sixty times a second, posted as messages.

A whole frame (/sound) goes to the pieces that show sound; its numbers and moments are ordinary messages for bindings.
A device is read by a process of its own (capture.py), which is killed and started anew when the device is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade.config.input import AudioInput as AudioConfig
from facade.config.input import Input as InputConfig
from facade.config.input import where_of
from facade.control.events import InputEvent
from facade.control.hearing import RATE_HZ, Heard, Hearing
from facade.control.sound import LEVELS, MOMENTS, NUMBERS, SILENCE, SOUND, SoundFrame
from facade.core.clock import Clock
from facade.core.errors import InputError
from facade.core.health import State
from facade.inputs.soundfile import SoundFile
from facade.inputs.worker import Backoff, ThreadedInput, Worker

START_S = 5.0
"""How long a device may take to open."""

GONE_S = 1.0
"""Without a sample for so long, a device is gone: PortAudio does not say so itself."""

_POLL_S = 0.1
_READ_BYTES = 1 << 16
_STEP = 1e-3
"""A number that has changed by less is not said again."""


class AudioInput(ThreadedInput):
    """Hears config.device, or plays config.file as loud as it is."""

    def __init__(self, name: str, config: AudioConfig, *, clock: Clock, backoff: Backoff) -> None:
        super().__init__(name, "audio", where_of(config), stale_s=config.stale_s, clock=clock, backoff=backoff)
        self._config = config

    def _attempt(self) -> float:
        return self._play() if self._config.file else self._listen()

    def _listen(self) -> float:
        with _capturing(self._config.device) as process:
            told = _Pipe(process, self._worker)
            try:
                hello = told.hello()
            except InputError as error:
                return self._refuse(State.FAILED, str(error))
            if "problem" in hello:
                return self._refuse(State.ABSENT if hello["absent"] else State.FAILED, hello["problem"])
            lacking = [c for c in self._config.channels if c > hello["channels"]]
            if lacking:
                problem = f"{hello['device']} has {hello['channels']} channels. Correct input.{self._name}.channels."
                return self._refuse(State.FAILED, problem)
            self._status.opened(f"{hello['device']}, {hello['channels']} channels at {hello['rate_hz']:g} Hz")
            self._backoff.reset()
            self._hear(told, int(hello["channels"]), Hearing(float(hello["rate_hz"])))
        if not self._worker.stopping:
            self._status.closed(State.ABSENT, f"{hello['device']}: gone. It is opened again when it is back.")
            self._fall_silent()
        return self._backoff.next_s()

    def _hear(self, pipe: _Pipe, n_channels: int, hearing: Hearing) -> None:
        picked = [c - 1 for c in self._config.channels] or list(range(n_channels))
        gain = gain_of(self._config)
        speech = Speech(self._name)
        while (samples := pipe.samples(n_channels)) is not None:
            heard_of = samples[:, picked]
            for heard in hearing.feed((heard_of if len(picked) == 2 else heard_of.mean(axis=1)) * gain):
                self._say(speech, heard, self._clock.now())

    def _play(self) -> float:
        try:
            with contextlib.closing(Track(self._name, self._config)) as track:
                self._status.opened(where_of(self._config))
                self._backoff.reset()
                start = self._clock.now()
                while not self._worker.pause(1.0 / RATE_HZ):
                    now = self._clock.now()
                    for event in track.until(now - start, at_s=now):
                        self._hand_on(event)
        except InputError as error:
            self._status.closed(State.FAILED, str(error))
            self._fall_silent()
        return self._backoff.next_s()

    def _say(self, speech: Speech, heard: Heard, at_s: float) -> None:
        for event in speech.events(heard, at_s):
            self._hand_on(event)

    def _fall_silent(self) -> None:
        """A device that is gone is silence, not its last note for ever."""
        now = self._clock.now()
        for event in Speech(self._name).events(Heard(0.0, SILENCE, onset=False, beat=False), now):
            self._post(event)


class Speech:
    """Says frames as messages: every frame, every moment, and each number that has changed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._said: dict[str, float] = {}

    def events(self, heard: Heard, at_s: float) -> Iterator[InputEvent]:
        yield InputEvent(at_s, self._name, SOUND, (heard.frame.encode(),))
        for moment, is_now in zip(MOMENTS, (heard.onset, heard.beat), strict=True):
            if is_now:
                yield InputEvent(at_s, self._name, f"/{moment}", (), trigger=True)
        for name, value in _numbers(heard.frame):
            if abs(value - self._said.get(name, -1.0)) >= _STEP:
                self._said[name] = value
                yield InputEvent(at_s, self._name, f"/{name}", (round(value, 4),))


class Track:
    """A sound file as an input without a thread: what it says by a time, always the same. Raises InputError."""

    def __init__(self, name: str, config: AudioConfig) -> None:
        self._file = SoundFile(Path(config.file))
        self._hearing = Hearing(self._file.rate_hz)
        self._gain = gain_of(config)
        self._speech = Speech(name)
        self._played = 0

    def until(self, time_s: float, *, at_s: float) -> Iterator[InputEvent]:
        """Yield what is heard from the last call up to a time since the file began. at_s: of the messages."""
        wanted = int(time_s * self._file.rate_hz) - self._played
        if wanted > 0:
            self._played += wanted
            for heard in self._hearing.feed(self._file.channels(wanted) * self._gain):
                yield from self._speech.events(heard, at_s)

    def close(self) -> None:
        self._file.close()


def tracks_of(inputs: Mapping[str, InputConfig]) -> tuple[Track, ...]:
    """Return the sound files among the inputs of a show, ready to be played. Raises InputError."""
    return tuple(Track(n, each) for n, each in inputs.items() if isinstance(each, AudioConfig) and each.file)


def gain_of(config: AudioConfig) -> np.float32:
    return np.float32(10.0 ** (config.gain_db / 20.0))


def audio_devices() -> tuple[list[tuple[str, int, float]], str]:
    """Return (name, channels, rate in Hz) of everything that can be heard, and why there may be none ("" if well)."""
    try:
        asked = subprocess.run(
            [*_COMMAND, "--list"], stdin=subprocess.DEVNULL, capture_output=True, timeout=START_S, check=False
        )
        found = json.loads(asked.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return [], f"sound devices cannot be listed ({error})."
    if isinstance(found, dict):
        return [], str(found["problem"])
    return [(each["name"], each["channels"], each["rate_hz"]) for each in found], ""


_COMMAND = (sys.executable, "-m", "facade.inputs.capture")


@contextlib.contextmanager
def _capturing(device: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [*_COMMAND, device], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for end in (process.stdin, process.stdout):
            if end is not None:
                end.close()


class _Pipe:
    """What the capturing process says, waited for within bounds."""

    def __init__(self, process: subprocess.Popen[bytes], worker: Worker) -> None:
        assert process.stdout is not None
        self._fd = process.stdout.fileno()
        self._worker = worker
        self._left = b""

    def hello(self) -> dict[str, Any]:
        """Return its first line. Raises InputError if there is none."""
        while b"\n" not in self._left:
            more = self._read(START_S)
            if more is None:
                raise InputError(
                    "the sound device does not open. It is tried again by itself; facade devices lists all."
                )
            self._left += more
        line, _, self._left = self._left.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def samples(self, n_channels: int) -> NDArray[np.float32] | None:
        """Return the next samples, (frames, channels); None when the device is gone or the input is to stop."""
        size = 4 * n_channels
        while len(self._left) < size:
            more = self._read(GONE_S)
            if more is None:
                return None
            self._left += more
        whole = len(self._left) // size * size
        data, self._left = self._left[:whole], self._left[whole:]
        return np.frombuffer(data, dtype="<f4").reshape(-1, n_channels)

    def _read(self, patience_s: float) -> bytes | None:
        for _ in range(round(patience_s / _POLL_S)):
            if self._worker.stopping:
                return None
            if select.select([self._fd], [], [], _POLL_S)[0]:
                return os.read(self._fd, _READ_BYTES) or None
        return None


def _numbers(frame: SoundFrame) -> Iterator[tuple[str, float]]:
    for name in NUMBERS:
        yield name, frame.levels[LEVELS.index(name)]
