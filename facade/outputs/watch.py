"""Watches the network beside the show: is each controller there, and does anybody else send its universes?

Owned and stepped by the delivery loop, after a frame has left. A step never waits, reads a bounded number of datagrams
ten times a second, and looks at the kernel's tables every three seconds; its cost grows with controllers, not pixels.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from facade.core.clock import Clock
from facade.core.errors import FacadeError
from facade.core.health import OtherSource, OutputHealth, Presence, State
from facade.outputs import interfaces
from facade.outputs.contract import Address
from facade.outputs.ears import ArtNetEar, GroupEar, Heard
from facade.outputs.identity import Identity
from facade.outputs.presence import ASK_S, Attendance
from facade.outputs.rivals import Rivals
from facade.outputs.slab import Block
from facade.protocols import artnet, sacn, sacn_discovery
from facade.protocols.artnet_poll import ArtPollReply, decode_reply, poll_packet

LISTEN_S = 0.1
ASKED_AT_ONCE = 4
"""Nodes asked in one step: a question each in every frame would be a burst of its own."""

SAMPLED = 4
"""Universes listened to at a time: all of them would bring our own packets back, as many as we send."""

SAMPLE_S = 3.0
"""How long each is listened to: a sACN source repeats itself at least once a second (E1.31 section 6.6.2)."""

REJOIN_S = 30.0
"""How often groups are joined anew all the same: an interface may have come back."""

LONGEST_ROUND_TRIP_S = 10.0


@dataclass(frozen=True, slots=True)
class Watched:
    """One controller. address: None for multicast. universes: wire numbers. local: whether it is on this machine."""

    name: str
    protocol: str
    address: Address | None
    interface: str
    universes: tuple[int, ...]
    priority: int
    local: bool


def watched(blocks: Iterable[Block], *, own: Collection[str] = ()) -> tuple[Watched, ...]:
    """Return what is to be watched of a slab. own: addresses of this machine."""
    return tuple(
        Watched(
            name=block.name,
            protocol=block.patch.profile.protocol,
            address=block.address,
            interface=block.patch.controller.interface,
            universes=block.patch.universes,
            priority=block.patch.controller.priority,
            local=block.on_this_machine or (block.address is not None and block.address[0] in own),
        )
        for block in blocks
        if block.codec.medium in ("udp", "tcp")
    )


class NetworkWatch:
    """Watches some controllers. Sockets are made only where they are needed.

    identity: ours, given back on close. own: addresses of this machine; what comes from them is our own.
    """

    def __init__(
        self,
        blocks: Iterable[Block],
        *,
        clock: Clock,
        identity: Identity,
        own: Iterable[str] = (),
        artnet_port: int = artnet.PORT,
        sacn_port: int = sacn.PORT,
    ) -> None:
        self._clock = clock
        self._identity = identity
        self._own = frozenset(own)
        self._partner = (b"", "")
        self._sacn_port = sacn_port
        self._ear = ArtNetEar(artnet_port)
        self._announcements: GroupEar | None = None
        self._samples: list[GroupEar] = []
        self._listen_at = self._look_at = self._sample_at = self._joined_at = float("-inf")
        self._sampled: tuple[int, ...] = ()
        self._next_sample = 0
        self._controllers: tuple[Watched, ...] = ()
        self._attendance: dict[str, Attendance] = {}
        self._drops_before = interfaces.dropped()
        self.kernel_drops = 0
        self.watch(blocks)

    def watch(self, blocks: Iterable[Block]) -> None:
        """Watch the controllers of these blocks from now on; what is known of those that stay as they were is kept."""
        controllers = watched(blocks, own=self._own)
        before = {c: self._attendance[c.name] for c in self._controllers}
        self._controllers = tuple(controllers)
        self._attendance = {c.name: before.get(c) or Attendance(c.name, _where(c)) for c in controllers}
        self._asked: list[tuple[float, Watched]] = [
            (float("-inf"), c) for c in controllers if c.protocol == "artnet" and not c.local
        ]
        self._asked_at: dict[str, float] = {}
        self._rivals = Rivals(_priorities(controllers))
        self._sacn = tuple(sorted({u for c in controllers if _heard_by_all(c) for u in c.universes}))
        self._interfaces = tuple(sorted({c.interface for c in controllers if _heard_by_all(c)}))

    @property
    def cid(self) -> UUID:
        """Who this installation is."""
        return self._identity.cid

    def befriend(self, cid: UUID, address: str) -> None:
        """Take the other machine of a pair for no rival."""
        self._partner = (cid.bytes, address)

    def step(self, now: float) -> None:
        """Do what is due. Never waits."""
        self._ask(now)
        if now - self._listen_at >= LISTEN_S:
            self._listen_at = now
            self._hear_artnet(now)
            self._hear_sacn(now)
        if now - self._look_at >= ASK_S:
            self._look_at = now
            self._look(now)

    def complete(self, health: OutputHealth) -> OutputHealth:
        """Return a controller's health with what is known of its presence."""
        known = self._attendance.get(health.name)
        if known is None:
            return health
        age_s = None if known.replied_at is None else max(0.0, self._clock.now() - known.replied_at)
        state, problem = health.state, health.problem
        if known.presence is Presence.GONE and state in (State.LIVE, State.CONNECTING) and not problem:
            state = State.STALE if known.was_there else State.ABSENT
        return replace(
            health,
            state=state,
            problem=problem or known.problem,
            presence=known.presence,
            reply_age_s=None if age_s is None else round(age_s, 1),
            round_trip_ms=None if known.round_trip_s is None else round(known.round_trip_s * 1000.0, 2),
        )

    def others(self) -> tuple[OtherSource, ...]:
        return self._rivals.others()

    @property
    def problem(self) -> str:
        """Why not everything can be heard, "" if it can."""
        return self._ear.problem

    def close(self) -> None:
        """Give every socket and the identity back."""
        self._ear.close()
        self._close_sacn()
        self._identity.close()

    def _ask(self, now: float) -> None:
        for _ in range(ASKED_AT_ONCE):
            if not self._asked or now - self._asked[0][0] < ASK_S:
                return
            _, controller = self._asked.pop(0)
            self._ear.open()
            if controller.address is not None:
                self._asked_at[controller.address[0]] = self._clock.wall().timestamp()
                self._ear.ask(poll_packet(), controller.address)
            self._asked.append((now, controller))

    def _hear_artnet(self, now: float) -> None:
        for heard in self._ear.hear():
            data, sender, _ = heard
            try:
                reply = decode_reply(data)
                if reply is not None:
                    self._take_reply(reply, heard, now)
                    continue
                message = artnet.decode(data)
            except FacadeError:
                continue  # not Art-Net's: anybody may send anything to this port
            # What is broadcast from here comes back.
            if isinstance(message, artnet.ArtDmx) and sender not in self._own and sender != self._partner[1]:
                self._rivals.heard("artnet", sender, message.port_address, now=now, name="", where=sender)

    def _take_reply(self, reply: ArtPollReply, heard: Heard, now: float) -> None:
        _, sender, arrived_at = heard
        ours = [c for c in self._controllers if c.protocol == "artnet" and c.address and c.address[0] == sender]
        for controller in ours:
            asked_at = self._asked_at.get(sender)
            trip_s = None if arrived_at is None or asked_at is None else arrived_at - asked_at
            plausible = trip_s is not None and 0.0 <= trip_s <= LONGEST_ROUND_TRIP_S
            self._attendance[controller.name].replied(now, round_trip_s=trip_s if plausible else None)
        if ours:
            for universe in reply.merging:
                somebody = f'somebody ("{reply.name}" at {sender} mixes two sources)'
                self._rivals.heard("artnet", f"via {sender}", universe, now=now, name="", where=somebody)
            return
        for universe in reply.inputs:
            self._rivals.heard("artnet", sender, universe, now=now, name=reply.name, where=sender)

    def _hear_sacn(self, now: float) -> None:
        if not self._sacn:
            return
        if self._announcements is None or now - self._sample_at >= SAMPLE_S:
            self._sample_at = now
            self._listen_elsewhere(now)
        for ear in (self._announcements, *self._samples):
            for data, sender, _ in ear.hear() if ear is not None else ():
                if data[22:38] not in (self._identity.cid.bytes, self._partner[0]):
                    self._take_sacn(data, sender, now)

    def _listen_elsewhere(self, now: float) -> None:
        """Move on to the next universes of ours, and to those that somebody else is known to send."""
        n = min(SAMPLED, len(self._sacn))
        chosen = {self._sacn[(self._next_sample + i) % len(self._sacn)] for i in range(n)}
        self._next_sample = (self._next_sample + n) % len(self._sacn)
        chosen.update(self._rivals.universes("sacn")[:SAMPLED])
        if tuple(sorted(chosen)) == self._sampled and now - self._joined_at < REJOIN_S:
            return
        self._close_sacn()
        self._sampled, self._joined_at = tuple(sorted(chosen)), now
        port, through = self._sacn_port, self._interfaces
        self._announcements = GroupEar(sacn_discovery.GROUP, port, through)
        self._samples = [GroupEar(sacn.multicast_group(universe), port, through) for universe in self._sampled]

    def _close_sacn(self) -> None:
        for ear in (self._announcements, *self._samples):
            if ear is not None:
                ear.close()
        self._announcements, self._samples = None, []

    def _take_sacn(self, data: bytes, sender: str, now: float) -> None:
        try:
            if data[18:22] == b"\0\0\0\x08":
                found = sacn_discovery.decode(data)
                for universe in found.universes:
                    who = str(found.cid)
                    self._rivals.heard("sacn", who, universe, now=now, name=found.source, where=sender)
                return
            message = sacn.decode(data)
        except FacadeError:
            return  # anybody may send anything to a group
        if not isinstance(message, sacn.SacnData) or message.preview or message.start_code != sacn.START_LEVELS:
            return
        if message.terminated:
            self._rivals.ended("sacn", str(message.cid), message.universe)
            return
        self._rivals.heard(
            "sacn",
            str(message.cid),
            message.universe,
            now=now,
            name=message.source,
            where=sender,
            priority=message.priority,
        )

    def _look(self, now: float) -> None:
        self._ear.retry()
        neighbours, routes = interfaces.neighbours(), interfaces.routes()
        cables: dict[str, bool | None] = {}
        for controller in self._controllers:
            if controller.local or controller.address is None:
                continue
            host = controller.address[0]
            route = interfaces.route_to(host, routes)
            if route is not None and route.interface not in cables:
                cables[route.interface] = interfaces.has_cable(route.interface)
            is_neighbour = neighbours.get(host) if route is not None and route.direct else None
            unplugged = route.interface if route is not None and cables[route.interface] is False else None
            self._attendance[controller.name].look(now, is_neighbour=is_neighbour, cable_in=unplugged)
        self._rivals.look(now)
        self.kernel_drops = max(0, interfaces.dropped() - self._drops_before)


def _priorities(controllers: Iterable[Watched]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {"artnet": {}, "sacn": {}}
    for controller in controllers:
        if controller.protocol in found and not (controller.local and controller.protocol == "artnet"):
            priority = controller.priority if controller.protocol == "sacn" else 0
            found[controller.protocol].update(dict.fromkeys(controller.universes, priority))
    return found


def _heard_by_all(controller: Watched) -> bool:
    return controller.protocol == "sacn" and not controller.local


def _where(controller: Watched) -> str:
    if controller.address is None:
        return "multicast"
    return controller.address[0]
