"""One supervised child process: started by spawn, watched by its heartbeat, replaced when it dies or hangs.

Nothing here waits. ``step`` is called between two frames of light and costs a few system calls; starting a child costs
a few milliseconds. A child that hangs is killed, never asked: a renderer inside a GPU call hears nothing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence

from facade.core.health import ProcessHealth

START_S = 30.0
"""Until the first heartbeat: imports, GL and the first compile on a slow machine."""

HANG_S = 2.0
"""Without a heartbeat while running. A stopped or stuck child is gone this long before it is replaced."""

BUSY_S = 12.0
"""Without a heartbeat while the child has said it is compiling; the slowest shader met took 1.65 s."""

REFUSED = 3
"""Exit status of a child that said what is wrong in its last line."""

_BACK_OFF_S = (0.0, 0.25, 0.5, 1.0, 2.0, 5.0)
_CALM_S = 60.0
"""A child that ran this long starts its back-off anew."""


class Child:
    """A child process and its successors.

    name: what it owns, for people. argv: after the interpreter. fds: descriptors it inherits. busy_s: how long it may
    be silent over work that it has announced.
    """

    def __init__(self, name: str, argv: Sequence[str], *, fds: Sequence[int], busy_s: float = BUSY_S) -> None:
        self.name = name
        self._busy_s = busy_s
        self._argv = (sys.executable, *argv)
        self._fds = tuple(fds)
        self._process: subprocess.Popen[bytes] | None = None
        self._heard_at = 0.0
        self._started_at = 0.0
        self._start_at: float | None = 0.0
        self._patience_s = START_S
        self._failures = 0
        self.restarts = 0
        self.problem = ""
        self.lines: deque[str] = deque(maxlen=200)
        self._partial = b""
        self._last_status: int | None = None
        self._was_heard = False

    @property
    def closed_by_a_person(self) -> bool:
        """Whether it ended by itself, content."""
        return self._last_status == 0

    @property
    def refusal(self) -> str:
        """What it said if it never came to life because this machine lacks something, else ""."""
        return self.lines[-1] if self._last_status == REFUSED and not self._was_heard and self.lines else ""

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self, now: float, *, extra: Sequence[str] = ()) -> None:
        """Start it. extra: arguments for this run only."""
        self._process = subprocess.Popen(
            (*self._argv, *extra),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=self._fds,
            start_new_session=True,  # Ctrl-C is for the parent alone: it fades first
        )
        assert self._process.stderr is not None
        os.set_blocking(self._process.stderr.fileno(), False)
        self._start_at, self._started_at, self._heard_at, self._patience_s = None, now, now, START_S

    def heard(self, now: float, *, busy: bool = False) -> None:
        """The child has shown that it lives. busy: it has announced work that may take a while."""
        self._heard_at = now
        self._patience_s = self._busy_s if busy else HANG_S
        self._was_heard = True

    def due(self, now: float) -> bool:
        """Whether it is not running and its pause is over."""
        return self._process is None and self._start_at is not None and now >= self._start_at

    def step(self, now: float) -> str:
        """Look after it. Returns "" or, once per death, the reason it died."""
        self._read_lines()
        if self._process is None:
            return ""
        status = self._process.poll()
        if status is None and now - self._heard_at <= self._patience_s:
            return ""
        if status is None:
            reason = f"no sign of life for {now - self._heard_at:.1f} s"
            self._kill()
        else:
            reason = _reason(status)
        self._last_status = status
        self._read_lines()
        self._bury()
        self._failures = 1 if now - self._started_at > _CALM_S else self._failures + 1
        pause = _BACK_OFF_S[min(self._failures, len(_BACK_OFF_S)) - 1]
        self._start_at = now + pause
        self.restarts += 1
        self.problem = reason
        return reason

    def recovered(self) -> None:
        """Forget the last problem: the successor works."""
        self.problem = ""

    def ask(self) -> None:
        """Ask it to end; ``stop`` makes sure."""
        self._start_at = None
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGCONT)
                self._process.terminate()

    def stop(self, *, wait_s: float = 1.0) -> None:
        """End it for good: asked first, killed after wait_s."""
        self.ask()
        if self._process is None:
            return
        try:
            self._process.wait(wait_s)
        except subprocess.TimeoutExpired:
            self._kill()
        self._read_lines()
        self._bury()

    def health(self) -> ProcessHealth:
        state = "running" if self._process is not None else ("stopped" if self._start_at is None else "restarting")
        pid = None if self._process is None else self._process.pid
        return ProcessHealth(name=self.name, state=state, pid=pid, restarts=self.restarts, problem=self.problem)

    def _kill(self) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.05)

    def _bury(self) -> None:
        assert self._process is not None
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._process = None

    def _read_lines(self) -> None:
        if self._process is None or self._process.stderr is None or self._process.stderr.closed:
            return
        try:
            data = os.read(self._process.stderr.fileno(), 65536)
        except BlockingIOError:
            return
        self._partial += data
        *whole, self._partial = self._partial.split(b"\n")
        self._partial = self._partial[-4096:]
        self.lines.extend(line.decode(errors="replace") for line in whole)


def _reason(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    with contextlib.suppress(ValueError):
        return f"ended by {signal.Signals(-status).name}"
    return f"ended by signal {-status}"
