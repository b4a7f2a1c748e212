"""Controllers that are not there: they receive the packets real ones would, and show what they understood.

The device trusts nothing but the bytes and the patch. Packets that are broken, or meant for somebody else, are counted
and never fatal. A burst that comes with every frame is taken whole, as long as it says what it said before
(``known.py``); the way from slots back to pixels is walked once a look, not once a packet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facade.core.compiled import IS_COMPILED
from facade.core.errors import InputError
from facade.core.frame import Levels, Rgb
from facade.light.decode import LightDecoder
from facade.mapping.model import CONSTANTS, ControllerPatch, Patch, PixelMap
from facade.outputs.contract import Burst
from facade.simulator.controller import SimulatedController
from facade.simulator.known import KnownBurst, Shown, known_burst
from facade.simulator.reading import Reader


@dataclass(frozen=True, slots=True)
class Received:
    """Counters since start. foreign: sound packets that no controller of the venue listens to. broken: not sound.

    syncs: frames closed by a synchronisation packet. terminated: sACN packets that announce the end of the source.
    """

    packets: int = 0
    syncs: int = 0
    terminated: int = 0
    foreign: int = 0
    broken: int = 0
    problem: str = ""
    """What was wrong with the last broken packet."""


class SimulatedDevice:
    """All controllers of a venue. Owned by one thread; a listener of VirtualNetwork.

    Raises OutputError if a controller's host has no address.
    """

    def __init__(self, pixels: PixelMap, patch: Patch) -> None:
        self._controllers = [SimulatedController(c, pixels.n_levels) for c in patch.controllers]
        self._memory = np.zeros(sum(controller.size for controller in self._controllers), np.uint8)
        at = 0
        for controller in self._controllers:
            controller.adopt(self._memory, at=at)
            at += controller.size
        self._shown = Shown(self._controllers)
        self._levels: Levels = np.zeros(pixels.n_levels + CONSTANTS, dtype=np.uint8)
        self._levels[pixels.n_levels :] = np.arange(CONSTANTS)
        self._decoder = LightDecoder(pixels)
        self._rgb: Rgb = np.zeros((pixels.n_pixels, 3), dtype=np.float32)
        self._stale = False
        self._packets = self._sync_packets = self._terminated = self._foreign = self._broken = 0
        self._problem = ""
        self._listen()

    def move(self, patch: ControllerPatch) -> None:
        """Listen at another address as one of the controllers; its universes are those it has."""
        next(c for c in self._controllers if c.name == patch.name).move(patch)
        self._listen()

    def _listen(self) -> None:
        self._reader = Reader(self._controllers)
        self._known: dict[Burst, KnownBurst | None] = {}

    def receive(self, packet: bytes | bytearray | memoryview, host: str, port: int) -> None:
        """Take one packet that was sent to host and port. Never raises for what the packet holds."""
        self._packets += 1
        data = bytes(packet)
        try:
            reading = self._reader.read(data, host, port)
        except InputError as error:
            self._broken += 1
            self._problem = str(error)
            return
        for each in reading.taken:
            each.controller.take(each.landing, each.cells.data, wait=reading.wait)
        for controller in reading.shown:
            controller.show()
        self._sync_packets += reading.syncs
        self._terminated += reading.terminated
        self._foreign += reading.foreign
        self._stale = self._stale or bool(reading.taken or reading.shown)

    def receive_burst(self, burst: Burst) -> None:
        """Take a burst's packets in their order, as ``receive`` would each of them."""
        known, n, end = self._find(burst), 0, burst.n_packets
        while n < end:
            if known is not None and known.is_ready:
                first, n = n, known.take_into(self._memory, n)
                self._packets += n - first
                self._stale = self._stale or n > first
            if n < end:
                packet, address = burst.datagrams[n]
                self.receive(packet, *address)
                n += 1
            elif known is not None:
                self._sync_packets += known.syncs
                for controller in known.shown:
                    controller.show()

    def _find(self, burst: Burst) -> KnownBurst | None:
        """Return what a burst is known to say; None where it will not come again, or is more than levels."""
        if not burst.lasting or not IS_COMPILED:
            return None
        if burst not in self._known:
            self._known[burst] = known_burst(burst, self._reader)
        return self._known[burst]

    @property
    def levels(self) -> Levels:
        """The channel bytes of every pixel as shown now, uint8 (L + 256,); reused by the next call."""
        self._shown.levels_into(self._memory, self._levels)
        return self._levels

    @property
    def rgb(self) -> Rgb:
        """The light of every pixel as shown now, float32 (P, 3), linear; reused by the next call."""
        if self._stale:
            self._stale = False
            self._decoder.rgb_into(self.levels, self._rgb)
        return self._rgb

    @property
    def received(self) -> Received:
        return Received(
            packets=self._packets,
            syncs=self._sync_packets,
            terminated=self._terminated,
            foreign=self._foreign,
            broken=self._broken,
            problem=self._problem,
        )
