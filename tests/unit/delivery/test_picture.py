"""Hold, fade, safe look, and back."""

from __future__ import annotations

import numpy as np
import pytest

from facade.config.venue import SafeLook
from facade.core.errors import MappingError
from facade.delivery.picture import Picture

FRAME = np.full((4, 3), 0.8, np.float32)
SAFE = SafeLook(color=(0.0, 0.2, 0.0), hold_s=1.0, fade_s=0.5)
STEP_S = 0.025


def show(picture, *, start_s, seconds):
    """Return (time, green light, look) of every step."""
    out = []
    for k in range(round(seconds / STEP_S)):
        now = start_s + k * STEP_S
        rgb = picture.at(now, delta_s=STEP_S)
        out.append((now, float(rgb[0, 1]), picture.look))
    return out


def test_safe_look_is_on_before_the_first_frame():
    picture = Picture(4, SAFE)

    assert np.allclose(picture.at(0.0, delta_s=STEP_S), [0.0, 0.2, 0.0])
    assert picture.look == "safe"


def test_first_frame_rises_out_of_the_safe_look():
    picture = Picture(4, SAFE)
    picture.take(FRAME, now=0.0)

    greens = [g for _, g, _ in show(picture, start_s=0.0, seconds=0.5)]

    assert 0.2 < greens[0] < 0.3
    assert np.all(np.diff(greens) >= 0)
    assert greens[12] == pytest.approx(0.8)


def test_first_frame_shows_at_once_where_asked():
    picture = Picture(4, SAFE, back_s=0.0)
    picture.take(FRAME, now=0.0)

    assert picture.at(0.0, delta_s=STEP_S) is not None
    assert np.allclose(picture.at(0.0, delta_s=STEP_S), 0.8)


def test_last_frame_is_held_then_fades_then_the_safe_look_stays():
    picture = Picture(4, SAFE, back_s=0.0)
    picture.take(FRAME, now=0.0)

    shown = show(picture, start_s=0.0, seconds=2.0)

    held = [g for t, g, _ in shown if t <= 1.0]
    fading = [g for t, g, _ in shown if 1.05 < t < 1.45]
    safe = [g for t, g, _ in shown if t > 1.55]
    assert held == pytest.approx([0.8] * len(held))
    assert np.all(np.diff(fading) < 0)
    assert safe == pytest.approx([0.2] * len(safe))
    assert list(dict.fromkeys(look for _, _, look in shown)) == ["live", "held", "fading", "safe"]


def test_new_frame_brings_the_light_back_without_a_jump():
    picture = Picture(4, SAFE, back_s=0.3)
    picture.take(FRAME, now=0.0)
    show(picture, start_s=0.0, seconds=3.0)
    picture.take(FRAME, now=3.0)

    greens = [g for _, g, _ in show(picture, start_s=3.0, seconds=0.9)]

    assert np.diff(greens).max() < 0.08
    assert greens[-1] == pytest.approx(0.8)
    assert picture.look in ("live", "held")


def test_new_frame_in_the_middle_of_the_fade_turns_it_round():
    picture = Picture(4, SAFE)
    picture.take(FRAME, now=0.0)
    show(picture, start_s=0.0, seconds=1.25)
    before = float(picture.at(1.25, delta_s=0.0)[0, 1])
    picture.take(FRAME, now=1.26)

    after = float(picture.at(1.275, delta_s=STEP_S)[0, 1])

    assert 0.2 < before < 0.8
    assert before < after < before + 0.1


def test_slow_renderer_is_not_a_missing_one():
    picture = Picture(4, SafeLook(hold_s=0.0), back_s=0.0)
    looks = set()
    for k in range(20):
        picture.take(FRAME, now=k * 0.2)
        looks |= {look for _, _, look in show(picture, start_s=k * 0.2, seconds=0.2)}

    assert looks == {"live"}


def test_a_frame_is_held_not_copied():
    """Whoever makes frames leaves them as they are (PixelFrame): a million pixels are not copied once more."""
    picture = Picture(4, SAFE, back_s=0.0)
    picture.take(FRAME, now=0.0)

    assert picture.at(0.0, delta_s=STEP_S) is FRAME


def test_frame_of_another_venue_is_refused():
    with pytest.raises(MappingError, match="4 pixels"):
        Picture(4, SAFE).take(np.zeros((5, 3), np.float32), now=0.0)
