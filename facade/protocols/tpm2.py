"""TPM2 as bytes: tpm2.net over UDP, tpm2 over serial. Source: TPM2 protocol description, as WLED's and ledstyles'
readers.

net     9C DA, size (2, high byte first), packet number from 1, number of packets, data, 36
serial  C9 DA, size (2), data, 36
"""

from __future__ import annotations

from facade.core.errors import InputError, OutputError
from facade.protocols.codec import Cells, Codec, Window, need

PORT = 65506
NET_START, SERIAL_START, DATA, END = 0x9C, 0xC9, 0xDA, 0x36
NET_HEADER, SERIAL_HEADER = 6, 4
MOST_NET = 1464
"""Fits an Ethernet frame with header and end."""
MOST_PACKETS = 255


def net_header(window: Window) -> bytes:
    """Return the six bytes before a window's levels. Raises OutputError for more than 255 packets a frame."""
    packets = max(window.count, window.universe + 1)
    if packets > MOST_PACKETS:
        raise OutputError(f"TPM2.net frame of {packets} packets: they are numbered 1..{MOST_PACKETS}. Use DDP.")
    return bytes((NET_START, DATA)) + window.length.to_bytes(2, "big") + bytes((window.universe + 1, packets))


def serial_header(window: Window) -> bytes:
    """Return the four bytes before a frame's levels."""
    return bytes((SERIAL_START, DATA)) + window.length.to_bytes(2, "big")


def end(window: Window) -> bytes:
    """Return the last byte."""
    return bytes((END,))


def decode_net(data: bytes) -> tuple[Cells, ...]:
    """Read one packet. Packets but the last are taken to be of one length; see Cells.universe."""
    need(data, NET_HEADER, "TPM2.net packet")
    payload = _payload(data, NET_START, NET_HEADER)
    return () if data[1] != DATA else (Cells(payload, universe=data[4] - 1, at=NET_HEADER),)


def decode_serial(data: bytes) -> tuple[Cells, ...]:
    """Read one frame."""
    need(data, SERIAL_HEADER, "TPM2 frame")
    payload = _payload(data, SERIAL_START, SERIAL_HEADER)
    return () if data[1] != DATA else (Cells(payload, at=SERIAL_HEADER),)


def _payload(data: bytes, start: int, head: int) -> bytes:
    if data[0] != start:
        raise InputError(f"TPM2 packet starting {data[0]:#04x}: it starts with {start:#04x}.")
    length = int.from_bytes(data[2:4], "big")
    need(data, head + length + 1, f"TPM2 packet that declares {length} bytes")
    if data[head + length] != END:
        raise InputError(f"TPM2 packet ending {data[head + length]:#04x}: it ends with {END:#04x}.")
    return data[head : head + length]


NET = Codec(
    label="TPM2.net",
    medium="udp",
    port=PORT,
    universes=(0, MOST_PACKETS - 1),
    most_slots=MOST_NET,
    header=net_header,
    trailer=end,
    decode=decode_net,
    closes=True,
)
SERIAL = Codec(
    label="TPM2",
    medium="serial",
    port=0,
    universes=(0, 0),
    most_slots=65535,
    header=serial_header,
    trailer=end,
    decode=decode_serial,
    trim="each",
)
