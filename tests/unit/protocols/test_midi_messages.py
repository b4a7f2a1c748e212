"""MIDI bytes to messages, against mido as an independent writer."""

from __future__ import annotations

import mido  # type: ignore[import-untyped, unused-ignore]
import pytest

from facade.core.errors import InputError
from facade.protocols.midi import MidiMessage, decode


@pytest.mark.parametrize("channel", [1, 16])
def test_what_another_library_writes_is_read(channel: int) -> None:
    def bytes_of(kind: str, **values: int) -> list[int]:
        made: list[int] = mido.Message(kind, channel=channel - 1, **values).bytes()
        return made

    assert decode(bytes_of("control_change", control=7, value=100)) == MidiMessage(f"/cc/{channel}/7", 100)
    assert decode(bytes_of("note_on", note=60, velocity=1)) == MidiMessage(f"/note/{channel}/60", 1, trigger=True)
    assert decode(bytes_of("note_off", note=60, velocity=64)) == MidiMessage(f"/note/{channel}/60", 0, trigger=True)
    for pitch in (-8192, 0, 8191):
        assert decode(bytes_of("pitchwheel", pitch=pitch)) == MidiMessage(f"/bend/{channel}", pitch)


def test_a_note_on_without_velocity_is_a_release() -> None:
    assert decode([0x90, 60, 0]) == MidiMessage("/note/1/60", 0, trigger=True)


@pytest.mark.parametrize("data", [[0xF8], [0xC0, 5], [0xD0, 5], [0xA0, 60, 5], [0xF0, 1, 2, 0xF7]])
def test_kinds_that_are_not_used_are_passed_over(data: list[int]) -> None:
    assert decode(data) is None


@pytest.mark.parametrize("data", [[], [60, 60], [0x90], [0x90, 60], [0xB0, 200, 5], [0xB0, 5, 128], [0x90, 1, 2, 3]])
def test_a_damaged_message_is_refused(data: list[int]) -> None:
    with pytest.raises(InputError, match="MIDI"):
        decode(data)
