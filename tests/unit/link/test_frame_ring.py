"""Frames from one process to another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from facade.core.frame import Tick
from facade.link import FrameRing

SHAPE = (500, 3)


@pytest.fixture
def ring():
    made = FrameRing(SHAPE, np.float32)
    yield made
    made.close()


def test_a_written_frame_is_read_once(ring):
    frame = np.random.default_rng(1).random(SHAPE, dtype=np.float32)
    ring.write(Tick(7, 1.5, 0.1), frame)
    tick, read = ring.latest()
    assert tick == Tick(7, 1.5, 0.1)
    np.testing.assert_array_equal(read, frame)
    assert ring.latest() is None


def test_the_newest_frame_wins(ring):
    for value in range(5):
        ring.write(Tick(value, 0.0, 0.0), np.full(SHAPE, value, np.float32))
    tick, read = ring.latest()
    assert tick.frame == 4
    assert np.all(read == 4)


def test_a_torn_frame_is_ignored_and_the_next_whole_one_is_read(ring):
    ring.write(Tick(1, 0.0, 0.0), np.ones(SHAPE, np.float32))
    ring._slots[1][2][:100] = 0xAA
    assert ring.latest() is None
    ring.write(Tick(2, 0.0, 0.0), np.ones(SHAPE, np.float32))
    assert ring.latest()[0].frame == 2


def test_a_frame_stays_as_it_is_until_a_newer_one_is_returned(ring):
    ring.write(Tick(1, 0.0, 0.0), np.full(SHAPE, 0.25, np.float32))
    _, held = ring.latest()
    ring.write(Tick(2, 0.0, 0.0), np.ones(SHAPE, np.float32))
    ring._slots[2][2][7] ^= 1

    assert ring.latest() is None, "torn"
    assert np.all(held == 0.25)
    ring.write(Tick(3, 0.0, 0.0), np.ones(SHAPE, np.float32))
    _, newer = ring.latest()
    assert np.all(newer == 1.0)


@pytest.mark.parametrize("shape", [(1, 3), (5, 3), (7,), (16, 3)], ids=str)
def test_frames_of_any_size_fit(shape):
    ring = FrameRing(shape, np.float32)
    frame = np.random.default_rng(1).random(shape, dtype=np.float32)
    for n in range(4):
        ring.write(Tick(n, 0.0, 0.0), frame + n)
        assert np.array_equal(ring.latest()[1], frame + n)
    ring.close()


def test_a_writer_knows_whether_somebody_looks(ring):
    reader = FrameRing(SHAPE, np.float32, fd=os.dup(ring.fd))
    before = ring.was_looked_at()
    reader.latest()
    reader.latest()

    assert (before, ring.was_looked_at(), ring.was_looked_at()) == (False, True, False)
    reader.close()


def test_a_successor_writer_goes_on_where_a_killed_one_stopped(ring):
    writer = textwrap.dedent(
        f"""
        import sys, numpy as np
        from facade.core.frame import Tick
        from facade.link import FrameRing
        ring = FrameRing({SHAPE}, np.float32, fd=int(sys.argv[1]))
        n = int(sys.argv[2])
        while True:
            ring.write(Tick(n, 0.0, 0.0), np.full({SHAPE}, n, np.float32))
            print(n, flush=True)
            n += 1
        """
    )
    for start in (100, 1000):
        process = subprocess.Popen(
            [sys.executable, "-c", writer, str(ring.fd), str(start)], pass_fds=(ring.fd,), stdout=subprocess.PIPE
        )
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        found = ring.latest()
        # A writer killed within a frame leaves the head on the whole frame before it.
        assert found is not None
        assert found[0].frame >= start
        assert np.all(found[1] == found[0].frame)


def test_the_memory_has_no_name(ring):
    assert "(deleted)" in str(Path(f"/proc/self/fd/{ring.fd}").readlink())
