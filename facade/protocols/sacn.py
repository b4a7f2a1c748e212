"""Streaming ACN as bytes: data and synchronisation packets, both ways. No sockets here.

Source: ANSI E1.31-2018. Section and table numbers below are its own. All numbers are high byte first (section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from facade.core.errors import InputError, OutputError

PORT = 5568
"""ACN-SDT multicast port, used for unicast too (section 9.3, Appendix A)."""

MIN_UNIVERSE = 1
MAX_UNIVERSE = 63999
"""Section 6.2.7: 0 and 64000..65535 are reserved."""

MAX_SLOTS = 512
MAX_PRIORITY = 200
"""Section 6.2.3; 100 where nothing is asked."""

DATA_HEADER = 126
"""Bytes before the first slot: root 38, framing 77, DMP 10, start code 1 (table 4-1)."""

SYNC_LENGTH = 49
"""Length of a synchronisation packet (table 4-2)."""

SEQUENCE_AT = 111
SYNC_SEQUENCE_AT = 44
OPTIONS_AT = 112
TERMINATED_PACKETS = 3
"""Section 6.2.6: a source that stops sends three packets with the terminated bit."""

KEEP_ALIVE_S = 0.8
"""Section 6.6.2: unchanged levels are repeated every 800 to 1000 ms, after three transmissions at the normal rate."""

START_LEVELS = 0x00
START_PRIORITIES = 0xDD
"""

