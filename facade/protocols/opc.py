"""Open Pixel Control as bytes: channel, command, length (high byte first), data; a stream over TCP.

Source: openpixelcontrol.org, "Open Pixel Control: Protocol". A universe is a channel (a strip); channel 0 speaks to
all.
"""

from __future__ import annotations

from facade.protocols.codec import Cells, Codec, Window, need

PORT = 7890
HEADER = 4
MOST_DATA = 65535
SET_COLORS = 0


def header(window: Window) -> bytes:
    """Return the four bytes before a channel's levels."""
    return bytes((window.universe, SET_COLORS)) + window.length.to_bytes(2, "big")


def decode(data: bytes) -> tuple[Cells, ...]:
    """Read one message; nothing for commands other than colours. Raises InputError if it is torn."""
    need(data, HEADER, "OPC message")
    length = int.from_bytes(data[2:4], "big")
    need(data, HEADER + length, f"OPC message that declares {length} bytes")
    if data[1] != SET_COLORS:
        return ()
    return (Cells(data[HEADER : HEADER + length], universe=data[0], at=HEADER),)


CODEC = Codec(
    label="OPC",
    medium="tcp",
    port=PORT,
    universes=(0, 255),
    most_slots=MOST_DATA,
    header=header,
    decode=decode,
    trim="each",
)
