"""What everybody shares: time that moves as told, ticks on a grid, and colour."""

from __future__ import annotations

import numpy as np
import pytest

from facade.core.clock import MAX_DELTA_S, RealClock, StepClock
from facade.core.color import D65_XY, linear_to_srgb, linear_to_srgb8, srgb_to_linear, white_gains
from facade.core.errors import ConfigError, PieceError, Problem, did_you_mean, located
from facade.core.frame import tick_at


def test_step_time_moves_only_when_told_and_never_back():
    clock = StepClock()
    clock.wait_until(2.0)
    clock.wait_until(1.0)
    assert clock.now() == 2.0
    with pytest.raises(ValueError, match="cannot go back"):
        clock.advance(-0.1)


def test_real_time_waits_until_its_deadline():
    clock = RealClock()
    deadline = clock.now() + 0.01
    clock.wait_until(deadline)
    assert clock.now() >= deadline


def test_a_skipped_frame_is_in_the_delta_and_a_long_stall_is_not():
    assert tick_at(0, rate_hz=60.0, previous=None).delta_s == pytest.approx(1 / 60)
    assert tick_at(12, rate_hz=60.0, previous=10).delta_s == pytest.approx(2 / 60)
    assert tick_at(600, rate_hz=60.0, previous=10).delta_s == MAX_DELTA_S


def test_srgb_has_the_standard_points_and_comes_back():
    # IEC 61966-2-1: 0.5 encoded is 0.21404 linear; the curve's two parts meet at 0.04045.
    assert srgb_to_linear(np.array([0.5]))[0] == pytest.approx(0.21404, abs=1e-5)
    assert srgb_to_linear(np.array([0.04045]))[0] == pytest.approx(0.0031308, abs=1e-6)
    levels = np.arange(256, dtype=np.uint8)
    assert np.array_equal(linear_to_srgb8(srgb_to_linear(levels / np.float32(255))), levels)


def test_light_outside_the_range_is_clamped_when_it_is_encoded():
    assert linear_to_srgb(np.array([-1.0, 2.0])).tolist() == pytest.approx([0.0, 1.0])


def test_white_gains_only_darken_and_leave_a_white_that_is_right():
    assert white_gains(D65_XY).tolist() == pytest.approx([1.0, 1.0, 1.0], abs=2e-3)
    red, green, blue = white_gains((0.45, 0.41))
    assert max(red, green, blue) == 1.0
    assert red < green < blue
    with pytest.raises(ValueError, match="outside"):
        white_gains((0.7, 0.3))


def test_a_near_name_is_suggested_and_far_ones_are_listed():
    assert did_you_mean("embre", ["ember", "tide"]) == ' Did you mean "ember"?'
    assert did_you_mean("xyz", ["ember", "tide"]) == " Known: ember, tide."
    assert did_you_mean("xyz", []) == ""


def test_an_error_says_the_artists_file_and_line_and_a_document_says_all_its_problems(tmp_path):
    file = tmp_path / "main.frag"
    assert located(PieceError("no.", file=file, line=7)) == f"{file}:7: no."
    error = ConfigError(
        [Problem(file, "a.b", "must be c", "Write c.", value="d", line=3), Problem(None, "e", "is f", "")]
    )
    assert str(error) == f"{file}:3: a.b = d: must be c. Write c.\ne: is f."
