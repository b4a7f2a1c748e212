"""OSC 1.0 and the types of 1.1, bytes to frozen messages and back; no sockets, no clocks.

Laws: whatever the bytes, ``decode`` returns or raises InputError, never anything else, in time linear in the packet.
Everything is big-endian and padded to four bytes. Clauses refer to "The Open Sound Control 1.0 Specification".
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facade.core.errors import InputError

OscArg = int | float | bool | str | bytes | None
"""T F -> bool, N -> None, I -> math.inf, r -> "#rrggbbaa", c S -> str, t -> int (NTP, 32.32), m -> its 4 bytes."""

MAX_PACKET = 65_507
"""Payload of the largest UDP datagram."""
MAX_ADDRESS = 255
MAX_ARGS = 64
MAX_DEPTH = 8
"""Of bundles within bundles."""
MAX_MESSAGES = 1024
"""In one packet. The smallest is 12 bytes in a bundle, so a datagram could otherwise hold 5,458."""

IMMEDIATELY = 1
"""Time tag of 63 zero bits and a one ("OSC Bundles"): do it on arrival."""

NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900-01-01, where NTP counts from, to 1970-01-01 (RFC 868)."""

_BUNDLE = b"#bundle\0"


@dataclass(frozen=True, slots=True)
class OscMessage:
    """types: the tags as received, without the comma, array brackets included; args holds the array's items in line."""

    address: str
    args: tuple[OscArg, ...] = ()
    types: str = ""


@dataclass(frozen=True, slots=True)
class OscBundle:
    """timetag: NTP, 32 bits of seconds since 1900 and 32 of fraction; 1 means immediately."""

    timetag: int
    elements: tuple[OscMessage | OscBundle, ...]


def decode(packet: bytes) -> OscMessage | OscBundle:
    """Read one packet. Raises InputError naming the rule it breaks."""
    if len(packet) > MAX_PACKET:
        raise InputError(f"OSC packet of {len(packet)} bytes: at most {MAX_PACKET} are allowed.")
    budget = [MAX_MESSAGES]
    return _element(packet, MAX_DEPTH, budget)


def messages(packet: OscMessage | OscBundle) -> Iterator[tuple[int, OscMessage]]:
    """Yield (time tag, message) in order; the tag is that of the innermost bundle, IMMEDIATELY outside of one."""
    if isinstance(packet, OscMessage):
        yield IMMEDIATELY, packet
        return
    for element in packet.elements:
        if isinstance(element, OscMessage):
            yield packet.timetag, element
        else:
            yield from messages(element)


def encode(address: str, args: Sequence[OscArg] = ()) -> bytes:
    """Write one message: bool T F, int i or h, float f, str s, bytes b, None N, math.inf I; never r.

    Raises InputError if the address does not start with a slash or an integer needs more than 64 bits.
    """
    if not address.startswith("/") or "\0" in address:
        raise InputError(f'OSC address "{address}": starts with / and holds no NUL.')
    tags, body = ",", b""
    for arg in args:
        tag, data = _encoded(arg)
        tags += tag
        body += data
    return _padded(address) + _padded(tags) + body


def encode_bundle(elements: Sequence[bytes], *, timetag: int = IMMEDIATELY) -> bytes:
    """Write a bundle of already encoded elements."""
    return _BUNDLE + struct.pack(">Q", timetag) + b"".join(struct.pack(">i", len(e)) + e for e in elements)


def timetag_of(unix_s: float) -> int:
    """Return the NTP time tag of a time in seconds since 1970, of the era that ends in 2036."""
    return int((unix_s + NTP_EPOCH_S) * 2**32) & (2**64 - 1)


def unix_s_of(timetag: int) -> float:
    """Return the time of a tag in seconds since 1970."""
    return timetag / 2**32 - NTP_EPOCH_S


def _element(data: bytes, depth: int, budget: list[int]) -> OscMessage | OscBundle:
    if data.startswith(_BUNDLE):
        if depth == 0:
            raise InputError(f"OSC bundle: nested deeper than {MAX_DEPTH}.")
        return _bundle(data, depth, budget)
    budget[0] -= 1
    if budget[0] < 0:
        raise InputError(f"OSC packet: holds more than {MAX_MESSAGES} messages.")
    return _message(data)


def _bundle(data: bytes, depth: int, budget: list[int]) -> OscBundle:
    if len(data) < 16:
        raise InputError(f"OSC bundle of {len(data)} bytes: a bundle has at least 16.")
    (timetag,) = struct.unpack_from(">Q", data, 8)
    elements: list[OscMessage | OscBundle] = []
    at = 16
    while at < len(data):
        if at + 4 > len(data):
            raise InputError("OSC bundle: ends inside the size of an element.")
        (size,) = struct.unpack_from(">i", data, at)
        at += 4
        if size <= 0 or size % 4 or at + size > len(data):
            raise InputError(f"OSC bundle: element size {size} must be a positive multiple of 4 and fit the packet.")
        elements.append(_element(data[at : at + size], depth - 1, budget))
        at += size
    return OscBundle(timetag, tuple(elements))


