"""Show time that stands still, goes a frame further, and never jumps when it goes on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.core.frame import Tick, tick_at
from facade.show.pause import Pause

RATE_HZ = 60.0


def ticks(n: int, *, first: int = 0) -> list[Tick]:
    return [tick_at(first + i, rate_hz=RATE_HZ, previous=first + i - 1 if i else None) for i in range(n)]


def test_time_stands_still_while_it_is_paused_and_goes_on_where_it_stood():
    pause, shown = Pause(), []
    for tick in ticks(30):
        pause.on = 10 <= tick.frame < 20
        shown.append(pause.shown(tick))

    assert [t.frame for t in shown[8:22]] == [8, 9, *[9] * 10, 10, 11]
    assert shown[15].delta_s == 0.0
    assert shown[20].delta_s == pytest.approx(1 / RATE_HZ)
    assert shown[29].time_s == pytest.approx(19 / RATE_HZ)


def test_a_step_pauses_and_goes_one_frame_further():
    pause = Pause()
    first, second, third, fourth = ticks(4)
    pause.shown(first)
    pause.step()

    stepped = pause.shown(second)
    assert (stepped.frame, stepped.delta_s) == (1, pytest.approx(1 / RATE_HZ))
    assert pause.shown(third).frame == 1
    pause.on = False
    assert pause.shown(fourth).frame == 2


@given(st.lists(st.sampled_from(["on", "off", "step", "skip"]), max_size=60))
def test_show_time_never_goes_back_and_never_faster_than_the_clock(acts: list[str]):
    pause, frame, before = Pause(), 0, None
    pause.shown(tick_at(0, rate_hz=RATE_HZ, previous=None))
    for act in acts:
        if act in ("on", "off"):
            pause.on = act == "on"
        elif act == "step":
            pause.step()
        gap = 5 if act == "skip" else 1
        tick = tick_at(frame + gap, rate_hz=RATE_HZ, previous=frame)
        frame += gap
        shown = pause.shown(tick)
        if before is not None:
            assert 0 <= shown.frame - before.frame <= gap
            assert shown.time_s == pytest.approx(shown.frame / RATE_HZ)
        before = shown
