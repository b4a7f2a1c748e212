"""Long sequences: two flashes a second are allowed, four seconds of them are worth a warning, or held where asked."""

from __future__ import annotations

import numpy as np
import pytest

from facade.light.decode import LightDecoder
from facade.light.flash_report import analyse
from facade.light.pipeline import LightPipeline
from tests.support.venues import RGB_LINEAR, pixel_map, wall_map

RATE_HZ = 50.0


def pulses(hz, seconds, pixels):
    light = np.array([(hz * n / RATE_HZ) % 1.0 >= 0.5 for n in range(round(seconds * RATE_HZ))], np.float32)
    return np.broadcast_to(light[:, None, None], (len(light), pixels.n_pixels, 3))


def kinds(findings):
    return {f.kind for f in findings}


@pytest.mark.parametrize(
    ("hz", "seconds", "long"),
    [(2.0, 4.0, False), (2.0, 6.0, True), (2.9, 4.0, False), (2.9, 6.0, True), (1.0, 20.0, False)],
)
def test_two_flashes_a_second_may_go_on_for_four_seconds(hz, seconds, long):
    pixels = pixel_map([RGB_LINEAR], [3])

    report = analyse(pulses(hz, seconds, pixels), pixels, rate_hz=RATE_HZ)

    assert report.passes
    assert kinds(report.warnings) == ({"long"} if long else set())


def test_a_rest_of_two_seconds_ends_a_sequence():
    pixels = pixel_map([RGB_LINEAR], [3])
    one, rest = pulses(2.0, 3.0, pixels), np.zeros((100, 3, 3), np.float32)

    report = analyse(np.concatenate([one, rest] * 4), pixels, rate_hz=RATE_HZ)

    assert not report.warnings


@pytest.mark.parametrize(("distance_m", "long"), [(4.0, True), (40.0, False)])
def test_a_small_area_may_go_on_for_ever(distance_m, long):
    pixels = wall_map(10, 10, pitch_m=0.1, flash={"viewpoints_m": [[0.0, 0.0, distance_m]]})

    assert bool(analyse(pulses(2.0, 8.0, pixels), pixels, rate_hz=RATE_HZ).warnings) is long


@pytest.mark.parametrize("hz", [2.0, 2.5, 2.9])
def test_a_venue_may_have_long_sequences_held_back(hz):
    pixels = pixel_map([RGB_LINEAR], [3], flash={"extended": True})
    frames = pulses(hz, 12.0, pixels)
    assert kinds(analyse(frames, pixels, rate_hz=RATE_HZ).findings) == {"long"}

    pipeline, decoder = LightPipeline(pixels), LightDecoder(pixels)
    shown = np.zeros(frames.shape, np.float32)
    for n, frame in enumerate(frames):
        decoder.rgb_into(pipeline.process(frame, master=1.0, delta_s=1 / RATE_HZ, frame=n), shown[n])

    assert analyse(shown, pixels, rate_hz=RATE_HZ).passes
    assert pipeline.counters.flash.rule == "wcag, long"
    assert shown[-300:].max() == 1.0, "it goes on flashing, less often"
