"""Two machines, one facade: heartbeats between them, and silence where the other one sends.

Stepped by the delivery loop after a frame; it never waits. The standby follows the main machine's master and blackout
while it is silent, so that a building which was dark on purpose stays dark when it takes over.
"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from facade.config.venue import Standby
from facade.core.errors import InputError, OutputError
from facade.delivery.duty import Duty
from facade.protocols.heartbeat import Doing, Heartbeat, Role, decode, encode, make_key

MOST_AT_ONCE = 16
LAST_WORDS = 3

_log = logging.getLogger(__name__)


class Sending(Protocol):
    """What a pair does to a delivery engine."""

    master: float
    blackout: bool
    silent: bool

    def befriend(self, cid: UUID, address: str) -> None: ...


class Pair:
    """This machine's half of a pair.

    venue: id of the venue. role: of this machine. cid, run: who this is, and which start. able: whether any light can
    leave at all; a main machine that cannot reach a single controller falls silent here, too.
    Raises OutputError if this machine does not have the address that the venue gives it.
    """

    def __init__(
        self, standby: Standby, *, venue: str, role: Role, cid: UUID, run: int, now: float, able: Callable[[], bool]
    ) -> None:
        addresses = (standby.main, standby.standby)
        own, self._other = addresses if role is Role.MAIN else addresses[::-1]
        self._interval_s = standby.interval_s
        self._address = (self._other, standby.port)
        self._key = make_key(venue, standby.key)
        self._duty = Duty(role, interval_s=standby.interval_s, now=now)
        self._cid, self._run, self._sequence = cid, run, 0
        self._able = able
        self._beat_at = float("-inf")
        self._followed: tuple[float, bool] | None = None
        self._partner: UUID | None = None
        self.ignored = 0
        self._link = _open(own, standby.port, role)

    @property
    def role(self) -> Role:
        return self._duty.role

    def step(self, engine: Sending, now: float) -> None:
        """Listen, decide, follow, speak."""
        for message in self._receive():
            if self._duty.heard(message, now):
                if message.cid != self._partner:
                    self._partner = message.cid
                    engine.befriend(message.cid, self._other)
                self._follow(engine, message)
        was = self._duty.sending
        engine.silent = not self._duty.decide(now)
        if was != self._duty.sending:
            self._say_change(now)
            self._beat_at = float("-inf")
        if now - self._beat_at >= self._interval_s:
            self._beat_at = now
            if self._duty.role is Role.STANDBY or not self._duty.sending or self._able():
                self._send(Doing.SENDING if self._duty.sending else Doing.SILENT, engine)

    def words(self, now: float) -> str:
        """What this machine does and why, for people."""
        me = "main" if self._duty.role is Role.MAIN else "standby"
        silent_s = self._duty.silent_s(now)
        if self._duty.sending:
            if self._duty.role is Role.MAIN:
                return "main machine, sending"
            heard = "was never heard" if silent_s is None else f"was last heard {silent_s:.0f} s ago"
            there = silent_s is not None and silent_s < 2.0 * self._interval_s
            return f"standby, sending: {self._other} " + ("is back and waits" if there else heard)
        if self._duty.other is Doing.ENDED:
            return f"{me}, silent: {self._other} was ended on purpose"
        return f"{me}, silent: " + (f"{self._other} sends" if silent_s is not None else f"listening for {self._other}")

    def end(self, engine: Sending) -> None:
        """Say that this machine ends on purpose: the other one must not light what was put out."""
        for _ in range(LAST_WORDS):
            self._send(Doing.ENDED, engine)

    def close(self) -> None:
        self._link.close()

    def _receive(self) -> list[Heartbeat]:
        found = []
        for _ in range(MOST_AT_ONCE):
            try:
                data, sender = self._link.recvfrom(256)
            except BlockingIOError:
                break
            except OSError:
                continue  # the other machine's port is closed
            try:
                message = decode(data, self._key)
            except InputError as error:
                self._ignore(sender[0], str(error))
                continue
            if sender[0] == self._other:
                found.append(message)
            else:
                self._ignore(sender[0], "a heartbeat from another address than the venue's")
        return found

    def _ignore(self, sender: str, why: str) -> None:
        if self.ignored == 0:
            _log.warning("standby: %s sent what is not believed: %s", sender, why)
        self.ignored += 1

    def _follow(self, engine: Sending, message: Heartbeat) -> None:
        wanted = (message.master, message.blackout)
        if self._duty.role is Role.STANDBY and not self._duty.sending and wanted != self._followed:
            engine.master, engine.blackout = wanted
            self._followed = wanted

    def _send(self, doing: Doing, engine: Sending) -> None:
        message = Heartbeat(
            role=self._duty.role,
            doing=doing,
            cid=self._cid,
            run=self._run,
            sequence=self._sequence,
            master=engine.master,
            blackout=engine.blackout,
        )
        self._sequence += 1
        # What cannot leave is a heartbeat missed; the other machine knows what to do then.
        with contextlib.suppress(OSError):
            self._link.sendto(encode(message, self._key), self._address)

    def _say_change(self, now: float) -> None:
        level = logging.WARNING if self._duty.role is Role.STANDBY else logging.INFO
        _log.log(level, "%s", self.words(now))


def _open(own: str, port: int, role: Role) -> socket.socket:
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        link.setblocking(False)
        link.bind((own, port))
    except OSError as error:
        link.close()
        key = "main" if role is Role.MAIN else "standby"
        raise OutputError(
            f'standby.{key} = "{own}": this machine cannot listen there on port {port} ({error.strerror}). '
            "Write the address it has on that network; only one facade can be there."
        ) from error
    return link
