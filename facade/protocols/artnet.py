"""Art-Net 4 as bytes: ArtDmx and ArtSync, both ways. No sockets here.

Source: Artistic Licence, "Specification for the Art-Net 4 Ethernet Communication Protocol" (the sections named below).
Every packet starts with the eight bytes ``Art-Net`` NUL and an opcode, low byte first; from there on, numbers of two
bytes are high byte first, except the port-address of ArtDmx, which is low byte first (SubUni, then Net).
"""

from __future__ import annotations

from dataclasses import dataclass

from facade.core.errors import InputError, OutputError

PORT = 6454
"""UDP port 0x1936 ("Ethernet implementation")."""

ID = b"Art-Net\0"
OP_DMX = 0x5000
OP_SYNC = 0x5200
PROTOCOL = 14
"""Protocol revision; packets of an older one are ignored ("ProtVerLo")."""

DMX_HEADER = 18
SEQUENCE_AT = 12
"""Offset of ArtDmx's Sequence: 1..255, then 1 again; 0 switches reordering off ("ArtDmx packet definition")."""

SYNC_LENGTH = 14
MAX_PORT_ADDRESS = 32767
MAX_SLOTS = 512
SYNC_TIMEOUT_S = 4.0
"""A node leaves synchronous mode after this long without an ArtSync ("ArtSync packet definition")."""

_OPCODE_END = 10
_VERSION_END = 12


@dataclass(frozen=True, slots=True)
class ArtDmx:
    """One universe of levels. sequence: 0 means unused. physical: input port it came from, for information only."""

    port_address: int
    sequence: int
    physical: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ArtSync:
    """Show now what ArtDmx packets have brought since the last one."""


@dataclass(frozen=True, slots=True)
class ArtOther:
    """A sound Art-Net packet of a kind that facade does not read yet."""

    opcode: int


ArtMessage = ArtDmx | ArtSync | ArtOther


def dmx_header(port_address: int, length: int, *, sequence: int = 0, physical: int = 0) -> bytes:
    """Return the 18 bytes before an ArtDmx packet's levels.

    port_address: 0..32767. length: slots that follow, even, 2..512.
    Raises OutputError if either is outside what the protocol can say.
    """
    if not 0 <= port_address <= MAX_PORT_ADDRESS:
        raise OutputError(f"Art-Net universe {port_address}: a port-address is 0..{MAX_PORT_ADDRESS}. Renumber it.")
    if not 2 <= length <= MAX_SLOTS or length % 2:
        raise OutputError(f"ArtDmx of {length} slots: the length is even and 2..{MAX_SLOTS}. Pad it with a zero slot.")
    start = _header(OP_DMX) + bytes((sequence & 0xFF, physical & 0xFF))
    return start + port_address.to_bytes(2, "little") + length.to_bytes(2, "big")


def dmx_packet(port_address: int, levels: bytes, *, sequence: int = 0, physical: int = 0) -> bytes:
    """Return a whole ArtDmx packet. Raises OutputError as dmx_header does."""
    return dmx_header(port_address, len(levels), sequence=sequence, physical=physical) + levels


def sync_packet() -> bytes:
    """Return the 14 bytes of an ArtSync packet; its two Aux bytes are zero."""
    return _header(OP_SYNC) + bytes(2)


def decode(packet: bytes | bytearray | memoryview) -> ArtMessage:
    """Read one datagram.

    Bytes after the declared levels are ignored, as the standard asks of receivers; odd lengths and 1 are accepted
    although senders must not make them. Raises InputError with the broken rule if it is not a sound Art-Net packet.
    """
    data = bytes(packet)
    if len(data) < _VERSION_END or not data.startswith(ID):
        raise InputError(f"{len(data)} bytes starting {data[:8]!r}: Art-Net starts with {ID!r} and an opcode.")
    opcode = int.from_bytes(data[8:_OPCODE_END], "little")
    version = int.from_bytes(data[_OPCODE_END:_VERSION_END], "big")
    if version < PROTOCOL and opcode in (OP_DMX, OP_SYNC):
        raise InputError(f"Art-Net protocol revision {version}: revisions before {PROTOCOL} are ignored.")
    if opcode == OP_DMX:
        return _decode_dmx(data)
    if opcode == OP_SYNC:
        return _decode_sync(data)
    return ArtOther(opcode=opcode)


def _decode_dmx(data: bytes) -> ArtDmx:
    if len(data) < DMX_HEADER:
        raise InputError(f"ArtDmx of {len(data)} bytes: its header alone has {DMX_HEADER}.")
    length = int.from_bytes(data[16:18], "big")
    if not 1 <= length <= MAX_SLOTS:
        raise InputError(f"ArtDmx declares {length} slots: a universe has 1..{MAX_SLOTS}.")
    if len(data) < DMX_HEADER + length:
        raise InputError(f"ArtDmx declares {length} slots but carries {len(data) - DMX_HEADER}: the packet is torn.")
    port_address = int.from_bytes(data[14:16], "little")
    if port_address > MAX_PORT_ADDRESS:
        raise InputError(f"ArtDmx port-address {port_address}: bit 15 must be zero.")
    levels = data[DMX_HEADER : DMX_HEADER + length]
    return ArtDmx(port_address=port_address, sequence=data[SEQUENCE_AT], physical=data[13], data=levels)


def _decode_sync(data: bytes) -> ArtSync:
    if len(data) < SYNC_LENGTH:
        raise InputError(f"ArtSync of {len(data)} bytes: it has {SYNC_LENGTH}.")
    return ArtSync()


def _header(opcode: int) -> bytes:
    return ID + opcode.to_bytes(2, "little") + PROTOCOL.to_bytes(2, "big")
