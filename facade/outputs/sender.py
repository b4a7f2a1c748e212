"""One controller's sender: three strikes, then a pause that doubles; statistics; one log line per change.

A strike is a frame in which the network refused at least one packet, or reported that it had refused one of the frame
before (a closed port answers by ICMP, and the kernel tells us only afterwards). Three in a row, and the sender holds
back for 50 ms, then twice that, up to 1.6 s: long enough to cost nothing, short enough that a controller which comes
back glows within two seconds. Nothing here waits, and no other sender is touched.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Sequence
from typing import cast

from facade.core.clock import Clock
from facade.core.health import OutputHealth, State
from facade.outputs.contract import Datagram, Lane, Sender, Wire

STRIKES = 3
FIRST_PAUSE_S = 0.050
LONGEST_PAUSE_S = 1.6
REFUSED_S = 3.0
"""A host says once a second, not for every packet, that nothing listens (icmp_ratelimit of icmp(7)): a frame that seems
to arrive forgives no such word, only silence for so long does. Within this machine every packet is answered."""
QUIET_LOG_S = 10.0
"""A destination that flaps is logged no more often than this; what was left unsaid is counted in the next line."""

_log = logging.getLogger(__name__)

_REASONS = {
    errno.EAGAIN: "the send buffer is full: the controller does not answer or the link is too slow",
    errno.ENOBUFS: "the send buffer is full: the controller does not answer or the link is too slow",
    errno.ENETUNREACH: "no network reaches it: check the cable, the interface and its address",
    errno.EHOSTUNREACH: "the host does not answer: check its power, its cable and its address",
    errno.EINPROGRESS: "it has not answered yet: check its power, its cable and its address",
    errno.ETIMEDOUT: "it does not answer: check its power, its cable and its address",
    errno.ECONNRESET: "it ended the connection",
    errno.EPIPE: "it ended the connection",
    errno.ENOENT: "there is no such port: plug the device in, or correct host",
    errno.ENODEV: "there is no such port: plug the device in, or correct host",
    errno.EIO: "the device is gone: plug it in again",
    errno.ENETDOWN: "the network interface is down",
    errno.EPERM: "a firewall on this machine forbids it",
    errno.EACCES: "this machine forbids it: a broadcast address, a firewall, a port of a group this user is not in, "
    "or raw Ethernet without CAP_NET_RAW",
    errno.EMSGSIZE: "the packet is larger than this link carries",
    errno.EADDRNOTAVAIL: "the interface given for it is not on this machine, or has no address now",
    errno.EINVAL: "this machine's address on that network has changed",
}


class NetworkSender:
    """A Sender over a Wire.

    name, kind: for health. universes: how many it carries. clock: for pauses.
    """

    def __init__(self, name: str, wire: Wire, *, kind: str, universes: int, clock: Clock) -> None:
        self._name = name
        self._wire = wire
        self._is_lane = isinstance(wire, Lane)
        self._kind = kind
        self._universes = universes
        self._clock = clock
        self._packets = self._bytes = self._errors = self._skipped = 0
        self._strikes = 0
        self._struck_at = self._resume_at = float("-inf")
        self._tried = False
        self._frame_errno = 0
        self._holding = False
        self._hushed = False
        self._last_errno = 0
        self._ever_live = False
        self._logged_at = float("-inf")
        self._failure_logged = False
        self._unsaid = 0

    @property
    def name(self) -> str:
        return self._name

    def begin(self) -> bool:
        if self._hushed:
            return False
        now = self._clock.now()
        pending = self._wire.pending()
        if pending:
            self.met(pending)
        elif self._tried and self._frame_errno == 0 and not self._was_refused(now):
            self._recover(now)
        self._tried = False
        self._frame_errno = 0
        self._holding = now < self._resume_at
        if not self._holding:
            self._frame_errno = self._wire.open()
        return not self._holding

    def put(self, datagrams: Sequence[Datagram]) -> int:
        if self._hushed:
            return 0
        if self._holding or self._frame_errno:
            self._skipped += len(datagrams)
            return 0
        sent, n_bytes, self._frame_errno = self._wire.send(datagrams)
        if sent:
            self._tried = True
            self._packets += sent
            self._bytes += n_bytes
        self._skipped += len(datagrams) - sent
        return sent

    def end(self) -> None:
        if self._frame_errno and not self._hushed:
            self._errors += 1
            self._strike(self._frame_errno, self._clock.now())

    @property
    def lane(self) -> Lane | None:
        steady = self._ever_live and not (self._strikes or self._holding or self._frame_errno or self._hushed)
        return cast("Lane", self._wire) if steady and self._is_lane else None

    @property
    def witness(self) -> Sender | None:
        return None

    def took(self, packets: int, n_bytes: int) -> None:
        self._tried = self._tried or packets > 0
        self._packets += packets
        self._bytes += n_bytes

    def met(self, error: int) -> None:
        self._errors += 1
        self._strike(error, self._clock.now())

    def hush(self, on: bool) -> None:
        self._hushed = on

    def urge(self) -> None:
        self._resume_at = float("-inf")

    def close(self) -> None:
        self._wire.close()

    def health(self) -> OutputHealth:
        down = self._strikes >= STRIKES
        if down:
            state = State.CONNECTING if self._nobody_listens else State.FAILED
        else:
            state = State.LIVE if self._ever_live else State.CONNECTING
        return OutputHealth(
            name=self._name,
            kind=self._kind,
            where=self._wire.where,
            state=state,
            packets=self._packets,
            bytes=self._bytes,
            errors=self._errors,
            skipped=self._skipped,
            universes=self._universes,
            problem=self._problem() if down else "",
        )

    def _was_refused(self, now: float) -> bool:
        """Whether a host on the network has said a moment ago that nothing listens."""
        refused = self._strikes > 0 and self._last_errno == errno.ECONNREFUSED and not self._wire.local
        return refused and now - self._struck_at < REFUSED_S

    @property
    def _nobody_listens(self) -> bool:
        return self._last_errno == errno.ECONNREFUSED and self._wire.local

    def _problem(self) -> str:
        if self._last_errno == errno.ECONNREFUSED:
            if self._wire.local:
                return f"nobody listens on {self._wire.where}"
            return f"{self._wire.where} is on, but nothing listens on that port: check its protocol setting"
        return _REASONS.get(self._last_errno) or os.strerror(self._last_errno)

    def _strike(self, error: int, now: float) -> None:
        self._strikes += 1
        self._last_errno = error
        self._struck_at = now
        if self._strikes >= STRIKES:
            pause = FIRST_PAUSE_S * 2.0 ** min(self._strikes - STRIKES, 16)
            self._resume_at = now + min(pause, LONGEST_PAUSE_S)
            # A connected socket keeps the source address it found when it was made; the next try looks again. One that
            # is still being connected is left to finish; one whose buffer is full keeps it, as another one's would only
            # make the queue behind it longer.
            if error not in (errno.EINPROGRESS, errno.EAGAIN, errno.ENOBUFS):
                self._wire.close()
        if self._strikes == STRIKES:
            self._say_failure(now)

    def _recover(self, now: float) -> None:
        if self._strikes >= STRIKES:
            self._say_recovery()
        self._strikes = 0
        self._resume_at = float("-inf")
        self._ever_live = True

    def _say_failure(self, now: float) -> None:
        if now - self._logged_at < QUIET_LOG_S:
            self._unsaid += 1
            return
        # Nobody listening on this machine is how every rehearsal without hardware begins: worth telling, no alarm.
        level = logging.INFO if self._nobody_listens else logging.WARNING
        again = f" (and {self._unsaid} times since the last report)" if self._unsaid else ""
        _log.log(level, "output %s to %s: %s%s; others go on", self._name, self._wire.where, self._problem(), again)
        self._logged_at = now
        self._failure_logged = True
        self._unsaid = 0

    def _say_recovery(self) -> None:
        if self._failure_logged:
            _log.info("output %s to %s: sending again", self._name, self._wire.where)
        self._failure_logged = False


class TeeSender:
    """Two senders for one controller: ``first`` decides what is reported, ``second`` sees the same packets.

    This is how the simulator watches a show that also leaves by the network, whatever the network thinks of it.
    """

    def __init__(self, first: NetworkSender, second: NetworkSender) -> None:
        self._both = (first, second)

    @property
    def name(self) -> str:
        return self._both[0].name

    @property
    def lane(self) -> Lane | None:
        return self._both[0].lane

    @property
    def witness(self) -> Sender | None:
        return self._both[1]

    def took(self, packets: int, n_bytes: int) -> None:
        self._both[0].took(packets, n_bytes)

    def met(self, error: int) -> None:
        self._both[0].met(error)

    def begin(self) -> bool:
        first, second = (sender.begin() for sender in self._both)
        return first or second

    def put(self, datagrams: Sequence[Datagram]) -> int:
        first, second = (sender.put(datagrams) for sender in self._both)
        return max(first, second)

    def end(self) -> None:
        for sender in self._both:
            sender.end()

    def hush(self, on: bool) -> None:
        """Only towards the controller: what watches goes on seeing."""
        self._both[0].hush(on)

    def urge(self) -> None:
        for sender in self._both:
            sender.urge()

    def close(self) -> None:
        for sender in self._both:
            sender.close()

    def health(self) -> OutputHealth:
        return self._both[0].health()
