"""Sounds made of numbers: tones, beats, and files of them."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000


def tone(hz: float, *, seconds: float, amplitude: float = 0.05, rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return (amplitude * np.sin(2.0 * np.pi * hz * time_s)).astype(np.float32)


def beats(*at_s: float, seconds: float, hz: float = 80.0, rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    """A short drum at each of these times."""
    sound = np.zeros(round(seconds * rate_hz), dtype=np.float32)
    drum = tone(hz, seconds=0.08, amplitude=0.6, rate_hz=rate_hz) * np.exp(-np.arange(round(0.08 * rate_hz)) / 700.0)
    for start_s in at_s:
        start = round(start_s * rate_hz)
        sound[start : start + len(drum)] += drum[: len(sound) - start].astype(np.float32)
    return sound


def write_wav(path: Path, *channels: NDArray[np.float32], rate_hz: int = RATE_HZ, width: int = 2) -> Path:
    """Write channels of equal length, -1..1, as PCM of so many bytes a sample."""
    full = 2.0 ** (8 * width - 1) - 1
    numbers = np.rint(np.column_stack(channels).astype(np.float64) * full).astype("<i4")
    raw = numbers.view(np.uint8).reshape(-1, 4)[:, :width].copy()
    if width == 1:
        raw ^= 0x80
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(raw.tobytes())
    return path
