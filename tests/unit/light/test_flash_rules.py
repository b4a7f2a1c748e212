"""Every threshold of the flash rules, from both sides.

Light here is what one lamp gives, frame by frame; the luminance of its white is 200 cd/m2 unless said otherwise, where
20 cd/m2 are a tenth of it.
"""

from __future__ import annotations

import numpy as np
import pytest

from facade.light.flash_rules import RULES, FlashRules

RATE_HZ = 100.0


def rises(frames, *, white=200.0):
    """How often each rule sees a rise in a series of greys or colours."""
    rules, total = FlashRules(np.array([white], np.float32)), np.zeros(len(RULES), int)
    for frame in frames:
        rules.advance(1 / RATE_HZ)
        look(rules, frame)
        total += [rules.rising(rule)[0] for rule in range(len(RULES))]
        rules.keep()
    return dict(zip(RULES, total.tolist(), strict=True))


def excess(edges_s, *, max_flashes=3, rate_hz=RATE_HZ, rule="wcag"):
    """Whether white at these times, black between, is ever one flash too many."""
    rules = FlashRules(np.array([200.0], np.float32), max_flashes=max_flashes)
    on = {round(t * rate_hz) for t in edges_s}
    found = False
    for n in range(max(on) + 2):
        rules.advance(1 / rate_hz if n else 0.0)
        found |= bool(look(rules, 1.0 if n in on else 0.0) >> RULES.index(rule) & 1)
        rules.keep()
    return found


def look(rules, value):
    """Look at a frame of one lamp; return the bits of the rules under which its rise is one too many."""
    rules.due[:] = 1
    return rules.look_at(planes(value))[1]


def planes(value):
    return np.broadcast_to(np.asarray(value, np.float32).reshape(-1), (3,)).reshape(3, 1).copy()


@pytest.mark.parametrize(
    ("low", "high", "counts"),
    [
        (0.0, 0.1, True),
        (0.0, 0.0999, False),
        (0.5, 0.6, True),
        (0.5, 0.5999, False),
        (0.7999, 0.9, True),
        (0.7999, 0.8998, False),
        (0.8001, 1.0, False),
        (0.79, 1.0, True),
    ],
)
def test_a_general_flash_is_a_tenth_of_white_above_a_state_darker_than_eighty_percent(low, high, counts):
    assert rises([low, high, low, high, low])["wcag"] == (2 if counts else 0)


@pytest.mark.parametrize(
    ("low", "high", "counts"),
    [
        (0.0, 20.0, True),
        (0.0, 19.99, False),
        (100.0, 120.0, True),
        (100.0, 119.9, False),
        (159.9, 179.9, True),
        (160.0, 180.0, True),
        (160.0, 179.9, False),
        (1600.0, 1800.0, True),
        (1600.0, 1799.0, False),
        (1600.0, 1620.0, False),
        (8000.0, 9000.0, True),
        (8000.0, 8990.0, False),
    ],
)
def test_bt_1702_counts_twenty_candela_below_160_and_one_seventeenth_of_contrast_above(low, high, counts):
    white = 10_000.0

    seen = rises([low / white, high / white] * 2, white=white)

    assert seen["bt1702"] == (2 if counts else 0)


def test_a_dim_piece_on_a_bright_facade_passes_one_profile_and_fails_the_other():
    seen = rises([0.0, 0.05] * 4, white=5000.0)

    assert (seen["wcag"], seen["bt1702"]) == (0, 4)


def test_a_slow_rise_counts_once_however_many_frames_it_takes():
    up, down = np.linspace(0.0, 1.0, 80), np.linspace(1.0, 0.0, 80)

    assert rises(np.concatenate([up, down, up]))["wcag"] == 2


def test_small_steps_back_do_not_hide_or_multiply_a_rise():
    noisy = np.linspace(0.0, 1.0, 80) + 0.04 * (-1.0) ** np.arange(80)

    assert rises(np.clip(noisy, 0, 1))["wcag"] == 1


@pytest.mark.parametrize(
    ("edges_s", "too_many"),
    [
        ([0.1, 0.4, 0.7, 1.09], True),
        ([0.1, 0.4, 0.7, 1.10], False),
        ([0.1, 0.4, 0.7], False),
        ([0.1, 0.2, 0.3, 1.10, 1.20, 1.30], False),
        ([0.1, 0.2, 0.3, 1.10, 1.19], True),
        ([0.36 * k + 0.1 for k in range(20)], False),
        ([0.33 * k + 0.1 for k in range(20)], True),
    ],
)
def test_a_fourth_rise_within_a_second_of_the_first_is_too_many(edges_s, too_many):
    assert excess(edges_s) is too_many


