"""What a port's cable does with pixels: another colour order, repeaters before the first, several lamps a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from facade.core.errors import ConfigError
from facade.light.pipeline import LightPipeline
from facade.simulator.device import SimulatedDevice
from tests.support.documents import compiled, row


def on_a_port(n=4, *, profile="rgb", **segment):
    pixels, patch = compiled(fixture={"row": row(n, profile=profile, segment=({"controller": "node", **segment},))})
    (controller,) = patch.controllers
    return controller, pixels


def test_a_ports_colour_order_moves_the_bytes_of_each_pixel():
    controller, _ = on_a_port(2, universe=0, order="GRB")

    assert controller.gather[0].tolist() == [1, 0, 2, 4, 3, 5]


def test_both_bytes_of_a_16_bit_colour_move_together():
    controller, _ = on_a_port(1, profile="rgb16", universe=0, order="BRG")

    assert controller.gather[0].tolist() == [4, 5, 0, 1, 2, 3]


def test_white_has_its_place_in_the_order_too():
    controller, _ = on_a_port(1, profile="rgbw", universe=0, order="WGRB")

    assert controller.gather[0].tolist() == [3, 1, 0, 2]


@pytest.mark.parametrize(("profile", "order"), [("rgb", "RGBW"), ("rgb", "RRB"), ("rgbw", "RGB"), ("w", "R")])
def test_an_order_that_is_not_that_of_the_lamps_is_refused_with_what_they_have(profile, order):
    with pytest.raises(ConfigError, match=r"segment\[0\].order = .*must name the colours of fixture profile"):
        on_a_port(profile=profile, universe=0, order=order)


def test_nulls_stay_dark_and_move_the_first_pixel_along_the_cable():
    controller, pixels = on_a_port(2, universe=0, nulls=2)

    assert controller.gather[0].tolist() == [pixels.n_levels] * 6 + [0, 1, 2, 3, 4, 5]


def test_nulls_fill_universes_like_pixels():
    controller, _ = on_a_port(2, universe=0, nulls=169)

    assert controller.universes == (0, 1)
    assert controller.gather[0, 507:510].tolist() == [0, 1, 2]
    assert controller.gather[1, :3].tolist() == [3, 4, 5]


def test_a_group_of_lamps_shows_one_pixel():
    controller, pixels = on_a_port(2, universe=0, group=3, order="GRB")

    assert controller.gather[0].tolist() == [1, 0, 2] * 3 + [4, 3, 5] * 3
    assert pixels.n_pixels == 2


def test_the_simulator_reads_a_port_back_to_the_pixels_it_came_from():
    controller, pixels = on_a_port(3, universe=0, group=2, nulls=1, order="BGR")
    levels = np.arange(1, pixels.n_levels + 1, dtype=np.uint8)
    _, patch = compiled(
        fixture={
            "row": row(3, segment=({"controller": "node", "universe": 0, "group": 2, "nulls": 1, "order": "BGR"},))
        }
    )
    device = SimulatedDevice(pixels, patch)
    slots = np.append(levels, np.zeros(256, np.uint8))[controller.gather[0]]
    header = b"Art-Net\0" + bytes.fromhex("0050000e01000000") + len(slots).to_bytes(2, "big")

    device.receive(header + slots.tobytes(), "10.0.0.1", 6454)

    assert device.levels[: pixels.n_levels].tolist() == levels.tolist()


def test_a_group_draws_as_many_amperes_as_it_has_lamps():
    supply = {"main": {"amps": 0.2, "fixtures": ("row",)}}
    segments = ({"controller": "node", "universe": 0, "count": 2}, {"controller": "node", "universe": 0, "from": 2})
    segments[1].update(channel=7, group=4)
    pixels, _ = compiled(power=supply, fixture={"row": row(4, segment=segments)})
    assert [profile.amps[0] for profile in pixels.profiles] == pytest.approx([0.02, 0.08])
    assert pixels.profile.tolist() == [0, 0, 1, 1]

    pipeline = LightPipeline(pixels)
    pipeline.process(np.ones((4, 3), np.float32), master=1.0, delta_s=0.025, frame=0)

    # 10 lamps of 60 mA with 1 mA each for themselves: 0.6 A wanted, 0.19 A left.
    assert pipeline.counters.power_scale <= (0.2 - 0.010) / 0.6
    assert pipeline.counters.power_scale > 0.9 * (0.2 - 0.010) / 0.6


def test_nulls_do_not_make_room_for_an_overlap():
    segments = ({"controller": "node", "universe": 0, "count": 4}, {"controller": "node", "universe": 0, "from": 4})
    segments[1].update(nulls=3)
    with pytest.raises(ConfigError, match=r"both write channels 10\.\.12 of universe 0"):
        compiled(fixture={"row": row(8, segment=segments)})
