"""Sound as pieces read it: rows of a small float texture, from the newest frame an audio input has sent.

A show that declares an audio input has real sound: its pieces hear that, or silence while nothing comes. A show that
declares none hears the test sound, two notes and a beat, so that a piece can be tried anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from facade.config.piece import AudioParameter
from facade.control.hearing import RATE_HZ
from facade.control.sound import LEVELS, SILENCE, SoundFrame
from facade.gpu.context import GpuContext
from facade.gpu.textures import Texture, grey_texture

HISTORY = 240
"""Spectra that a history holds, four seconds of them; as many rows as score's audioHistogram."""

_BEAT_S = 0.5

Rows = NDArray[np.float32]

_Key = tuple[str, int, str, int]
"""Form, columns, source, rows."""


class Sounds:
    """One texture for each form and source that pieces ask for, written anew when what is heard has changed."""

    def __init__(self, gpu: GpuContext) -> None:
        self._gpu = gpu
        self._inputs: tuple[str, ...] = ()
        self._frames: dict[str, SoundFrame] = {}
        self._rows: dict[_Key, tuple[Texture, Rows]] = {}
        self._written: dict[_Key, SoundFrame | float] = {}

    def connect(self, names: Iterable[str]) -> None:
        """Say which audio inputs the show has; without any the test sound plays."""
        self._inputs = tuple(names)

    def take(self, name: str, frame: SoundFrame) -> None:
        """Take the newest frame of an input."""
        self._frames[name] = frame
        for (form, _, source, _), (_, rows) in self._rows.items():
            if form == "history" and source == name:
                rows[1:] = rows[:-1]
                _write_into(rows[:1], "spectrum", frame)

    def texture(self, parameter: AudioParameter, name: str, time_s: float) -> Texture:
        """Return what is heard, in the form a parameter asks for. name: silence, an input, or the first there is."""
        source = self._source(name)
        heard: SoundFrame | float = time_s if source == "test" else self._frames.get(source, SILENCE)
        key = (parameter.form, parameter.samples, source, _n_rows(parameter, heard))
        if key not in self._rows:
            shape = (key[3], _columns(parameter))
            self._rows[key] = (grey_texture(self._gpu, shape[::-1]), np.zeros(shape, dtype=np.float32))
        texture, rows = self._rows[key]
        if self._written.get(key) is not heard:
            if isinstance(heard, SoundFrame):
                # A history is written as its frames come; to begin with it knows this one.
                _write_into(rows[:1] if parameter.form == "history" else rows, parameter.form, heard)
            else:
                _play_into(rows, parameter.form, heard)
            texture.write(rows)
            self._written[key] = heard
        return texture

    def _source(self, name: str) -> str:
        if name in self._inputs or name == "silence":
            return name
        return self._inputs[0] if self._inputs else "test"

    def release(self) -> None:
        for texture, _ in self._rows.values():
            texture.release()
        self._rows.clear()
        self._written.clear()


def _n_rows(parameter: AudioParameter, heard: SoundFrame | float) -> int:
    if parameter.channels and parameter.form in ("wave", "spectrum") and isinstance(heard, SoundFrame):
        return len(heard.channels)
    return {"both": 2, "history": HISTORY}.get(parameter.form, 1)


def _columns(parameter: AudioParameter) -> int:
    return len(LEVELS) if parameter.form == "levels" else parameter.samples


def _write_into(rows: Rows, form: str, frame: SoundFrame) -> None:
    """Write a frame: the wave around 0.5, the spectrum 0..1, for both the spectrum first; or its numbers.

    Two rows of a wave or spectrum are the left and the right channel.
    """
    if form == "levels":
        rows[0] = frame.levels
        return
    heard = frame.channels if len(rows) > 1 and form != "both" else ((frame.spectrum, frame.wave),)
    waves = [(np.frombuffer(wave, dtype=np.uint8).astype(np.float32) - 128.0) / 256.0 + 0.5 for _, wave in heard]
    spectra = [np.frombuffer(spectrum, dtype=np.uint8).astype(np.float32) / 255.0 for spectrum, _ in heard]
    wanted = {"wave": waves, "both": spectra + waves}.get(form, spectra)
    for row, numbers in zip(rows, wanted, strict=True):
        row[:] = _resampled(numbers, len(row))


def _resampled(data: Rows, n: int) -> Rows:
    """Return n columns, each the mean of what it covers."""
    if n == len(data):
        return data
    edges = np.linspace(0.0, len(data), n + 1)
    sums = np.interp(edges, np.arange(len(data) + 1), np.concatenate(([0.0], np.cumsum(data, dtype=np.float64))))
    return (np.diff(sums) / np.diff(edges)).astype(np.float32)


def _play_into(rows: Rows, form: str, time_s: float) -> None:
    """Write the test sound at a time: a beat of two notes, twice a second; of a history what it was before, too."""
    along = np.linspace(0.0, 1.0, rows.shape[1], dtype=np.float32)
    if form == "history":
        past_s = (time_s - np.arange(len(rows))[:, None] / RATE_HZ) % _BEAT_S
        rows[:] = 0.35 * np.exp(-3.0 * along) + np.exp(-4.0 * past_s / _BEAT_S) * np.exp(-8.0 * along)
        return
    since_s = time_s % _BEAT_S
    loud = float(np.exp(-4.0 * since_s / _BEAT_S))
    if form == "levels":
        now = (0.45 + 0.35 * loud, 0.35 + 0.5 * loud, 0.4 + 0.2 * loud, 0.25 + 0.1 * loud)
        rows[0] = (*now, 0.53, 0.48, 0.45, 0.28, since_s, since_s, 0.53 * time_s, 0.5 + 0.4 * loud)
        return
    if form != "spectrum":
        tones = np.sin(40.0 * along + 9.0 * time_s) + 0.5 * np.sin(97.0 * along - 5.0 * time_s)
        rows[-1] = 0.5 + 0.3 * (0.2 + 0.8 * loud) * tones
    if form != "wave":
        rows[0] = 0.35 * np.exp(-3.0 * along) + loud * np.exp(-8.0 * along)
