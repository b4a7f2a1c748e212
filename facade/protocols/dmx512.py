"""DMX512-A as bytes on the line: a break, a start code, 1..512 slots. For interfaces whose timing the computer makes.

Source: ANSI E1.11, section 8: 250 kbit/s, 8 data bits, two stop bits, least significant bit first; a break of at least
92 us from a transmitter and a mark of at least 12 us after it, neither as long as a second; start code 0 for levels.
"""

from __future__ import annotations

from facade.protocols.codec import Cells, Codec, Window, need

BAUD = 250_000
MOST_SLOTS = 512
LEAST_SLOTS = 24
"""Many receivers drop packets that are shorter; and breaks follow each other by 1,204 us at least (E1.11, table 6)."""

START_LEVELS = 0


def header(window: Window) -> bytes:
    """Return the start code."""
    return bytes((START_LEVELS,))


def decode(data: bytes) -> tuple[Cells, ...]:
    """Read one packet, from its start code on; nothing for other start codes. Raises InputError if it is empty."""
    need(data, 1, "DMX512 packet")
    return () if data[0] != START_LEVELS else (Cells(data[1:], universe=0, at=1),)


CODEC = Codec(
    label="Open DMX",
    medium="dmx",
    port=0,
    universes=(0, 0),
    most_slots=MOST_SLOTS,
    header=header,
    decode=decode,
    trim="each",
    least=lambda options: LEAST_SLOTS,
)
