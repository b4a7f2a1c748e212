"""Colorlight 5A-75 receiver cards: Ethernet frames without IP, one row of pixels each, and one that shows them.

There is no public standard. Layout as FPP sends it (src/channeloutput/ColorLight-5a-75.cpp): receivers listen to one
address and take no notice of the sender's; the type is one byte, and the byte after it is the first of the data.

rows   55, row (2, high byte first), first pixel (2), pixels (2), 08 88, three levels a pixel
show   01, 07, zeros, brightness FF at 22, 05 at 23, brightness FF for each colour at 25: 99 bytes of data

A universe is a row of the picture, from 0 at the top.
"""

from __future__ import annotations

from facade.core.errors import InputError, OutputError
from facade.protocols.codec import Cells, Codec, Options, Window, need

RECEIVERS = bytes.fromhex("112233445566")
SENDER = bytes.fromhex("222233445566")
MOST_PIXELS = 497
"""Of one frame, as Ethernet carries 1,500 bytes."""
MOST_ROWS = 4096

_RGB = 3
_TYPE_AT = 12
_DATA_AT = 13
_ROW, _SHOW = 0x55, 0x01
_FROM_A_COMPUTER = 0x07
_ROW_HEADER = 8
_SHOW_LENGTH = 99
_FULL = 0xFF


def row_header(window: Window) -> bytes:
    """Return the 21 bytes before a row's levels. Raises OutputError for levels that are not whole RGB pixels."""
    if window.length % _RGB:
        raise OutputError(f"Colorlight row of {window.length} levels: its pixels are RGB. Use a profile of 3 channels.")
    start = RECEIVERS + SENDER + bytes((_ROW,)) + window.universe.to_bytes(2, "big") + bytes(2)
    return start + (window.length // _RGB).to_bytes(2, "big") + bytes((0x08, 0x88))


def show_packet(options: Options) -> bytes:
    """Return the frame that makes receivers show the rows they hold, at their full brightness."""
    data = bytearray(_SHOW_LENGTH)
    data[0] = _FROM_A_COMPUTER
    data[22], data[23] = _FULL, 0x05
    data[25:28] = bytes((_FULL,)) * 3
    return RECEIVERS + SENDER + bytes((_SHOW,)) + bytes(data)


def decode(data: bytes) -> tuple[Cells, ...]:
    """Read one frame; nothing for other kinds. Raises InputError if it is not sound."""
    need(data, _DATA_AT + 1, "Colorlight frame")
    if not data.startswith(RECEIVERS):
        raise InputError(f"Ethernet frame to {data[:6].hex(':')}: Colorlight receivers are {RECEIVERS.hex(':')}.")
    if data[_TYPE_AT] == _SHOW:
        return (Cells(b"", closes=True),)
    if data[_TYPE_AT] != _ROW:
        return ()
    begin = _DATA_AT + _ROW_HEADER
    need(data, begin, "Colorlight row")
    row, first, n = (int.from_bytes(data[at : at + 2], "big") for at in range(_DATA_AT, _DATA_AT + 6, 2))
    need(data, begin + n * _RGB, f"Colorlight row that declares {n} pixels")
    return (Cells(data[begin : begin + n * _RGB], universe=row, first=first * _RGB, at=begin),)


CODEC = Codec(
    label="Colorlight",
    medium="ethernet",
    port=0,
    universes=(0, MOST_ROWS - 1),
    most_slots=MOST_PIXELS * _RGB,
    header=row_header,
    decode=decode,
    trim="each",
    sync=show_packet,
)
