"""Controllers that are not there: they receive the packets real ones would, and show what they understood.

The device trusts nothing but the bytes and the patch. Packets that are broken, or meant for somebody else, are counted
and never fatal. A packet costs one copy; the way from slots back to pixels is walked once a look, not once a packet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.core.errors import InputError
from facade.core.frame import Levels, Rgb
from facade.light.decode import LightDecoder
from facade.mapping.codecs import codec_of
from facade.mapping.model import CONSTANTS, ControllerPatch, Patch, PixelMap
from facade.mapping.packets import options_of
from facade.outputs.contract import Address
from facade.outputs.udp import resolve
from facade.protocols import artnet, ddp, sacn
from facade.protocols.codec import Cells


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
    """All controllers of a venue. Owned by one thread; hand ``receive`` to VirtualNetwork.listen.

    Raises OutputError if a controller's host has no address.
    """

    def __init__(self, pixels: PixelMap, patch: Patch) -> None:
        self._controllers = [_Controller(c, pixels.n_levels) for c in patch.controllers]
        self._find_addresses()
        self._levels: Levels = np.zeros(pixels.n_levels + CONSTANTS, dtype=np.uint8)
        self._levels[pixels.n_levels :] = np.arange(CONSTANTS)
        self._decoder = LightDecoder(pixels)
        self._rgb: Rgb = np.zeros((pixels.n_pixels, 3), dtype=np.float32)
        self._stale = False
        self._packets = self._sync_packets = self._terminated = self._foreign = self._broken = 0
        self._problem = ""

    def move(self, patch: ControllerPatch) -> None:
        """Listen at another address as one of the controllers; its universes are those it has."""
        next(c for c in self._controllers if c.name == patch.name).move(patch)
        self._find_addresses()

    def _find_addresses(self) -> None:
        self._data: dict[tuple[str, int, int], tuple[_Controller, int]] = {}
        self._others: dict[Address, list[_Controller]] = {}
        self._syncs: dict[tuple[str, int, int], list[_Controller]] = {}
        for controller in self._controllers:
            if controller.only_address is not None:
                self._others.setdefault(controller.only_address, []).append(controller)
            for row, key in enumerate(controller.data_keys()):
                self._data[key] = (controller, row)
            for key in controller.sync_keys():
                self._syncs.setdefault(key, []).append(controller)

    def receive(self, packet: bytes | bytearray | memoryview, host: str, port: int) -> None:
        """Take one packet that was sent to host and port. Never raises for what the packet holds."""
        self._packets += 1
        others = self._others.get((host, port))
        try:
            if others is not None:
                self._take_cells(others, others[0].codec.decode(bytes(packet)))
            elif bytes(packet[:8]) == artnet.ID:
                self._take_artnet(artnet.decode(packet), host, port)
            else:
                self._take_sacn(sacn.decode(packet), host, port)
        except InputError as error:
            self._broken += 1
            self._problem = str(error)

    @property
    def levels(self) -> Levels:
        """The channel bytes of every pixel as shown now, uint8 (L + 256,); reused by the next call."""
        for controller in self._controllers:
            controller.scatter_into(self._levels)
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

    def _take_cells(self, controllers: list[_Controller], found: tuple[Cells, ...]) -> None:
        """Take what a packet of any other protocol carries: levels of a universe, or of a stretch of the whole run."""
        taken = [controller.take_cells(cells) for cells in found for controller in controllers]
        self._sync_packets += sum(cells.closes for cells in found)
        self._stale = True
        if not any(taken):
            self._foreign += 1

    def _take_artnet(self, message: artnet.ArtMessage, host: str, port: int) -> None:
        if isinstance(message, artnet.ArtDmx):
            self._take_slots((host, port, message.port_address), message.data, wait=True)
        elif isinstance(message, artnet.ArtSync):
            self._take_sync((host, port, -1))
        else:
            self._foreign += 1

    def _take_sacn(self, message: sacn.SacnMessage, host: str, port: int) -> None:
        if isinstance(message, sacn.SacnData):
            if message.terminated:
                # Section 6.2.6: the levels of such a packet are not to be used.
                self._terminated += 1
            elif message.start_code == sacn.START_PRIORITIES:
                return  # there is no second source here to weigh against
            elif message.start_code != 0 or message.preview:
                self._foreign += 1
            else:
                self._take_slots((host, port, message.universe), message.data, wait=message.sync_universe > 0)
        elif isinstance(message, sacn.SacnSync):
            self._take_sync((host, port, message.sync_universe))
        else:
            self._foreign += 1

    def _take_slots(self, key: tuple[str, int, int], data: bytes, *, wait: bool) -> None:
        found = self._data.get(key)
        if found is None:
            self._foreign += 1
            return
        controller, row = found
        controller.take(row, data, wait=wait)
        self._stale = True

    def _take_sync(self, key: tuple[str, int, int]) -> None:
        controllers = self._syncs.get(key)
        if controllers is None:
            self._foreign += 1
            return
        self._sync_packets += 1
        self._stale = True
        for controller in controllers:
            controller.show()


class _Controller:
    """One controller: the slots it has taken, the slots it shows, and where each shown slot belongs."""

    def __init__(self, patch: ControllerPatch, n_levels: int) -> None:
        self._patch = patch
        self.codec = codec_of(patch.profile)
        self._row = {universe: row for row, universe in enumerate(patch.universes)}
        n = len(patch.universes)
        # Packets may be padded past the slots in use.
        self.width = max(patch.universe_size, patch.length)
        self._taken: NDArray[np.uint8] = np.zeros((n, self.width), dtype=np.uint8)
        # A device that knows no synchronisation shows what it takes: the same memory.
        self._waits = patch.profile.sync and bool(self.codec.sync(options_of(patch)))
        self._shown = np.zeros_like(self._taken) if self._waits else self._taken
        rows, slots = np.nonzero(patch.gather < n_levels)
        self._from = (rows * self.width + slots).astype(np.intp)
        self._to = patch.gather[rows, slots].astype(np.intp)
        self._is_synchronous = False

    @property
    def name(self) -> str:
        return self._patch.name

    def move(self, patch: ControllerPatch) -> None:
        """Take another address."""
        self._patch = patch

    @property
    def only_address(self) -> Address | None:
        """Where a controller of a protocol other than Art-Net and sACN listens."""
        if self._patch.profile.protocol in ("artnet", "sacn"):
            return None
        return self._address(self._patch.universes[0])

    def take_cells(self, cells: Cells) -> bool:
        """Take levels of one universe, or of the controller's whole run; false if none of them is for it."""
        if cells.destination not in (None, self._patch.controller.destination, ddp.ID_ALL):
            return False
        if cells.closes:
            self.show()
            return True
        if cells.universe is None:
            universe, first = divmod(cells.first, self._patch.universe_size)
            universe += self.codec.universes[0]
        else:
            universe, first = cells.universe, cells.first
        data, took = cells.data, False
        while data:
            if universe in self._row:
                self.take(self._row[universe], data[: self.width - first], wait=self._waits, first=first)
                took = True
            data = b"" if cells.universe is not None else data[self._patch.universe_size - first :]
            universe, first = universe + 1, 0
        return took

    def data_keys(self) -> Iterable[tuple[str, int, int]]:
        """Host, port and universe of each row."""
        for universe in self._patch.universes:
            yield (*self._address(universe), universe)

    def sync_keys(self) -> Iterable[tuple[str, int, int]]:
        """Host, port and synchronisation universe, -1 for Art-Net, of what makes this controller show."""
        if not self._patch.profile.sync:
            return
        if self._patch.profile.protocol == "artnet":
            yield (*self._address(0), -1)
        elif self._patch.controller.sync_universe:
            yield (*self._address(self._patch.controller.sync_universe), self._patch.controller.sync_universe)

    def take(self, row: int, data: bytes, *, wait: bool, first: int = 0) -> None:
        """wait: the sender means to synchronise. A short packet leaves the slots after it as they were."""
        self._taken[row, first : first + len(data)] = np.frombuffer(data, dtype=np.uint8)
        if self._shown is not self._taken and not (wait and self._is_synchronous):
            self._shown[row] = self._taken[row]

    def show(self) -> None:
        # Art-Net 4, "ArtSync": a node starts in non-synchronous mode and leaves it with the first ArtSync. It would go
        # back after 4 s without one; here the light stands still instead, which is what a test wants to see.
        self._is_synchronous = True
        self._shown[:] = self._taken

    def scatter_into(self, levels: Levels) -> None:
        levels[self._to] = self._shown.reshape(-1)[self._from]

    def _address(self, universe: int) -> Address:
        controller = self._patch.controller
        if self.codec.medium not in ("udp", "tcp"):
            return (controller.host, 0)
        port = controller.port or self.codec.port
        if controller.host == "multicast":
            return (sacn.multicast_group(universe), port)
        return (resolve(controller.host, controller=self._patch.name), port)
