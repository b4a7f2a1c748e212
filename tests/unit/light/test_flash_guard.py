"""The guard at work: what it lets through, what it holds back, what it says."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from facade.config.limits import Flash
from facade.light.decode import LightDecoder
from facade.light.flash_report import analyse
from facade.light.pipeline import LightPipeline
from tests.support.venues import RGB_GAMMA, RGB_LINEAR, pixel_map, venue, wall_map

RATE_HZ = 40.0
EYE = {"viewpoints_m": [[0.0, 0.0, 20.0]]}


def strobe(hz, *, frames=160, low=0.0, high=1.0):
    """Greys of a square wave, dark half first."""
    return [high if (2 * hz * n / RATE_HZ) % 2 >= 1 else low for n in range(frames)]


def deliver(pixels, frames, *, guard=True):
    """Light as the lamps show it, (F, P, 3), of greys or whole frames, and the pipeline."""
    pipeline, decoder = LightPipeline(pixels), LightDecoder(pixels)
    if not guard:
        pipeline._flash.hold = lambda **_: None
    shown = np.zeros((len(frames), pixels.n_pixels, 3), np.float32)
    for n, frame in enumerate(frames):
        rgb = np.broadcast_to(np.asarray(frame, np.float32), (pixels.n_pixels, 3)).copy()
        decoder.rgb_into(pipeline.process(rgb, master=1.0, delta_s=1 / RATE_HZ, frame=n), shown[n])
    return shown, pipeline


def rises(series):
    return int(np.sum((series[1:] > 0.5) & (series[:-1] <= 0.5)))


def test_a_strobe_leaves_as_three_flashes_a_second():
    pixels = pixel_map([RGB_LINEAR], [4])

    shown, pipeline = deliver(pixels, strobe(10.0))

    assert not analyse(
        np.repeat(np.array(strobe(10.0), np.float32)[:, None, None], 4, 1).repeat(3, 2), pixels, rate_hz=RATE_HZ
    ).passes
    assert analyse(shown, pixels, rate_hz=RATE_HZ).passes
    assert 9 <= rises(shown[:, 0, 0]) <= 12, "in four seconds"
    assert pipeline.counters.flash.rule == "wcag"


def test_two_flashes_a_second_leave_as_they_came():
    pixels = pixel_map([RGB_GAMMA], [4])

    guarded, pipeline = deliver(pixels, strobe(2.5))
    free, _ = deliver(pixels, strobe(2.5), guard=False)

    assert np.array_equal(guarded, free)
    assert pipeline.counters.flash.frames == 0


def test_the_frame_that_would_be_one_too_many_is_already_held():
    pixels = pixel_map([RGB_LINEAR], [1])

    shown, _ = deliver(pixels, [0, 1, 0, 1, 0, 1, 0, 1, 1, 1])

    assert shown[:, 0, 0].tolist() == [0, 1, 0, 1, 0, 1, 0, 0, 0, 0]


def test_a_held_pixel_comes_up_as_soon_as_a_second_has_passed():
    pixels = pixel_map([RGB_LINEAR], [1])

    shown, pipeline = deliver(pixels, [0, 1, 0, 1, 0, 1, 0] + [1] * 60)

    up_again = int(np.flatnonzero(shown[7:, 0, 0] > 0.5)[0]) + 7
    assert up_again - 1 == RATE_HZ
    assert pipeline.counters.flash.held == 0


def test_only_the_pixels_that_flash_are_held():
    pixels = pixel_map([RGB_LINEAR], [4])
    frames = np.full((160, 4, 3), 0.5, np.float32)
    frames[:, 1] = np.array(strobe(10.0), np.float32)[:, None]

    shown, pipeline = deliver(pixels, frames)

    assert np.allclose(shown[:, [0, 2, 3]], 0.5, atol=1 / 255)
    assert pipeline.counters.flash.held <= 1


def test_nothing_is_ever_brighter_than_it_was_to_be():
    pixels = pixel_map([RGB_GAMMA], [6])
    frames = np.random.default_rng(5).random((200, 6, 3), dtype=np.float32)

    guarded, _ = deliver(pixels, frames)
    free, _ = deliver(pixels, frames, guard=False)

    assert np.all(guarded <= free)
    assert not np.array_equal(guarded, free)


def test_counterphase_halves_are_held_although_their_sum_stands_still():
    # At 6.25 Hz the mean of the facade never changes.
    pixels = pixel_map([RGB_LINEAR], [8])
    frames = np.zeros((160, 8, 3), np.float32)
    frames[:, :4] = np.array(strobe(6.25), np.float32)[:, None, None]
    frames[:, 4:] = 1.0 - frames[:, :4]

    shown, _ = deliver(pixels, frames)

    assert np.allclose(frames.mean(axis=(1, 2)), 0.5)
    found = analyse(frames, pixels, rate_hz=RATE_HZ).findings
    assert {f.rule for f in found} >= {"wcag", "bt1702"}
    assert max(f.pixels for f in found) == 8
    assert analyse(shown, pixels, rate_hz=RATE_HZ).passes


def test_red_and_grey_of_one_luminance_are_held_by_the_red_rule():
    pixels = pixel_map([RGB_LINEAR], [3])
    red, grey = np.array([1.0, 0, 0]), np.full(3, 0.2126)
    frames = [red if n % 8 < 4 else grey for n in range(160)]

    shown, pipeline = deliver(pixels, frames)

    found = {f.rule for f in analyse([np.tile(f, (3, 1)) for f in frames], pixels, rate_hz=RATE_HZ).findings}
    assert found == {"red", "red320"}
    assert analyse(shown, pixels, rate_hz=RATE_HZ).passes
    assert pipeline.counters.flash.rule in ("red", "red320")


def test_a_small_area_may_flash_where_a_viewpoint_is_declared_and_not_where_none_is():
    # 12 % of a wall that fills the field, at full contrast.
    frames = np.zeros((120, 1600, 3), np.float32)
    frames[:, :] = 0.2
    few = np.arange(1600) % 40 < 5
    frames[:, few] = np.array(strobe(8.0, frames=120), np.float32)[:, None, None]
    known = wall_map(40, 40, pitch_m=0.02, flash=EYE)
    unknown = wall_map(40, 40, pitch_m=0.02)
    assert deliver(known, frames)[1].counters.flash.frames == 0
    assert deliver(unknown, frames)[1].counters.flash.frames > 0


def test_a_share_of_the_picture_that_is_no_share_of_the_facade_but_of_the_field_is_held():
    # A tenth of a wide wall flashes; from 20 m away that tenth fills a whole field.
    wall = wall_map(300, 40, pitch_m=0.1, flash=EYE)
    frames = np.full((100, 12000, 3), 0.2, np.float32)
    part = np.abs(wall.position_m[:, 0]) < 1.5
    frames[:, part] = np.array(strobe(8.0, frames=100), np.float32)[:, None, None]

    shown, pipeline = deliver(wall, frames)

    assert part.mean() <= 0.1
    assert not analyse(frames, wall, rate_hz=RATE_HZ).passes
    assert analyse(shown, wall, rate_hz=RATE_HZ).passes
    assert pipeline.counters.flash.frames > 0


def test_one_window_more_or_less_decides_at_the_area_threshold():
    # Ten by ten lamps of 0.2 m at 20 m: 0.0001 sr each; 59 are under 0.00598, 60 over.
    wall = wall_map(10, 10, pitch_m=0.2, flash={"viewpoints_m": [[0.0, 0.0, 20.0]]})
    from facade.light.fields import AREA_SR, Fields

    each = Fields(wall, (0.0, 0.0, 20.0)).area_sr
    order = np.argsort(np.abs(wall.position_m[:, 0]) + np.abs(wall.position_m[:, 1]))
    last = int(np.searchsorted(np.cumsum(each[order]), AREA_SR))
    for n, too_much in ((last, False), (last + 1, True)):
        frames = np.zeros((80, 100, 3), np.float32)
        frames[:, order[:n]] = np.array(strobe(8.0, frames=80), np.float32)[:, None, None]

        assert analyse(frames, wall, rate_hz=RATE_HZ).passes is not too_much


def test_dither_and_rounding_count_as_they_leave():
    # 9.9 % of white asked for; the eight bits that leave jump between levels 0 and 26, 10.2 %.
    pixels = pixel_map(
        [{"channels": ["R", "G", "B"], "curve": "linear", "dither": False}], [1], flash={"white_cd_m2": 200.0}
    )
    frames = strobe(8.0, high=0.1002)

    shown, pipeline = deliver(pixels, frames)

    assert analyse(shown, pixels, rate_hz=RATE_HZ).passes
    assert pipeline.counters.flash.frames > 0


def test_measured_candela_decide_how_bright_a_lamp_is():
    lamp = {"channels": ["R", "G", "B"], "curve": "linear", "dither": False}
    # 0.05 m square: 0.0025 m2. 0.5 cd are 200 cd/m2, 25 cd are 10,000.
    dim = pixel_map([{**lamp, "candela": [0.1, 0.35, 0.05, 0.0]}], [1])
    bright = pixel_map([{**lamp, "candela": [5.0, 17.5, 2.5, 0.0]}], [1])
    frames = strobe(8.0, high=0.06)

    assert deliver(dim, frames)[1].counters.flash.frames == 0
    assert deliver(bright, frames)[1].counters.flash.rule == "bt1702"


def test_a_venue_can_only_make_the_guard_stricter():
    for key, value in (("max_flashes", 4), ("max_flashes", 0), ("white_cd_m2", 10.0), ("enabled", False)):
        with pytest.raises(ValueError, match=key):
            Flash.model_validate({key: value})
    strict = venue(flash={**EYE, "strict": True, "max_flashes": 1})
    assert strict.flash.max_flashes == 1


def test_strict_ignores_viewpoints():
    frames = np.zeros((80, 4, 3), np.float32)
    frames[:, 0] = np.array(strobe(8.0, frames=80), np.float32)[:, None]

    tolerant = deliver(pixel_map([RGB_LINEAR], [4], flash=EYE), frames)[1]
    strict = deliver(pixel_map([RGB_LINEAR], [4], flash={**EYE, "strict": True}), frames)[1]

    assert tolerant.counters.flash.frames == 0
    assert strict.counters.flash.frames > 0


def test_fixed_channels_keep_their_value_while_a_pixel_is_held():
    pixels = pixel_map([{"channels": ["fixed:200", "R", "G", "B"], "curve": "linear", "dither": False}], [2])
    pipeline = LightPipeline(pixels)
    for n, grey in enumerate(strobe(10.0)):
        levels = pipeline.process(np.full((2, 3), grey, np.float32), master=1.0, delta_s=0.025, frame=n)

        assert levels[[0, 4]].tolist() == [200, 200]


def test_the_report_says_when_where_which_and_how_far_over():
    pixels = pixel_map([RGB_LINEAR, RGB_LINEAR], [3, 3])
    frames = np.full((200, 6, 3), 0.3, np.float32)
    frames[80:160, 4] = np.array(strobe(10.0, frames=80), np.float32)[:, None]

    report = analyse(frames, pixels, rate_hz=RATE_HZ)

    first = report.findings[0]
    assert (first.fixture, first.pixel, first.pixels) == ("fixture1", 1, 1)
    assert 2.2 <= first.start_s <= 2.5
    assert 4.0 <= first.end_s <= 5.0
    assert first.flashes_per_s == pytest.approx(10.0, rel=0.05)
    assert first.over == pytest.approx(10 / 3, rel=0.05)
    assert report.strict
    assert (report.frames, report.seconds) == (200, 5.0)


def test_a_held_pixel_stays_as_bright_as_it_was():
    pixels = pixel_map([RGB_LINEAR], [1])

    shown, _ = deliver(pixels, strobe(10.0, low=0.2, frames=60))

    held = shown[20:40, 0, 0]
    assert np.allclose(held, 0.2, atol=1 / 255)


@pytest.mark.parametrize("flash", [{}, EYE])
def test_no_frame_allocates_by_the_pixel(flash):
    wall = wall_map(200, 100, pitch_m=0.1, flash=flash)
    pipeline = LightPipeline(wall)
    frames = [np.full((20_000, 3), light, np.float32) for light in (0.0, 0.0, 1.0, 1.0)]
    for n in range(60):
        pipeline.process(frames[n % 4], master=1.0, delta_s=1 / RATE_HZ, frame=n)
    tracemalloc.start()
    try:
        for n in range(60, 100):
            pipeline.process(frames[n % 4], master=1.0, delta_s=1 / RATE_HZ, frame=n)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert pipeline.counters.flash.frames > 0
    # A byte a pixel would be 20,000. Bins of directions are 40 x 80 of 8 bytes at most, however many pixels there are.
    assert peak < (12_000 if not flash else 150_000)


@pytest.mark.parametrize("extended", [False, True])
def test_frames_that_repeat_are_held_and_let_go_as_if_each_were_looked_at(extended):
    rng = np.random.default_rng(7)
    picks = np.repeat(rng.integers(0, 3, 60), rng.integers(1, 5, 60))
    colours = np.array([[0, 0, 0], [1, 0.05, 0], [0.6, 0.7, 0.9]], np.float32)
    frames = [np.broadcast_to(colours[p], (6, 3)) for p in picks]
    pixels = pixel_map([RGB_LINEAR], [6], flash={"extended": extended})

    shown, one = deliver(pixels, frames)
    other = LightPipeline(pixels)
    decoder, out = LightDecoder(pixels), np.zeros((6, 3), np.float32)
    for n, frame in enumerate(frames):
        rgb = np.ascontiguousarray(frame)
        # All pixels are looked at, as in the first frame.
        other._flash._is_new = True
        decoder.rgb_into(other.process(rgb, master=1.0, delta_s=1 / RATE_HZ, frame=n), out)
        assert np.array_equal(out, shown[n])

    assert one.counters.flash == other.counters.flash
    assert one.counters.flash.frames > 0


def test_a_second_of_the_same_frame_counts_as_a_second():
    pixels = pixel_map([RGB_LINEAR], [4])

    shown, _ = deliver(pixels, [*strobe(10.0, frames=20), *[0.0] * 41, 1.0])

    assert shown[-1].min() > 0.99
