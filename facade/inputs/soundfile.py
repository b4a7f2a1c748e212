"""A sound file as endless sound, of two channels or the mean of all: read piece by piece, never held as a whole.

WAV is read by the standard library; everything else (FLAC, MP3, Ogg …) by the extra ``video``, whose decoders hear too.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade.core.errors import InputError

RATES_HZ = (8_000, 384_000)
_BLOCK = 4096

Samples = NDArray[np.float32]


class SoundFile:
    """rate_hz: of its samples. Raises InputError if it cannot be read, or is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wav = _open_wav(path)
        self._container: Any = None
        if self._wav is not None:
            self.rate_hz = float(self._wav.getframerate())
        else:
            self._container = _open_other(path)
            self.rate_hz = float(self._container.streams.audio[0].rate)
        if not RATES_HZ[0] <= self.rate_hz <= RATES_HZ[1]:
            raise InputError(f"{path}: has {self.rate_hz:g} samples a second; 8,000 to 384,000 can be heard.")
        self._blocks = self._again_and_again()
        self._left: Samples = np.zeros((0, 1), dtype=np.float32)
        # Read the beginning now, so that a file that holds no sound is told at once.
        self._left = next(self._blocks)

    def read(self, n: int) -> Samples:
        """Return the next n samples, -1..1, the mean of all channels. Raises InputError if it is damaged."""
        mean: Samples = self.channels(n).mean(axis=1, dtype=np.float32)
        return mean

    def channels(self, n: int) -> Samples:
        """Return the next n samples of both channels (n, 2), or of any other number the mean (n, 1)."""
        parts = [self._left]
        have = len(self._left)
        while have < n:
            parts.append(next(self._blocks))
            have += len(parts[-1])
        whole = np.concatenate(parts)
        self._left = whole[n:]
        return whole[:n]

    def close(self) -> None:
        if self._wav is not None:
            self._wav.close()
        if self._container is not None:
            self._container.close()

    def _again_and_again(self) -> Iterator[Samples]:
        while True:
            found = False
            for block in self._once():
                if len(block):
                    found = True
                    yield block
            if not found:
                raise InputError(f"{self._path}: holds no sound. Choose another file.")

    def _once(self) -> Iterator[Samples]:
        if self._wav is not None:
            self._wav.rewind()
            while data := self._wav.readframes(_BLOCK):
                yield _from_pcm(data, self._wav.getsampwidth(), self._wav.getnchannels())
            return
        yield from _decoded(self._container)


def _open_wav(path: Path) -> wave.Wave_read | None:
    """Open a WAV of whole numbers; None if it is something else."""
    try:
        return wave.open(str(path), "rb")
    except (wave.Error, EOFError):
        return None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}.") from error


def _from_pcm(data: bytes, width: int, n_channels: int) -> Samples:
    """Return whole PCM frames as ``SoundFile.channels`` does. width: bytes a sample, 1 to 4; 1 is unsigned."""
    raw = np.frombuffer(data[: len(data) // (width * n_channels) * width * n_channels], dtype=np.uint8)
    wide = np.zeros((len(raw) // width, 4), dtype=np.uint8)
    wide[:, 4 - width :] = raw.reshape(-1, width)
    if width == 1:
        wide[:, 3] ^= 0x80
    numbers = wide.view("<i4").reshape(-1, n_channels).astype(np.float32) / np.float32(2.0**31)
    return _two_or_mean(numbers)


def _two_or_mean(numbers: Samples) -> Samples:
    return numbers if numbers.shape[1] == 2 else numbers.mean(axis=1, keepdims=True, dtype=np.float32)


def _open_other(path: Path) -> Any:
    try:
        import av
    except ImportError as error:
        raise InputError(f'{path}: is no WAV file; others need the extra: "media-facade[video]" ({error}).') from error
    try:
        container = av.open(str(path))
    except (av.error.FFmpegError, OSError) as error:
        raise InputError(f"{path}: is no sound file that can be read ({error}).") from error
    if not container.streams.audio:
        container.close()
        raise InputError(f"{path}: holds no sound. Choose another file.")
    return container


def _decoded(container: Any) -> Iterator[Samples]:
    import av

    container.seek(0)
    resampler = av.AudioResampler(format="fltp", layout=container.streams.audio[0].layout, rate=None)
    try:
        for frame in container.decode(audio=0):
            for each in resampler.resample(frame):
                yield _two_or_mean(each.to_ndarray().T.astype(np.float32))
    except av.error.FFmpegError:
        # What follows the damage is lost and the file begins anew; one that is damaged from the start holds no sound.
        return
