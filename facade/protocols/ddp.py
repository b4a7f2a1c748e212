"""Distributed Display Protocol as bytes. Source: 3waylabs, "Distributed Display Protocol (DDP)", version 1.

Ten bytes, then up to 1440 of data: flags, sequence, data type, destination id, offset (32 bits) and length (16 bits),
both high byte first. The packet with the push flag makes the display show what it has.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from facade.core.errors import InputError, OutputError
from facade.protocols.codec import Cells, Codec, Counter, Window, need

PORT = 4048
HEADER = 10
MOST_DATA = 1440
"""480 RGB or 360 RGBW pixels; what fits an Ethernet frame with room to spare, and what receivers expect."""

VERSION_1 = 0x40
VERSION_MASK = 0xC0
FLAG_TIMECODE = 0x10
FLAG_REPLY = 0x04
FLAG_QUERY = 0x02
FLAG_PUSH = 0x01

ID_DISPLAY = 1
ID_STATUS = 251
ID_ALL = 255
_NOT_PIXELS = frozenset({246, 250, ID_STATUS, 254})
"""JSON control, configuration and status, and DMX transit: no pixels."""

_TYPES = {1: 0x23, 3: 0x0B, 4: 0x1B}
"""Data type byte: kind (grey 100, RGB 001, RGBW 011) in bits 5..3, and 3 for eight bits an element in bits 2..0."""

_TIMECODE = 4


def header(window: Window) -> bytes:
    """Return the ten bytes before a window's data. Raises OutputError for an id that is no display."""
    destination = window.options.destination
    if not 1 <= destination <= ID_ALL or destination in _NOT_PIXELS:
        raise OutputError(f"DDP destination {destination}: displays are 1..245, 247..249, and 255 for all. Usually 1.")
    flags = VERSION_1 | (FLAG_PUSH if window.index == window.count - 1 else 0)
    kind = _TYPES.get(window.options.pixel_channels, 0)
    start = bytes((flags, 0, kind, destination))
    return start + window.first.to_bytes(4, "big") + window.length.to_bytes(2, "big")


def decode(data: bytes) -> tuple[Cells, ...]:
    """Read one packet; nothing for queries, replies and other services. Raises InputError if it is not sound."""
    need(data, HEADER, "DDP packet")
    if data[0] & VERSION_MASK != VERSION_1:
        raise InputError(f"DDP flags {data[0]:#04x}: the version must be 1.")
    if data[0] & (FLAG_QUERY | FLAG_REPLY) or data[3] in _NOT_PIXELS:
        return ()
    start = HEADER + (_TIMECODE if data[0] & FLAG_TIMECODE else 0)
    length = int.from_bytes(data[8:10], "big")
    need(data, start + length, f"DDP packet that declares {length} bytes of data")
    first = int.from_bytes(data[4:8], "big")
    return (Cells(data[start : start + length], first=first, destination=data[3], at=start),)


CODEC = Codec(
    label="DDP",
    medium="udp",
    port=PORT,
    universes=(0, 65535),
    most_slots=MOST_DATA,
    header=header,
    decode=decode,
    sequence=Counter(1, 1, 15),
    closes=True,
)


@dataclass(frozen=True, slots=True)
class DdpStatus:
    """What a display says of itself. name: maker and model."""

    name: str
    firmware: str
    mac: str


def status_query() -> bytes:
    """Return the packet that asks a display what it is; it answers with JSON to the address that asked."""
    return bytes((VERSION_1 | FLAG_QUERY, 0, 0, ID_STATUS)) + bytes(6)


def decode_status(packet: bytes) -> DdpStatus:
    """Read the answer to a status query. Raises InputError if it is none."""
    data = bytes(packet)
    if len(data) <= HEADER or data[0] & (VERSION_MASK | FLAG_REPLY) != VERSION_1 | FLAG_REPLY or data[3] != ID_STATUS:
        raise InputError(f"{len(data)} bytes starting {data[:4].hex()}: no DDP status reply.")
    try:
        told = json.loads(data[HEADER:].rstrip(b"\0"))["status"]
        texts = [str(told.get(key, "")) for key in ("man", "mod", "ver", "mac")]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"DDP status reply without a status: {data[HEADER : HEADER + 40]!r}.") from error
    maker, model, version, mac = texts
    return DdpStatus(f"{maker} {model}".strip(), version, mac)
