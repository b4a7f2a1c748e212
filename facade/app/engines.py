"""Delivery engines for the hosts of this package. Apart from wiring.py: delivery loads what no other process needs."""

from __future__ import annotations

from secrets import randbelow
from uuid import UUID, uuid4

from facade.core import places
from facade.core.clock import Clock
from facade.delivery.build import build_delivery
from facade.delivery.engine import DeliveryEngine
from facade.mapping.model import Patch, PixelMap
from facade.outputs.identity import claim_identity
from facade.outputs.virtual import VirtualNetwork

_OFFLINE_CID = UUID("6f66666c-696e-4565-8000-666163616465")


def live_engine(
    pixels: PixelMap, patch: Patch, clock: Clock, *, network: VirtualNetwork, real: bool, unlocked_s: float = 0.0
) -> DeliveryEngine:
    """Delivery of a venue for a show in real time. real: onto the network too, not only into the virtual one.

    unlocked_s: for so long the brightness caps rest. Only a test of one fixture, asked for at a terminal, may say so.
    Its sACN identity is this installation's, and its sequence numbers start anywhere, so that receivers know it
    again and do not take its packets for late ones. Raises MappingError or OutputError.
    """
    identity = claim_identity(places.state()) if real else None
    return build_delivery(
        pixels,
        patch,
        clock=clock,
        cid=uuid4() if identity is None else identity.cid,
        network=network,
        udp=real,
        first_sequence=randbelow(256),
        identity=identity,
        known_start=False,
        unlocked_s=unlocked_s,
    )


def offline_engine(pixels: PixelMap, patch: Patch, clock: Clock, *, network: VirtualNetwork) -> DeliveryEngine:
    """Delivery of a venue into the virtual network only, the same bytes on every run."""
    return build_delivery(pixels, patch, clock=clock, cid=_OFFLINE_CID, network=network, udp=False, back_s=0.0)
