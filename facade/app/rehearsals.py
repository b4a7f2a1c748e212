"""Pieces waiting to be rehearsed, as the render process sees them: one after the other, in another process.

``step`` is called between two frames and never waits. A rehearsal that takes longer than its limit, or takes the
process down, is the piece's fault; the process is replaced and goes on with the next.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import socket
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from facade.app.children import BUSY_S, Child
from facade.app.plan import Plan, seal
from facade.app.process import Options
from facade.core.clock import Clock
from facade.core.errors import PieceError
from facade.core.health import ProcessHealth
from facade.stage.cast import Rehearsal

LIMIT_S = BUSY_S
"""For one piece: reading, compiling, drawing. The slowest shader met compiles in 1.65 s on one core."""

RENEW_AFTER = 500
"""Pieces tried by one process; the driver and the allocator keep some 10 KiB of each, measured over 500 edits."""

_TRIES = 3
"""Starts without a sign of life before the render process has to do it all by itself."""

_HEAD_BYTES = 8
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a piece. slug "": the process is ready. problem: why it cannot be shown; file, line: where.

    Neither rehearsal nor problem: there is nobody to rehearse it, so it has to be loaded where it is shown.
    """

    slug: str
    rehearsal: Rehearsal | None = None
    problem: str = ""
    file: Path | None = None
    line: int | None = None

    @property
    def error(self) -> PieceError:
        return PieceError(self.problem, file=self.file, line=self.line)


def framed(answer: Answer) -> bytes:
    """Return the bytes that carry an answer: its length, then itself."""
    body = pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    return len(body).to_bytes(_HEAD_BYTES, "little") + body


class Rehearsals:
    """The queue of pieces and the process that works it off.

    options: those of the render process; the links that the other one inherits are taken from them.
    shaders: files of pieces, to name one that did not come back. renew_after: of so many pieces another process takes
    over. module: what the other process runs.
    """

    def __init__(
        self,
        options: Options,
        *,
        shaders: Mapping[str, Path] = MappingProxyType({}),
        limit_s: float = LIMIT_S,
        renew_after: int = RENEW_AFTER,
        module: str = "facade.app.rehearsal_process",
    ) -> None:
        self._shaders = shaders
        self._limit_s = limit_s
        self._renew_after = renew_after
        self._tried = 0
        self._is_leaving = False
        self._end, self._far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._end.setblocking(False)
        fds = {"plan": options.fds["plan"], "rehearse": self._far.fileno()}
        self._argument = replace(options, parent=os.getpid(), fds=fds, resume=None).as_argument()
        self._child = Child("rehearsal", ("-m", module), fds=sorted(fds.values()), busy_s=limit_s)
        self._waiting: deque[str] = deque()
        self._trying = ""
        self._asked_at = 0.0
        self._is_ready = False
        self._failures = 0
        self._received = bytearray()

    def fileno(self) -> int:
        """For ``select``: readable when something has been answered."""
        return self._end.fileno()

    def start(self, now: float) -> None:
        self._child.start(now, extra=(self._argument,))

    def want(self, slugs: Iterable[str], *, first: bool = False) -> None:
        """Queue pieces. first: before those that wait already; one that is being rehearsed is rehearsed again."""
        wanted = list(slugs)
        for slug in wanted:
            if slug in self._waiting:
                self._waiting.remove(slug)
        self._waiting = deque([*wanted, *self._waiting] if first else [*self._waiting, *wanted])

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is being rehearsed."""
        return not self._waiting and not self._trying

    @property
    def rehearsing(self) -> str:
        """The piece that is being tried now, "" if none is."""
        return self._trying

    def health(self) -> ProcessHealth:
        return self._child.health()

    def step(self, now: float) -> list[Answer]:
        """Look after the process and hand it its next piece; returns what has been answered."""
        if self._failures >= _TRIES:
            return [Answer(self._waiting.popleft()) for _ in range(len(self._waiting))]
        answers = self._hear(now)
        if self._child.running:
            if self._is_ready:
                # Silence is no sign of anything while it has nothing to do.
                self._child.heard(now if not self._trying else self._asked_at, busy=True)
            reason = self._child.step(now)
            if reason:
                answers += self._hear(now)
                answers += self._lost(reason)
        elif self._child.due(now):
            self.start(now)
        self._ask(now)
        return answers

    def _ask(self, now: float) -> None:
        if self._tried >= self._renew_after and not self._trying:
            self._child.ask()
            self._tried, self._is_leaving = 0, True
        if self._is_ready and not self._is_leaving and not self._trying and self._waiting:
            self._trying = self._waiting.popleft()
            self._asked_at = now
            self._end.send(f"{self._trying}\n".encode())

    def _hear(self, now: float) -> list[Answer]:
        try:
            while data := self._end.recv(1 << 18):
                self._received += data
        except BlockingIOError:
            pass
        answers = []
        while len(self._received) >= _HEAD_BYTES:
            end = _HEAD_BYTES + int.from_bytes(self._received[:_HEAD_BYTES], "little")
            if len(self._received) < end:
                break
            # Only ever written by our own child.
            answer = pickle.loads(bytes(self._received[_HEAD_BYTES:end]))
            del self._received[:end]
            self._is_ready, self._failures = True, 0
            if answer.slug:
                self._trying = ""
                self._tried += 1
                answers.append(answer)
        return answers

    def _lost(self, reason: str) -> list[Answer]:
        """The process is gone, and with it what it had begun to say, and what it was asked and had not read."""
        self._received.clear()
        self._far.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while self._far.recv(1 << 16):
                pass
        if not self._is_ready:
            self._failures += 1
        self._is_ready = self._is_leaving = False
        self._tried = 0
        slug, self._trying = self._trying, ""
        if not slug:
            return []
        told = (
            f"was not compiled and drawn within {self._limit_s:g} s"
            if reason.startswith("no sign of life")
            else f"took the process that tried it down ({reason})"
        )
        problem = f'"{slug}" {told}, off air. Make its shader simpler and save it.'
        return [Answer(slug, problem=problem, file=self._shaders.get(slug))]

    def close(self) -> None:
        """End the process."""
        self._child.stop()
        self._end.close()
        self._far.close()


def rehearse_all(plan: Plan, clock: Clock, *, limit_s: float = LIMIT_S) -> Iterator[Answer]:
    """Try every piece of a plan as a show would, off air; yields what became of each. Waits, a second in all or so."""
    plan_fd = seal(plan)
    options = Options(epoch=0.0, rate_hz=plan.show.rate_hz, parent=os.getpid(), fds={"plan": plan_fd})
    rehearsals = Rehearsals(options, shaders=plan.shaders, limit_s=limit_s)
    try:
        rehearsals.start(clock.now())
        rehearsals.want(plan.manifests)
        while not rehearsals.idle:
            yield from rehearsals.step(clock.now())
            select.select((rehearsals,), (), (), _LOOK_S)
        yield from rehearsals.step(clock.now())
    finally:
        rehearsals.close()
        os.close(plan_fd)
