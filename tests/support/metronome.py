"""A beat beside the show: a process that does nothing but keep time, as delivery does, and says when it could not.

What it misses, the machine took from everybody; what only the show misses, the show must answer for. So tests can ask
for light on time on machines that are busy with something else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

_BEAT = """
import json, os, select, sys, time
rate_hz, share = map(float, sys.argv[1:])
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(int(os.environ["BEAT_PRIORITY"])))
except OSError:
    pass
period, late, longest = 1.0 / rate_hz, 0, 0.0
print("ready", flush=True)
deadline = last = time.monotonic()
while not select.select([sys.stdin], [], [], max(0.0, deadline - time.monotonic()))[0]:
    now = time.monotonic()
    late += now - deadline > share * period
    longest, last = max(longest, now - last), now
    deadline += period
    while now - deadline > share * period:
        late, deadline = late + 1, deadline + period
print(json.dumps({"late": late, "longest_s": max(longest, time.monotonic() - last)}))
"""


@dataclass(frozen=True)
class Beat:
    """late: beats missed or late. stolen_s: by how much the longest time between two beats was too long."""

    late: int
    stolen_s: float


class Metronome:
    """Keeps time while its with block lasts; ``beat`` is there after it."""

    def __init__(self, *, rate_hz: float, late_share: float, priority: int) -> None:
        command = [sys.executable, "-c", _BEAT, str(rate_hz), str(late_share)]
        self._period_s = 1.0 / rate_hz
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"BEAT_PRIORITY": str(priority)},
        )
        self.beat = Beat(0, 0.0)

    def __enter__(self) -> Metronome:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        return self

    def __exit__(self, *exc: object) -> None:
        said, _ = self._process.communicate("", timeout=20)
        found: dict[str, Any] = json.loads(said)
        self.beat = Beat(int(found["late"]), max(0.0, float(found["longest_s"]) - self._period_s))
