"""Says every ten seconds which sACN universes this machine sends, for consoles and monitors (E1.31-2018 section 8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from facade.outputs.contract import Datagram, Wire
from facade.outputs.slab import SOURCE_NAME, Block
from facade.outputs.udp import UdpWire
from facade.protocols import sacn, sacn_discovery


class Announcer:
    """One multicast wire for each interface that sACN leaves by. Failures are nobody's loss and go unsaid."""

    def __init__(self, announcements: Sequence[tuple[Wire, tuple[Datagram, ...]]]) -> None:
        self._announcements = tuple(announcements)
        self._said_at = float("-inf")

    def tell(self, now: float) -> None:
        """Send what is due; cheap when nothing is."""
        if now - self._said_at < sacn_discovery.INTERVAL_S:
            return
        self._said_at = now
        for wire, datagrams in self._announcements:
            if wire.open() == 0 and wire.send(datagrams)[2]:
                # The card may have another address by the next time.
                wire.close()

    def close(self) -> None:
        for wire, _ in self._announcements:
            wire.close()


def announcer_for(
    blocks: Sequence[Block],
    *,
    cid: UUID,
    source: str = SOURCE_NAME,
    make_wire: Callable[[str], Wire] = lambda interface: UdpWire(None, interface=interface),
) -> Announcer | None:
    """Return what announces the universes of some blocks; None where no sACN leaves this machine.

    make_wire: given an interface's address, "" for any, the road to its multicast groups.
    """
    by_interface: dict[str, list[int]] = {}
    for block in blocks:
        if _is_heard(block):
            by_interface.setdefault(block.patch.controller.interface, []).extend(block.patch.universes)
    if not by_interface:
        return None
    address = (sacn_discovery.GROUP, sacn.PORT)
    return Announcer(
        [
            (
                make_wire(interface),
                tuple(
                    (memoryview(packet), address)
                    for packet in sacn_discovery.discovery_packets(universes, cid=cid, source=source)
                ),
            )
            for interface, universes in by_interface.items()
        ]
    )


def _is_heard(block: Block) -> bool:
    return block.patch.profile.protocol == "sacn" and not block.on_this_machine
