"""The one live line under a playing show, and what is said before and after it."""

from __future__ import annotations

import logging
import os
import select
import shutil
import sys

from facade.app.plan import Plan
from facade.app.play import Status
from facade.app.venues import guard_words
from facade.config.input import where_of
from facade.core.health import DeliveryHealth, Presence, State

_STATES = {"live": "●", "connecting": "waiting", "absent": "absent", "stale": "silent", "failed": "failed"}
_CLEAR = "\r\x1b[2K"
_FULL = 0.995
"""A limit that lets this much through is not felt."""


class StatusLine:
    """Writes to standard error. Never waits for the terminal: what does not fit now is left out.

    page: address of the page, None if there is none.
    """

    def __init__(self, plan: Plan, *, page: str | None) -> None:
        self._plan = plan
        self._page = page
        self._live = sys.stderr.isatty()
        self._told: set[str] = set()

    def begin(self) -> None:
        """Say what plays, where, and how to look at it."""
        venue = self._plan.pixels.venue.venue
        where = f"{venue.name}: {self._plan.pixels.n_pixels:,} pixels, universes: {self._plan.patch.n_universes}"
        self._write(f"facade plays {self._plan.show.title} on {where}\n")
        for controller in self._plan.patch.controllers:
            told = f"{controller.profile.protocol} {controller.controller.host}"
            self._write(f"  light    {controller.name}: {told}, universes {_span(controller.universes)}\n")
        self._write(f"  guard    {guard_words(self._plan.pixels.venue.flash)}\n")
        for name, each in self._plan.show.input.items():
            self._write(f"  input    {name}: {each.type} {where_of(each)}\n")
        if self._page is not None:
            self._write(f"  page     {self._page}\n")
        self._write("  Ctrl-C fades to black and ends.\n")

    def show(self, status: Status) -> None:
        """Show the numbers that matter now, and once each thing that went wrong."""
        for text in _news(status):
            if text not in self._told:
                self._told.add(text)
                self.note(text)
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            self._write(_CLEAR + self.text(status)[:width])

    def note(self, text: str) -> None:
        """Say one thing that happened, above the live line."""
        self._write(f"{_CLEAR if self._live else ''}  ! {text}\n")

    def end(self, status: Status) -> None:
        """Close the line with a summary."""
        delivery = status.delivery
        gap = f"longest gap {delivery.worst_gap_s * 1000:.0f} ms"
        packets = sum(o.packets for o in delivery.outputs)
        clear = _CLEAR if self._live else ""
        self._write(
            f"{clear}Dark. {delivery.frames:,} frames, {packets:,} packets, {delivery.late_frames} late, {gap}.\n"
        )

    def text(self, status: Status) -> str:
        """The line: frame rate, late frames, packets a second, pixels, limits in force, inputs."""
        delivery, render = status.delivery, status.render
        inputs = " ".join(f"{i['name']} {_STATES[i['state']]}" for i in status.control.get("inputs", ()))
        rate = f"{render.get('rate_hz', 0.0):.0f} fps" if render else "starting"
        late = f"{render.get('late_frames', 0) + delivery.late_frames} late"
        out = f"{delivery.rate_hz:.0f} Hz {delivery.packets_per_s:,.0f} packets/s"
        look = "" if delivery.look == "live" else f" [{delivery.look}]"
        dark = " BLACKOUT" if delivery.blackout else ""
        gone = sum(o.presence is Presence.GONE for o in delivery.outputs)
        duty = f" [{delivery.duty}]" if delivery.duty else ""
        missing = f"  {gone} of {len(delivery.outputs)} controllers gone" if gone else ""
        missing += f"  {len(delivery.others)} others send" if delivery.others else ""
        limited = "".join(f" [{words}]" for words in _limits(delivery))
        shown = f"{delivery.pixels:,} px  {render.get('cue', '')}{look}{dark}{duty}{limited}{missing}"
        return f"{rate}  {late}  {out}  {shown}  {inputs}"

    def _write(self, text: str) -> None:
        fd = sys.stderr.fileno()
        # A stopped terminal or a full pipe must not hold up the light.
        if select.select([], [fd], [], 0)[1]:
            os.write(fd, text.encode())


class NoteHandler(logging.Handler):
    """Log lines above the live line, so that logging does not wait for the terminal either."""

    def __init__(self, line: StatusLine) -> None:
        super().__init__(logging.WARNING)
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + logging.Formatter().formatException(record.exc_info)
        self._line.note(text)


def _news(status: Status) -> list[str]:
    # What happens to processes and what the network refuses is logged when it happens; the rest is found here.
    news = [f"{p.name}: {p.problem}" for p in status.processes if p.problem and p.state == "stopped"]
    news += [f"piece {slug} in quarantine: it {why}" for slug, why in status.quarantined.items()]
    news += [f"piece {slug}: {why}" for slug, why in status.render.get("faults", {}).items()]
    news += [f"input {i['name']}: {i['problem']}" for i in status.control.get("inputs", ()) if i["state"] == "failed"]
    quiet = [o for o in status.delivery.outputs if o.problem and o.state is State.CONNECTING]
    news += [f"controller {o.name}: {o.problem}" for o in quiet]
    if status.delivery.not_finite:
        news.append("what is drawn is in part not a number, and black there. facade check says which piece does it.")
    if status.delivery.unheard:
        news.append(status.delivery.unheard)
    if status.control.get("problem"):
        news.append(status.control["problem"])
    return news


def _limits(delivery: DeliveryHealth) -> list[str]:
    """Every limit in force and why, in the words of the page."""
    found = []
    if delivery.cap:
        amount = "" if delivery.cap_cd_m2 is None else f" {delivery.cap_cd_m2:.3g} cd/m²"
        share = "" if delivery.cap_level >= _FULL else f" {delivery.cap_level:.0%}"
        found.append(f"cap{amount}{share}: {delivery.cap}")
    if delivery.tightened:
        found.append(f"edited: {delivery.tightened}")
    if delivery.power_scale < _FULL:
        found.append(f"supply {delivery.power_scale:.0%}")
    if delivery.flash_held:
        found.append(f"flashes held: {delivery.flash_held:,} px")
    return found


def _span(universes: tuple[int, ...]) -> str:
    first, last = universes[0], universes[-1]
    return str(first) if first == last else f"{first}–{last}"