def _message(data: bytes) -> OscMessage:
    if data[:1] != b"/":
        raise InputError(f"OSC packet {data[:8]!r}: starts with / or #bundle.")
    if len(data) % 4:
        raise InputError(f"OSC message of {len(data)} bytes: the size is a multiple of 4.")
    address, at = _text(data, 0)
    if len(address) > MAX_ADDRESS or not address.isprintable():
        raise InputError(f"OSC address {address[:40]!r}: at most {MAX_ADDRESS} printable characters are allowed.")
    if at == len(data):
        # "OSC Type Tag String": some old senders leave it out when there are no arguments.
        return OscMessage(address)
    tags, at = _text(data, at)
    if not tags.startswith(","):
        raise InputError(f"OSC {address}: type tags {tags[:20]!r} start with a comma.")
    args, at = _arguments(data, at, tags[1:], address)
    if at != len(data):
        raise InputError(f"OSC {address}: {len(data) - at} bytes follow the last argument.")
    return OscMessage(address, args, tags[1:])


def _arguments(data: bytes, at: int, tags: str, address: str) -> tuple[tuple[OscArg, ...], int]:
    if len(tags) > 2 * MAX_ARGS:
        raise InputError(f"OSC {address}: {len(tags)} type tags; at most {MAX_ARGS} arguments are allowed.")
    args: list[OscArg] = []
    open_arrays = 0
    for tag in tags:
        if tag in "[]":
            open_arrays += 1 if tag == "[" else -1
            if open_arrays < 0:
                break
            continue
        arg, at = _argument(data, at, tag, address)
        args.append(arg)
    if open_arrays:
        raise InputError(f"OSC {address}: array brackets in {tags!r} do not pair.")
    if len(args) > MAX_ARGS:
        raise InputError(f"OSC {address}: {len(args)} arguments; at most {MAX_ARGS} are allowed.")
    return tuple(args), at


_NUMBERS = {"i": ">i", "f": ">f", "h": ">q", "d": ">d", "t": ">Q"}
_CONSTANTS: dict[str, OscArg] = {"T": True, "F": False, "N": None, "I": math.inf}


def _argument(data: bytes, at: int, tag: str, address: str) -> tuple[OscArg, int]:
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], at
    try:
        if tag in _NUMBERS:
            return struct.unpack_from(_NUMBERS[tag], data, at)[0], at + struct.calcsize(_NUMBERS[tag])
        if tag in "sS":
            return _text(data, at)
        if tag == "b":
            return _blob(data, at)
        if tag in "crm":
            raw = bytes(struct.unpack_from("4s", data, at)[0])
            return _four(raw, tag), at + 4
    except struct.error:
        raise InputError(f"OSC {address}: ends inside an argument of type {tag}.") from None
    raise InputError(f"OSC {address}: type {tag!r} is none of i f s b T F N I h d t r c S m [ ].")


def _four(raw: bytes, tag: str) -> OscArg:
    if tag == "r":
        return f"#{raw.hex()}"
    if tag == "m":
        return raw
    code = int.from_bytes(raw, "big")
    if code > 0x7F:
        raise InputError(f"OSC character {code}: an argument of type c is ASCII.")
    return chr(code)


def _blob(data: bytes, at: int) -> tuple[bytes, int]:
    (size,) = struct.unpack_from(">i", data, at)
    end = at + 4 + size
    if size < 0 or end + -size % 4 > len(data):
        raise InputError(f"OSC blob of {size} bytes: does not fit the packet.")
    return data[at + 4 : end], end + -size % 4


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    if end < 0:
        raise InputError("OSC string: has no NUL at its end.")
    next_at = end + 4 - (end - at) % 4
    if next_at > len(data):
        raise InputError("OSC string: is not padded to 4 bytes.")
    try:
        return data[at:end].decode("utf-8"), next_at
    except UnicodeDecodeError:
        raise InputError(f"OSC string {data[at : at + 8]!r}: is not UTF-8.") from None


def _encoded(arg: OscArg) -> tuple[str, bytes]:
    # bool before int, of which it is a kind.
    if isinstance(arg, bool):
        return ("T" if arg else "F"), b""
    if arg is None:
        return "N", b""
    if isinstance(arg, int):
        return _encoded_int(arg)
    if isinstance(arg, float):
        return _encoded_float(arg)
    if isinstance(arg, str):
        return "s", _padded(arg.replace("\0", ""))
    return "b", struct.pack(">i", len(arg)) + arg + bytes(-len(arg) % 4)


def _encoded_int(arg: int) -> tuple[str, bytes]:
    if -(2**31) <= arg < 2**31:
        return "i", struct.pack(">i", arg)
    if -(2**63) <= arg < 2**63:
        return "h", struct.pack(">q", arg)
    raise InputError(f"OSC integer {arg:.3e}: must fit 64 bits.")


def _encoded_float(arg: float) -> tuple[str, bytes]:
    if arg == math.inf:
        return "I", b""
    try:
        return "f", struct.pack(">f", arg)
    except OverflowError:
        return "d", struct.pack(">d", arg)


def _padded(text: str) -> bytes:
    data = text.encode("utf-8", errors="replace")
    return data + bytes(4 - len(data) % 4)