tart code of per-address priority: a byte a slot, 1..200, or 0 for a slot that this source does not send (ETC, 0xDD).
"""

OPTION_PREVIEW = 0x80
OPTION_TERMINATED = 0x40
OPTION_FORCE_SYNC = 0x20
"""Section 6.2.6, bits 7, 6 and 5."""

PREAMBLE = b"\x00\x10\x00\x00ASC-E1.17\0\0\0"
_ROOT_DATA = 0x00000004
_ROOT_EXTENDED = 0x00000008
_FRAMING_DATA = 0x00000002
_EXTENDED_SYNC = 0x00000001
_DMP_SET_PROPERTY = b"\x02\xa1\x00\x00\x00\x01"
_ROOT_AT = 16
_FRAMING_AT = 38
_DMP_AT = 115
_NAME = 64


@dataclass(frozen=True, slots=True)
class SacnData:
    """One universe from one source. start_code: 0 for levels. sync_universe: 0 when it is not synchronised."""

    cid: UUID
    source: str
    universe: int
    sequence: int
    priority: int
    sync_universe: int
    data: bytes
    start_code: int = 0
    preview: bool = False
    terminated: bool = False
    force_sync: bool = False


@dataclass(frozen=True, slots=True)
class SacnSync:
    """Show now what data packets with this sync_universe have brought."""

    cid: UUID
    sequence: int
    sync_universe: int


@dataclass(frozen=True, slots=True)
class SacnOther:
    """A sound ACN packet of a kind that facade does not read yet. vectors: of the root and the framing layer."""

    root_vector: int
    framing_vector: int


SacnMessage = SacnData | SacnSync | SacnOther


def multicast_group(universe: int) -> str:
    """Return the IPv4 group of a universe, 239.255.high.low (section 9.3.1). Raises OutputError outside 1..63999."""
    _check_universe(universe)
    return f"239.255.{universe >> 8}.{universe & 0xFF}"


def data_header(
    universe: int,
    length: int,
    *,
    cid: UUID,
    source: str,
    priority: int = 100,
    sync_universe: int = 0,
    sequence: int = 0,
    options: int = 0,
    start_code: int = 0,
) -> bytes:
    """Return the 126 bytes before a data packet's slots.

    length: slots that follow, 1..512. source: shown to people; cut to 63 bytes of UTF-8.
    Raises OutputError if a number is outside what the standard allows.
    """
    _check_universe(universe)
    if not 1 <= length <= MAX_SLOTS:
        raise OutputError(f"sACN packet of {length} slots: a universe has 1..{MAX_SLOTS}.")
    if not 0 <= priority <= MAX_PRIORITY:
        raise OutputError(f"sACN priority {priority}: it is 0..{MAX_PRIORITY}.")
    if sync_universe:
        _check_universe(sync_universe)
    total = DATA_HEADER + length
    return b"".join(
        (
            root_layer(total, _ROOT_DATA, cid),
            flags(total - _FRAMING_AT) + _FRAMING_DATA.to_bytes(4, "big") + name_field(source),
            bytes((priority,)) + sync_universe.to_bytes(2, "big"),
            bytes((sequence & 0xFF, options)) + universe.to_bytes(2, "big"),
            flags(total - _DMP_AT) + _DMP_SET_PROPERTY + (length + 1).to_bytes(2, "big"),
            bytes((start_code,)),
        )
    )


def sync_packet(sync_universe: int, *, cid: UUID, sequence: int = 0) -> bytes:
    """Return the 49 bytes of a synchronisation packet (section 6.3). Raises OutputError outside 1..63999."""
    _check_universe(sync_universe)
    framing = flags(SYNC_LENGTH - _FRAMING_AT) + _EXTENDED_SYNC.to_bytes(4, "big") + bytes((sequence & 0xFF,))
    return root_layer(SYNC_LENGTH, _ROOT_EXTENDED, cid) + framing + sync_universe.to_bytes(2, "big") + bytes(2)


def decode(packet: bytes | bytearray | memoryview) -> SacnMessage:
    """Read one datagram. Raises InputError with the broken rule if it is not a sound sACN packet.

    Lengths must agree with each other and fit the datagram; bytes after them are ignored.
    """
    data = bytes(packet)
    if not data.startswith(PREAMBLE):
        raise InputError(f"{len(data)} bytes starting {data[:16]!r}: an ACN packet starts with {PREAMBLE!r}.")
    end = layer_end(data, _ROOT_AT, "root")
    if end < _FRAMING_AT + 6:
        raise InputError(f"sACN root layer ends at byte {end}: a framing layer must fit inside.")
    root_vector = int.from_bytes(data[18:22], "big")
    framing_vector = int.from_bytes(data[40:44], "big")
    if layer_end(data, _FRAMING_AT, "framing") != end:
        raise InputError("sACN framing layer does not end with its root layer: their lengths contradict each other.")
    if (root_vector, framing_vector) == (_ROOT_DATA, _FRAMING_DATA):
        return _decode_data(data, end)
    if (root_vector, framing_vector) == (_ROOT_EXTENDED, _EXTENDED_SYNC):
        return _decode_sync(data, end)
    return SacnOther(root_vector=root_vector, framing_vector=framing_vector)


def _decode_data(data: bytes, end: int) -> SacnData:
    if end < DATA_HEADER:
        raise InputError(f"sACN data packet of {end} bytes: its headers alone have {DATA_HEADER}.")
    if layer_end(data, _DMP_AT, "DMP") != end:
        raise InputError("sACN DMP layer does not end with its framing layer: their lengths contradict each other.")
    if data[117:123] != _DMP_SET_PROPERTY:
        raise InputError(f"sACN DMP header {data[117:123].hex()}: it must be {_DMP_SET_PROPERTY.hex()} (section 7).")
    count = int.from_bytes(data[123:125], "big")
    if not 1 <= count <= MAX_SLOTS + 1 or _DMP_AT + 10 + count != end:
        raise InputError(f"sACN property count {count} does not fit a packet of {end} bytes (section 7.6).")
    universe = int.from_bytes(data[113:115], "big")
    if not MIN_UNIVERSE <= universe <= MAX_UNIVERSE:
        raise InputError(f"sACN universe {universe}: universes are {MIN_UNIVERSE}..{MAX_UNIVERSE}.")
    options = data[OPTIONS_AT]
    return SacnData(
        cid=UUID(bytes=data[22:38]),
        source=data[44:108].split(b"\0", 1)[0].decode("utf-8", "replace"),
        universe=universe,
        sequence=data[SEQUENCE_AT],
        priority=data[108],
        sync_universe=int.from_bytes(data[109:111], "big"),
        data=data[DATA_HEADER:end],
        start_code=data[125],
        preview=bool(options & OPTION_PREVIEW),
        terminated=bool(options & OPTION_TERMINATED),
        force_sync=bool(options & OPTION_FORCE_SYNC),
    )


def _decode_sync(data: bytes, end: int) -> SacnSync:
    if end < SYNC_LENGTH:
        raise InputError(f"sACN synchronisation packet of {end} bytes: it has {SYNC_LENGTH}.")
    sync_universe = int.from_bytes(data[45:47], "big")
    return SacnSync(cid=UUID(bytes=data[22:38]), sequence=data[SYNC_SEQUENCE_AT], sync_universe=sync_universe)


def layer_end(data: bytes, at: int, layer: str) -> int:
    """Return where a layer ends by its own flags and length field (section 4), inside the datagram."""
    field = int.from_bytes(data[at : at + 2], "big")
    if len(data) < at + 2 or field >> 12 != 0x7:
        raise InputError(f"sACN {layer} layer: its flags must be 0x7 and its length must fit {len(data)} bytes.")
    end = at + (field & 0x0FFF)
    if end > len(data):
        raise InputError(f"sACN {layer} layer ends at byte {end}, the datagram at {len(data)}: the packet is torn.")
    return end


def root_layer(total: int, vector: int, cid: UUID) -> bytes:
    """Return the 38 bytes of the root layer of a packet of total bytes (section 5)."""
    return PREAMBLE + flags(total - _ROOT_AT) + vector.to_bytes(4, "big") + cid.bytes


def flags(length: int) -> bytes:
    """Return a layer's flags and length (section 4)."""
    return (0x7000 | length).to_bytes(2, "big")


def name_field(source: str) -> bytes:
    """Return the 64-byte source name: UTF-8, NUL terminated, never cut inside a character (section 6.2.2)."""
    raw = source.replace("\0", "").encode()[: _NAME - 1].decode("utf-8", "ignore").encode()
    return raw.ljust(_NAME, b"\0")


def _check_universe(universe: int) -> None:
    if not MIN_UNIVERSE <= universe <= MAX_UNIVERSE:
        raise OutputError(
            f"sACN universe {universe}: universes are {MIN_UNIVERSE}..{MAX_UNIVERSE}. "
            "Number the venue's sACN universes from 1."
        )
