"""Cameras: a thread reads the newest frame; without a camera there is no frame, and it is looked for again.

Everything goes through one door, ``av.open`` of a device, so that any source libav knows can stand in for a camera.
"""

from __future__ import annotations

import contextlib
import re
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from facade.config.piece import CAMERA
from facade.core.clock import Clock
from facade.core.errors import FacadeError
from facade.core.health import InputHealth, State
from facade.media.film import load_av
from facade.media.footage import Frame, within

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 15.0
STALE_S = 2.0
_CLOSE_WAIT_S = 2.0
_LISTED_MAC = re.compile(r"\[(\d+)\] (.+)$")


@dataclass(frozen=True, slots=True)
class Device:
    """One camera. name: what people call it. format, url: what libav opens."""

    name: str
    format: str
    url: str
    options: dict[str, str] = field(default_factory=dict)


def cameras() -> tuple[Device, ...]:
    """Return the cameras of this machine, as the system numbers them."""
    if sys.platform.startswith("linux"):
        return tuple(_linux(Path("/sys/class/video4linux")))
    if sys.platform == "darwin":
        return tuple(_mac())
    return ()


def _linux(folder: Path) -> list[Device]:
    """Return what the kernel lists. A camera has several nodes; the first, index 0, gives pictures."""
    nodes = sorted(folder.glob("video*"), key=lambda n: (len(n.name), n.name))
    first = [node for node in nodes if _text(node / "index") in ("", "0")]
    return [Device(_text(node / "name") or node.name, "v4l2", f"/dev/{node.name}") for node in first]


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""


def _mac() -> list[Device]:
    """Ask AVFoundation, which answers in libav's log only."""
    try:
        av = load_av(CAMERA)
        # Listing always ends in an error.
        with av.logging.Capture() as lines, contextlib.suppress(av.FFmpegError, OSError, ValueError):
            av.open("", format="avfoundation", options={"list_devices": "true"})
    except FacadeError:
        return []
    found = []
    for _, _, text in lines:
        if "audio devices" in text:
            break
        match = _LISTED_MAC.search(text.strip())
        if match is not None:
            found.append(Device(match[2], "avfoundation", f"{match[1]}:none", {"framerate": "30"}))
    return found


def choose(devices: tuple[Device, ...], source: str) -> Device | None:
    """Return the camera that ``camera`` (the first) or ``camera:NAME`` (part of its name or path) means."""
    wanted = source.removeprefix(CAMERA).removeprefix(":").casefold()
    return next((d for d in devices if wanted in d.name.casefold() or wanted == d.url.casefold()), None)


class Camera:
    """One camera by its source name. ``at`` returns its newest frame, None while there is none."""

    def __init__(
        self, source: str, clock: Clock, *, limit_px: int, find: Callable[[], tuple[Device, ...]] = cameras
    ) -> None:
        self.problem = ""
        self._source = source
        self._clock = clock
        self._limit_px = limit_px
        self._find = find
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._newest: tuple[tuple[int, int], Frame] | None = None
        self._newest_at: float | None = None
        self._frames = 0
        self._where = ""
        self._state = State.ABSENT
        self._thread = threading.Thread(target=self._run, name=source, daemon=True)
        self._thread.start()

    def at(self, time_s: float) -> tuple[tuple[int, int], Frame] | None:
        """Return the newest frame; it stays for STALE_S after the last one, then there is none. time_s is not used."""
        with self._lock:
            if self._newest_at is None or self._clock.now() - self._newest_at > STALE_S:
                return None
            return self._newest

    def health(self) -> InputHealth:
        """Return how it is, as any other input tells it; received counts frames."""
        with self._lock:
            age_s = None if self._newest_at is None else self._clock.now() - self._newest_at
            state = State.STALE if self._state is State.LIVE and (age_s or 0.0) > STALE_S else self._state
            return InputHealth(
                self._source, "camera", self._where, state, self._frames, age_s=age_s, problem=self.problem
            )

    def close(self) -> None:
        self._stop.set()

    def join(self) -> None:
        """Wait for the device to be let go."""
        self._thread.join(_CLOSE_WAIT_S)

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stop.is_set():
            device = choose(self._find(), self._source)
            if device is None:
                self._turn(State.ABSENT, f'there is no "{self._source}". Plug it in; facade devices lists cameras.')
            else:
                before = self._frames
                self._where = device.url
                self._turn(State.CONNECTING, "")
                self._capture(device)
                pause_s = FIRST_PAUSE_S if self._frames > before else pause_s
            if self._stop.wait(pause_s):
                return
            pause_s = min(2.0 * pause_s, LONGEST_PAUSE_S)

    def _capture(self, device: Device) -> None:
        """Read frames until the device goes, is told to, or breaks."""
        try:
            av = load_av(self._source)
        except FacadeError as error:
            self._turn(State.FAILED, str(error))
            return
        try:
            # The second time-out is for a device that is there and says nothing.
            with av.open(device.url, format=device.format, options=device.options, timeout=(5.0, 5.0)) as container:
                if not container.streams.video:
                    self._turn(State.FAILED, f"{device.name} gives no pictures.")
                    return
                for picture in container.decode(video=0):
                    self._take(picture)
                    if self._stop.is_set():
                        return
            self._turn(State.ABSENT, f"{device.name} has gone.")
        except (av.FFmpegError, OSError, ValueError) as error:
            what = getattr(error, "strerror", None) or str(error)
            self._turn(State.FAILED, f"{device.name} cannot be read ({what}). Is another program using it?")

    def _take(self, picture: Any) -> None:
        width, height = within((picture.width, picture.height), self._limit_px)
        rgba = picture.reformat(width=width, height=height, format="rgba").to_ndarray()
        frame = np.ascontiguousarray(rgba[::-1])
        with self._lock:
            self._frames += 1
            self._newest = (0, self._frames), frame
            self._newest_at = self._clock.now()
            self._state, self.problem = State.LIVE, ""

    def _turn(self, state: State, problem: str) -> None:
        with self._lock:
            self._state, self.problem = state, problem
