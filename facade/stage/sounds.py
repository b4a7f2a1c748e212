"""Sound as pieces read it: rows of a small float texture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.config.piece import AudioParameter
from facade.gpu.context import GpuContext
from facade.gpu.textures import Texture, grey_texture

_BEAT_S = 0.5


class Sounds:
    """One texture for each form that pieces ask for, written anew each time one is asked for."""

    def __init__(self, gpu: GpuContext) -> None:
        self._gpu = gpu
        self._rows: dict[tuple[str, int, str], tuple[Texture, NDArray[np.float32]]] = {}

    def texture(self, parameter: AudioParameter, name: str, time_s: float) -> Texture:
        """Return the test sound, or silence, in the form a parameter asks for."""
        key = (parameter.form, parameter.samples, "silence" if name == "silence" else "test")
        if key not in self._rows:
            rows = 2 if parameter.form == "both" else 1
            texture = grey_texture(self._gpu, (parameter.samples, rows))
            self._rows[key] = (texture, np.zeros((rows, parameter.samples), dtype=np.float32))
        texture, samples = self._rows[key]
        _play(samples, parameter.form, time_s, silent=name == "silence")
        texture.write(samples)
        return texture

    def release(self) -> None:
        for texture, _ in self._rows.values():
            texture.release()
        self._rows.clear()


def _play(samples: NDArray[np.float32], form: str, time_s: float, *, silent: bool) -> None:
    """Write a beat of two notes: the wave around 0.5, the spectrum 0..1, for both the spectrum first."""
    along = np.linspace(0.0, 1.0, samples.shape[1], dtype=np.float32)
    loud = 0.0 if silent else float(np.exp(-4.0 * ((time_s / _BEAT_S) % 1.0)))
    if form != "spectrum":
        tones = np.sin(40.0 * along + 9.0 * time_s) + 0.5 * np.sin(97.0 * along - 5.0 * time_s)
        samples[-1] = 0.5 + 0.3 * (0.2 + 0.8 * loud) * tones * (0.0 if silent else 1.0)
    if form != "wave":
        steady = 0.0 if silent else 0.35
        samples[0] = steady * np.exp(-3.0 * along) + loud * np.exp(-8.0 * along)
