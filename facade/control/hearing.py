"""From samples to frames of sound, sixty a second: spectrum, levels, onsets. The same samples give the same frames.

The spectrum is that of the Web Audio API's AnalyserNode at its defaults (Blackman window of 2048 samples, smoothed with
0.8 a frame, -100..-30 dB). Onsets are rises of spectral flux, the sum of what grew in the logarithmic spectrum, above
what it was lately (after Bello et al., "A Tutorial on Onset Detection in Music Signals", 2005).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.control.sound import COLUMNS, NEVER_S, SoundFrame

RATE_HZ = 60.0
WINDOW = 2048
FLOOR_DB = -60.0
"""Where levels are 0; they are 1 at the level of the loudest sine."""

BANDS_HZ = ((20.0, 250.0), (250.0, 2000.0), (2000.0, 12_000.0))
"""Bass, mid, treble."""

FAST_S = (0.02, 0.25)
SLOW_S = (0.7, 2.5)
"""Time constants of a level on its way up and on its way down."""

DRIVE_WRAP_S = 16_384.0
_SMOOTHING = 0.8
_DB_RANGE = (-100.0, -30.0)
_COMPRESSION = 1000.0
_ONSET_GAP_S = 0.10
_BEAT_GAP_S = 0.25

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heard:
    """One frame. at_s: from the first sample to the last one in it. onset, beat: whether one began in it."""

    at_s: float
    frame: SoundFrame
    onset: bool
    beat: bool


class _Ear:
    """What is heard of one channel: its newest samples and its spectrum, smoothed."""

    def __init__(self, window: NDArray[np.float64]) -> None:
        self._window = window
        self._smoothed = np.zeros(COLUMNS)
        self.recent = np.zeros(WINDOW)

    def take(self, newest: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take up to WINDOW samples. Returns the magnitudes of the window's bins."""
        self.recent[: WINDOW - len(newest)] = self.recent[len(newest) :]
        self.recent[WINDOW - len(newest) :] = newest
        return np.abs(np.fft.rfft(self.recent * self._window))

    def spectrum(self, magnitude: NDArray[np.float64]) -> bytes:
        self._smoothed *= _SMOOTHING
        self._smoothed += (1.0 - _SMOOTHING) * magnitude[:COLUMNS] / WINDOW
        low, high = _DB_RANGE
        decibels = 20.0 * np.log10(np.maximum(self._smoothed, 1e-9))
        return np.clip(255.0 * (decibels - low) / (high - low), 0, 255).astype(np.uint8).tobytes()

    def wave(self) -> bytes:
        return np.clip(np.rint(128.0 + 128.0 * self.recent[-COLUMNS:]), 0, 255).astype(np.uint8).tobytes()


