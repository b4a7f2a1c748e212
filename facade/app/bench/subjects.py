"""What is measured: a venue whose controllers are ports of this machine, or a wall that does not exist."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from facade.app.plan import Plan, make_plan
from facade.app.synthetic import wall
from facade.config.loader import load_hardware
from facade.config.venue import Venue
from facade.core import places
from facade.mapping.compile import compile_venue
from facade.mapping.model import Patch, PixelMap
from facade.outputs.contract import Datagram
from facade.outputs.slab import PacketSlab

PIXEL_PIECE = "ember"
CANVAS_PIECE = "wake"
SMALL, LARGE = "imal_minimal", "medialab_prado"
"""18 and 26,688 pixels."""

WALL, LARGE_WALL, HUGE_WALL = "wall", "wall_100k", "wall_1m"
WALL_PIXELS = {WALL: 200_000, LARGE_WALL: 100_000, HUGE_WALL: 1_000_000}
"""Venues that do not exist."""

AIM_VENUE = LARGE
"""The venue that aims are about."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A venue to measure. name: as it was asked for."""

    name: str
    pixels: PixelMap
    patch: Patch

    def plan(self, target: str) -> Plan:
        """Return the plan of a piece or show on it."""
        plan = make_plan(target, SMALL)
        return replace(plan, venue_name=self.name, pixels=self.pixels, patch=self.patch)

    @property
    def rate_hz(self) -> float:
        """Frames of light a second."""
        return self.pixels.venue.venue.rate_hz

    def packets(self) -> int:
        """Packets that one frame of light has, those that close it included."""
        return len(packets_of(PacketSlab(self.patch, cid=uuid4())))


def load_subject(venue: str) -> Subject:
    """Return a venue by name or file; WALL_PIXELS has synthetic ones. Raises ConfigError."""
    if venue in WALL_PIXELS:
        return Subject(venue, *wall(WALL_PIXELS[venue], load_hardware(places.hardware())))
    plan = make_plan(PIXEL_PIECE, venue)
    return Subject(venue, plan.pixels, plan.patch)


def on_loopback(subject: Subject, ports: Sequence[int]) -> Subject:
    """Return the subject with its controllers at ports of this machine, one each and in their order."""
    venue = subject.pixels.venue
    names = [controller.name for controller in subject.patch.controllers]
    controllers = dict(venue.controller)
    for name, port in zip(names, ports, strict=True):
        here = {"host": "127.0.0.1", "port": port, "interface": ""}
        controllers[name] = controllers[name].model_copy(update=here)
    local: Venue = venue.model_copy(update={"controller": controllers})
    pixels, patch = compile_venue(local, load_hardware(places.hardware()))
    return Subject(subject.name, pixels, patch)


def packets_of(slab: PacketSlab) -> list[Datagram]:
    """Return every packet of a frame once: those of each controller in turn, then those that close the frame."""
    packets = [packet for block in slab.blocks for packet in block.outgoing]
    syncs = dict.fromkeys(block.sync for block in slab.blocks if block.sync is not None)
    return packets + [packet for sync in syncs for packet in sync.datagrams]


def free_udp_port() -> int:
    """Return a UDP port of loopback that nobody holds now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.bind(("127.0.0.1", 0))
        port: int = end.getsockname()[1]
        return port
