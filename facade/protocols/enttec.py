"""The Enttec DMX USB Pro widget's messages as bytes: 7E, label, length (low byte first), data, E7.

Source: Enttec, "DMX USB Pro Widget API Specification 1.44", label 6, "Output Only Send DMX Packet Request". The widget
makes the timing of DMX itself.
"""

from __future__ import annotations

from facade.core.errors import InputError
from facade.protocols.codec import Cells, Codec, Window, need

START, END = 0x7E, 0xE7
SEND_DMX = 6
HEADER = 5
"""With DMX's own start code, which counts as data."""
LEAST_SLOTS, MOST_SLOTS = 24, 512
"""Data with start code is 25..513 bytes."""


def header(window: Window) -> bytes:
    """Return the five bytes before a universe's levels."""
    return bytes((START, SEND_DMX)) + (window.length + 1).to_bytes(2, "little") + bytes(1)


def end(window: Window) -> bytes:
    """Return the last byte."""
    return bytes((END,))


def decode(data: bytes) -> tuple[Cells, ...]:
    """Read one message; nothing for other labels and start codes. Raises InputError if it is not sound."""
    need(data, 4, "Enttec message")
    length = int.from_bytes(data[2:4], "little")
    need(data, 5 + length, f"Enttec message that declares {length} bytes")
    if data[0] != START or data[4 + length] != END:
        raise InputError(f"Enttec message {data[0]:#04x}..{data[4 + length]:#04x}: it is 0x7e..0xe7.")
    if data[1] != SEND_DMX or not length or data[4]:
        return ()
    return (Cells(data[HEADER : 4 + length], at=HEADER),)


CODEC = Codec(
    label="Enttec DMX USB Pro",
    medium="serial",
    port=0,
    universes=(0, 0),
    most_slots=MOST_SLOTS,
    header=header,
    trailer=end,
    decode=decode,
    trim="each",
    least=lambda options: LEAST_SLOTS,
)
