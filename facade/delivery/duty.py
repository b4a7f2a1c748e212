"""Which of two machines sends: the main one where it can, the standby once it has missed three heartbeats.

Pure decisions; pair.py has the socket. Never do both send because one of them starts: each listens before it begins,
and the standby gives back only to a main machine that has been there for a while, silent and ready. So a main machine
that comes and goes does not make the facade change hands each time.
"""

from __future__ import annotations

from facade.protocols.heartbeat import Doing, Heartbeat, Role

MISSED = 3
"""Heartbeats missed before a machine counts as gone."""

SETTLE_S = 5.0
"""How long the main machine must have been back before the standby gives the facade back."""


class Duty:
    """One machine's decision. role: which one this is. interval_s: between two heartbeats. now: when it starts."""

    def __init__(self, role: Role, *, interval_s: float, now: float) -> None:
        self.role = role
        self.sending = False
        self._patience_s = MISSED * interval_s
        self._started_at = now
        self._heard_at: float | None = None
        self._back_at: float | None = None
        self._other = Doing.SILENT
        self._run = -1
        self._sequence = -1

    def heard(self, message: Heartbeat, now: float) -> bool:
        """Take a message; false if it is our own role's, or an old one that came late."""
        if message.role is self.role:
            return False
        if message.run == self._run and message.sequence <= self._sequence:
            return False
        self._run, self._sequence = message.run, message.sequence
        if self._back_at is None or not self._is_there(now):
            self._back_at = now
        self._other, self._heard_at = message.doing, now
        return True

    def decide(self, now: float) -> bool:
        """Return whether to send from now on."""
        if self.role is Role.MAIN:
            self.sending = self.sending or self._main_begins(now)
        elif self.sending:
            self.sending = not self._standby_gives_back(now)
        else:
            self.sending = self._standby_begins(now)
        return self.sending

    def silent_s(self, now: float) -> float | None:
        """Seconds since the other machine was heard; None if it never was."""
        return None if self._heard_at is None else now - self._heard_at

    @property
    def run(self) -> int:
        """Which start of the other machine was heard last; -1 for none."""
        return self._run

    @property
    def other(self) -> Doing:
        """What the other machine said last that it does."""
        return self._other

    def _is_there(self, now: float) -> bool:
        return self._heard_at is not None and now - self._heard_at <= self._patience_s

    def _main_begins(self, now: float) -> bool:
        if now - self._started_at <= self._patience_s:
            return self._is_there(now) and self._other is not Doing.SENDING
        return not (self._is_there(now) and self._other is Doing.SENDING)

    def _standby_begins(self, now: float) -> bool:
        if self._heard_at is None:
            return now - self._started_at > self._patience_s
        # What ended on purpose is not to be lit again by somebody else.
        return self._other is not Doing.ENDED and not self._is_there(now)

    def _standby_gives_back(self, now: float) -> bool:
        if not self._is_there(now) or self._other is Doing.ENDED:
            return False
        if self._other is Doing.SENDING:
            return True  # it never stopped, only its messages did: two must not send
        return self._back_at is not None and now - self._back_at >= SETTLE_S
