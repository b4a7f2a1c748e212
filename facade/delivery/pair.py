"""Two machines, one facade: heartbeats between them, and silence where the other one sends.

Stepped by the delivery loop after a frame; it never waits. The machine that is silent follows the other's master and
blackout, so that a building which was dark on purpose stays dark when it takes over, and its show (relay.py), so that
this goes on where it was.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from facade.config.venue import Standby
from facade.core.errors import InputError, OutputError
from facade.core.holders import holder_words
from facade.delivery.duty import Duty
from facade.delivery.relay import ShowRelay
from facade.protocols import heartbeat, show_position
from facade.protocols.heartbeat import Doing, Heartbeat, Role, make_key
from facade.protocols.show_position import PositionMessage

MOST_AT_ONCE = 16
LAST_WORDS = 3

_log = logging.getLogger(__name__)


class Sending(Protocol):
    """What a pair does to a delivery engine."""

    master: float
    blackout: bool
    silent: bool

    @property
    def has_picture(self) -> bool: ...
    def befriend(self, cid: UUID, address: str) -> None: ...


class Pair:
    """This machine's half of a pair.

    venue: id of the venue. role: of this machine. cid, run: who this is, and which start. able: whether any light can
    leave at all; a main machine that cannot reach a single controller falls silent here, too. relay: of its show, if
    that is to follow and to be followed.
    Raises OutputError if this machine does not have the address that the venue gives it.
    """

    def __init__(
        self,
        standby: Standby,
        *,
        venue: str,
        role: Role,
        cid: UUID,
        run: int,
        now: float,
        able: Callable[[], bool],
        relay: ShowRelay | None = None,
    ) -> None:
        addresses = (standby.main, standby.standby)
        own, self._other = addresses if role is Role.MAIN else addresses[::-1]
        self._interval_s = standby.interval_s
        self._address = (self._other, standby.port)
        self._key = make_key(venue, standby.key)
        self._duty = Duty(role, interval_s=standby.interval_s, now=now)
        self._cid, self._run, self._sequence = cid, run, 0
        self._able = able
        self._relay = relay
        self._reads = 0
        self._position_seen = (-1, -1)
        self._beat_at = float("-inf")
        self._followed: tuple[float, bool] | None = None
        self._partner: UUID | None = None
        self.ignored = 0
        self._link = _open(own, standby.port, role)

    @property
    def role(self) -> Role:
        return self._duty.role

    @property
    def sending(self) -> bool:
        """Whether it is this machine that sends."""
        return self._duty.sending

    def step(self, engine: Sending, now: float) -> None:
        """Listen, decide, follow, speak."""
        for message in self._receive():
            if isinstance(message, PositionMessage):
                self._hear_position(message, now)
            elif self._duty.heard(message, now):
                self._reads = message.reads
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
            if self._may_speak(engine):
                self._beat(Doing.SENDING if self._duty.sending else Doing.SILENT, engine)
                self._tell(now, values=True)
        elif self._relay is not None and self._relay.has_news:
            # At once: whoever takes over within the next heartbeat must not begin the cue before.
            self._tell(now, values=False)

    def _may_speak(self, engine: Sending) -> bool:
        """Whether the other machine is to know that this one is there."""
        if self._duty.role is Role.STANDBY:
            return True
        # A main machine that cannot do what is asked of it, or not yet, is not there.
        return self._able() if self._duty.sending else engine.has_picture or self._duty.other is not Doing.SENDING

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
            self._beat(Doing.ENDED, engine)

    def close(self) -> None:
        self._link.close()

    def _receive(self) -> list[Heartbeat | PositionMessage]:
        found: list[Heartbeat | PositionMessage] = []
        for _ in range(MOST_AT_ONCE):
            try:
                data, sender = self._link.recvfrom(show_position.MOST_BYTES + 1)
            except BlockingIOError:
                break
            except OSError:
                continue  # the other machine's port is closed
            try:
                is_position = data.startswith(show_position.MAGIC)
                message = (show_position if is_position else heartbeat).decode(data, self._key)
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
        if not self._duty.sending and message.doing is Doing.SENDING and wanted != self._followed:
            engine.master, engine.blackout = wanted
            self._followed = wanted

    def _hear_position(self, message: PositionMessage, now: float) -> None:
        """Follow the other machine's show while it sends; what is old, our own, or nobody's is passed over."""
        run, sequence = self._position_seen
        is_new = message.run == self._duty.run and (message.run != run or message.sequence > sequence)
        if self._relay is None or message.role is self._duty.role or not is_new:
            return
        self._position_seen = (message.run, message.sequence)
        if not self._duty.sending and self._duty.other is Doing.SENDING:
            self._relay.hear(message.position, now)

    def _beat(self, doing: Doing, engine: Sending) -> None:
        message = Heartbeat(
            role=self._duty.role,
            doing=doing,
            cid=self._cid,
            run=self._run,
            sequence=self._count(),
            master=engine.master,
            blackout=engine.blackout,
            reads=0 if self._relay is None else show_position.VERSION,
        )
        self._send(heartbeat.encode(message, self._key))

    def _tell(self, now: float, *, values: bool) -> None:
        if self._relay is None or not self._duty.sending or self._reads < show_position.VERSION:
            return
        position = self._relay.tell(now, values=values)
        if position is not None:
            message = PositionMessage(self._duty.role, self._run, self._count(), position)
            self._send(show_position.encode(message, self._key))

    def _count(self) -> int:
        self._sequence += 1
        return self._sequence - 1

    def _send(self, packet: bytes) -> None:
        # What cannot leave is a heartbeat missed; the other machine knows what to do then.
        with contextlib.suppress(OSError):
            self._link.sendto(packet, self._address)

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
        who = holder_words(port) if error.errno == errno.EADDRINUSE else ""
        raise OutputError(
            f'standby.{key} = "{own}": this machine cannot listen there on port {port} ({error.strerror}). '
            + (who or "Write the address it has on that network; only one facade can be there.")
        ) from error
    return link
