"""The split host's other processes, as the delivery process sees them: links, frames, heartbeats, replacement.

``step`` is called between two frames of light and never waits. When a renderer dies the piece it was trying or drawing,
or else every piece on air, is charged with it; the third charge within ten minutes puts a piece in quarantine.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from facade.app.children import Child
from facade.app.plan import Plan, seal
from facade.app.process import Options, Place, Resume, canvas_shape
from facade.app.quarantine import Crashes
from facade.core.frame import Rgb, Tick
from facade.core.health import ProcessHealth
from facade.link import Datagrams, FrameRing, Marker, pair

_log = logging.getLogger(__name__)


class Split:
    """Render, control and, if the options say so, window processes of one show.

    options: what every child is told; descriptors and resume are filled in here.
    web: the page's listening socket, or None. quarantined: pieces that may not be tried, and why.
    ``refusal``: why the show cannot start at all, "" if it can.
    """

    def __init__(
        self,
        plan: Plan,
        options: Options,
        *,
        web: socket.socket | None,
        quarantined: Mapping[str, str],
    ) -> None:
        self._options = options
        shape = (plan.pixels.n_pixels, 3)
        self._pixels = FrameRing(shape, np.float32)
        self._lit = FrameRing(shape, np.float32)
        self._canvas = FrameRing(canvas_shape(plan.pixels), np.uint8) if options.window else None
        self._drawing = Marker()
        self._plan_fd = seal(plan)
        self._sockets: list[socket.socket] = []
        to_render, render_end = self._pair()
        to_control, control_end = self._pair()
        to_window, window_end = self._pair()
        control_render, render_control = self._pair()
        control_window, window_control = self._pair()
        common = {"plan": self._plan_fd, "lit": self._lit.fd}
        fds: dict[str, dict[str, int | socket.socket]] = {
            "render": {"parent": render_end, "control": render_control, "pixels": self._pixels.fd},
            "control": {"parent": control_end, "render": control_render} | ({"web": web.fileno()} if web else {}),
            "window": {"parent": window_end, "control": window_control},
        }
        fds["render"]["drawing"] = self._drawing.fd
        if self._canvas is not None:
            fds["render"]["canvas"] = fds["window"]["canvas"] = self._canvas.fd
            fds["control"]["window"] = control_window
        self._fds: dict[str, dict[str, int]] = {name: common | _numbers(given) for name, given in fds.items()}
        names = ("control", "render", "window") if options.window else ("control", "render")
        self.links = {"render": Datagrams(to_render), "control": Datagrams(to_control), "window": Datagrams(to_window)}
        self.children = {name: self._child(name) for name in names}
        self.reports: dict[str, dict[str, Any]] = {}
        self.crashes = Crashes(quarantined)
        self.window_closed = False
        self.refusal = ""
        self._trying = ""

    def _pair(self) -> tuple[socket.socket, socket.socket]:
        ends = pair()
        self._sockets.extend(ends)
        return ends

    def _child(self, name: str) -> Child:
        return Child(name, ("-m", f"facade.app.{name}_process"), fds=sorted(set(self._fds[name].values())))

    def start(self, now: float) -> None:
        """Start every process."""
        for name in self.children:
            self._start(name, now)

    def _start(self, name: str, now: float) -> None:
        resume = None
        report = self.reports.get("render")
        if name == "render" and report is not None:
            ready = tuple(slug for slug in report["pieces"] if slug not in report["faults"])
            resume = Resume(place_of(report), ready)
        options = replace(
            self._options,
            parent=os.getpid(),
            fds=self._fds[name],
            resume=resume,
            quarantined=tuple(self.crashes.reasons),
        )
        self.children[name].start(now, extra=(options.as_argument(),))

    def latest(self) -> tuple[Tick, Rgb] | None:
        """The newest rendered frame not seen before, or None. It stays as it is until a newer one is returned."""
        found = self._pixels.latest()
        return None if found is None else (found[0], found[1].view(np.float32))

    @property
    def is_watched(self) -> bool:
        """Whether the page or the window has looked for light since this was last asked."""
        return self._lit.was_looked_at()

    def show_lit(self, tick: Tick, rgb: Rgb) -> None:
        """Publish the light that the simulated device decoded, for the page and the window."""
        self._lit.write(tick, rgb)

    def step(self, now: float) -> list[tuple[str, Any]]:
        """Read what the children say, replace the dead; returns the control process's commands for delivery."""
        commands: list[tuple[str, Any]] = []
        for name, child in self.children.items():
            for kind, body in self.links[name].receive():
                if kind == "alive":
                    child.heard(now)
                    self._alive(name, body)
                elif kind == "busy":
                    child.heard(now, busy=True)
                    self._trying = str(body) if name == "render" else self._trying
                else:
                    commands.append((kind, body))
            self._look_after(name, child, now)
        return commands

    def _alive(self, name: str, body: Mapping[str, Any]) -> None:
        self.children[name].recovered()
        if body:
            self.reports[name] = dict(body)
        if name == "render":
            self._trying = ""

    def _look_after(self, name: str, child: Child, now: float) -> None:
        reason = child.step(now)
        if reason and name == "window":
            # Closing the window ends the show, as with any program; a window that cannot be had does not.
            self.window_closed = child.closed_by_a_person
            child.stop()
            if not self.window_closed:
                child.problem = child.lines[-1] if child.lines else reason
            return
        if child.refusal:
            self.refusal = child.refusal
        elif reason:
            last = child.lines[-1] if child.lines else ""
            _log.warning("%s process %s; starting another. %s", name, reason, last)
            if name == "render":
                self._charge(now)
        if child.due(now):
            self._start(name, now)

    def _charge(self, now: float) -> None:
        """Charge the piece that was being tried or drawn; every piece on air where it was neither."""
        known = self._trying or self._drawing.read()
        on_air = self.reports.get("render", {}).get("pieces", ())
        self.crashes.charge([known] if known else on_air, now)
        self._trying = ""
        self._drawing.write("")

    def health(self) -> tuple[ProcessHealth, ...]:
        return tuple(child.health() for child in self.children.values())

    def close(self) -> None:
        """End every process and give every descriptor back."""
        for child in self.children.values():
            child.ask()
        for child in self.children.values():
            child.stop()
        for end in self._sockets:
            end.close()
        os.close(self._plan_fd)
        self._pixels.close()
        self._lit.close()
        self._drawing.close()
        if self._canvas is not None:
            self._canvas.close()


def place_of(report: Mapping[str, Any]) -> Place:
    """Where the show was when the renderer reported."""
    return Place(
        cue=str(report["cue"]),
        position=int(report["position"]),
        age_s=float(report["age_s"]),
        at_s=float(report["time_s"]),
        holding=bool(report["holding"]),
        paused=bool(report["paused"]),
    )


def _numbers(given: Mapping[str, int | socket.socket]) -> dict[str, int]:
    return {name: end if isinstance(end, int) else end.fileno() for name, end in given.items()}
