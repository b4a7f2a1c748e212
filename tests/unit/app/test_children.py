"""One supervised child: what happens when it ends, hangs, says it is busy, or will not stop."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from facade.app.children import BUSY_S, HANG_S, START_S, Child

SLEEPS = "import time; time.sleep(60)"
COMPLAINS = "import sys; sys.stderr.write('first\\nlast words\\n'); sys.exit(3)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def start():
    children = []

    def make(code: str) -> Child:
        child = Child("test", ("-c", code), fds=())
        child.start(0.0)
        children.append(child)
        return child

    yield make
    for child in children:
        child.stop(wait_s=0.1)


def step_until_dead(child: Child, now: float, timeout_s: float = 10.0) -> str:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        reason = child.step(now)
        if reason:
            return reason
        time.sleep(0.01)
    raise AssertionError("the child did not end")


def test_a_child_that_ends_is_replaced_at_once_and_its_last_words_are_kept(start):
    child = start(COMPLAINS)
    assert step_until_dead(child, 1.0) == "ended with status 3"
    assert list(child.lines) == ["first", "last words"]
    assert child.due(1.0)


def test_a_child_that_keeps_ending_waits_longer_each_time(start):
    child = start(COMPLAINS)
    pauses = []
    now = 0.0
    for _ in range(7):
        step_until_dead(child, now)
        pause = next(p for p in (0.0, 0.25, 0.5, 1.0, 2.0, 5.0) if child.due(now + p))
        pauses.append(pause)
        now += pause
        child.start(now)
    assert pauses == [0.0, 0.25, 0.5, 1.0, 2.0, 5.0, 5.0]


def test_a_child_that_ran_for_a_minute_starts_its_back_off_anew(start):
    child = start(COMPLAINS)
    step_until_dead(child, 0.0)
    child.start(0.0)
    step_until_dead(child, 100.0)
    assert child.due(100.0)


@pytest.mark.parametrize(
    ("busy", "patience_s"), [(None, START_S), (False, HANG_S), (True, BUSY_S)], ids=["starting", "running", "compiling"]
)
def test_a_silent_child_is_killed_after_the_patience_its_state_deserves(start, busy, patience_s):
    child = start(SLEEPS)
    if busy is not None:
        child.heard(0.0, busy=busy)
    assert child.step(patience_s) == ""
    assert "no sign of life" in child.step(patience_s + 0.01)
    assert not child.running


def test_a_child_that_ignores_being_asked_is_killed(start):
    child = start(STUBBORN)
    pid = child.health().pid
    time.sleep(0.3)
    child.stop(wait_s=0.2)
    assert not Path(f"/proc/{pid}").exists()
    assert child.health().state == "stopped"
    assert not child.due(1e9)


def test_a_child_that_floods_its_standard_error_is_not_held_up(start):
    child = start("import sys\nfor n in range(200000): sys.stderr.write('x' * 50 + '\\n')\nsys.exit(7)")
    assert step_until_dead(child, 0.0, 30.0) == "ended with status 7"
    assert len(child.lines) <= 200
