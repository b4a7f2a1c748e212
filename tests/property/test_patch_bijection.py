"""The law of the patch: every byte of every pixel has one slot, and no slot has two bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facade.config.loader import Hardware
from facade.config.venue import Venue
from facade.mapping.compile import compile_venue
from tests.support.documents import row, shelf, venue_document

WIDTHS = {"w": 1, "rgb": 3, "rgbw": 4, "rgb16": 6}


@st.composite
def fixtures(draw):
    """Up to five grids of any profile, wired in any order, in segments that lie one after the other on one box."""
    universe_size = draw(st.sampled_from([6, 7, 24, 170, 509, 510, 511, 512]))
    split = draw(st.booleans())
    next_universe = 0
    made = {}
    for n in range(draw(st.integers(1, 5))):
        profile = draw(st.sampled_from(sorted(WIDTHS)))
        columns, rows = draw(st.integers(1, 40)), draw(st.integers(1, 12))
        total = columns * rows
        cuts = sorted(draw(st.sets(st.integers(1, total - 1), max_size=3))) if total > 1 else []
        segments = []
        for first, end in zip([0, *cuts], [*cuts, total], strict=True):
            last_start = universe_size if split else universe_size - WIDTHS[profile] + 1
            channel = draw(st.integers(1, last_start))
            segments.append(
                {
                    "controller": "box",
                    "universe": next_universe,
                    "channel": channel,
                    "from": first,
                    "count": end - first,
                    "reverse": draw(st.booleans()),
                }
            )
            next_universe += 2 + (end - first) * WIDTHS[profile] // max(1, universe_size - WIDTHS[profile] + 1)
        made[f"f{n}"] = row(
            profile=profile,
            columns=columns,
            rows=rows,
            at_m=(0.0, n * 10.0),
            segment=tuple(draw(st.permutations(segments))),
            wiring={
                "start": draw(st.sampled_from(["bottom-left", "bottom-right", "top-left", "top-right"])),
                "along": draw(st.sampled_from(["row", "column"])),
                "serpentine": draw(st.booleans()),
            },
        )
    box = {"profile": "box", "host": "h", "universe_size": universe_size, "split_pixels": split}
    return venue_document(controller={"box": box}, fixture=made)


@given(fixtures())
def test_the_patch_is_a_bijection_onto_the_slots_it_uses(document):
    venue = Venue.model_validate(document)
    box = venue.controller["box"]

    pixels, patch = compile_venue(venue, shelf())

    (controller,) = patch.controllers
    in_use = controller.gather < pixels.n_levels
    assert np.array_equal(np.sort(controller.gather[in_use]), np.arange(pixels.n_levels))
    assert (controller.gather[~in_use] == pixels.n_levels).all()
    used = [int(np.flatnonzero(line).max()) + 1 for line in in_use]
    assert list(controller.used) == used
    assert max(used) <= box.universe_size
    assert controller.length % 2 == 0
    assert max(used) <= controller.length <= max(2, max(used) + 1)
    assert list(controller.universes) == sorted(set(controller.universes))


@given(fixtures())
def test_unless_pixels_may_be_split_all_bytes_of_a_pixel_follow_one_another_in_one_universe(document):
    venue = Venue.model_validate(document)

    pixels, patch = compile_venue(venue, shelf())

    (controller,) = patch.controllers
    universe, slot = np.nonzero(controller.gather < pixels.n_levels)
    order = np.argsort(controller.gather[universe, slot])
    universe, slot = universe[order], slot[order]
    size = venue.controller["box"].universe_size
    place = np.array(controller.universes)[universe] * size + slot
    inside = np.ones(pixels.n_levels, dtype=bool)
    inside[pixels.offset[:-1]] = False
    assert (np.diff(place)[inside[1:]] == 1).all()
    if not venue.controller["box"].split_pixels:
        assert (np.diff(universe)[inside[1:]] == 0).all()


@given(fixtures())
def test_compiling_twice_gives_the_same_light(document):
    hardware: Hardware = shelf()

    (first, patch_a), (second, patch_b) = (compile_venue(Venue.model_validate(document), hardware) for _ in range(2))

    assert np.array_equal(first.position_m, second.position_m)
    assert np.array_equal(patch_a.controllers[0].gather, patch_b.controllers[0].gather)
