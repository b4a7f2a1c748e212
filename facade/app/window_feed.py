"""What the window is told and what it asks for: the control process's end of their link."""

from __future__ import annotations

from typing import Any

from facade.app.hub import ControlHub
from facade.core.clock import Clock
from facade.core.errors import InputError
from facade.link import Datagrams

STATE_S = 0.1
CONTROLS_S = 1.0
"""How often controls are told again although nothing changed: a window that was replaced knows none."""


class WindowFeed:
    """The window sees what the page sees, and posts as the page does."""

    def __init__(self, link: Datagrams, hub: ControlHub, clock: Clock) -> None:
        self._link = link
        self._hub = hub
        self._clock = clock
        self._state_at = self._controls_at = float("-inf")
        self._told: list[Any] = []

    def step(self) -> None:
        """Take what the window asks for; tell it what is new."""
        for kind, body in self._link.receive():
            if kind == "post":
                self._post(str(body[0]), tuple(body[1]))
        now = self._clock.now()
        if now - self._state_at < STATE_S:
            return
        self._state_at = now
        state = self._hub.state()
        pieces = state["on_air"]["pieces"]
        self._tell_controls(pieces, now)
        prefixes = tuple(f"/piece/{slug}/" for slug in pieces)
        values = {address: value for address, value in state["values"].items() if address.startswith(prefixes)}
        render = state["render"] or {}
        keys = ("rate_hz", "late_frames", "paused", "piece_ms", "domains", "scales", "faults")
        told = {key: render.get(key) for key in keys}
        self._link.send(
            "state", {"values": values, "on_air": state["on_air"], "render": told, "message": state["message"]}
        )

    def _tell_controls(self, pieces: list[str], now: float) -> None:
        infos = [info for info in self._hub.describe()["pieces"] if info["slug"] in pieces]
        if infos == self._told and now - self._controls_at < CONTROLS_S:
            return
        self._told, self._controls_at = infos, now
        for info in infos:
            self._link.send("piece", info)

    def _post(self, address: str, args: tuple[Any, ...]) -> None:
        try:
            self._hub.post(address, args)
        except InputError as error:
            self._hub.tell("error", str(error))
