"""MIDI by port name, through RtMidi (ALSA or JACK on Linux, CoreMIDI, Windows).

RtMidi never says that a port has vanished: it stays "open" for ever and a device that comes back is not connected
again. So the names are asked for every second, and a port that is gone is closed and opened anew under its name. A JACK
client outlives its server in the same silent way, still listing the old ports; the server's socket tells one run of the
server from the next.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from facade.config.input import MidiInput as MidiConfig
from facade.control.events import InputEvent
from facade.core.clock import Clock
from facade.core.errors import InputError
from facade.core.health import State
from facade.inputs.worker import Backoff, ThreadedInput
from facade.protocols import midi

POLL_S = 1.0
"""Between two looks at the names of the ports."""

FOLLOW_S = 0.2
"""The same while a port is open: a loose cable that is back before the next look would leave it open and deaf."""

_CLIENT = "facade"


class MidiInput(ThreadedInput):
    """Opens the first port whose name contains config.port, upper or lower case."""

    def __init__(self, name: str, config: MidiConfig, *, clock: Clock, backoff: Backoff) -> None:
        super().__init__(name, "midi", config.port, stale_s=config.stale_s, clock=clock, backoff=backoff)
        self._config = config

    def _attempt(self) -> float:
        try:
            rtmidi = load_rtmidi()
        except InputError as error:
            return self._refuse(State.FAILED, str(error))
        seen: list[str] = []
        problem = ""
        for api in usable_apis(rtmidi):
            try:
                with _client(rtmidi, api, f"{_CLIENT} {self._name}") as client:
                    names = client.get_ports()
                    seen += names
                    found = matching(self._config.port, names)
                    if found is not None:
                        client.open_port(found, self._name)
                        self._follow(client, api, rtmidi, names[found])
                        return self._backoff.next_s()
            except rtmidi.RtMidiError as error:
                problem = f"MIDI: {error}"
        if problem:
            return self._refuse(State.FAILED, problem)
        there = f"There are: {', '.join(_named(seen))}." if seen else "There is no MIDI port at all."
        self._status.closed(State.ABSENT, f'no MIDI port is called "{self._config.port}". {there}')
        return POLL_S

    def _follow(self, client: Any, api: int, rtmidi: ModuleType, port: str) -> None:
        """Listen until the port is gone or the input is stopped."""
        server = server_mark(rtmidi, api)
        client.set_callback(self._take)
        self._status.opened(port)
        self._backoff.reset()
        while not self._worker.pause(FOLLOW_S):
            if server_mark(rtmidi, api) != server or port not in client.get_ports():
                self._status.closed(State.ABSENT, f"{port}: gone. It is opened again when it is back.")
                return

    def _take(self, message: tuple[Sequence[int], float], data: object) -> None:
        """Called on RtMidi's own thread, with a whole message and the seconds since the last."""
        try:
            decoded = midi.decode(message[0])
        except InputError as error:
            self._status.rejected(str(error))
            return
        if decoded is None:
            return
        event = InputEvent(self._clock.now(), self._name, decoded.address, (decoded.value,), trigger=decoded.trigger)
        self._hand_on(event)


def load_rtmidi() -> ModuleType:
    """Import python-rtmidi. Raises InputError naming what to install."""
    try:
        import rtmidi  # type: ignore[import-untyped, import-not-found, unused-ignore]
    except ImportError as error:
        raise InputError(f'MIDI needs the package python-rtmidi ({error}). Install "media-facade[midi]".') from error
    module: ModuleType = rtmidi
    return module


def port_names() -> list[str]:
    """Return the names of all MIDI input ports of this machine, for ``facade devices``. Raises InputError."""
    rtmidi = load_rtmidi()
    names: list[str] = []
    for api in usable_apis(rtmidi):
        with contextlib.suppress(rtmidi.RtMidiError), _client(rtmidi, api, _CLIENT) as client:
            names += client.get_ports()
    return names


def usable_apis(rtmidi: ModuleType) -> list[int]:
    """Return the MIDI systems of this build whose other half is there, so that trying them prints no complaints."""
    apis = [api for api in rtmidi.get_compiled_api() if api != rtmidi.API_RTMIDI_DUMMY]
    if sys.platform != "linux":
        return apis
    return [
        api
        for api in apis
        if (api != rtmidi.API_LINUX_ALSA or Path("/dev/snd/seq").exists())
        and (api != rtmidi.API_UNIX_JACK or server_mark(rtmidi, api) is not None)
    ]


def server_mark(rtmidi: ModuleType, api: int) -> tuple[int, int] | None:
    """Return what tells this run of the JACK server from another; None without one, and for other systems."""
    if api != rtmidi.API_UNIX_JACK or sys.platform != "linux":
        return None
    server = os.environ.get("JACK_DEFAULT_SERVER", "default")
    # jackd 2 listens on this name; where depends on how its library was built.
    for folder in (os.environ.get("JACK_TMPDIR"), "/dev/shm", "/tmp"):
        with contextlib.suppress(OSError):
            found = (Path(folder or "/dev/shm") / f"jack_{server}_{os.getuid()}_0").stat()
            return found.st_ino, found.st_ctime_ns
    return None


def matching(wanted: str, names: Sequence[str]) -> int | None:
    """Return the index of the first name that contains wanted, upper or lower case; None if none does."""
    folded = wanted.casefold()
    return next((i for i, name in enumerate(names) if folded in name.casefold()), None)


@contextlib.contextmanager
def _client(rtmidi: ModuleType, api: int, name: str) -> Iterator[Any]:
    """A MIDI client, gone from the system when the block ends: RtMidi leaves that to the garbage collector."""
    client = rtmidi.MidiIn(api, name=name)
    try:
        yield client
    finally:
        client.close_port()
        client.delete()


def _named(names: Sequence[str]) -> list[str]:
    return [f'"{name}"' for name in names[:8]]
