"""A whole delivery engine from a compiled venue, for hosts that need nothing special."""

from __future__ import annotations

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from facade.core.clock import Clock
from facade.delivery.dispatch import every_nth
from facade.delivery.engine import DeliveryEngine
from facade.delivery.picture import BACK_S
from facade.delivery.rewire import Rewiring
from facade.light.flash_guard import Rest
from facade.light.pipeline import LightPipeline
from facade.mapping.model import Patch, PixelMap
from facade.outputs.announce import announcer_for
from facade.outputs.build import build_senders
from facade.outputs.identity import Identity
from facade.outputs.interfaces import interfaces
from facade.outputs.slab import SOURCE_NAME, PacketSlab
from facade.outputs.virtual import VirtualNetwork
from facade.outputs.watch import NetworkWatch


def build_delivery(
    pixels: PixelMap,
    patch: Patch,
    *,
    clock: Clock,
    cid: UUID,
    network: VirtualNetwork | None = None,
    udp: bool = True,
    source: str = SOURCE_NAME,
    first_sequence: int = 0,
    always_send: bool = True,
    back_s: float = BACK_S,
    known_start: bool = True,
    unlocked_s: float = 0.0,
    identity: Identity | None = None,
) -> DeliveryEngine:
    """Return an engine that delivers a venue; see PacketSlab, build_senders and DeliveryEngine for the arguments.

    identity: given back when the engine closes; with it and udp, the network is watched.
    Raises MappingError or OutputError if the venue cannot be delivered.
    """
    watch = None
    rewiring = Rewiring(cid=cid, source=source, clock=clock, network=network, udp=udp)
    slab = PacketSlab(patch, cid=cid, source=source, first_sequence=first_sequence)
    if identity is not None and udp:
        own = [each.address for each in interfaces()]
        watch = NetworkWatch(slab.blocks, clock=clock, identity=identity, own=own)
    return DeliveryEngine(
        pixels,
        slab,
        pipeline=LightPipeline(pixels, rests=resting(pixels, patch)),
        senders=build_senders(slab, clock=clock, network=network, udp=udp),
        safe=pixels.venue.safe,
        clock=clock,
        always_send=always_send,
        back_s=back_s,
        known_start=known_start,
        unlocked_s=unlocked_s,
        paced=udp,
        announcer=announcer_for(slab.blocks, cid=cid, source=source) if udp else None,
        watch=watch,
        rewiring=rewiring,
    )


def resting(pixels: PixelMap, patch: Patch) -> tuple[Rest, ...]:
    """Return which bytes leave with every n-th frame only, because their controller takes no more."""
    found: dict[int, NDArray[np.bool_]] = {}
    for controller in patch.controllers:
        n = every_nth(pixels.venue.venue.rate_hz, controller.profile.max_rate_hz)
        if n > 1:
            mask = found.setdefault(n, np.zeros(pixels.n_levels, np.bool_))
            mask[controller.gather[controller.gather < pixels.n_levels]] = True
    return tuple(found.items())
