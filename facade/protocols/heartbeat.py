"""What two machines that share a facade say to each other, as bytes: I am here, and this is what I do. No sockets here.

Sixty bytes over UDP, numbers high byte first:

     0   8  "FACADEHB"
     8   1  version, 1
     9   1  role: 0 main, 1 standby
    10   1  doing: 0 silent, 1 sending, 2 ended on purpose
    11   1  bit 0: blackout is on
    12   2  master, 0..65535 for 0..1
    14   1  newest version of show positions (show_position.py) that it reads; 0, as before there were any: none
    15   1  zero
    16  16  CID of the installation, as in its sACN packets
    32   8  run: chosen by chance at every start
    40   4  sequence: from 0 within a run
    44  16  BLAKE2s of bytes 0..43, keyed with the venue's id and key

The digest keeps noise, another venue's machines and a wrong key out; sequence and run keep late packets out. It is no
secret channel: whoever knows the key and is on the network can speak.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from facade.core.errors import InputError

PORT = 8478
LENGTH = 60
MAGIC = b"FACADEHB"
VERSION = 1
_SIGNED = 44
_BLACKOUT = 0x01


class Role(IntEnum):
    """Who of the two."""

    MAIN = 0
    STANDBY = 1


class Doing(IntEnum):
    """What it does with its light."""

    SILENT = 0
    SENDING = 1
    ENDED = 2


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One message. master: 0..1, linear light. run, sequence: which of its messages this is.

    reads: newest version of show positions that its sender reads, 0 for none.
    """

    role: Role
    doing: Doing
    cid: UUID
    run: int
    sequence: int
    master: float = 1.0
    blackout: bool = False
    reads: int = 0


def make_key(venue: str, key: str) -> bytes:
    """Return the 32 bytes that sign the messages of a venue. key: the venue's own word, may be ""."""
    return hashlib.blake2s(f"facade heartbeat\0{venue}\0{key}".encode()).digest()


def encode(message: Heartbeat, key: bytes) -> bytes:
    """Return the bytes of a message."""
    signed = b"".join(
        (
            MAGIC,
            bytes((VERSION, message.role, message.doing, _BLACKOUT if message.blackout else 0)),
            round(min(max(message.master, 0.0), 1.0) * 65535).to_bytes(2, "big"),
            bytes((message.reads, 0)),
            message.cid.bytes,
            message.run.to_bytes(8, "big"),
            (message.sequence & 0xFFFFFFFF).to_bytes(4, "big"),
        )
    )
    return signed + digest(signed, key)


def decode(packet: bytes, key: bytes) -> Heartbeat:
    """Read a message. Raises InputError with the broken rule if it is none, or not signed with key."""
    data = bytes(packet)
    if len(data) != LENGTH or not data.startswith(MAGIC):
        raise InputError(
            f"{len(data)} bytes starting {data[:8]!r}: a heartbeat has {LENGTH} and starts with {MAGIC!r}."
        )
    if not hmac.compare_digest(data[_SIGNED:], digest(data[:_SIGNED], key)):
        raise InputError("heartbeat with another signature: another venue, or another key.")
    if data[8] != VERSION:
        raise InputError(
            f"heartbeat of version {data[8]}: this is {VERSION}. Install the same facade on both machines."
        )
    try:
        role, doing = Role(data[9]), Doing(data[10])
    except ValueError as error:
        raise InputError(f"heartbeat with role {data[9]} and doing {data[10]}: {error}.") from error
    return Heartbeat(
        role=role,
        doing=doing,
        cid=UUID(bytes=data[16:32]),
        run=int.from_bytes(data[32:40], "big"),
        sequence=int.from_bytes(data[40:44], "big"),
        master=int.from_bytes(data[12:14], "big") / 65535,
        blackout=bool(data[11] & _BLACKOUT),
        reads=data[14],
    )


def digest(signed: bytes, key: bytes) -> bytes:
    """Return the 16 bytes that sign what two machines say to each other."""
    return hashlib.blake2s(signed, digest_size=16, key=key).digest()
