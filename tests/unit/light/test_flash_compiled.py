"""The guard's machine code does what its source says: the same frames through either leave as the same bytes."""

from __future__ import annotations

import numpy as np
import pytest

from facade.light import (
    emission,
    flash_guard,
    flash_judge,
    flash_long,
    flash_look,
    flash_rate,
    flash_turns,
    views,
)
from facade.light.bank import banks
from facade.light.flash_guard import FlashGuard
from tests.support.venues import wall_map

MODULES = (emission, flash_guard, flash_judge, flash_long, flash_look, flash_rate, flash_turns, views)
COLORS = np.array([(0, 0, 0), (255, 255, 255), (255, 0, 0), (54, 54, 54), (255, 126, 0), (16, 0, 0), (230, 0, 60)])
RATE_HZ = 20.0


def frames(n_pixels, *, seed):
    """Bytes (F, P * 3): colours that stay a while, then noise, then halves in turn."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(COLORS), size=(16, n_pixels))
    keep = rng.random(picks.shape) < 0.4
    for n in range(1, len(picks)):
        picks[n] = np.where(keep[n], picks[n - 1], picks[n])
    noise = rng.integers(0, 256, (8, n_pixels, 3))
    halves = (np.arange(n_pixels)[None, :] < n_pixels // 2) == (np.arange(10)[:, None] // 2 % 2 == 0)
    return np.concatenate([COLORS[picks], noise, 255 * np.repeat(halves[..., None], 3, axis=2)]).reshape(
        -1, 3 * n_pixels
    )


def leave(pixels, sent):
    levels = np.zeros(pixels.n_levels, np.uint8)
    guard, left = FlashGuard(pixels, banks(pixels), levels), []
    for n, frame in enumerate(sent):
        levels[:] = frame
        guard.hold(delta_s=1 / RATE_HZ, frame=n)
        left.append(levels.copy())
    return np.array(left), guard.counters


@pytest.fixture
def as_python(monkeypatch):
    """Call it to have all that is compiled run as plain Python from then on."""

    def replace():
        for module in MODULES:
            for name, function in vars(module).copy().items():
                if hasattr(function, "py_func"):
                    monkeypatch.setattr(module, name, function.py_func)

    return replace


@pytest.mark.parametrize(
    "flash",
    [
        {},
        {"extended": True},
        {"viewpoints_m": [[0.0, 0.0, 5.0], [0.4, 0.2, 4.0]]},
        {"viewpoints_m": [[0.0, 0.0, 4.0]], "max_flashes": 1, "extended": True},
    ],
)
def test_machine_code_and_source_hold_the_same(flash, as_python):
    # 24 lamps fill a field and a half.
    pixels = wall_map(6, 4, pitch_m=0.1, flash=flash)
    sent = frames(pixels.n_pixels, seed=3)
    compiled, counters = leave(pixels, sent)

    as_python()
    plain, plain_counters = leave(pixels, sent)

    assert counters.frames > 0
    assert np.array_equal(compiled, plain)
    assert counters == plain_counters
