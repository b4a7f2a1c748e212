"""A JACK server of its own, without sound hardware, and a knob box that can be plugged in and pulled out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.arrivals import PATIENCE_S
from tests.support.peers import absent, child, need_program


@contextmanager
def jack_server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run jackd with the dummy driver under a name of its own, and make it this process's server."""
    name = f"facade-test-{os.getpid()}"
    monkeypatch.setenv("JACK_DEFAULT_SERVER", name)
    command = [need_program("jackd", "jackd2"), "-n", name, "--no-realtime", "-d", "dummy", "-r", "48000", "-p", "256"]
    log = folder / "jackd.log"
    with child(command, log=log) as process:
        rtmidi = need_rtmidi()
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="probe").delete()
                break
            except rtmidi.RtMidiError:
                if process.poll() is not None or time.monotonic() > end:
                    absent(f"jackd does not run here: {log.read_text()[-500:]}")
                time.sleep(0.05)
        yield
    # A client that outlives its server leaves its semaphore behind.
    for left in Path("/dev/shm").glob(f"jack_sem.*_{name}_*"):
        left.unlink(missing_ok=True)


class KnobBox:
    """A MIDI controller with one output port, made of another RtMidi client."""

    def __init__(self, name: str = "Test Knobs") -> None:
        self._name = name
        self._out: Any = None

    def plug(self) -> None:
        rtmidi = need_rtmidi()
        self._out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=self._name)
        self._out.open_virtual_port("out")

    def unplug(self) -> None:
        if self._out is not None:
            self._out.close_port()
            self._out.delete()
            self._out = None

    def send(self, *message: int) -> None:
        self._out.send_message(list(message))

    def __enter__(self) -> KnobBox:
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()


def need_rtmidi() -> Any:
    try:
        import rtmidi  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError:
        absent("python-rtmidi is not installed (extra midi)")
    if rtmidi.API_UNIX_JACK not in rtmidi.get_compiled_api():
        absent("python-rtmidi is built without JACK")
    return rtmidi
