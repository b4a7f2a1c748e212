"""KiNET as bytes: version 1 DMXOUT and version 2 PORTOUT, as Color Kinetics supplies and their successors read them.

There is no public standard. Layout as sent by OLA (plugins/kinet) and FPP (src/channeloutput/KiNet), and captured from
olad: magic 04 01 DC 4A, version 1 and type low byte first, a sequence number of four bytes, then for

DMXOUT   port, flags, timer (2), universe FF FF FF FF, start code: 21 bytes
PORTOUT  universe FF FF FF FF, port, unused, flags (2), length of the data (2, low byte first), start code (2): 24 bytes
SYNC     four unused: 16 bytes. Supplies show what they hold when it comes; PORTOUT says with flag 4 that it will. As
         three programs written by others lay it out, which agree on type 01 09 (low byte first) and length.
"""

from __future__ import annotations

from facade.core.errors import InputError
from facade.protocols.codec import Cells, Codec, Counter, Options, Window, need

PORT = 6038
MOST_DATA = 512
LEAST_PORTOUT = 24
"""Supplies ignore shorter data (OLA, KiNetNode::SendPortOut)."""

MAGIC = bytes.fromhex("0401dc4a")
_START = MAGIC + bytes((1, 0))
_DMXOUT = bytes((1, 1))
_PORTOUT = bytes((8, 1))
_SYNC = bytes((9, 1))
_WAITS_FOR_SYNC = 4
_ANY_UNIVERSE = b"\xff\xff\xff\xff"
_DMXOUT_HEADER = 21
_PORTOUT_HEADER = 24
_SEQUENCE = Counter(8, 0, 255)
"""Its low byte: enough for supplies that drop what repeats a number."""


def dmxout_header(window: Window) -> bytes:
    """Return the 21 bytes before a DMXOUT packet's levels; the universe number goes into the port byte."""
    return _START + _DMXOUT + bytes((0, 0, 0, 0, window.universe, 0, 0, 0)) + _ANY_UNIVERSE + bytes(1)


def portout_header(window: Window) -> bytes:
    """Return the 24 bytes before a PORTOUT packet's levels; the universe number is the supply's port."""
    flags = _WAITS_FOR_SYNC if window.options.sync else 0
    start = _START + _PORTOUT + bytes(4) + _ANY_UNIVERSE + bytes((window.universe, 0, flags, 0))
    return start + window.length.to_bytes(2, "little") + bytes(2)


def sync_packet(options: Options) -> bytes:
    """Return the 16 bytes that close a frame where the profile says so."""
    return _START + _SYNC + bytes(8) if options.sync else b""


def decode(data: bytes) -> tuple[Cells, ...]:
    """Read a packet of either version; nothing for discovery and other kinds. Raises InputError if it is not sound."""
    need(data, 12, "KiNET packet")
    if not data.startswith(MAGIC):
        raise InputError(f"{data[:4].hex()}: KiNET starts with {MAGIC.hex()}.")
    if data[6:8] == _DMXOUT:
        need(data, _DMXOUT_HEADER, "KiNET DMXOUT packet")
        return (Cells(data[_DMXOUT_HEADER:], universe=data[12], at=_DMXOUT_HEADER),)
    if data[6:8] == _PORTOUT:
        need(data, _PORTOUT_HEADER, "KiNET PORTOUT packet")
        length = int.from_bytes(data[20:22], "little")
        need(data, _PORTOUT_HEADER + length, f"KiNET PORTOUT packet that declares {length} bytes of data")
        levels = data[_PORTOUT_HEADER : _PORTOUT_HEADER + length]
        return (Cells(levels, universe=data[16], at=_PORTOUT_HEADER),)
    if data[6:8] == _SYNC:
        return (Cells(b"", closes=True),)
    return ()


DMXOUT = Codec(
    label="KiNET v1",
    medium="udp",
    port=PORT,
    universes=(0, 255),
    most_slots=MOST_DATA,
    header=dmxout_header,
    decode=decode,
    sequence=_SEQUENCE,
    trim="none",
)
PORTOUT = Codec(
    label="KiNET v2",
    medium="udp",
    port=PORT,
    universes=(1, 255),
    most_slots=MOST_DATA,
    header=portout_header,
    decode=decode,
    sequence=_SEQUENCE,
    trim="none",
    least=lambda options: LEAST_PORTOUT,
    sync=sync_packet,
)
