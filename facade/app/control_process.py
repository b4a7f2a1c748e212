"""The control process: everything that comes from outside.

Inputs post into one bounded queue; this loop decodes, conditions and binds them, sends what they change to whoever owns
it, and keeps the page, the feedback and the recording up to date. If it dies the show goes on with the last values.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from facade.app.hub import ControlHub
from facade.app.process import Heartbeat, ProcessLinks, child_main
from facade.app.quarantine import RELEASE, QuarantineFile, homes_of
from facade.app.recorder import Recorder
from facade.app.venue_reload import VenueWatcher
from facade.app.window_feed import WindowFeed
from facade.app.wiring import TO_DELIVERY, make_desk, show_inputs
from facade.config.piece import PieceManifest, Value
from facade.control.bindings import ordered_addresses
from facade.control.events import ControlEvent, InputEvent
from facade.core.clock import Clock, RealClock
from facade.core.health import State, as_json
from facade.inputs.build import build_inputs
from facade.inputs.feedback import Feedback
from facade.inputs.queue import EventQueue
from facade.web.server import Server

_WAIT_S = 0.02
"""Longest wait for an input before the other processes are listened to."""

_HEALTH_S = 0.25

OTHER = "other machine"
"""Whose events these are, in recordings; no input can be called so."""


class ControlLoop:
    """The loop of the control process, apart from its start and end."""

    def __init__(self, links: ProcessLinks, clock: Clock) -> None:
        plan, options = links.plan, links.options
        self._links = links
        self._clock = clock
        self._heart = Heartbeat(links.parent, clock)
        self._desk = make_desk(plan)
        tree = self._desk.tree
        self._queue = EventQueue(ordered=ordered_addresses(tree, plan.show.binding))
        inputs = show_inputs(plan.show, osc_bind=options.osc_bind)
        self._inputs = build_inputs(inputs, clock)
        self._feedback = Feedback(inputs, clock)
        self._recorder = _recorder(links, clock)
        self._stale: set[str] = set()
        self._stale_s = {name: each.stale_s for name, each in inputs.items()}
        self._optional = {name for name, each in inputs.items() if getattr(each, "optional", False)}
        self._quarantined: set[str] = set()
        self._releasing: set[str] = set()
        self._homes = homes_of(plan)
        self._quarantine = QuarantineFile()
        self._health_at = 0.0
        self.hub = ControlHub(plan, tree, self._queue, links.lit, clock=clock)
        self._server = _serve(links, self.hub, clock)
        self._window = None if links.window is None else WindowFeed(links.window, self.hub, clock)
        self._touched: dict[str, ControlEvent] = {}
        self._venue = VenueWatcher(plan)
        self._is_one_of_two = plan.pixels.venue.standby is not None

    def run(self) -> None:
        """Handle events until the parent goes or ends us."""
        for each in self._inputs:
            each.start(self._queue.post)
        if self._server is not None:
            self._server.start()
        self._links.render.receive()  # what a predecessor was told is not for this one
        self._links.render.send("values?", None)
        while self._links.parent_alive():
            for event in self._queue.drain(_WAIT_S):
                self._handle(event)
            self._hear_render()
            self._hear_delivery()
            self._read_edits()
            self._feedback.send(self._desk.take_changes())
            if self._window is not None:
                self._window.step()
            now = self._clock.now()
            if now - self._health_at >= _HEALTH_S:
                self._health_at = now
                self._tend(now)

    def _handle(self, event: InputEvent) -> None:
        changes = self._desk.handle(event)
        for change in changes:
            self._send(change)
        if self._recorder is not None:
            self._recorder.add(event, changes)

    def _send(self, change: ControlEvent) -> None:
        if change.address == "/show/release":
            self._release(str(change.value))
            return
        kind = TO_DELIVERY.get(change.address)
        if kind is not None:
            self._links.parent.send(kind, change.value)
            return
        self._links.render.send("event", [change.seq, change.at_s, change.address, change.value])
        if change.address.startswith(("/piece/", "/input/")) and change.value is not None:
            self._touched[change.address] = change
            self._tell_other(change.address, change.value)

    def _tell_other(self, address: str, value: Value | None) -> None:
        """Let the other machine of a pair know where a fader stands; None where a cue has taken its place."""
        if self._is_one_of_two and address.startswith("/piece/"):
            self._links.parent.send("moved", [address, value])

    def _follow(self, values: dict[str, Value]) -> None:
        """Put faders where they stand on the other machine."""
        now = self._clock.now()
        for address, value in values.items():
            if address.startswith("/piece/") and self._desk.tree.value(address) != value:
                self._handle(InputEvent(now, OTHER, address, value if isinstance(value, tuple) else (value,)))

    def _hear_render(self) -> None:
        for kind, body in self._links.render.receive():
            if kind == "applied" and self._recorder is not None:
                self._recorder.applied(body["frame"], body["seq"], skipped=body["skip"], crc=body["crc"])
            elif kind == "render":
                self.hub.render = body
                self._desk.observe("/show/cue", body["cue"])
                self._desk.observe("/show/hold", body["holding"])
                self._desk.observe("/show/pause", body["paused"])
            elif kind == "value":
                self._show_set(*body)
            elif kind == "hello":
                # A new renderer knows no live values: give it those that came from outside.
                for change in sorted(self._touched.values(), key=lambda c: c.seq):
                    self._send(change)
            elif kind == "reloaded":
                self._piece_reloaded(body)

    def _show_set(self, address: str, raw: Any, seq: int) -> None:
        """A cue has set a parameter: that is where its fader stands now, and what came from outside before is over.

        seq: the last change that the renderer had applied by then; a later one is still on its way and will win.
        """
        value = tuple(raw) if isinstance(raw, list) else raw
        touched = self._touched.get(address)
        if touched is not None and touched.seq > seq:
            return
        self._desk.observe(address, value)
        if touched is not None and touched.value != value:
            del self._touched[address]
            self._tell_other(address, None)

    def _piece_reloaded(self, body: dict[str, Any]) -> None:
        slug, problem = body["piece"], body["problem"]
        if "manifest" in body:
            manifest = PieceManifest.model_validate_json(body["manifest"])
            self._desk.reload(slug, manifest)
            self.hub.reload(slug, manifest)
        if not problem and slug in self._quarantined:
            self._release(slug)
        text = f"{slug}: {problem} The last good one stays on." if problem else f"{slug} was saved and is on"
        self.hub.tell("error" if problem else "info", text)

    def _hear_delivery(self) -> None:
        for kind, body in self._links.parent.receive():
            if kind == "delivery":
                self.hub.delivery, self.hub.processes = body["delivery"], body["processes"]
                self._desk.observe("/master", body["delivery"]["master"])
                self._desk.observe("/blackout", body["delivery"]["blackout"])
                self._hear_quarantine(body["quarantined"])
            elif kind == "values":
                self._follow({a: tuple(v) if isinstance(v, list) else v for a, v in body.items()})

    def _hear_quarantine(self, reasons: dict[str, str]) -> None:
        self._releasing &= reasons.keys()
        self.hub.quarantined = {slug: why for slug, why in reasons.items() if slug not in self._releasing}
        for slug in reasons.keys() - self._quarantined - self._releasing:
            self._quarantined.add(slug)
            if slug in self._homes:
                self._quarantine.add(self._homes[slug], reasons[slug])
            self.hub.tell("error", f"{slug} is in quarantine: it {reasons[slug]}. {RELEASE.format(slug=slug)}")

    def _release(self, slug: str) -> None:
        """Let a piece out of quarantine, everywhere."""
        self._quarantine.remove(self._homes[slug])
        if slug in self._quarantined:
            self._quarantined.discard(slug)
            self._releasing.add(slug)
            self.hub.quarantined.pop(slug, None)
            self.hub.tell("info", f"{slug} is out of quarantine and is tried again")
        self._links.parent.send("release", slug)
        self._links.render.send("release", slug)

    def _read_edits(self) -> None:
        for edit in self._venue.edits():
            self.hub.tell("error" if edit.is_problem else "info", edit.words)
            self._links.parent.send("venue", asdict(edit))

    def _tend(self, now: float) -> None:
        records = [each.health() for each in self._inputs]
        for record in records:
            if record.state is State.LIVE:
                self._stale.discard(record.name)
            elif record.name not in self._stale and (record.age_s or 0.0) > self._stale_s[record.name]:
                # Fallen silent, or pulled out: both end in the stale policy.
                self._stale.add(record.name)
                self._went_stale(record.name, now)
        lost = self._queue.overflow
        self.hub.inputs = [
            as_json(r)
            | {"optional": r.name in self._optional, "overflow": r.overflow + lost.get(r.name, 0)}
            | ({"level": round(self._desk.levels[r.name], 2)} if r.name in self._desk.levels else {})
            for r in records
        ] + [camera | {"optional": False} for camera in (self.hub.render or {}).get("cameras", ())]
        report: dict[str, Any] = {"inputs": self.hub.inputs, "rejected": self._desk.rejected, "problem": ""}
        if self._recorder is not None:
            report["problem"] = self._recorder.flush()
            if report["problem"]:
                self.hub.tell("error", report["problem"])
        self._heart.beat(report)

    def _went_stale(self, name: str, now: float) -> None:
        changes = self._desk.stale(name, now)
        for change in changes:
            self._send(change)
        if self._recorder is not None:
            self._recorder.stale(name, now, changes)

    def close(self) -> None:
        """Stop the inputs, the page and the recording."""
        for each in self._inputs:
            each.stop()
        if self._server is not None:
            self._server.stop()
        self._feedback.close()
        self._venue.close()
        if self._recorder is not None:
            self._recorder.close()


def _recorder(links: ProcessLinks, clock: Clock) -> Recorder | None:
    path, epoch = links.options.record, links.options.epoch
    return Recorder.open(path, links.plan, clock, epoch=epoch, played=True, civil=links.options.civil) if path else None


def _serve(links: ProcessLinks, hub: ControlHub, clock: Clock) -> Server | None:
    if "web" not in links.options.fds:
        return None
    web = links.options.web
    return Server(hub, host=web["host"], bound=links.options.fds["web"], password=web["password"], clock=clock)


def run(links: ProcessLinks) -> None:
    loop = ControlLoop(links, RealClock())
    try:
        loop.run()
    finally:
        loop.close()


if __name__ == "__main__":
    child_main(run)
