"""The window process: the light that left, the canvas, and the controls of what is on. The show never depends on it."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade.app.pictures import PixelPicture
from facade.app.process import Heartbeat, ProcessLinks, child_main
from facade.core.clock import RealClock
from facade.core.frame import Rgb
from facade.simulator.scene import Scene
from facade.simulator.window import ShowWindow, Status

_PIXELS_WIDTH_PX = 480
_NICENESS = 10
"""A picture of many pixels takes a driver in software half a second of every core; frames on air go first."""


class LinkedSource:
    """What the other processes say, for a window."""

    def __init__(self, links: ProcessLinks) -> None:
        self._links = links
        self._picture = PixelPicture(links.plan.pixels, width_px=_PIXELS_WIDTH_PX)
        self._pieces: dict[str, dict[str, Any]] = {}
        self._state: dict[str, Any] = {}

    def light(self) -> Rgb | None:
        found = self._links.lit.latest()
        return None if found is None else found[1].view(np.float32)

    def pixels(self, rgb: Rgb) -> NDArray[np.uint8]:
        return self._picture.draw(rgb)

    def canvas(self) -> NDArray[np.uint8] | None:
        found = None if self._links.canvas is None else self._links.canvas.latest()
        return None if found is None else found[1].view(np.uint8)

    def status(self) -> Status:
        for kind, body in self._links.control.receive():
            if kind == "piece":
                self._pieces[body["slug"]] = body
            elif kind == "state":
                self._state = body
        on_air, render = self._state.get("on_air", {}), self._state.get("render", {})
        playing = [self._pieces[slug] for slug in on_air.get("pieces", ()) if slug in self._pieces]
        message = self._state.get("message") or {}
        faults = [str(reason) for reason in (render.get("faults") or {}).values()]
        return Status(
            title=" + ".join(piece["title"] for piece in playing),
            controls=[control for piece in playing for control in piece["parameters"]],
            values=self._state.get("values", {}),
            lines=_lines(on_air, render),
            notice="\n".join(faults) or str(message.get("text", "")),
            notice_is_error=bool(faults) or message.get("level") == "error",
            notice_age_s=float(message.get("age_s", 0.0)),
            paused=bool(render.get("paused")),
        )

    def post(self, address: str, args: tuple[Any, ...]) -> None:
        self._links.control.send("post", [address, list(args)])


def _lines(on_air: dict[str, Any], render: dict[str, Any]) -> list[str]:
    """Cue, rate, and what each piece costs a frame."""
    if not on_air:
        return ["starting"]
    rate, late = render.get("rate_hz") or 0.0, render.get("late_frames") or 0
    cost, domains = render.get("piece_ms") or {}, render.get("domains") or {}
    smaller = {slug: f" at {scale:.0%} of its width" for slug, scale in (render.get("scales") or {}).items()}
    following = f", then {on_air['next_cue']}" if on_air.get("next_cue") else ""
    pieces = [
        f"{slug}: {cost.get(slug, 0.0):.1f} ms, {domains[slug]}{smaller.get(slug, '')}"
        for slug in on_air["pieces"]
        if domains.get(slug)
    ]
    return [f"cue {on_air['cue']}{following}", f"{rate:.1f} frames/s, {late} late", *pieces]


def run(links: ProcessLinks) -> None:
    """Show the window until a person closes it or the parent goes."""
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    clock = RealClock()
    heart = Heartbeat(links.parent, clock)

    def alive() -> bool:
        if heart.due():
            heart.beat()
            # Until the next one a picture is drawn, the first of them compiled as well.
            heart.busy("")
        return links.parent_alive()

    title = f"{links.plan.show.title} · {links.plan.pixels.venue.venue.name}"
    ShowWindow(LinkedSource(links), Scene.of(links.plan.pixels), title=title, clock=clock).run(alive)


if __name__ == "__main__":
    child_main(run)
