"""Gives one controller another address while the others go on.

Everything that knows an address is made anew for that controller alone: its packets, its socket, what is announced and
what is watched. A frame of any other controller is neither delayed nor changed.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from facade.config.venue import MOVABLE
from facade.core.clock import Clock
from facade.core.errors import MappingError
from facade.core.frame import Levels
from facade.delivery.dispatch import Dispatch
from facade.mapping.model import ControllerPatch, Patch
from facade.outputs.announce import announcer_for
from facade.outputs.build import build_sender
from facade.outputs.slab import PacketSlab
from facade.outputs.virtual import VirtualNetwork
from facade.outputs.watch import NetworkWatch


class Rewiring:
    """How the senders of an engine were made, to make them again; see build_delivery for the arguments."""

    def __init__(self, *, cid: UUID, source: str, clock: Clock, network: VirtualNetwork | None, udp: bool) -> None:
        self._cid = cid
        self._source = source
        self._clock = clock
        self._network = network
        self._udp = udp

    def move(
        self, dispatch: Dispatch, name: str, changes: dict[str, object], *, dark: Levels, watch: NetworkWatch | None
    ) -> ControllerPatch:
        """Send a controller's light by another way from the next frame on. Return its new patch.

        changes: some of MOVABLE; host is an address or "multicast", never a name: looking one up would wait.
        dark: levels of no light, for the device that is left: many hold what they got last.
        Raises MappingError for a controller that is not there, OutputError for an address that cannot be one; then
        nothing has changed.
        """
        old = next((block for block in dispatch.blocks if block.name == name), None)
        if old is None or not set(changes) <= set(MOVABLE):
            raise MappingError(
                f"controller {name!r} with {sorted(changes)}: it is not in the patch, or not to be moved."
            )
        patch = replace(old.patch, controller=old.patch.controller.model_copy(update=changes))
        # The device that is left may be the one that is found again: its last packet takes the next number.
        following = old.last_sequence + 1 & 0xFF
        slab = PacketSlab(Patch((patch,)), cid=self._cid, source=self._source, first_sequence=following)
        (block,) = slab.blocks
        sender = build_sender(block, clock=self._clock, network=self._network, udp=self._udp)
        blocks = [block if each.name == name else each for each in dispatch.blocks]
        announcer = announcer_for(blocks, cid=self._cid, source=self._source) if self._udp else None
        if block.address != old.address:
            dispatch.leave(name, dark)
        dispatch.replace(block, sender, announcer=announcer)
        if watch is not None:
            watch.watch(blocks)
        return patch
