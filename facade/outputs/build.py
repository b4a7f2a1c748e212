"""One sender for each controller of a slab: by its own medium, in memory, or both."""

from __future__ import annotations

from facade.core.clock import Clock
from facade.outputs.contract import Sender, Wire
from facade.outputs.ethernet import EthernetWire
from facade.outputs.opendmx import OpenDmxWire
from facade.outputs.sender import NetworkSender, TeeSender
from facade.outputs.slab import Block, PacketSlab
from facade.outputs.stream import SerialWire, TcpWire
from facade.outputs.udp import UdpWire
from facade.outputs.virtual import VirtualNetwork


def build_senders(
    slab: PacketSlab, *, clock: Clock, network: VirtualNetwork | None = None, udp: bool = True
) -> tuple[Sender, ...]:
    """Return senders in the order of slab.blocks.

    network: where the simulator listens; with udp as well, it sees what leaves without being able to disturb it.
    Raises OutputError for an address that cannot be a controller's.
    """
    return tuple(build_sender(block, clock=clock, network=network, udp=udp) for block in slab.blocks)


def build_sender(block: Block, *, clock: Clock, network: VirtualNetwork | None = None, udp: bool = True) -> Sender:
    """Return the sender of one block; see build_senders."""
    kind, universes = block.patch.profile.protocol, len(block.patch.universes)
    where = "multicast" if block.address is None else f"{block.address[0]}:{block.address[1]}".removesuffix(":0")
    seen = None
    if network is not None or not udp:
        wire = (network or VirtualNetwork()).wire(block.name, where)
        seen = NetworkSender(block.name, wire, kind=kind, universes=universes, clock=clock)
    if not udp and seen is not None:
        return seen
    first = NetworkSender(block.name, wire_for(block, clock=clock), kind=kind, universes=universes, clock=clock)
    return first if seen is None else TeeSender(first, seen)


def wire_for(block: Block, *, clock: Clock) -> Wire:
    """Return the road to a block's controller. Raises OutputError for an address that cannot be a controller's."""
    profile, controller = block.patch.profile, block.patch.controller
    interface = controller.interface
    if block.address is not None and block.codec.medium == "serial":
        return SerialWire(block.address[0], baud=profile.baud)
    if block.address is not None and block.codec.medium == "dmx":
        return OpenDmxWire(block.address[0], clock=clock)
    if block.address is not None and block.codec.medium == "ethernet":
        return EthernetWire(block.address[0])
    if block.address is not None and block.codec.medium == "tcp":
        return TcpWire(block.address, interface=interface)
    return UdpWire(block.address, interface=interface, broadcast=controller.broadcast, max_mbit=profile.max_mbit)
