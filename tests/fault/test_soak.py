"""A minute or two of the day's soak: controllers come, go and move, frames stop and return; nothing
grows.
"""

from __future__ import annotations

import logging

from tools import soak


def test_what_delivery_holds_does_not_grow(caplog):
    caplog.set_level(logging.CRITICAL)

    seen = soak.run(0.02, rate_hz=20.0, n_samples=6)

    more = seen.growth()
    assert (more.descriptors, more.threads) == (0, 0)
    assert more.objects < 100, "one object a frame would be 1,000"
    assert seen.frames == 1440
    assert seen.gone > 1
    assert seen.moved > 0
    assert seen.arrived > 1000
    assert seen.held_frames > 0


def test_a_growing_process_is_told_from_a_steady_one():
    steady = [soak.Sample(h, 100_000, 9, 1, 5000) for h in range(1, 9)]
    leaking = [soak.Sample(h, 100_000 + 500 * h, 9, 1, 5000) for h in range(1, 9)]
    opening = [soak.Sample(h, 100_000, 9 + h, 1, 5000) for h in range(1, 9)]

    verdicts = [soak.Soak(tuple(s), 1, 1, 1, 1, 1, 1, ()).steady for s in (steady, leaking, opening)]

    assert verdicts == [True, False, False]
