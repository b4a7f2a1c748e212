"""Volley is a game: players are where they are held, who misses loses ground, who has it all has won."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from facade.config.piece import Value
from facade.core import places
from facade.pieces.behaviour import LayerTick, Life, read_behaviour
from facade.pieces.library import PieceLibrary

RATE_HZ = 30.0
STILL: dict[str, Value] = {
    "left": 0.5,
    "right": 0.5,
    "left_push": 1e6,
    "right_push": 1e6,
    "left_tint": (1.0, 0.0, 0.0),
    "right_tint": (0.0, 0.0, 1.0),
    "pace": 0.4,
    "reach": 0.19,
}
WINDOWS = np.stack(np.meshgrid((np.arange(6) + 0.5) / 6, (np.arange(3) + 0.5) / 3), axis=-1).reshape(-1, 2)
ROOF = np.concatenate((WINDOWS, [[0.1, 1.3], [0.2, 1.5]])) / np.array((1.0, 1.6))

Hand = Callable[[Life, float], dict[str, Value]]


def nobody(life: Life, time_s: float) -> dict[str, Value]:
    return {}


def play(seconds: float, hand: Hand = nobody, *, seed: int = 3, pixels: np.ndarray = WINDOWS) -> list[dict[str, Any]]:
    """Play and return what was told in every frame. hand: what is moved at a time."""
    behaviour = read_behaviour(PieceLibrary([places.pieces()]).get("volley"))
    assert behaviour is not None
    life = Life(behaviour, seed=seed)
    told = []
    for frame in range(int(seconds * RATE_HZ)):
        time_s = frame / RATE_HZ
        tick = LayerTick(frame, time_s, 1 / RATE_HZ, life.rng, (12.8, 8.4), pixels.astype(np.float32))
        life.update(tick, STILL | hand(life, time_s))
        told.append(dict(life.numbers))
    return told


def away(life: Life, time_s: float) -> dict[str, Value]:
    """The left player hides from the ball, never quite still."""
    ball = life.numbers.get("ball", (0.5, 0.5, 0.0))
    return {
        "left": (0.0 if ball[1] > 0.5 else 1.0) + (0.01 if int(time_s * 4) % 2 else 0.0) * (1 if ball[1] > 0.5 else -1)
    }


def follow(life: Life, time_s: float) -> dict[str, Value]:
    ball = life.numbers.get("ball", (0.5, 0.5, 0.0))
    return {"left": ball[1] + (0.005 if int(time_s * 8) % 2 else 0.0)}


def test_with_nobody_there_it_plays_by_itself_and_points_are_won() -> None:
    told = play(120.0)
    returns = sum(a["struck"][2] > b["struck"][2] for a, b in pairwise(told))
    borders = {round(float(t["border"]), 1) for t in told}
    assert returns > 20
    assert len(borders) > 1


def test_a_player_stands_where_they_are_held() -> None:
    told = play(3.0, lambda life, t: {"left": 0.9 if t > 1.0 else 0.5})
    assert told[-1]["players"][0] == pytest.approx(0.9, abs=0.01)


def test_the_house_takes_over_a_player_who_was_left_alone() -> None:
    told = play(40.0, lambda life, t: {"left": 0.95 if t > 1.0 else 0.5})
    held = [t["players"][0] for t in told[60:360]]
    later = [t["players"][0] for t in told[600:]]
    assert np.ptp(held) == pytest.approx(0.0, abs=0.01)
    assert np.ptp(later) > 0.2


def test_who_is_never_there_loses_the_wall_and_the_next_game_begins() -> None:
    told = play(120.0, away)
    borders = np.array([t["border"] for t in told])
    won = next(t["won"] for t in told if t["won"][1] < 100.0)
    assert won[0] == 1.0
    assert borders.min() < 0.05
    assert borders[int(borders.argmin()) :].max() > 0.4


def test_who_is_always_there_never_loses_a_point() -> None:
    told = play(60.0, follow)
    assert min(float(t["border"]) for t in told) >= 0.499


def test_a_push_before_the_ball_arrives_sends_it_back_faster() -> None:
    def quickest(hand: Hand) -> float:
        places_ = np.array([t["ball"][0] for t in play(30.0, hand)])
        return float(np.abs(np.diff(places_[: int(20 * RATE_HZ)])).max())

    assert quickest(lambda life, t: {**follow(life, t), "left_push": 0.1}) > 1.15 * quickest(follow)


def test_the_ball_stays_below_the_lowest_roof() -> None:
    told = play(60.0, pixels=ROOF)
    assert told[0]["court"] == pytest.approx((2.5 / 3 / 1.6 + 1.0 - 1.5 / 1.6), abs=1e-3)
    heights = [t["ball"][1] for t in told]
    assert min(heights) >= 0.0
    assert max(heights) <= 1.0
