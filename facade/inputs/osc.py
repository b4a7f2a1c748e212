"""OSC over UDP: one socket, one thread, a budget for each sender.

A flood is read and thrown away by its sender's own empty bucket before it is decoded, so that another sender's fader
still moves; what the kernel itself had to drop is counted where it says so (Linux, SO_RXQ_OVFL). Bundles may be dated
up to two seconds ahead; python-osc's server kept 500 live threads for 500 bundles dated an hour ahead.
"""

from __future__ import annotations

import errno
import heapq
import math
import select
import socket
import struct
import sys
from collections.abc import Hashable

from facade.config.input import OscInput as OscConfig
from facade.config.input import TuioInput as TuioConfig
from facade.control.events import InputEvent
from facade.core.clock import Clock
from facade.core.errors import InputError
from facade.core.health import State
from facade.core.holders import holder_words
from facade.inputs.budget import SourceBudgets
from facade.inputs.worker import Backoff, ThreadedInput
from facade.protocols import osc
from facade.protocols.osc_pattern import is_pattern

MESSAGES_PER_S = 2000.0
"""From one sender; a hand controller sends 100, a fast tracker 1000."""
ALL_MESSAGES_PER_S = 8000.0

MALFORMED_COST = 10.0
PATTERN_COST = 10.0
"""In messages: what costs more to refuse or to match is paid for by who sends it."""

HORIZON_S = 2.0
MAX_SCHEDULED = 1024

_BATCH = 128
_BREATH_S = 0.001
"""After a full batch: the other threads of this process get their turn, the kernel's buffer holds the rest."""
_POLL_S = 0.25
_BUFFER_BYTES = 1 << 20
_SO_RXQ_OVFL = 40 if sys.platform == "linux" else None
"""asm-generic/socket.h; Python has no name for it."""


