"""WLED realtime over UDP as bytes: DRGB and DRGBW for one packet, DNRGB and DNRGBW with a start index for more.

Source: WLED, "UDP Realtime / tpm2.net", and its handler for packet types 2..5. The first byte is the type, the second
the seconds after which the device goes back to its own effect when nothing comes.
"""

from __future__ import annotations

from facade.core.errors import InputError, OutputError
from facade.protocols.codec import Cells, Codec, Window, need

PORT = 21324
DRGB, DRGBW, DNRGB, DNRGBW = 2, 3, 4, 5
RETURN_S = 2
MOST_DATA = 1470
"""490 RGB pixels in a DRGB packet; 367 RGBW; 489 and 367 where a start index comes before them."""

_MOST = {DRGB: 490 * 3, DRGBW: 367 * 4, DNRGB: 489 * 3, DNRGBW: 367 * 4}
_WIDTH = {DRGB: 3, DRGBW: 4, DNRGB: 3, DNRGBW: 4}


def header(window: Window) -> bytes:
    """Return the two or four bytes before a window's levels.

    Raises OutputError for pixels of other than three or four channels, a window that begins inside a pixel, and one
    that is longer than its packet type allows.
    """
    width = window.options.pixel_channels
    if width not in (3, 4):
        raise OutputError(f"WLED pixels of {width} channels: they have 3 or 4. Set pixel_channels in the profile.")
    kind = (DRGB if width == 3 else DRGBW) if window.count == 1 and not window.first else DNRGB + width - 3
    if window.first % width or window.length > _MOST[kind]:
        raise OutputError(
            f"WLED packet from byte {window.first} with {window.length} levels: it begins with a whole pixel and "
            f"carries at most {_MOST[kind]}. Set universe_size to {_MOST[DNRGB + width - 3]}."
        )
    if kind in (DRGB, DRGBW):
        return bytes((kind, RETURN_S))
    start = window.first // width
    if start > 0xFFFF:
        raise OutputError(f"WLED pixel {start}: its index has 16 bits. Use DDP for more than 65,536 pixels.")
    return bytes((kind, RETURN_S)) + start.to_bytes(2, "big")


def decode(data: bytes) -> tuple[Cells, ...]:
    """Read a packet of types 2..5. Raises InputError for other types."""
    need(data, 2, "WLED packet")
    kind = data[0]
    if kind not in _WIDTH:
        raise InputError(f"WLED packet type {kind}: DRGB 2, DRGBW 3, DNRGB 4 and DNRGBW 5 are read.")
    if kind in (DRGB, DRGBW):
        return (Cells(data[2:], at=2),)
    need(data, 4, "WLED packet with a start index")
    return (Cells(data[4:], first=int.from_bytes(data[2:4], "big") * _WIDTH[kind], at=4),)


CODEC = Codec(
    label="WLED",
    medium="udp",
    port=PORT,
    universes=(0, 65535),
    most_slots=MOST_DATA,
    header=header,
    decode=decode,
)
