"""Murmur is a flock: it keeps together, comes to hands, sits on lamps, flies up, and stays on the wall."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.config.piece import Value
from facade.core import places
from facade.pieces.behaviour import LayerTick, Life, read_behaviour
from facade.pieces.library import PieceLibrary
from facade.stage.values import default_values

RATE_HZ = 20.0
SIZE_M = (12.0, 8.0)
WALL = np.array((1.5, 1.0))
LAMPS = np.random.default_rng(5).random((400, 2)).astype(np.float32)
PIECE = PieceLibrary([places.pieces()]).get("murmur")


def flock(seconds: float, *, lamps: NDArray[np.float32] = LAMPS, seed: int = 2, **moved: Value) -> NDArray[np.float32]:
    """Return the birds of every frame: place across and up in heights, light, sitting."""
    behaviour = read_behaviour(PIECE)
    assert behaviour is not None
    life = Life(behaviour, seed=seed)
    controls = default_values(PIECE.manifest) | moved
    seen = []
    for frame in range(int(seconds * RATE_HZ)):
        life.update(LayerTick(frame, frame / RATE_HZ, 1 / RATE_HZ, life.rng, SIZE_M, lamps), controls)
        seen.append(life.pictures["birds"][0].copy())
    return np.array(seen)


def test_birds_stay_on_the_wall_apart_and_in_motion() -> None:
    birds = flock(20.0, rest=0.0)
    assert (birds[..., :2] >= 0.0).all()
    assert (birds[..., :2] <= WALL + 1e-6).all()
    moved = np.linalg.norm(np.diff(birds[20:, :, :2], axis=0), axis=2) * RATE_HZ
    assert moved.mean() > 0.05
    last = birds[-1, :, :2]
    apart = np.linalg.norm(last[None] - last[:, None], axis=2) + 9.0 * np.eye(len(last))
    assert np.median(apart.min(axis=1)) > 0.02


def test_the_flock_comes_to_a_hand_and_parts_for_two() -> None:
    one = flock(12.0, rest=0.0, near=(0.2, 0.3), pull=1.0)[-1, :, :2]
    two = flock(12.0, rest=0.0, near=(0.1, 0.5), pull=1.0, far=(0.9, 0.5), far_pull=1.0)[-1, :, :2]
    assert np.linalg.norm(one - np.array((0.2, 0.3)) * WALL, axis=1).mean() < 0.3
    left = np.linalg.norm(two - np.array((0.1, 0.5)) * WALL, axis=1)
    right = np.linalg.norm(two - np.array((0.9, 0.5)) * WALL, axis=1)
    assert np.minimum(left, right).mean() < 0.35
    assert min((left < right).sum(), (right < left).sum()) >= 3


def test_tired_birds_sit_exactly_on_lamps_of_their_own() -> None:
    birds = flock(40.0, rest=1.0)[-1]
    sitting = birds[birds[:, 3] > 0.5]
    assert len(sitting) > 15
    away = np.linalg.norm(sitting[:, None, :2] - (LAMPS * WALL)[None], axis=2)
    assert away.min(axis=1).max() < 1e-5
    assert len(np.unique(away.argmin(axis=1))) == len(sitting)


def test_a_fright_gets_everybody_up() -> None:
    behaviour = read_behaviour(PIECE)
    assert behaviour is not None
    life = Life(behaviour, seed=2)
    controls = default_values(PIECE.manifest) | {"rest": 1.0}
    sat = 0
    for frame in range(int(43 * RATE_HZ)):
        since = frame / RATE_HZ - 40.0
        now = controls | ({"startle": since} if since >= 0.0 else {})
        life.update(LayerTick(frame, frame / RATE_HZ, 1 / RATE_HZ, life.rng, SIZE_M, LAMPS), now)
        sat = int(life.pictures["birds"][0, :, 3].sum()) if since < 0.0 else sat
    assert sat > 15
    assert life.pictures["birds"][0, :, 3].sum() < 0.2 * sat


@pytest.mark.parametrize("count", [0, 1, 18])
def test_few_lamps_are_enough(count: int) -> None:
    assert np.isfinite(flock(10.0, lamps=LAMPS[:count], rest=1.0)).all()


def test_trails_stay_bounded_and_fade() -> None:
    behaviour = read_behaviour(PIECE)
    assert behaviour is not None
    life = Life(behaviour, seed=2)
    for frame in range(400):
        life.update(
            LayerTick(frame, frame / RATE_HZ, 1 / RATE_HZ, life.rng, SIZE_M, LAMPS), default_values(PIECE.manifest)
        )
    trails = life.pictures["trails"]
    assert trails.min() >= 0.0
    assert trails[..., 0].max() < 4.0
    assert (trails[..., 1] <= trails[..., 0] + 1e-6).all()
