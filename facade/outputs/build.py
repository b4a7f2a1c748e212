"""One sender for each controller of a slab: by UDP, in memory, or both."""

from __future__ import annotations

from facade.core.clock import Clock
from facade.outputs.contract import Sender
from facade.outputs.sender import NetworkSender, TeeSender
from facade.outputs.slab import Block, PacketSlab
from facade.outputs.udp import UdpWire
from facade.outputs.virtual import VirtualNetwork


def build_senders(
    slab: PacketSlab, *, clock: Clock, network: VirtualNetwork | None = None, udp: bool = True
) -> tuple[Sender, ...]:
    """Return senders in the order of slab.blocks.

    network: where the simulator listens; with udp as well, it sees what leaves without being able to disturb it.
    Raises OutputError for an address that cannot be a controller's.
    """
    return tuple(_sender(block, clock=clock, network=network, udp=udp) for block in slab.blocks)


def _sender(block: Block, *, clock: Clock, network: VirtualNetwork | None, udp: bool) -> Sender:
    kind, universes = block.patch.profile.protocol, len(block.patch.universes)
    where = "multicast" if block.address is None else f"{block.address[0]}:{block.address[1]}"
    seen = None
    if network is not None or not udp:
        wire = (network or VirtualNetwork()).wire(block.name, where)
        seen = NetworkSender(block.name, wire, kind=kind, universes=universes, clock=clock)
    if not udp and seen is not None:
        return seen
    road = UdpWire(block.address, interface=block.patch.controller.interface)
    first = NetworkSender(block.name, road, kind=kind, universes=universes, clock=clock)
    return first if seen is None else TeeSender(first, seen)
