"""Sound from the system's devices, in a process of its own: python -m facade.inputs.capture [--list | DEVICE]

PortAudio looks for devices once, when it starts, and closing a stream whose JACK server has died never returns. A
process that is killed and started anew knows neither trouble, and what a sound driver does stays its own affair.

It writes one line of JSON, {"device", "rate_hz", "channels"} or {"problem", "absent"}, then frames of little-endian
32-bit floats, one for each channel. Nothing waits for the reader: what the pipe cannot take is lost, in whole frames.
It ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import threading
from typing import Any

MAX_CHANNELS = 64
_LOOK_S = 0.2


class _RefusedError(Exception):
    """What keeps a device from being heard, in words. absent: it is not there, rather than broken."""

    def __init__(self, problem: str, *, absent: bool = False) -> None:
        super().__init__(problem)
        self.absent = absent


def load_sounddevice() -> Any:
    try:
        import sounddevice  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise _RefusedError(f'sound needs the package sounddevice ({error}). Install "media-facade[audio]".') from error
    except OSError as error:
        raise _RefusedError(f"sound needs PortAudio ({error}). Install it; on Debian: libportaudio2.") from error
    return sounddevice


def devices(sounddevice: Any) -> list[dict[str, Any]]:
    """Return every device that can be heard: index, name with its sound system, channels, rate_hz."""
    systems = [system["name"] for system in sounddevice.query_hostapis()]
    return [
        {
            "index": index,
            "name": f"{each['name']} ({systems[each['hostapi']]})",
            "channels": each["max_input_channels"],
            "rate_hz": each["default_samplerate"],
        }
        for index, each in enumerate(sounddevice.query_devices())
        if each["max_input_channels"] > 0
    ]


def choose(found: list[dict[str, Any]], wanted: str, default: int) -> dict[str, Any]:
    """Return the first device whose name contains wanted, upper or lower case; for "" the system's own choice."""
    if not found:
        raise _RefusedError("there is no sound device that can be heard. Plug one in, or start JACK.", absent=True)
    if not wanted:
        return next((each for each in found if each["index"] == default), found[0])
    for each in found:
        if wanted.casefold() in each["name"].casefold():
            return each
    names = ", ".join(f'"{each["name"]}"' for each in found[:8])
    raise _RefusedError(f'no sound device is called "{wanted}". There are: {names}.', absent=True)


def capture(wanted: str) -> None:
    """Write what a device hears to standard output until standard input ends or the device is gone."""
    sounddevice = load_sounddevice()
    device = choose(devices(sounddevice), wanted, sounddevice.default.device[0])
    channels = min(device["channels"], MAX_CHANNELS)
    frame_bytes = 4 * channels
    # A pipe takes up to PIPE_BUF bytes whole or not at all.
    whole = max(1, select.PIPE_BUF // frame_bytes) * frame_bytes
    ready = threading.Event()

    def take(data: Any, n_frames: int, when: Any, flags: Any) -> None:
        if ready.is_set():
            samples = memoryview(data).cast("B")
            for start in range(0, len(samples), whole):
                with contextlib.suppress(BlockingIOError):
                    os.write(1, samples[start : start + whole])

    try:
        stream = sounddevice.RawInputStream(
            device=device["index"], channels=channels, dtype="float32", latency="low", callback=take
        )
        stream.start()
    except sounddevice.PortAudioError as error:
        raise _RefusedError(
            f"{device['name']}: {error.args[0]}. Close the program that uses it, or choose another."
        ) from None
    _tell({"device": device["name"], "rate_hz": stream.samplerate, "channels": channels})
    os.set_blocking(1, False)
    ready.set()
    while stream.active:
        if select.select([0], [], [], _LOOK_S)[0] and not os.read(0, 1):
            break


def _tell(line: Any) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")


def main(arguments: list[str]) -> None:
    status = 0
    try:
        if arguments == ["--list"]:
            _tell(devices(load_sounddevice()))
        else:
            capture(arguments[0] if arguments else "")
    except _RefusedError as error:
        status = 1
        _tell({"problem": str(error), "absent": error.absent})
    except BrokenPipeError:
        pass
    # Not sys.exit: PortAudio's own clearing away may never return.
    os._exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
