"""What the kernel knows of this machine's networks: interfaces, cables, neighbours, routes, packets it dropped.

Read from /proc, /sys and the interface ioctls, without privileges and without asking the network. Where a system has
none of these, everything is unknown: empty, or None.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 1 << 18
"""Read of any table: room for three thousand neighbours."""

_GET_ADDRESS, _GET_BROADCAST, _GET_FLAGS, _IS_UP = 0x8915, 0x8919, 0x8913, 1
_COMPLETE = 0x2
"""ATF_COM of include/uapi/linux/if_arp.h: the neighbour has told its hardware address."""

_ROUTE_UP, _ROUTE_GATEWAY = 0x1, 0x2


@dataclass(frozen=True, slots=True)
class Interface:
    """address, broadcast: IPv4, "" where it has none. up: switched on; says nothing about its cable."""

    name: str
    address: str
    broadcast: str
    up: bool


@dataclass(frozen=True, slots=True)
class Route:
    """A network and the interface that leads there. address, mask: as numbers. direct: without a gateway."""

    address: int
    mask: int
    interface: str
    direct: bool


def interfaces() -> tuple[Interface, ...]:
    """Return every interface of this machine, with its first address."""
    names = [name for _, name in socket.if_nameindex()]
    if sys.platform != "linux":
        return tuple(Interface(name, "", "", True) for name in names)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        return tuple(_interface(end, name) for name in names)


def broadcasts(table: Path = Path("/proc/net/route")) -> dict[str, str]:
    """Return the broadcast addresses of the networks that this machine is on, each with its interface."""
    found = {each.broadcast: each.name for each in interfaces() if each.broadcast}
    for route in routes(table):
        # Networks of two hosts and of one have none (RFC 3021).
        if route.direct and 0 < route.mask < 0xFFFF_FFFE:
            found[str(ipaddress.IPv4Address(route.address | ~route.mask & 0xFFFF_FFFF))] = route.interface
    return found


def address_of(name: str) -> str:
    """Return the IPv4 address that an interface has now; "" where it has none or is not there."""
    if sys.platform != "linux":
        return ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        raw = _ask(end, name, _GET_ADDRESS)
    return socket.inet_ntoa(raw[20:24]) if raw else ""


def local_address(interface: str) -> str:
    """Return the IPv4 address to send from: interface itself where it is one, else what the card of that name has now.

    Raises OSError (EADDRNOTAVAIL) if there is no such card, or it has no address.
    """
    with contextlib.suppress(ValueError):
        return str(ipaddress.IPv4Address(interface))
    found = address_of(interface)
    if not found:
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    return found


def has_cable(name: str) -> bool | None:
    """Return whether an interface has a carrier; None where that cannot be known."""
    folder = Path("/sys/class/net") / name
    try:
        return (folder / "carrier").read_text(encoding="ascii").strip() == "1"
    except FileNotFoundError:
        return None
    except OSError:
        return False  # the kernel refuses to say for an interface that is switched off


def neighbours(table: Path = Path("/proc/net/arp")) -> dict[str, bool]:
    """Return every IPv4 host that this machine has looked for on its wires: whether it answered (ARP)."""
    found = {}
    for line in _lines(table):
        fields = line.split()
        if len(fields) >= 6:
            with contextlib.suppress(ValueError):
                found[fields[0]] = bool(int(fields[2], 16) & _COMPLETE)
    return found


def routes(table: Path = Path("/proc/net/route")) -> tuple[Route, ...]:
    """Return the routes of this machine, the narrowest first."""
    found = []
    for line in _lines(table):
        fields = line.split()
        try:
            flags = int(fields[3], 16)
            address, mask = _address(fields[1]), _address(fields[7])
        except (IndexError, ValueError):
            continue
        if flags & _ROUTE_UP:
            found.append(Route(address, mask, fields[0], not flags & _ROUTE_GATEWAY))
    return tuple(sorted(found, key=lambda route: -route.mask))


def route_to(host: str, table: Iterable[Route]) -> Route | None:
    """Return the route that packets to a host take, or None."""
    number = int.from_bytes(socket.inet_aton(host), "big")
    return next((route for route in table if number & route.mask == route.address), None)


def dropped(table: Path = Path("/proc/net/snmp")) -> int:
    """Return how many packets this machine's kernel has thrown away on the way out since it started."""
    total, header = 0, [""]
    for line in _lines(table, skip=0):
        fields = line.split()
        if header[:1] == fields[:1]:
            values = dict(zip(header[1:], fields[1:], strict=False))
            names = ("OutDiscards", "OutNoRoutes") if fields[0] == "Ip:" else ("SndbufErrors",)
            if fields[0] in ("Ip:", "Udp:"):
                total += sum(int(values.get(name, 0)) for name in names)
        header = fields
    return total


def _interface(end: socket.socket, name: str) -> Interface:
    address, broadcast, flags = (_ask(end, name, request) for request in (_GET_ADDRESS, _GET_BROADCAST, _GET_FLAGS))
    up = bool(flags) and bool(struct.unpack_from("<H", flags, 16)[0] & _IS_UP)
    shown = [socket.inet_ntoa(raw[20:24]) if raw else "" for raw in (address, broadcast)]
    return Interface(name, shown[0], "" if shown[1] == "0.0.0.0" else shown[1], up)


def _ask(end: socket.socket, name: str, request: int) -> bytes:
    import fcntl

    try:
        return fcntl.ioctl(end, request, struct.pack("256s", name.encode()[:15]))
    except OSError:
        return b""


def _address(field: str) -> int:
    """An address as /proc/net/route has it: its bytes as this machine stores a number."""
    return int.from_bytes(int(field, 16).to_bytes(4, sys.byteorder), "big")


def _lines(table: Path, *, skip: int = 1) -> list[str]:
    try:
        with table.open(encoding="ascii", errors="replace") as file:
            return file.read(MOST_BYTES).splitlines()[skip:]
    except OSError:
        return []
