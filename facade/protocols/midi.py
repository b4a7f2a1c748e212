"""MIDI 1.0 channel messages to frozen messages; no ports. Channels and names count from 1, numbers and notes from 0.

CC      -> /cc/CHANNEL/NUMBER      0..127
note    -> /note/CHANNEL/NOTE      velocity 0..127, 0 when the key is let go
bend    -> /bend/CHANNEL           -8192..8191
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facade.core.errors import InputError

_NOTE_OFF, _NOTE_ON, _CONTROL_CHANGE, _PITCH_BEND = 0x8, 0x9, 0xB, 0xE
"""Upper halves of the status byte (MIDI 1.0 Detailed Specification, table II)."""

_BEND_CENTRE = 8192


@dataclass(frozen=True, slots=True)
class MidiMessage:
    """trigger: a key, none of whose messages may be lost."""

    address: str
    value: int
    trigger: bool = False


def decode(data: Sequence[int]) -> MidiMessage | None:
    """Read one whole message; None for kinds that facade does not use.

    Raises InputError if the message is cut short or a data byte exceeds 127.
    """
    if not data or not 0x80 <= data[0] <= 0xFF:
        raise InputError(f"MIDI {bytes_shown(data)}: starts with a status byte 80..FF.")
    kind, channel = data[0] >> 4, (data[0] & 0xF) + 1
    if kind not in (_NOTE_OFF, _NOTE_ON, _CONTROL_CHANGE, _PITCH_BEND):
        return None
    if len(data) != 3 or not (0 <= data[1] <= 127 and 0 <= data[2] <= 127):
        raise InputError(f"MIDI {bytes_shown(data)}: needs two data bytes 00..7F.")
    if kind == _CONTROL_CHANGE:
        return MidiMessage(f"/cc/{channel}/{data[1]}", data[2])
    if kind == _PITCH_BEND:
        return MidiMessage(f"/bend/{channel}", data[1] + (data[2] << 7) - _BEND_CENTRE)
    velocity = data[2] if kind == _NOTE_ON else 0
    return MidiMessage(f"/note/{channel}/{data[1]}", velocity, trigger=True)


def bytes_shown(data: Sequence[int]) -> str:
    """The first eight bytes in hexadecimal, for people."""
    return " ".join(f"{b:02X}" for b in data[:8]) or "(nothing)"
