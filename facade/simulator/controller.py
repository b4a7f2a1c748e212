"""One simulated controller: the slots it has taken, the slots it shows, and where each shown slot belongs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from facade.mapping.codecs import codec_of
from facade.mapping.model import ControllerPatch
from facade.mapping.packets import options_of
from facade.outputs.contract import Address
from facade.outputs.udp import resolve
from facade.protocols import ddp, sacn
from facade.protocols.codec import Cells

Key = tuple[str, int, int]
"""Host, port, and a universe."""


class Landing(NamedTuple):
    """A stretch of what a packet carries: levels from ``start`` go to so many slots of a row, from ``first`` on."""

    row: int
    first: int
    start: int
    size: int


class SimulatedController:
    """A controller's memory is a stretch of its device's, taken slots before shown ones; see ``size``.

    A controller that knows no synchronisation shows what it takes: the same slots.
    """

    def __init__(self, patch: ControllerPatch, n_levels: int) -> None:
        self._patch = patch
        self.codec = codec_of(patch.profile)
        self._row = {universe: row for row, universe in enumerate(patch.universes)}
        # Packets may be padded past the slots in use.
        self._width = max(patch.universe_size, patch.length)
        self.waits = patch.profile.sync and bool(self.codec.sync(options_of(patch)))
        self.is_synchronous = False
        rows, slots = np.nonzero(patch.gather < n_levels)
        self._from = (rows * self._width + slots).astype(np.int64)
        self._to = patch.gather[rows, slots].astype(np.int64)
        self.adopt(np.zeros(self.size, np.uint8), at=0)

    @property
    def name(self) -> str:
        return self._patch.name

    @property
    def size(self) -> int:
        """Bytes of memory that it needs."""
        return len(self._row) * self._width * (2 if self.waits else 1)

    def adopt(self, memory: NDArray[np.uint8], *, at: int) -> None:
        """Live in a device's memory, from byte ``at``."""
        n, width = len(self._row), self._width
        self._at = at
        self._taken = memory[at : at + n * width].reshape(n, width)
        first = at + n * width if self.waits else at
        self._shown = memory[first : first + n * width].reshape(n, width)

    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return for each shown slot that is a pixel's where it lies in the device's memory, and its level."""
        shown_at = self._at + (self._taken.size if self.waits else 0)
        return self._from + shown_at, self._to

    def place_of(self, landing: Landing) -> int:
        """Where in the device's memory a stretch is taken to."""
        return self._at + landing.row * self._width + landing.first

    def move(self, patch: ControllerPatch) -> None:
        """Take another address."""
        self._patch = patch

    @property
    def only_address(self) -> Address | None:
        """Where a controller of a protocol other than Art-Net and sACN listens."""
        if self._patch.profile.protocol in ("artnet", "sacn"):
            return None
        return self._address(self._patch.universes[0])

    def data_keys(self) -> Iterable[Key]:
        """Host, port and universe of each row."""
        for universe in self._patch.universes:
            yield (*self._address(universe), universe)

    def sync_keys(self) -> Iterable[Key]:
        """Host, port and synchronisation universe, -1 for Art-Net, of what makes this controller show."""
        if not self._patch.profile.sync:
            return
        if self._patch.profile.protocol == "artnet":
            yield (*self._address(0), -1)
        elif self._patch.controller.sync_universe:
            yield (*self._address(self._patch.controller.sync_universe), self._patch.controller.sync_universe)

    def listens_to(self, cells: Cells) -> bool:
        """Whether levels are for it and not for another display inside the same device."""
        return cells.destination in (None, self._patch.controller.destination, ddp.ID_ALL)

    def landings(self, cells: Cells) -> Iterator[Landing]:
        """Yield where levels of one universe, or of the controller's whole run, go; nothing if none is for it."""
        size, length = self._patch.universe_size, len(cells.data)
        if not self.listens_to(cells):
            return
        if cells.universe is None:
            skipped, first = divmod(cells.first, size)
            universe = self.codec.universes[0] + skipped
        else:
            universe, first = cells.universe, cells.first
        start = 0
        while start < length:
            count = min(length - start, self._width - first)
            if universe in self._row and count > 0:
                yield Landing(self._row[universe], first, start, count)
            if cells.universe is not None:
                return
            start, universe, first = start + size - first, universe + 1, 0

    def take(self, landing: Landing, data: bytes, *, wait: bool) -> None:
        """wait: the sender means to synchronise. A short packet leaves the slots after it as they were."""
        row, first, start, size = landing
        self._taken[row, first : first + size] = np.frombuffer(data, np.uint8, size, start)
        if self.waits and not (wait and self.is_synchronous):
            self._shown[row] = self._taken[row]

    def show(self) -> None:
        """Show what was taken."""
        # Art-Net 4, "ArtSync": a node starts in non-synchronous mode and leaves it with the first ArtSync. It would go
        # back after 4 s without one; here the light stands still instead, which is what a test wants to see.
        self.is_synchronous = True
        self._shown[:] = self._taken

    def _address(self, universe: int) -> Address:
        controller = self._patch.controller
        if self.codec.medium not in ("udp", "tcp"):
            return (controller.host, 0)
        port = controller.port or self.codec.port
        if controller.host == "multicast":
            return (sacn.multicast_group(universe), port)
        return (resolve(controller.host, controller=self._patch.name), port)
