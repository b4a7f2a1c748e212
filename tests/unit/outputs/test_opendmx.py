"""A line whose break the computer makes: break, then the packet; never half a frame, and back after a replug."""

from __future__ import annotations

import contextlib
import errno
import os
import tty

import pytest

from facade.core.clock import StepClock
from facade.core.health import State
from facade.outputs.opendmx import BREAK_S, OpenDmxWire
from facade.outputs.sender import STRIKES, NetworkSender

PACKET = bytes([0]) + bytes(range(24))


class Line:
    """A converter that notes what its line does. waiting: bytes its buffer still holds."""

    def __init__(self, clock):
        self._clock = clock
        self.read_end, self._write_end = os.pipe()
        self.events = []
        self.waiting = 0
        self.gone = False

    @property
    def out_waiting(self):
        if self.gone:
            raise OSError(errno.EIO, "unplugged")
        return self.waiting

    @property
    def break_condition(self):
        raise AssertionError("nobody reads it")

    @break_condition.setter
    def break_condition(self, on):
        self.events.append((on, self._clock.now()))

    def fileno(self):
        return self._write_end

    def close(self):
        for end in (self.read_end, self._write_end):
            with contextlib.suppress(OSError):
                os.close(end)


@pytest.fixture
def clock():
    return StepClock()


@pytest.fixture
def line(clock):
    made = Line(clock)
    yield made
    made.close()


@pytest.fixture
def wire(clock, line):
    made = OpenDmxWire("anything", clock=clock, open_port=lambda device: line)
    assert made.open() == 0
    return made


def send(wire):
    return wire.send([(memoryview(PACKET), ("line", 0))])


def test_a_break_of_at_least_92_us_goes_before_every_packet(wire, line):
    assert send(wire) == (1, len(PACKET), 0)

    (on, begin), (off, end) = line.events
    assert (on, off) == (True, False)
    assert end - begin == pytest.approx(BREAK_S)
    assert end - begin >= 92e-6
    assert os.read(line.read_end, 100) == PACKET


def test_a_frame_that_comes_too_early_is_dropped_whole(wire, line):
    line.waiting = 100

    assert send(wire) == (0, 0, 0)
    assert line.events == []

    line.waiting = 0
    assert send(wire) == (1, len(PACKET), 0)


def test_an_unplugged_converter_is_told_and_found_again(clock, line):
    lines = [line, Line(clock)]
    wire = OpenDmxWire("anything", clock=clock, open_port=lambda device: lines.pop(0))
    sender = NetworkSender("line", wire, kind="open_dmx", universes=1, clock=clock)
    line.gone = True
    for _ in range(STRIKES):
        frame(sender)
    assert sender.health().state is State.FAILED
    assert "plug it in again" in sender.health().problem

    clock.advance(2.0)
    for _ in range(2):
        frame(sender)
    assert sender.health().state is State.LIVE
    sender.close()


def test_a_real_port_takes_break_and_packet(clock):
    """A pseudo terminal has no line to break, but the same calls reach it."""
    far, near = os.openpty()
    tty.setraw(near)
    wire = OpenDmxWire(os.ttyname(near), clock=clock)
    try:
        assert wire.open() == 0
        assert send(wire) == (1, len(PACKET), 0)
        assert os.read(far, 100) == PACKET
    finally:
        wire.close()
        os.close(far)
        os.close(near)


def test_a_port_that_is_not_there_is_an_errno(clock):
    assert OpenDmxWire("/dev/facade-has-no-such-line", clock=clock).open() == errno.ENOENT


def frame(sender):
    sender.begin()
    sender.put([(memoryview(PACKET), ("line", 0))])
    sender.end()
