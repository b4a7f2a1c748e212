"""Laws of conditioning: nothing leaves its range, nothing turns back, smoothing does not depend on the frame rate."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from facade.control.conditioning import CURVES, Conditioning, Curve, approach

numbers = st.floats(-1e6, 1e6)
curves = st.sampled_from(sorted(CURVES))
ranges = st.tuples(numbers, numbers).filter(lambda r: abs(r[0] - r[1]) > 1e-3)


@given(numbers, ranges, ranges, curves, st.booleans())
def test_the_result_lies_within_the_output_range(
    raw: float, in_range: tuple[float, float], out_range: tuple[float, float], curve: Curve, invert: bool
) -> None:
    result = Conditioning(in_range, out_range, curve, invert).apply(raw)
    slack = 1e-9 * max(1.0, *map(abs, out_range))
    assert min(out_range) - slack <= result <= max(out_range) + slack


@given(ranges, ranges, curves, st.booleans())
def test_both_ends_are_reached_exactly(
    in_range: tuple[float, float], out_range: tuple[float, float], curve: Curve, invert: bool
) -> None:
    conditioning = Conditioning(in_range, out_range, curve, invert)
    ends = [conditioning.apply(raw) for raw in in_range]
    assert ends == (list(reversed(out_range)) if invert else list(out_range))


@given(st.tuples(numbers, numbers), ranges, curves)
def test_more_in_is_never_less_out(pair: tuple[float, float], in_range: tuple[float, float], curve: Curve) -> None:
    low, high = sorted(pair)
    conditioning = Conditioning((min(in_range), max(in_range)), (0.0, 1.0), curve)
    assert conditioning.apply(low) <= conditioning.apply(high) + 1e-12


@given(numbers, numbers, st.floats(0.001, 60.0), st.floats(0.0, 0.1), st.floats(0.0, 0.1))
def test_two_short_steps_end_where_one_long_one_does(
    start: float, target: float, time_constant_s: float, first_s: float, second_s: float
) -> None:
    once = approach(start, target, delta_s=first_s + second_s, time_constant_s=time_constant_s)
    half = approach(start, target, delta_s=first_s, time_constant_s=time_constant_s)
    twice = approach(half, target, delta_s=second_s, time_constant_s=time_constant_s)
    assert twice == pytest.approx(once, rel=1e-9, abs=1e-6)


@given(numbers, numbers, st.floats(0.001, 60.0), st.floats(0.0, 0.1))
def test_a_glide_never_overshoots(start: float, target: float, time_constant_s: float, delta_s: float) -> None:
    assume(start != target)
    moved = approach(start, target, delta_s=delta_s, time_constant_s=time_constant_s)
    slack = 1e-9 * max(abs(start), abs(target), 1.0)
    assert min(start, target) - slack <= moved <= max(start, target) + slack
