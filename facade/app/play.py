"""The delivery process: light leaves here, on time, whatever happens to anybody else.

One pass of the loop is one frame of light leaving. Between frames it reads what the other processes say, replaces the
dead and shows a status line. Nothing in the loop waits for a pipe, a socket or the terminal.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from secrets import randbits
from typing import Any

from facade.app.engines import live_engine
from facade.app.partner import Partner
from facade.app.plan import Plan
from facade.app.priority import run_first
from facade.app.process import Options
from facade.app.quarantine import QuarantineFile, homes_of
from facade.app.split import Split
from facade.core.clock import Clock, RealClock
from facade.core.errors import FacadeError, MachineError, OutputError
from facade.core.frame import PixelFrame, Tick
from facade.core.health import DeliveryHealth, ProcessHealth, as_json
from facade.delivery.loop import DeliveryLoop
from facade.delivery.pair import Pair
from facade.light.ratings import Ratings
from facade.outputs.virtual import VirtualNetwork
from facade.protocols.heartbeat import Role
from facade.simulator.device import SimulatedDevice

_log = logging.getLogger(__name__)

_LIT_S = 1 / 25
_HEALTH_S = 0.25
_STATUS_S = 0.5
FADE_OUT_S = 0.5


@dataclass(frozen=True, slots=True)
class PlayOptions:
    """How to play.

    real: send to the venue's controllers, not only to the simulator. record: file to write, "" for none.
    web: settings of the page; web_socket: its listening socket, None for no page. osc_bind: overrides the show's.
    standby: this is the machine that waits, of the two that the venue names.
    """

    real: bool = True
    record: str = ""
    window: bool = False
    duration_s: float | None = None
    web: dict[str, Any] = field(default_factory=dict)
    web_socket: socket.socket | None = None
    osc_bind: str = ""
    standby: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What a person is told while the show plays."""

    delivery: DeliveryHealth
    render: dict[str, Any]
    control: dict[str, Any]
    processes: tuple[ProcessHealth, ...]
    quarantined: dict[str, str]


