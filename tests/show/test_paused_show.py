"""A show that is paused keeps its light, goes on where it stood, and is played back the same."""

from __future__ import annotations

import numpy as np
import pytest

from facade.app.inline import InlineHost
from facade.app.plan import make_plan
from facade.app.wiring import gpu_without_screen
from facade.control.events import InputEvent

RATE_HZ = 30.0
PAUSE, GO_ON, STEP = ("/show/pause", (True,)), ("/show/pause", (False,)), ("/show/step", ())


@pytest.fixture(scope="module")
def gpu():
    with gpu_without_screen() as made:
        yield made


def played(gpu, acts, *, n_frames):
    """Frames of aurora, which never rests. acts: frame -> (address, arguments)."""
    host = InlineHost(make_plan("aurora", "imal_minimal"), gpu, rate_hz=RATE_HZ, deliver=False)
    host.prepare()
    frames = []
    for frame in range(n_frames):
        at_s = frame / RATE_HZ
        events = [InputEvent(at_s, "page", *acts[frame])] if frame in acts else []
        frames.append(host.step(frame, events).copy())
    return frames


def test_light_stands_still_and_goes_on_without_a_jump(gpu):
    free = played(gpu, {}, n_frames=40)
    held = played(gpu, {10: PAUSE, 30: GO_ON}, n_frames=60)

    assert all(np.array_equal(frame, held[9]) for frame in held[10:30])
    assert all(np.array_equal(a, b) for a, b in zip(held[30:], free[10:], strict=True))


def test_a_step_shows_the_next_frame_and_only_that(gpu):
    free = played(gpu, {}, n_frames=13)
    held = played(gpu, {10: PAUSE, 15: STEP, 20: STEP}, n_frames=25)

    assert np.array_equal(held[14], free[9])
    assert all(np.array_equal(frame, free[10]) for frame in held[15:20])
    assert all(np.array_equal(frame, free[11]) for frame in held[20:])
