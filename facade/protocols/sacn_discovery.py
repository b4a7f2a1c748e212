"""sACN universe discovery as bytes: a source says every ten seconds which universes it sends.

Source: ANSI E1.31-2018, table 4-3 and section 8. Framing 82 bytes as the data packet's, then the universe discovery
layer: page, last page, and up to 512 ascending universes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from facade.core.errors import InputError
from facade.protocols.sacn import PREAMBLE, flags, layer_end, name_field, root_layer

UNIVERSE = 64214
GROUP = "239.255.250.214"
"""E131_DISCOVERY_UNIVERSE and its group (appendix A, section 9.3.1)."""

INTERVAL_S = 10.0
"""E131_UNIVERSE_DISCOVERY_INTERVAL (appendix A)."""

PAGE = 512
_ROOT_EXTENDED = 8
_EXTENDED_DISCOVERY = 2
_LIST = 1
_FRAMING_AT, _LIST_AT, _HEADER = 38, 112, 120


@dataclass(frozen=True, slots=True)
class SacnDiscovery:
    """One page of a source's universes, ascending. pages: 0..last."""

    cid: UUID
    source: str
    page: int
    last: int
    universes: tuple[int, ...]


def discovery_packets(universes: Sequence[int], *, cid: UUID, source: str) -> tuple[bytes, ...]:
    """Return the packets that announce all universes, in pages of 512; one empty page for none."""
    ordered = sorted(set(universes))
    pages = [ordered[i : i + PAGE] for i in range(0, len(ordered), PAGE)] or [[]]
    return tuple(_page(page, n, len(pages) - 1, cid=cid, source=source) for n, page in enumerate(pages))


def decode(packet: bytes) -> SacnDiscovery:
    """Read one discovery packet. Raises InputError with the broken rule if it is not sound."""
    data = bytes(packet)
    if not data.startswith(PREAMBLE) or len(data) < _HEADER:
        raise InputError(f"{len(data)} bytes starting {data[:16]!r}: a discovery packet has {_HEADER} and more.")
    if (
        int.from_bytes(data[18:22], "big") != _ROOT_EXTENDED
        or int.from_bytes(data[40:44], "big") != _EXTENDED_DISCOVERY
    ):
        raise InputError("sACN packet with other vectors than universe discovery's (table 4-3).")
    ends = {layer_end(data, at, layer) for at, layer in ((16, "root"), (_FRAMING_AT, "framing"), (_LIST_AT, "list"))}
    if len(ends) != 1 or (end := ends.pop()) < _HEADER or (end - _HEADER) % 2 or end > _HEADER + 2 * PAGE:
        raise InputError("sACN discovery packet: its layers do not end together after whole universes.")
    return SacnDiscovery(
        cid=UUID(bytes=data[22:38]),
        source=data[44:108].split(b"\0", 1)[0].decode("utf-8", "replace"),
        page=data[118],
        last=data[119],
        universes=tuple(int.from_bytes(data[at : at + 2], "big") for at in range(_HEADER, end, 2)),
    )


def _page(universes: Sequence[int], page: int, last: int, *, cid: UUID, source: str) -> bytes:
    total = _HEADER + 2 * len(universes)
    framing = flags(total - _FRAMING_AT) + _EXTENDED_DISCOVERY.to_bytes(4, "big") + name_field(source) + bytes(4)
    listing = flags(total - _LIST_AT) + _LIST.to_bytes(4, "big") + bytes((page, last))
    return (
        root_layer(total, _ROOT_EXTENDED, cid) + framing + listing + b"".join(u.to_bytes(2, "big") for u in universes)
    )
