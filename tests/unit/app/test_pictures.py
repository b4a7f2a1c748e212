"""Flat pictures of pixels, and how often a window's canvas is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from facade.app.pictures import PixelPicture
from facade.app.render_process import canvas_period_s
from tests.support.pages import compiled


def lit_share(venue: str, width_px: int) -> float:
    """Light every pixel; return the lit share of the stretch that holds every lit dot of the middle row."""
    pixels = compiled(venue)
    picture = PixelPicture(pixels, width_px=width_px).draw(np.ones((pixels.n_pixels, 3), np.float32))
    rows = np.flatnonzero((picture == 255).all(axis=2).any(axis=1))
    row = (picture[rows[len(rows) // 2]] == 255).all(axis=1)
    lit = np.flatnonzero(row)
    return float(row[lit[0] : lit[-1] + 1].mean())


@pytest.mark.parametrize("width_px", [300, 480, 641])
def test_pixels_too_small_for_even_gaps_touch(width_px: int):
    assert lit_share("medialab_prado", width_px) == 1.0


def test_windows_keep_their_distance():
    assert 0.3 < lit_share("imal_minimal", 480) < 0.8


def test_a_lamp_is_drawn_in_its_own_colour():
    pixels = compiled("imal_minimal")
    rgb = np.zeros((pixels.n_pixels, 3), np.float32)
    rgb[7] = (1.0, np.nan, 0.0)
    picture = PixelPicture(pixels).draw(rgb)

    red = (picture == (255, 0, 0)).all(axis=2)
    y, x = (int(np.flatnonzero(red.any(axis=axis)).mean()) for axis in (1, 0))
    across, up = pixels.uv[7]
    assert abs(x / picture.shape[1] - across) < 0.06
    assert abs(1 - y / picture.shape[0] - up) < 0.06


def test_a_canvas_that_is_slow_to_draw_takes_a_twentieth_of_the_time_and_a_quick_one_ten_looks_a_second():
    assert canvas_period_s(0.230) == pytest.approx(4.6)
    assert canvas_period_s(0.001) == pytest.approx(0.1)