class Hearing:
    """Analyses one channel of sound, or two and their mean. rate_hz: of the samples, 8,000 to 384,000."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._hop = max(1, round(rate_hz / RATE_HZ))
        self._hop_s = self._hop / rate_hz
        steps = np.arange(WINDOW) * (2.0 * math.pi / WINDOW)
        self._window = 0.42 - 0.5 * np.cos(steps) + 0.08 * np.cos(2.0 * steps)
        # Parseval: a band's bins back to the mean power of what is in it.
        self._power = 2.0 / (WINDOW * float(np.square(self._window).sum()))
        bin_hz = rate_hz / WINDOW
        self._bands = [slice(max(1, round(low / bin_hz)), max(2, round(high / bin_hz))) for low, high in BANDS_HZ]
        self._ear = _Ear(self._window)
        self._sides = (_Ear(self._window), _Ear(self._window))
        self._pending = np.zeros((0, 1), dtype=np.float32)
        self._hops = 0
        self._logarithm = np.zeros(WINDOW // 2 + 1)
        self._fast = [0.0] * 4
        self._slow = [0.0] * 4
        self._drive_s = 0.0
        self._onset = _Rise(_ONSET_GAP_S, least=0.008)
        self._beat = _Rise(_BEAT_GAP_S, least=0.030)

    def feed(self, samples: Samples) -> list[Heard]:
        """Take samples -1..1, as many as there are, and return the frames they complete. Not a number counts as 0.

        samples: (n,), or (n, 2) for two channels, always as many as the first time.
        """
        new = np.nan_to_num(samples[:, None] if samples.ndim == 1 else samples, nan=0.0, posinf=1.0, neginf=-1.0)
        waiting = np.concatenate((self._pending, new)) if len(self._pending) else new
        n_hops = len(waiting) // self._hop
        self._pending = waiting[n_hops * self._hop :]
        return [self._frame(waiting[k * self._hop : (k + 1) * self._hop]) for k in range(n_hops)]

    def _frame(self, new: Samples) -> Heard:
        # Far beyond full scale a level says nothing more, and squares must stay finite.
        channels = np.clip(new[-WINDOW:].astype(np.float64), -100.0, 100.0)
        newest = channels.mean(axis=1)
        self._hops += 1
        magnitude = self._ear.take(newest)
        onset, beat = self._rises(magnitude)
        now = self._levels(magnitude)
        self._fast = [_follow(f, n, FAST_S, self._hop_s) for f, n in zip(self._fast, now, strict=True)]
        self._slow = [_follow(s, n, SLOW_S, self._hop_s) for s, n in zip(self._slow, now, strict=True)]
        self._drive_s = (self._drive_s + self._fast[0] * self._hop_s) % DRIVE_WRAP_S
        moments = (self._onset.since_s, self._beat.since_s, self._drive_s)
        peak = level_of(float(np.abs(newest).max()))
        levels = (*self._fast, *self._slow, *moments, peak)
        sides = self._both(channels) if channels.shape[1] == 2 else b""
        frame = SoundFrame(levels, self._ear.spectrum(magnitude), self._ear.wave(), sides)
        return Heard(self._hops * self._hop_s, frame, onset, beat)

    def _both(self, channels: NDArray[np.float64]) -> bytes:
        pairs = list(zip(self._sides, channels.T, strict=True))
        spectra = [ear.spectrum(ear.take(samples)) for ear, samples in pairs]
        return b"".join((*spectra, *(ear.wave() for ear, _ in pairs)))

    def _levels(self, magnitude: NDArray[np.float64]) -> list[float]:
        """Return level, bass, mid and treble of the window, 0..1."""
        loud = math.sqrt(2.0 * float(np.square(self._ear.recent).mean()))
        power = np.square(magnitude) * self._power
        return [level_of(loud), *(level_of(math.sqrt(2.0 * float(power[band].sum()))) for band in self._bands)]

    def _rises(self, magnitude: NDArray[np.float64]) -> tuple[bool, bool]:
        logarithm = np.log1p(_COMPRESSION * magnitude / WINDOW)
        grown = np.maximum(logarithm - self._logarithm, 0.0)
        self._logarithm = logarithm
        onset = self._onset.step(float(grown[:COLUMNS].mean()), self._hop_s)
        return onset, self._beat.step(float(grown[self._bands[0]].mean()), self._hop_s)


class _Rise:
    """Says when a flux stands out from the last second. gap_s: between two. least: what is never one."""

    def __init__(self, gap_s: float, *, least: float) -> None:
        self._gap_s = gap_s
        self._least = least
        self._lately: deque[float] = deque(maxlen=round(RATE_HZ))
        self._is_up = False
        self.since_s = NEVER_S

    def step(self, flux: float, delta_s: float) -> bool:
        self.since_s = min(self.since_s + delta_s, NEVER_S)
        lately = np.array(self._lately) if self._lately else np.zeros(1)
        usual = 1.7 * float(np.median(lately)) + 1.5 * float(lately.std())
        self._lately.append(flux)
        was_up, self._is_up = self._is_up, flux > max(usual, self._least)
        if not self._is_up or was_up or self.since_s < self._gap_s:
            return False
        self.since_s = 0.0
        return True


def level_of(amplitude: float) -> float:
    """Return where an amplitude lies between FLOOR_DB and full scale, 0..1. amplitude: that of a sine, 1 full scale."""
    if amplitude <= 0.0:
        return 0.0
    return min(max(1.0 - 20.0 * math.log10(amplitude) / FLOOR_DB, 0.0), 1.0)


def _follow(value: float, target: float, times_s: tuple[float, float], delta_s: float) -> float:
    rise_s, fall_s = times_s
    return target + (value - target) * math.exp(-delta_s / (rise_s if target > value else fall_s))
