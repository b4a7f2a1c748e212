"""Which byte of which pixel stands in which slot."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.documents import compiled, row


def one_controller(n=200, *, profile="rgb", universe_size=512, split_pixels=False, **segment):
    """A single row of n pixels on one box; returns its patch and the pixel map."""
    pixels, patch = compiled(
        controller={
            "box": {"profile": "box", "host": "h", "universe_size": universe_size, "split_pixels": split_pixels}
        },
        fixture={"row": row(n, profile=profile, segment=({"controller": "box", "universe": 5, **segment},))},
    )
    (controller,) = patch.controllers
    return controller, pixels


def slots_of(controller, level):
    """(universe, channel as printed) of one byte."""
    ((universe, slot),) = np.argwhere(controller.gather == level)
    return controller.universes[universe], int(slot) + 1


@pytest.mark.parametrize(
    ("universe_size", "split_pixels", "pixel_170", "pixel_171", "pixel_172"),
    [
        # pixels counted from 1, as on an installation plan: each with the places of its red, green and blue
        (510, False, [(5, 508), (5, 509), (5, 510)], [(6, 1), (6, 2), (6, 3)], [(6, 4), (6, 5), (6, 6)]),
        (510, True, [(5, 508), (5, 509), (5, 510)], [(6, 1), (6, 2), (6, 3)], [(6, 4), (6, 5), (6, 6)]),
        (512, False, [(5, 508), (5, 509), (5, 510)], [(6, 1), (6, 2), (6, 3)], [(6, 4), (6, 5), (6, 6)]),
        (512, True, [(5, 508), (5, 509), (5, 510)], [(5, 511), (5, 512), (6, 1)], [(6, 2), (6, 3), (6, 4)]),
    ],
)
def test_around_the_end_of_a_universe(universe_size, split_pixels, pixel_170, pixel_171, pixel_172):
    controller, _ = one_controller(universe_size=universe_size, split_pixels=split_pixels)

    for pixel, expected in ((170, pixel_170), (171, pixel_171), (172, pixel_172)):
        assert [slots_of(controller, (pixel - 1) * 3 + c) for c in range(3)] == expected


def test_128_rgbw_pixels_fill_a_universe_of_512_and_127_one_of_510():
    full, _ = one_controller(129, profile="rgbw", universe_size=512)
    short, _ = one_controller(128, profile="rgbw", universe_size=510)

    assert full.used == (512, 4)
    assert short.used == (508, 4)


def test_a_segment_that_starts_late_fills_the_next_universe_from_channel_1():
    controller, _ = one_controller(3, channel=505, universe_size=512)

    assert controller.universes == (5, 6)
    assert [slots_of(controller, b) for b in (0, 3, 6)] == [(5, 505), (5, 508), (6, 1)]


def test_a_split_pixel_may_even_start_on_the_last_channel():
    controller, _ = one_controller(2, channel=512, universe_size=512, split_pixels=True)

    assert [slots_of(controller, b) for b in range(4)] == [(5, 512), (6, 1), (6, 2), (6, 3)]


def test_a_pixel_wider_than_a_split_universe_spreads_over_several():
    controller, _ = one_controller(2, profile="rgb16", universe_size=2, split_pixels=True)

    assert controller.universes == (5, 6, 7, 8, 9, 10)
    assert controller.gather.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9], [10, 11]]


def test_a_reversed_segment_sends_its_last_pixel_first_and_keeps_the_colour_order():
    controller, _ = one_controller(3, reverse=True)

    assert controller.gather[0, :9].tolist() == [6, 7, 8, 3, 4, 5, 0, 1, 2]


def test_segments_pick_runs_and_unused_slots_are_the_constant_0():
    box = {"box": {"profile": "box", "host": "h"}}
    segments = (
        {"controller": "box", "universe": 2, "from": 4},
        {"controller": "box", "universe": 0, "channel": 7, "from": 0, "count": 4},
    )

    pixels, patch = compiled(controller=box, fixture={"row": row(6, segment=segments)})

    (controller,) = patch.controllers
    zero = pixels.n_levels
    assert controller.universes == (0, 2)
    assert controller.gather[0].tolist() == [zero] * 6 + list(range(12))
    assert controller.gather[1].tolist() == list(range(12, 18)) + [zero] * 12
    assert controller.used == (18, 6)
    assert controller.length == 18


def test_the_length_of_universes_is_even_and_at_least_2():
    one, _ = one_controller(1, profile="w")
    three, _ = one_controller(1)

    assert (one.length, three.length) == (2, 4)


def test_fixtures_of_different_widths_may_share_a_universe():
    fixtures = {
        "rgbw": row(2, profile="rgbw", segment=({"controller": "node", "universe": 0, "channel": 1},)),
        "fine": row(1, profile="rgb16", at_m=(0, 1), segment=({"controller": "node", "universe": 0, "channel": 12},)),
        "rgb": row(1, at_m=(0, 2), segment=({"controller": "node", "universe": 0, "channel": 9},)),
    }

    pixels, patch = compiled(fixture=fixtures)

    assert patch.controllers[0].gather[0, :17].tolist() == [*range(8), 14, 15, 16, *range(8, 14)]
    assert pixels.n_levels == 17


def test_a_controller_without_pixels_is_left_out_of_the_patch():
    controllers = {"spare": {"profile": "box", "host": "a"}, "node": {"profile": "node", "host": "b"}}

    _, patch = compiled(controller=controllers)

    assert [c.name for c in patch.controllers] == ["node"]
    assert patch.n_universes == 1


def test_the_venues_universe_size_goes_before_the_profiles():
    _, patch = compiled(
        controller={"box": {"profile": "box", "host": "h"}},
        fixture={"row": row(171, profile="rgb", segment=({"controller": "box", "universe": 0, "channel": 1},))},
    )
    narrow, _ = one_controller(171, universe_size=300)

    assert patch.controllers[0].used == (510, 3)
    assert narrow.used == (300, 213)
