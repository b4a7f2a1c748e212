"""The Ars Electronica Center's facade as bytes: five bytes a window, no header: number (low byte first), R, G, B.

Source: the AEC facade simulator's senders (AECFacadeProcessingLibrary, fluxus), UDP port 8080. Window n is slots
3n..3n+2.
"""

from __future__ import annotations

from facade.core.errors import InputError
from facade.protocols.codec import Cells, Codec, Window, nothing

PORT = 8080
WINDOWS = 1085
RECORD = 5
_RGB = 3


def decode(data: bytes) -> tuple[Cells, ...]:
    """Read one packet. Raises InputError if it does not hold whole windows."""
    if not data or len(data) % RECORD:
        raise InputError(f"AEC packet of {len(data)} bytes: it has {RECORD} for every window.")
    return tuple(
        Cells(data[at + 2 : at + RECORD], first=int.from_bytes(data[at : at + 2], "little") * _RGB, at=at + 2)
        for at in range(0, len(data), RECORD)
    )


def header(window: Window) -> bytes:
    """Return nothing: every window carries its own number."""
    return nothing(window)


CODEC = Codec(
    label="AEC",
    medium="udp",
    port=PORT,
    universes=(0, 255),
    most_slots=3 * 4096,
    header=header,
    decode=decode,
    trim="each",
    record=_RGB,
)
