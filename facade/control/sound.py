"""One moment of sound as pieces see it: a wave, a spectrum, and a few numbers, in about a kilobyte.

Wave and spectrum are bytes, as browsers give them to shaders (Web Audio API, AnalyserNode), so that a Shadertoy piece
sees here what it sees there, and a recorded evening stays small.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass

from facade.core.errors import InputError

COLUMNS = 512
"""Of the wave (the newest samples) and of the spectrum (the lowest quarter of 2048-sample bins)."""

LEVELS = (
    "level", "bass", "mid", "treble",
    "slow_level", "slow_bass", "slow_mid", "slow_treble",
    "since_onset_s", "since_beat_s", "drive_s", "peak",
)  # fmt: skip
"""What the numbers of a frame are, in order; docs/control.md says how each is measured."""

SOUND = "/sound"
"""Address of whole frames within an audio input; the others are numbers."""

NUMBERS = ("level", "peak", "bass", "mid", "treble")
MOMENTS = ("onset", "beat")
ADDRESSES = tuple(f"/{name}" for name in (*NUMBERS, *MOMENTS))
"""What an audio input says besides whole frames, for bindings."""

NEVER_S = 1e6
_MARK = b"snd1"
_HEAD = struct.Struct(f"<4s{len(LEVELS)}f")
_SIZE = _HEAD.size + 2 * COLUMNS


_SIDES = 4 * COLUMNS


@dataclass(frozen=True, slots=True)
class SoundFrame:
    """levels: as LEVELS. spectrum: COLUMNS bytes, 0 at -100 dB, 255 at -30 dB. wave: COLUMNS bytes around 128.

    Both are of the mean of all channels. sides: of two channels the left and right spectrum, then their waves.
    """

    levels: tuple[float, ...]
    spectrum: bytes
    wave: bytes
    sides: bytes = b""

    @property
    def channels(self) -> tuple[tuple[bytes, bytes], ...]:
        """(spectrum, wave) of each channel: left and right, or the only one there is."""
        if not self.sides:
            return ((self.spectrum, self.wave),)
        left, right, left_wave, right_wave = (self.sides[i * COLUMNS : (i + 1) * COLUMNS] for i in range(4))
        return (left, left_wave), (right, right_wave)

    def encode(self) -> bytes:
        return _HEAD.pack(_MARK, *self.levels) + self.spectrum + self.wave + self.sides

    @classmethod
    def decode(cls, data: bytes) -> SoundFrame:
        """Read what ``encode`` wrote. Raises InputError."""
        if len(data) not in (_SIZE, _SIZE + _SIDES) or data[:4] != _MARK:
            sizes = f"{_SIZE} or {_SIZE + _SIDES}"
            raise InputError(f"{len(data)} bytes are no frame of sound; one has {sizes} and begins with {_MARK!r}.")
        _, *levels = _HEAD.unpack_from(data)
        body = data[_HEAD.size :]
        return cls(tuple(levels), body[:COLUMNS], body[COLUMNS : 2 * COLUMNS], body[2 * COLUMNS :])


SILENCE = SoundFrame((0.0,) * 8 + (NEVER_S, NEVER_S, 0.0, 0.0), bytes(COLUMNS), b"\x80" * COLUMNS)


def sound_address(name: str) -> str:
    """Return the address of an audio input's frames among the control events."""
    return f"/input/{name}{SOUND}"


def input_of(address: str) -> str | None:
    """Return the input whose frames have this address, None if it is no such address."""
    parts = address.split("/")
    return parts[2] if len(parts) == 4 and parts[1] == "input" and f"/{parts[3]}" == SOUND else None


def to_text(frame: bytes) -> str:
    """Pack an encoded frame for links and recordings, which hold text. Silence takes almost nothing."""
    return base64.b64encode(zlib.compress(frame, 1)).decode("ascii")


def from_text(text: str) -> SoundFrame:
    """Read what ``to_text`` made. Raises InputError."""
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(text, validate=True), _SIZE + _SIDES + 1)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise InputError(f"this text is no frame of sound ({error}).") from error
    return SoundFrame.decode(data)
