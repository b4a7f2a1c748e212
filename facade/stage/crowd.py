"""Points as pieces read them: a row of a small float texture, how many first, then id, x, y and age of each."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from facade.config.piece import Parameter, PointsParameter, Value
from facade.gpu.context import GpuContext
from facade.gpu.textures import Texture, data_texture

_WALKERS = 5
_GOLDEN = 0.618034


class Crowd:
    """One texture for each name and size that pieces ask for, written anew when its points have moved."""

    def __init__(self, gpu: GpuContext) -> None:
        self._gpu = gpu
        self._textures: dict[tuple[str, int], tuple[Texture, NDArray[np.float32]]] = {}
        self._written: dict[tuple[str, int], tuple[float, ...]] = {}

    def texture(self, name: str, parameter: PointsParameter, value: Value, time_s: float) -> Texture:
        """Return the points that a parameter's value means. Valid until the next call for the same name and size."""
        points = points_of(value, time_s)[: 4 * parameter.max]
        key = (name, parameter.max)
        if key not in self._textures:
            texture = data_texture(self._gpu, (parameter.max + 1, 1), channels=4, smooth=False)
            self._textures[key] = (texture, np.zeros((parameter.max + 1, 4), dtype=np.float32))
        texture, rows = self._textures[key]
        if self._written.get(key) != points:
            count = len(points) // 4
            rows[:] = 0.0
            rows[0, 0] = count
            rows[1 : count + 1] = np.array(points[: 4 * count], dtype=np.float32).reshape(-1, 4)
            texture.write(rows)
            self._written[key] = points
        return texture

    def release(self) -> None:
        for texture, _ in self._textures.values():
            texture.release()
        self._textures.clear()
        self._written.clear()


def points_of(value: Value, time_s: float) -> tuple[float, ...]:
    """Return id, x, y, age of each point that a value means. "test": a few who walk about; other texts: nobody."""
    if isinstance(value, tuple):
        return value
    return _walkers(time_s) if value == "test" else ()


def with_points(parameters: Mapping[str, Parameter], values: Mapping[str, Value], time_s: float) -> dict[str, Value]:
    """Return values for a behaviour, which reads points as numbers whoever they come from."""
    return {
        name: points_of(value, time_s) if isinstance(parameters.get(name), PointsParameter) else value
        for name, value in values.items()
    }


def _walkers(time_s: float) -> tuple[float, ...]:
    """A few points on slow rounds of their own, so that a piece can be tried without a tracker."""
    numbers: list[float] = []
    for k in range(_WALKERS):
        turn = 2.0 * math.pi * (time_s * (0.021 + 0.006 * k) + _GOLDEN * k)
        x, y = 0.5 + 0.4 * math.sin(turn), 0.5 + 0.35 * math.sin(1.3 * turn + k)
        numbers += (k + 1.0, x, y, time_s)
    return tuple(numbers)
