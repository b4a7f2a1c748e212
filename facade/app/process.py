"""What both child processes share: how they find their links, show that they live, and end with their parent."""

from __future__ import annotations

import contextlib
import ctypes
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from types import FrameType
from typing import Any

from facade.app.children import REFUSED
from facade.app.plan import Plan, unseal
from facade.core.clock import Clock
from facade.core.errors import FacadeError
from facade.link import Datagrams, FrameRing, Marker
from facade.mapping.model import PixelMap

HEARTBEAT_S = 0.25
CANVAS_WIDTH_PX = 384
"""Of the canvas in the window: enough to work by, and cheap enough to be drawn ten times a second in software."""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a show is: that of a predecessor, or on the other machine of a pair.

    position: of the cue in its playlist. age_s: of the cue at at_s, which is this machine's show time.
    """

    cue: str
    position: int
    age_s: float
    at_s: float
    holding: bool = False
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a predecessor left the show. ready: the pieces it had on."""

    place: Place
    ready: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What a child is told on its command line. epoch: monotonic time of show time 0. fds: link -> descriptor.

    quarantined: pieces that must not be tried.
    civil: the same instant by the wall's clocks, in seconds since 1970, so that every process tells the same time.
    window: the canvas is shown in a window while the show plays.
    """

    epoch: float
    rate_hz: float
    parent: int
    fds: dict[str, int]
    resume: Resume | None = None
    quarantined: tuple[str, ...] = ()
    record: str = ""
    web: dict[str, Any] = field(default_factory=dict)
    osc_bind: str = ""
    civil: float = 0.0
    window: bool = False

    def as_argument(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_argument(cls, text: str) -> Options:
        body = json.loads(text)
        resume = body.pop("resume")
        if resume is not None:
            resume = Resume(Place(**resume["place"]), tuple(resume["ready"]))
        body["quarantined"] = tuple(body["quarantined"])
        return cls(**body, resume=resume)


class ProcessLinks:
    """A child's ends of everything. Links that are not this child's raise KeyError when asked for."""

    def __init__(self, options: Options) -> None:
        self.options = options
        plan = unseal(options.fds["plan"])
        assert isinstance(plan, Plan)
        self.plan = plan
        self._datagrams: dict[str, Datagrams] = {}

    def _link(self, name: str) -> Datagrams:
        if name not in self._datagrams:
            self._datagrams[name] = Datagrams.inherited(self.options.fds[name])
        return self._datagrams[name]

    @property
    def parent(self) -> Datagrams:
        """To and from the delivery process."""
        return self._link("parent")

    @property
    def control(self) -> Datagrams:
        """The render or window process's end of the link to the control process."""
        return self._link("control")

    @property
    def render(self) -> Datagrams:
        """The control process's end of the link to the render process."""
        return self._link("render")

    @property
    def window(self) -> Datagrams | None:
        """The control process's end of the link to the window, None where there is none."""
        return self._link("window") if "window" in self.options.fds else None

    @cached_property
    def drawing(self) -> Marker:
        """The piece that the render process is drawing now, "" for none; for its parent, should it die of it."""
        return Marker(fd=self.options.fds["drawing"])

    _pixels: FrameRing | None = None
    _lit: FrameRing | None = None
    _canvas: FrameRing | None = None

    @property
    def picture_px(self) -> tuple[int, int] | None:
        """Width and height of the canvas in the window; None without a window."""
        height, width, _ = canvas_shape(self.plan.pixels)
        return (width, height) if self.options.window else None

    @property
    def canvas(self) -> FrameRing | None:
        """The canvas as a picture, uint8 (H, W, 3) sRGB, top row first, render to window; None without a window."""
        if self._canvas is None and "canvas" in self.options.fds:
            self._canvas = FrameRing(canvas_shape(self.plan.pixels), "uint8", fd=self.options.fds["canvas"])
        return self._canvas

    @property
    def pixels(self) -> FrameRing:
        """Rendered light, float32 (P, 3), render to delivery."""
        if self._pixels is None:
            self._pixels = FrameRing((self.plan.pixels.n_pixels, 3), "float32", fd=self.options.fds["pixels"])
        return self._pixels

    @property
    def lit(self) -> FrameRing:
        """Light as the simulated device decoded it from packets, float32 (P, 3), delivery to page and window."""
        if self._lit is None:
            self._lit = FrameRing((self.plan.pixels.n_pixels, 3), "float32", fd=self.options.fds["lit"])
        return self._lit

    def parent_alive(self) -> bool:
        return os.getppid() == self.options.parent


class Heartbeat:
    """Tells the parent that this process lives, at most every HEARTBEAT_S."""

    def __init__(self, parent: Datagrams, clock: Clock) -> None:
        self._parent = parent
        self._clock = clock
        self._last = -1.0

    def due(self) -> bool:
        return self._clock.now() - self._last >= HEARTBEAT_S

    def beat(self, health: dict[str, Any] | None = None) -> None:
        self._parent.send("alive", health or {})
        self._last = self._clock.now()

    def busy(self, piece: str) -> None:
        """Announce work that may take a while, and for whom. The next beat is due as before."""
        self._parent.send("busy", piece)

    def calm(self) -> None:
        """Say that the work is done: from here on silence means a hang again."""
        self._parent.send("alive", {})


def canvas_shape(pixels: PixelMap) -> tuple[int, int, int]:
    """Return height, width and 3 of the canvas as the window shows it: the venue's shape."""
    width, height = pixels.size_venue_m
    return max(1, min(2 * CANVAS_WIDTH_PX, round(CANVAS_WIDTH_PX * height / width))), CANVAS_WIDTH_PX, 3


def child_main(run: Callable[[ProcessLinks], None]) -> None:
    """Entry point of a child: argv[1] holds its Options. Says in one line what facade refuses, if it does."""
    _end_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run(ProcessLinks(Options.from_argument(sys.argv[1])))
    except FacadeError as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        os._exit(REFUSED)
    except KeyboardInterrupt:
        pass


def _leave(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _end_with_parent() -> None:
    """Ask Linux to end this process when its parent dies, however it dies, even while we hang in a driver."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