class OscInput(ThreadedInput):
    """Listens on config.bind:config.port."""

    def __init__(
        self,
        name: str,
        config: OscConfig | TuioConfig,
        *,
        clock: Clock,
        backoff: Backoff,
        kind: str = "osc",
        budgets: tuple[float, float] = (MESSAGES_PER_S, ALL_MESSAGES_PER_S),
    ) -> None:
        where = f"{config.bind}:{config.port}"
        super().__init__(name, kind, where, stale_s=config.stale_s, clock=clock, backoff=backoff)
        self._config = config
        self._budgets = SourceBudgets(rate_per_s=budgets[0], total_per_s=budgets[1])
        self._later: list[tuple[float, int, osc.OscMessage, Hashable]] = []
        self._n_scheduled = 0
        self._kernel_drops = 0

    def _attempt(self) -> float:
        try:
            listener = self._bind()
        except OSError as error:
            return self._refuse(State.FAILED, self._why(error))
        with listener:
            self._status.opened()
            self._backoff.reset()
            self._kernel_drops = 0
            try:
                self._serve(listener)
            except OSError as error:
                self._status.closed(State.FAILED, self._why(error))
        return self._backoff.next_s()

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._config.bind else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_DGRAM)
        try:
            listener.setblocking(False)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            if _SO_RXQ_OVFL is not None:
                listener.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
            listener.bind((self._config.bind, self._config.port))
        except OSError:
            listener.close()
            raise
        return listener

    def _why(self, error: OSError) -> str:
        port, bind = self._config.port, self._config.bind
        key = f"input.{self._name}"
        if error.errno == errno.EADDRINUSE:
            who = holder_words(port, otherwise="Close it.")
            return f"port {port} on {bind} is taken by another program. {who} Or set another {key}.port."
        if error.errno == errno.EADDRNOTAVAIL:
            return f"{bind} is no address of this machine. Set {key}.bind to one that is, or to 0.0.0.0 for all."
        if error.errno in (errno.EACCES, errno.EPERM):
            return f"port {port} is reserved by the system. Set {key}.port to 1024 or higher."
        return f"{bind}:{port}: {error.strerror or error}. Check {key}.bind and {key}.port."

    def _serve(self, listener: socket.socket) -> None:
        poll = select.poll()
        poll.register(listener, select.POLLIN)
        while not self._worker.stopping:
            now = self._clock.now()
            wait_s = min(_POLL_S, max(0.0, self._later[0][0] - now)) if self._later else _POLL_S
            # Rounded up: polling 0 ms until a time tag is due would spin.
            if poll.poll(math.ceil(wait_s * 1000.0)) and self._read_batch(listener) == _BATCH:
                self._worker.pause(_BREATH_S)
            self._release()

    def _read_batch(self, listener: socket.socket) -> int:
        """Take what has arrived, at most _BATCH packets; returns how many."""
        now = self._clock.now()
        for count in range(_BATCH):
            try:
                if count == 0 and _SO_RXQ_OVFL is not None:
                    packet, notes, _, source = listener.recvmsg(osc.MAX_PACKET, socket.CMSG_SPACE(4))
                    self._count_kernel_drops(notes)
                else:
                    packet, source = listener.recvfrom(osc.MAX_PACKET)
            except BlockingIOError:
                return count
            self._take(packet, source, now)
        return _BATCH

    def _take(self, packet: bytes, source: Hashable, now: float) -> None:
        bucket = self._budgets.bucket(source, now)
        if not self._budgets.take(bucket, now):
            self._status.overflowed()
            return
        try:
            found = list(osc.messages(osc.decode(packet)))
            # A bundle is done whole or not at all: its other messages are paid for afterwards.
            cost = len(found) + sum(PATTERN_COST - 1.0 for _, m in found if is_pattern(m.address))
            self._budgets.charge(bucket, cost - 1.0)
            for timetag, message in found:
                self._deliver_at(timetag, message, source, now)
        except InputError as error:
            self._budgets.charge(bucket, MALFORMED_COST - 1.0)
            self._status.rejected(f"{error} First bytes: {packet[:16].hex(' ')}")

    def _deliver_at(self, timetag: int, message: osc.OscMessage, source: Hashable, now: float) -> None:
        if timetag == osc.IMMEDIATELY:
            self._deliver(message, source, now)
            return
        delay_s = osc.unix_s_of(timetag) - self._clock.wall().timestamp()
        if delay_s <= 0.0:
            self._deliver(message, source, now)
        elif delay_s > HORIZON_S:
            rule = f"time tags reach at most {HORIZON_S:g} s ahead; compare the clocks of both machines"
            self._status.rejected(f"{message.address}: dated {delay_s:.1f} s ahead; {rule}.")
        elif len(self._later) >= MAX_SCHEDULED:
            self._status.overflowed()
        else:
            self._n_scheduled += 1
            heapq.heappush(self._later, (now + delay_s, self._n_scheduled, message, source))

    def _release(self) -> None:
        now = self._clock.now()
        while self._later and self._later[0][0] <= now:
            _, _, message, source = heapq.heappop(self._later)
            try:
                self._deliver(message, source, now)
            except InputError as error:
                self._status.rejected(str(error))

    def _deliver(self, message: osc.OscMessage, source: Hashable, now: float) -> None:
        """Pass one message on. Raises InputError if it says nothing."""
        is_bare = not message.args or message.args[0] is None or message.args[0] == math.inf
        event = InputEvent(now, self._name, message.address, message.args, trigger=is_bare)
        self._hand_on(event)

    def _count_kernel_drops(self, notes: list[tuple[int, int, bytes]]) -> None:
        for level, kind, data in notes:
            if level == socket.SOL_SOCKET and kind == _SO_RXQ_OVFL:
                (drops,) = struct.unpack("=I", data[:4])
                # The kernel counts from the socket's making, modulo 2**32.
                self._status.overflowed((drops - self._kernel_drops) % 2**32)
                self._kernel_drops = drops
