"""Art-Net discovery as bytes: ArtPoll asks, ArtPollReply answers.

Source: Artistic Licence, "Specification for the Art-Net 4 Ethernet Communication Protocol", "ArtPoll packet
definition" and "ArtPollReply packet definition". A node answers once for every four ports, told apart by their bind
index.
"""

from __future__ import annotations

from dataclasses import dataclass

from facade.core.errors import InputError
from facade.protocols.artnet import ID, PORT, PROTOCOL

OP_POLL = 0x2000
OP_POLL_REPLY = 0x2100
POLL_LENGTH = 14
REPLY_LENGTH = 239
LEAST_REPLY = 207
"""Of the first Art-Net; later fields are read where they are."""

_PORTS = 4
_OUTPUT = 0x80
"""Bit 7 of a port type: the port can output data from the network."""

_INPUT = 0x40
"""Bit 6 of a port type: the port can put data onto the network."""

_MERGING = 0x08
"""Bit 3 of GoodOutputA: the port gets levels from two sources and mixes them."""


@dataclass(frozen=True, slots=True)
class ArtPollReply:
    """One node, or four ports of one. outputs: port-addresses that it turns into DMX or pixels.

    inputs: port-addresses that it puts onto the network. merging: those of outputs that two sources send.
    firmware: VersInfo. oem, manufacturer: numbers that Artistic Licence and ESTA give out. bind_index: 0 or 1 for the
    first.
    """

    address: str
    port: int
    name: str
    long_name: str
    report: str
    firmware: int
    oem: int
    manufacturer: int
    outputs: tuple[int, ...]
    mac: str
    bind_index: int
    inputs: tuple[int, ...] = ()
    merging: tuple[int, ...] = ()


def poll_packet() -> bytes:
    """Return an ArtPoll that asks for answers to polls only, and for no diagnostics."""
    return ID + OP_POLL.to_bytes(2, "little") + PROTOCOL.to_bytes(2, "big") + bytes(2)


def reply_packet(reply: ArtPollReply) -> bytes:
    """Return an ArtPollReply of at most four ports, all of one net and sub-net."""
    first = reply.outputs[0] if reply.outputs else 0
    ports = reply.outputs[:_PORTS]
    packet = bytearray(REPLY_LENGTH)
    packet[0:10] = ID + OP_POLL_REPLY.to_bytes(2, "little")
    packet[10:14] = bytes(int(part) for part in reply.address.split("."))
    packet[14:16] = reply.port.to_bytes(2, "little")
    packet[16:18] = reply.firmware.to_bytes(2, "big")
    packet[18:20] = bytes((first >> 8, first >> 4 & 0xF))
    packet[20:22] = reply.oem.to_bytes(2, "big")
    packet[24:26] = reply.manufacturer.to_bytes(2, "little")
    for at, size, text in ((26, 18, reply.name), (44, 64, reply.long_name), (108, 64, reply.report)):
        packet[at : at + size] = text.encode("ascii", "replace")[: size - 1].ljust(size, b"\0")
    packet[173] = len(ports)
    packet[174 : 174 + len(ports)] = bytes((_OUTPUT,)) * len(ports)
    packet[182 : 182 + len(ports)] = bytes(_MERGING if port in reply.merging else 0 for port in ports)
    packet[190 : 190 + len(ports)] = bytes(port & 0xF for port in ports)
    packet[201:207] = bytes.fromhex(reply.mac.replace(":", "")) if reply.mac else bytes(6)
    packet[211] = reply.bind_index
    return bytes(packet)


def decode_reply(packet: bytes) -> ArtPollReply | None:
    """Read an answer; None for other Art-Net packets. Raises InputError if it is no sound Art-Net packet."""
    data = bytes(packet)
    if len(data) < 10 or not data.startswith(ID):
        raise InputError(f"{len(data)} bytes starting {data[:8]!r}: Art-Net starts with {ID!r} and an opcode.")
    if int.from_bytes(data[8:10], "little") != OP_POLL_REPLY:
        return None
    if len(data) < LEAST_REPLY:
        raise InputError(f"ArtPollReply of {len(data)} bytes: it has at least {LEAST_REPLY}.")
    base = (data[18] & 0x7F) << 8 | (data[19] & 0xF) << 4
    n_ports = min(int.from_bytes(data[172:174], "big"), _PORTS)
    outputs = [(base | data[190 + i] & 0xF, data[182 + i]) for i in range(n_ports) if data[174 + i] & _OUTPUT]
    return ArtPollReply(
        address=".".join(str(part) for part in data[10:14]),
        port=int.from_bytes(data[14:16], "little") or PORT,
        name=_text(data[26:44]),
        long_name=_text(data[44:108]),
        report=_text(data[108:172]),
        firmware=int.from_bytes(data[16:18], "big"),
        oem=int.from_bytes(data[20:22], "big"),
        manufacturer=int.from_bytes(data[24:26], "little"),
        outputs=tuple(port for port, _ in outputs),
        mac=":".join(f"{part:02x}" for part in data[201:207]),
        bind_index=data[211] if len(data) > 211 else 0,
        inputs=tuple(base | data[186 + i] & 0xF for i in range(n_ports) if data[174 + i] & _INPUT),
        merging=tuple(port for port, good in outputs if good & _MERGING),
    )


def _text(field: bytes) -> str:
    """Text up to its NUL, with what is no printable ASCII replaced: it is shown to people."""
    return "".join(chr(b) if 32 <= b < 127 else "?" for b in field.split(b"\0", 1)[0])
