"""From a controller's patch to the bytes around its levels: headers, trailers, addresses, and what closes a frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from facade.core.errors import OutputError
from facade.mapping.codecs import codec_of
from facade.mapping.model import ControllerPatch
from facade.mapping.packets import options_of, windows_of
from facade.outputs.contract import Address
from facade.outputs.udp import resolve
from facade.protocols import sacn
from facade.protocols.codec import Codec, Options, Window

SyncKey = tuple[int, Address, str]
"""Synchronisation universe, address and interface: who hears a sync packet."""

_NUMBER = 2
"""Bytes of the number before a record."""


@dataclass(frozen=True, slots=True)
class Framing:
    """One controller's packets but for their levels.

    headers: of one length. sizes: bytes of each packet. source: int32 (U, W), the slot that each byte behind the header
    shows, or -1 for a byte of its own: ``fixed_at`` are these bytes' places in the flattened (U, W), ``fixed`` their
    values. sync: the packet that closes a frame, empty for none.
    """

    codec: Codec
    headers: tuple[bytes, ...]
    sizes: tuple[int, ...]
    source: NDArray[np.int32]
    fixed_at: NDArray[np.intp]
    fixed: NDArray[np.uint8]
    addresses: tuple[Address, ...]
    sync: bytes
    sync_address: Address
    sync_key: SyncKey
    sync_sequence_at: int | None

    @property
    def header_length(self) -> int:
        return len(self.headers[0])


def frame_of(patch: ControllerPatch, *, cid: UUID, source: str) -> Framing:
    """Return the framing of a controller.

    Raises OutputError for a universe, priority or length that the protocol cannot say, or a host without an address.
    """
    codec = codec_of(patch.profile)
    options = replace(options_of(patch), cid=cid, source=source)
    windows = windows_of(patch, codec, options)
    headers = tuple(codec.header(window) for window in windows)
    if len({len(header) for header in headers}) != 1:
        raise OutputError(f"controller {patch.name!r}: headers of its packets differ in length; they must not.")
    bodies = [_body(window, codec, used) for window, used in zip(windows, patch.used, strict=True)]
    width = max(len(slots) for slots, _ in bodies)
    slots, fixed = np.full((len(bodies), width), -1, np.int32), np.zeros((len(bodies), width), np.uint8)
    for row, (own, values) in enumerate(bodies):
        slots[row, : len(own)], fixed[row, : len(own)] = own, values
    # A slot that the patch does not have is padding.
    slots[slots >= patch.gather.shape[1]] = -1
    places = np.flatnonzero(slots.reshape(-1) < 0)
    addresses = _addresses(patch, codec)
    sync, sync_address = _sync(patch, codec, options, addresses[0])
    universe = patch.controller.sync_universe if patch.profile.protocol == "sacn" else 0
    return Framing(
        codec=codec,
        headers=headers,
        sizes=tuple(len(headers[0]) + len(own) for own, _ in bodies),
        source=slots,
        fixed_at=places,
        fixed=fixed.reshape(-1)[places],
        addresses=addresses,
        sync=sync,
        sync_address=sync_address,
        sync_key=(universe, sync_address, patch.controller.interface),
        sync_sequence_at=sacn.SYNC_SEQUENCE_AT if universe else None,
    )


def _body(window: Window, codec: Codec, used: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return the slot of each byte between header and end, -1 for fixed ones, and the values of these."""
    slots, values = np.arange(window.length, dtype=np.int32), np.zeros(window.length, np.uint8)
    if codec.record:
        n = -(-used // codec.record)
        numbers = (window.first // codec.record + np.arange(n)).astype("<u2").view(np.uint8).reshape(n, _NUMBER)
        own = np.arange(n * codec.record, dtype=np.int32).reshape(n, codec.record)
        slots = np.concatenate([np.full((n, _NUMBER), -1, np.int32), own], axis=1).reshape(-1)
        values = np.concatenate([numbers, np.zeros_like(own, np.uint8)], axis=1).reshape(-1)
    trailer = np.frombuffer(codec.trailer(window), np.uint8)
    return (
        np.concatenate([slots, np.full(len(trailer), -1, np.int32)]),
        np.concatenate([values, trailer]).astype(np.uint8),
    )


def _addresses(patch: ControllerPatch, codec: Codec) -> tuple[Address, ...]:
    host, n = patch.controller.host, len(patch.universes)
    if codec.medium not in ("udp", "tcp"):
        return ((host, 0),) * n
    port = patch.controller.port or codec.port
    if host == "multicast" and codec.multicast:
        return tuple((sacn.multicast_group(universe), port) for universe in patch.universes)
    return ((resolve(host, controller=patch.name), port),) * n


def _sync(patch: ControllerPatch, codec: Codec, options: Options, address: Address) -> tuple[bytes, Address]:
    """Return what closes a frame and where it goes; the bytes are empty where nothing does."""
    packet = codec.sync(options)
    if packet and codec.multicast and patch.controller.host == "multicast":
        return packet, (sacn.multicast_group(options.sync_universe), address[1])
    return packet, address