class Player:
    """One show, playing. say: takes a Status twice a second and must not wait."""

    def __init__(self, plan: Plan, options: PlayOptions, *, say: Callable[[Status], None]) -> None:
        self._options = options
        self._say = say
        self._clock: Clock = RealClock()
        self._epoch = self._clock.now()
        told = Options(
            epoch=self._epoch,
            rate_hz=plan.show.rate_hz,
            parent=os.getpid(),
            fds={},
            record=options.record,
            web=options.web,
            osc_bind=options.osc_bind,
            civil=round(self._clock.wall().timestamp(), 3),
            window=options.window,
        )
        network = VirtualNetwork()
        self._device = SimulatedDevice(plan.pixels, plan.patch)
        network.attach(self._device.receive_burst)
        self.engine = live_engine(plan.pixels, plan.patch, self._clock, network=network, real=options.real)
        self._venue = plan.pixels.venue
        held = QuarantineFile().held(homes_of(plan))
        self.split = Split(plan, told, web=options.web_socket, quarantined=held)
        self._partner = Partner(plan.show, self.split, epoch=self._epoch)
        self._pair = self._find_pair(plan)
        self._end: float | None = None
        self._stopping = False
        self._lit_at = self._health_at = self._status_at = 0.0

    def _find_pair(self, plan: Plan) -> Pair | None:
        """This machine's half of the venue's pair; None where it plays alone. Raises OutputError for a standby."""
        standby = plan.pixels.venue.standby
        if standby is None or not self._options.real:
            return None
        try:
            pair = Pair(
                standby,
                venue=plan.pixels.venue.venue.id,
                role=Role.STANDBY if self._options.standby else Role.MAIN,
                cid=self.engine.cid,
                run=randbits(63),
                now=self._clock.now(),
                able=self.engine.can_reach,
                relay=self._partner.relay,
            )
        except OutputError as error:
            if self._options.standby:
                raise
            _log.warning("playing alone: %s", error)
            return None
        self.engine.silent = True
        return pair

    def stop(self) -> None:
        """Ask the show to end; safe in a signal handler."""
        self._stopping = True

    def run(self) -> int:
        """Play until stopped, then fade to black and end every process. Returns the exit status.

        Raises MachineError if a process could not even start, for want of GL for example.
        """
        now = self._clock.now()
        self._end = None if self._options.duration_s is None else now + self._options.duration_s
        self.split.start(now)
        run_first()
        gc.collect()
        gc.freeze()
        loop = DeliveryLoop(self.engine, source=self._newest, clock=self._clock, each_frame=self._between_frames)
        try:
            status = loop.run(self._is_over)
            if self._pair is not None and status == 0:
                self._pair.end(self.engine)
        finally:
            self.engine.close(fade_s=FADE_OUT_S)
            if self._pair is not None:
                self._pair.close()
            self.split.close()
        if self.split.refusal:
            raise MachineError(self.split.refusal)
        return status

    def _is_over(self) -> bool:
        if self._end is not None and self._clock.now() >= self._end:
            return True
        return self._stopping or self.split.window_closed or bool(self.split.refusal)

    def _newest(self) -> PixelFrame | None:
        found = self.split.latest()
        return None if found is None else PixelFrame(*found)

    def _between_frames(self) -> None:
        now = self._clock.now()
        if self._pair is not None:
            self._pair.step(self.engine, now)
            self._partner.step(self._pair)
        for kind, body in self.split.step(now):
            if kind == "master":
                self.engine.master = float(body)
            elif kind == "blackout":
                self.engine.blackout = bool(body)
            elif kind == "lux":
                self.engine.sense(float(body))
            elif kind == "moved":
                self._partner.relay.moved(*body)
            elif kind == "venue":
                self._edit_venue(body)
            elif kind == "release":
                self.split.crashes.release(str(body))
            elif kind == "stop":
                self.stop()
        # What the packets say is only worked out for somebody who looks.
        if now - self._lit_at >= _LIT_S and self.split.is_watched:
            self._lit_at = now
            self.split.show_lit(Tick(0, now - self._epoch, 0.0), self._device.rgb)
        if now - self._health_at >= _HEALTH_S:
            self._health_at = now
            self._send_health()
        if now - self._status_at >= _STATUS_S:
            self._status_at = now
            self._say(self.status())

    def _edit_venue(self, edit: dict[str, Any]) -> None:
        """Follow an edit of the venue's document; what cannot be followed changes nothing."""
        _log.log(logging.ERROR if edit["is_problem"] else logging.WARNING, "%s", edit["words"])
        if edit["limits"] is not None:
            self.engine.tighten(self._venue.with_limits(edit["limits"]))
        if edit["ratings"] is not None:
            try:
                self.engine.rate(Ratings.from_json(edit["ratings"]))
            except FacadeError as error:
                _log.error("supplies and lamps are rated as before: %s", error)
        for name, changes in edit["moves"].items():
            try:
                self._device.move(self.engine.move(name, changes))
            except FacadeError as error:
                _log.error("controller %s stays where it was: %s", name, error)

    def _send_health(self) -> None:
        self.split.links["control"].send(
            "delivery",
            {
                "delivery": as_json(self._delivery()),
                "processes": [as_json(p) for p in self.split.health()],
                "quarantined": self.split.crashes.reasons,
            },
        )

    def _delivery(self) -> DeliveryHealth:
        health = self.engine.health()
        return health if self._pair is None else replace(health, duty=self._pair.words(self._clock.now()))

    def status(self) -> Status:
        split = self.split
        return Status(
            delivery=self._delivery(),
            render=split.reports.get("render", {}),
            control=split.reports.get("control", {}),
            processes=split.health(),
            quarantined=split.crashes.reasons,
        )
