"""The loop: absolute deadlines, and safe light whatever breaks."""

from __future__ import annotations

import logging

from facade.core.clock import StepClock
from facade.delivery.loop import DeliveryLoop


class StubEngine:
    """Counts; its step takes as long, or fails as often, as it is told."""

    rate_hz = 40.0

    def __init__(self, clock, *, takes_s=(), fails=()):
        self.clock, self.takes_s, self.fails = clock, list(takes_s), list(fails)
        self.started, self.offered, self.safe, self.late = [], [], 0, 0

    def offer(self, frame):
        self.offered.append(frame)

    def step(self):
        self.started.append(round(self.clock.now(), 6))
        self.clock.advance(self.takes_s.pop(0) if self.takes_s else 0.002)
        if self.fails and self.fails.pop(0):
            raise RuntimeError("broken on purpose")

    def send_safe(self):
        self.safe += 1

    def note_late(self):
        self.late += 1


def loop_of(engine, **options):
    options.setdefault("source", lambda: None)
    return DeliveryLoop(engine, clock=engine.clock, **options)


def until_frames(engine, n):
    return lambda: len(engine.started) >= n


def test_frames_start_on_absolute_deadlines():
    engine = StubEngine(StepClock(), takes_s=[0.001, 0.02, 0.003, 0.015])

    assert loop_of(engine).run(until_frames(engine, 5)) == 0

    assert engine.started == [0.0, 0.025, 0.05, 0.075, 0.1]
    assert engine.late == 0


def test_long_frame_skips_deadlines_and_stays_on_the_grid():
    engine = StubEngine(StepClock(), takes_s=[0.002, 0.09])

    loop_of(engine).run(until_frames(engine, 4))

    assert engine.started == [0.0, 0.025, 0.125, 0.15]
    assert engine.late == 3


def test_frame_that_is_a_little_late_is_not_skipped():
    engine = StubEngine(StepClock(), takes_s=[0.002, 0.026])

    loop_of(engine).run(until_frames(engine, 4))

    assert engine.started == [0.0, 0.025, 0.051, 0.075]
    assert engine.late == 0


def test_late_frames_are_counted():
    class Lazy(StepClock):
        def wait_until(self, deadline):
            super().wait_until(deadline)
            self.advance(0.02)

    engine = StubEngine(Lazy())

    loop_of(engine).run(until_frames(engine, 5))

    assert engine.late == 5


def test_step_that_raises_is_answered_with_the_safe_look(caplog):
    engine = StubEngine(StepClock(), fails=[False, True, True, False])

    with caplog.at_level(logging.ERROR):
        status = loop_of(engine).run(until_frames(engine, 6))

    assert status == 0
    assert engine.safe == 2
    assert [r.levelname for r in caplog.records] == ["ERROR"]


def test_failures_in_a_row_end_the_loop_with_a_status(caplog):
    engine = StubEngine(StepClock(), fails=[True] * 100)

    with caplog.at_level(logging.CRITICAL):
        status = loop_of(engine, failures_in_a_row=7).run(lambda: False)

    assert status == 1
    assert engine.safe == 7
    assert caplog.records[-1].levelname == "CRITICAL"


def test_failures_apart_do_not_add_up(caplog):
    engine = StubEngine(StepClock(), fails=[True, True, False] * 10)

    assert loop_of(engine, failures_in_a_row=3).run(until_frames(engine, 30)) == 0


def test_source_that_raises_means_no_frame_and_light_goes_on(caplog):
    engine = StubEngine(StepClock())

    def source():
        raise OSError("ring is gone")

    loop_of(engine, source=source).run(until_frames(engine, 5))

    assert len(engine.started) == 5
    assert engine.offered == []
    assert engine.safe == 0
    assert len(caplog.records) == 1


def test_commands_that_raise_do_not_disturb_light(caplog):
    engine = StubEngine(StepClock())

    def each_frame():
        raise ValueError("strange command")

    loop_of(engine, each_frame=each_frame).run(until_frames(engine, 5))

    assert len(engine.started) == 5
    assert engine.safe == 0
    assert len(caplog.records) == 1


def test_newest_frame_is_offered_every_period():
    engine = StubEngine(StepClock())
    frames = iter("abc")

    loop_of(engine, source=lambda: next(frames, None)).run(until_frames(engine, 5))

    assert engine.offered == ["a", "b", "c", None, None]
