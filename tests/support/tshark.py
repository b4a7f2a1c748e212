"""Captures made of our own packets, and Wireshark's dissectors to read them."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support.peers import need_program

_LINK_ETHERNET = 1
_SENDER = "10.9.8.7"
_PLAIN_NUMBERS = ["-o", "acn.dmx_display_zeros:TRUE", "-o", "acn.dmx_display_view:decimal"]


def write_pcap(path: Path, packets: Iterable[tuple[bytes, str, int]]) -> None:
    """Write UDP payloads as a capture (libpcap 2.4): payload, destination address, destination port of each."""
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _LINK_ETHERNET))
        for n, (payload, host, port) in enumerate(packets):
            frame = _ethernet(payload, host, port)
            out.write(struct.pack("<IIII", 1_700_000_000, n * 1000, len(frame), len(frame)) + frame)


def dissect(path: Path) -> list[dict[str, Any]]:
    """Return one dict a packet: layer name -> fields, nested as Wireshark shows them.

    sACN is found by heuristics only and its levels are an option, both off unless asked for.
    """
    command = [need_program("tshark", "tshark"), "-r", str(path), "-T", "json", "--no-duplicate-keys"]
    command += ["--enable-heuristic", "acn", "-o", "acn.dmx_enable:TRUE", *_PLAIN_NUMBERS]
    # Checksums of UDP are left zero ("not computed"); everything else must be right.
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    return [packet["_source"]["layers"] for packet in json.loads(done.stdout)]


def complaints(layers: dict[str, Any]) -> list[str]:
    """Return every expert remark and malformed mark in a packet."""
    return [f"{key}: {value}" for key, value in flat(layers) if "_ws.expert" in key or "_ws.malformed" in key]


def flat(layers: Any, key: str = "") -> Iterable[tuple[str, Any]]:
    """Return every (field name, value) in a packet, however deep."""
    if isinstance(layers, dict):
        for name, value in layers.items():
            if "_ws." in name:
                yield name, value
            yield from flat(value, name)
    elif isinstance(layers, list):
        for value in layers:
            yield from flat(value, key)
    else:
        yield key, layers


def fields(layers: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a packet by name; of a name that occurs more than once, all values in order."""
    found: dict[str, Any] = {}
    for name, value in flat(layers):
        if name in found:
            found[name] = [*found[name], value] if isinstance(found[name], list) else [found[name], value]
        else:
            found[name] = value
    return found


def _ethernet(payload: bytes, host: str, port: int) -> bytes:
    udp = struct.pack(">HHHH", 49152, port, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0x4000, 64, 17, 0, _ip(_SENDER), _ip(host))
    checksum = _internet_checksum(head)
    return b"\x02" * 6 + b"\x04" * 6 + b"\x08\x00" + head[:10] + checksum.to_bytes(2, "big") + head[12:] + udp


def _internet_checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF


def _ip(address: str) -> bytes:
    return socket.inet_aton(address)
