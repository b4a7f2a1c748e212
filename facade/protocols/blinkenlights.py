"""The Blinkenlights projects' pictures as bytes: BLP (windows on or off) and MCUF (grey or colour), UDP port 2323.

Source: "blinkenlights-protocol" (blp.protocol.txt) and blib's MCU frame packet. All numbers are high byte first; rows
run from the top.

BLP   DEADBEEF, frame number (4), width, height (2 each), a byte a window: 0 off, anything else on
MCUF  23542666, height, width, channels, highest level (2 each), a byte a channel
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.errors import InputError, OutputError
from facade.protocols.codec import Cells, Codec, Counter, Options, Window, need

PORT = 2323
BLP_MAGIC = bytes.fromhex("deadbeef")
MCUF_MAGIC = bytes.fromhex("23542666")
HEADER = 12
ON = 128
"""Level from which a window that knows no grey is on."""


def blp_header(window: Window) -> bytes:
    """Return the twelve bytes before the windows. Raises OutputError if size_px does not fit the levels."""
    columns, rows = _size(window, 1)
    return BLP_MAGIC + bytes(4) + columns.to_bytes(2, "big") + rows.to_bytes(2, "big")


def mcuf_header(window: Window) -> bytes:
    """Return the twelve bytes before the levels. Raises OutputError if size_px does not fit them."""
    channels = window.options.pixel_channels
    columns, rows = _size(window, channels)
    return MCUF_MAGIC + b"".join(n.to_bytes(2, "big") for n in (rows, columns, channels, 255))


def decode(data: bytes) -> tuple[Cells, ...]:
    """Read a frame of either kind; on is 255. Raises InputError if it is not sound."""
    need(data, HEADER, "Blinkenlights packet")
    second, third, channels, highest = (int.from_bytes(data[at : at + 2], "big") for at in (4, 6, 8, 10))
    if data.startswith(BLP_MAGIC):
        need(data, HEADER + channels * highest, f"BLP frame of {channels} x {highest} windows")
        windows = data[HEADER : HEADER + channels * highest]
        return (Cells(bytes(255 if level else 0 for level in windows)),)
    if data.startswith(MCUF_MAGIC):
        length = second * third * channels
        need(data, HEADER + length, f"MCUF frame of {third} x {second}")
        return (Cells(data[HEADER : HEADER + length], at=HEADER),)
    raise InputError(f"{data[:4].hex()}: BLP starts with {BLP_MAGIC.hex()}, MCUF with {MCUF_MAGIC.hex()}.")


def switch(packets: NDArray[np.uint8]) -> None:
    """Turn levels into on and off, in place."""
    windows = packets[:, HEADER:]
    np.greater_equal(windows, ON, out=windows)


def _size(window: Window, channels: int) -> tuple[int, int]:
    columns, rows = window.options.size_px
    if window.length != columns * rows * channels or not window.length:
        raise OutputError(
            f"picture of {columns} x {rows} with {channels} channels for {window.length} levels: they must be as many. "
            "Set size_px on the controller to the columns and rows of the building."
        )
    return columns, rows


def _all_windows(options: Options) -> int:
    return options.size_px[0] * options.size_px[1]


def _all_levels(options: Options) -> int:
    return _all_windows(options) * options.pixel_channels


BLP = Codec(
    label="Blinkenlights BLP",
    medium="udp",
    port=PORT,
    universes=(0, 0),
    most_slots=65495,
    header=blp_header,
    decode=decode,
    sequence=Counter(7, 0, 255),
    trim="each",
    least=_all_windows,
    finish=switch,
)
MCUF = Codec(
    label="Blinkenlights MCUF",
    medium="udp",
    port=PORT,
    universes=(0, 0),
    most_slots=65495,
    header=mcuf_header,
    decode=decode,
    trim="each",
    least=_all_levels,
)
