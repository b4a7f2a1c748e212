"""Adalight as bytes: "Ada", number of RGB pixels less one (high byte first), a check of it, levels.

Source: Adafruit, "Adalight", LEDstream sketch: the check is high byte xor low byte xor 55.
"""

from __future__ import annotations

from facade.core.errors import InputError, OutputError
from facade.protocols.codec import Cells, Codec, Options, Window, need

MAGIC = b"Ada"
HEADER = 6
MOST_SLOTS = 65535
_RGB = 3


def header(window: Window) -> bytes:
    """Return the six bytes before a frame's levels. Raises OutputError for levels that are not whole RGB pixels."""
    if window.length % _RGB:
        raise OutputError(f"Adalight frame of {window.length} levels: its pixels are RGB. Use a profile of 3 channels.")
    high, low = (window.length // _RGB - 1).to_bytes(2, "big")
    return MAGIC + bytes((high, low, high ^ low ^ 0x55))


def decode(data: bytes) -> tuple[Cells, ...]:
    """Read one frame. Raises InputError if it is not sound."""
    need(data, HEADER, "Adalight frame")
    if not data.startswith(MAGIC) or data[3] ^ data[4] ^ 0x55 != data[5]:
        raise InputError(f"Adalight header {data[:HEADER].hex()}: it is 'Ada', a count and its check.")
    length = (int.from_bytes(data[3:5], "big") + 1) * _RGB
    need(data, HEADER + length, f"Adalight frame of {length // _RGB} pixels")
    return (Cells(data[HEADER : HEADER + length], at=HEADER),)


def _one_pixel(options: Options) -> int:
    return _RGB


CODEC = Codec(
    label="Adalight",
    medium="serial",
    port=0,
    universes=(0, 0),
    most_slots=MOST_SLOTS,
    header=header,
    decode=decode,
    trim="each",
    least=_one_pixel,
)