def test_a_venue_may_allow_fewer_flashes():
    assert not excess([0.1, 0.6], max_flashes=2)
    assert excess([0.1, 0.4, 0.7], max_flashes=2)
    assert not excess([0.1, 0.4, 0.7], max_flashes=3)
    assert excess([0.1, 0.7], max_flashes=1)


def test_time_stays_exact_after_hours():
    rules = FlashRules(np.array([200.0], np.float32))
    look(rules, 0.0)
    rules.keep()
    for _ in range(3000):
        rules.advance(3.0)
    found = []
    for k in range(8):
        rules.advance(0.25)
        found.append(bool(look(rules, float(k % 2))))
        rules.keep()

    assert not any(found), "2 flashes a second are allowed at any hour"


def test_rises_of_long_ago_stay_so_when_numbers_of_frames_go_round():
    # Given three lamps: one that flashed three times in the first second, and one that flickers a little for ever
    rules = FlashRules(np.full(3, 200.0, np.float32))
    light, found = np.zeros((3, 3), np.float32), 0
    for n in range(65_536 + 400):
        rules.advance(0.02)
        light[:, 0] = n < 60 and n // 10 % 2
        light[:, 1] = 0.001 * (n % 2)
        if n in (32_900, 33_200, 65_600, 65_900):
            light[:, 0] = 1.0
        rules.due[:] = 1
        found |= rules.look_at(light)[1]
        rules.keep()

    assert found == 0


RED, GREEN, GREY, WHITE, BLACK = (1.0, 0.0, 0.0), (0.0, 0.5, 0.0), (0.2126,) * 3, (1.0,) * 3, (0.0,) * 3


@pytest.mark.parametrize(
    ("one", "other", "counts"),
    [
        (GREY, RED, True),
        (BLACK, RED, True),
        (WHITE, RED, True),
        (RED, (0.4, 0.0, 0.0), False),
        # R / (R + G + B) = 0.8 exactly, and a little less.
        (GREEN, (0.8, 0.0, 0.2), True),
        (GREEN, (0.79, 0.0, 0.21), False),
        # 0.201 and 0.199 away from pure red in u', v'.
        (RED, (1.0, 0.5054, 0.0), True),
        (RED, (1.0, 0.4946, 0.0), False),
        ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), False),
        (BLACK, (0.02, 0.0, 0.0), False),
    ],
)
def test_a_red_flash_has_a_saturated_red_on_one_side_and_a_fifth_of_u_v_between(one, other, counts):
    assert rises([one, other] * 3)["red"] == (0 if not counts else 2 if one == RED else 3), (
        "starting on red, only returns are rises"
    )


@pytest.mark.parametrize(
    ("one", "other", "counts"),
    [
        (BLACK, (0.0626, 0.0, 0.0), True),
        (BLACK, (0.0624, 0.0, 0.0), False),
        # R - G - B differs by 0.0626 and 0.0624.
        ((0.3, 0.0, 0.0), (0.3626, 0.0, 0.0), True),
        ((0.3, 0.0, 0.0), (0.3624, 0.0, 0.0), False),
        # Neither state is saturated.
        ((0.5, 0.2, 0.0), (1.0, 0.4, 0.0), False),
        ((0.5, 0.2, 0.0), (1.0, 0.2, 0.0), True),
    ],
)
def test_the_older_red_measure_is_twenty_of_320(one, other, counts):
    assert rises([one, other] * 3)["red320"] == (3 if counts else 0)


def test_red_that_only_drifts_among_saturated_reds_does_not_flash_by_colour():
    turn = np.sin(np.arange(200) / 5)

    frames = [(1.0, 0.12 + 0.1 * t, 0.02 - 0.02 * t) for t in turn]

    assert rises(frames)["red"] == 0


def test_u_v_distances_of_the_cases_above_are_what_they_claim():
    def uv(rgb):
        x, y, z = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
        return np.array([4 * x, 9 * y]) / (x + 15 * y + 3 * z)

    assert np.linalg.norm(uv(RED) - uv((1.0, 0.5054, 0.0))) == pytest.approx(0.201, abs=6e-4)
    assert np.linalg.norm(uv(RED) - uv((1.0, 0.4946, 0.0))) == pytest.approx(0.199, abs=6e-4)
