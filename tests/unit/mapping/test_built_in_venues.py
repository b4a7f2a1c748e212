from __future__ import annotations

import numpy as np
import pytest

from facade.config.loader import load_hardware, load_venue, venue_names
from facade.core import places
from facade.mapping.compile import compile_venue

VENUES = venue_names(places.hardware())


@pytest.fixture(scope="module")
def hardware():
    return load_hardware(places.hardware())


@pytest.fixture(params=VENUES)
def venue(request):
    return load_venue(request.param, places.hardware())


def test_the_three_venues_are_there():
    assert set(VENUES) >= {"imal_minimal", "medialab_prado", "willow_house"}


def test_every_byte_of_every_pixel_is_sent_exactly_once(venue, hardware):
    pixels, patch = compile_venue(venue, hardware)

    sent = np.concatenate([c.gather[c.gather < pixels.n_levels] for c in patch.controllers])
    rest = np.concatenate([c.gather[c.gather >= pixels.n_levels] for c in patch.controllers])

    assert np.array_equal(np.sort(sent), np.arange(pixels.n_levels))
    assert set(rest.tolist()) <= {pixels.n_levels}


def test_every_pixel_lies_on_the_building_and_on_the_canvas(venue, hardware):
    pixels, _ = compile_venue(venue, hardware)

    assert np.isfinite(pixels.position_m).all()
    assert pixels.uv.min() > 0
    assert pixels.uv.max() < 1
    (x, y), (width, height) = venue.scene.building_at_m, venue.scene.building_m
    x0, y0, x1, y1 = pixels.bounds_m
    assert x <= x0 < x1 <= x + width
    assert y <= y0 < y1 <= y + height


def test_nothing_leaves_the_machine_before_addresses_are_given(venue):
    assert {c.host for c in venue.controller.values()} == {"127.0.0.1"}


def test_a_venue_is_named_like_its_folder_and_explains_itself(venue):
    assert venue.venue.id == venue.path.parent.name
    assert venue.venue.sources
    readme = (venue.path.parent / "README.md").read_text()
    for heading in ("## Published", "## Assumed", "## Before you connect it"):
        assert heading in readme


def test_every_pixel_has_a_supply(venue, hardware):
    pixels, _ = compile_venue(venue, hardware)

    assert pixels.power.min() >= 0


def test_imal_is_18_windows_in_54_channels_of_universe_0(hardware):
    pixels, patch = compile_venue(load_venue("imal_minimal", places.hardware()), hardware)

    (controller,) = patch.controllers
    assert pixels.n_pixels == 18
    assert controller.universes == (0,)
    assert controller.gather.tolist() == [list(range(54))]
    assert len(np.unique(pixels.position_m[:, 0])) == 6
    assert len(np.unique(pixels.position_m[:, 1])) == 3


def test_prado_has_its_stepped_top(hardware):
    pixels, patch = compile_venue(load_venue("medialab_prado", places.hardware()), hardware)

    rows, counts = np.unique(pixels.position_m[:, 1].round(4), return_counts=True)
    assert pixels.n_pixels == 26_688
    assert counts.tolist() == [192] * 125 + [120] * 16 + [48] * 16
    top = pixels.position_m[pixels.position_m[:, 1] > rows[-17], 0]
    assert abs((top.min() + top.max()) / 2 - 9.0) < 0.01
    x0, y0, x1, y1 = pixels.bounds_m
    assert (x1 - x0, y1 - y0) == pytest.approx((14.5, 9.4), abs=0.05)
    assert patch.n_universes == 157


def test_the_willow_exercises_what_the_others_do_not(hardware):
    pixels, patch = compile_venue(load_venue("willow_house", places.hardware()), hardware)

    channels = {c for profile in pixels.profiles for c in profile.channels}
    assert {"W", "R_fine", "W_fine"} <= channels
    assert {c.profile.protocol for c in patch.controllers} == {"sacn"}
    assert any(c.controller.sync_universe for c in patch.controllers)
    assert len(set(pixels.surface.tolist())) == 2
    assert 300 < pixels.n_pixels < 1000
