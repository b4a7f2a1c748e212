"""What one packet says to the controllers of a venue, before any of it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facade.outputs.contract import Address
from facade.protocols import artnet, sacn
from facade.protocols.codec import Cells, Codec
from facade.protocols.registry import ARTNET, SACN
from facade.simulator.controller import Key, Landing, SimulatedController

_ART_SYNC = -1
"""In the place of a universe: Art-Net's synchronisation speaks to all of them."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch of levels and whose it is."""

    controller: SimulatedController
    cells: Cells
    landing: Landing


@dataclass(frozen=True, slots=True)
class Reading:
    """What a packet says.

    wait: its levels are meant to be shown when somebody says so. shown: controllers that are told to show.
    syncs, terminated, foreign: how often to count it as that. varies: bytes of it that mean nothing to a receiver.
    """

    taken: tuple[Taken, ...] = ()
    wait: bool = True
    shown: tuple[SimulatedController, ...] = ()
    syncs: int = 0
    terminated: int = 0
    foreign: int = 0
    varies: tuple[int, ...] = ()


class Reader:
    """Knows who listens where. Raises OutputError if a controller's host has no address."""

    def __init__(self, controllers: Sequence[SimulatedController]) -> None:
        self._data: dict[Key, SimulatedController] = {}
        self._others: dict[Address, list[SimulatedController]] = {}
        self._syncs: dict[Key, list[SimulatedController]] = {}
        for controller in controllers:
            if controller.only_address is not None:
                self._others.setdefault(controller.only_address, []).append(controller)
            for key in controller.data_keys():
                self._data[key] = controller
            for key in controller.sync_keys():
                self._syncs.setdefault(key, []).append(controller)

    def read(self, data: bytes, host: str, port: int) -> Reading:
        """Read a packet that was sent to host and port. Raises InputError if it is not sound."""
        others = self._others.get((host, port))
        if others is not None:
            return _read_other(others, data)
        if data.startswith(artnet.ID):
            return self._read_artnet(artnet.decode(data), host, port)
        return self._read_sacn(sacn.decode(data), host, port)

    def _read_artnet(self, message: artnet.ArtMessage, host: str, port: int) -> Reading:
        if isinstance(message, artnet.ArtDmx):
            cells = Cells(message.data, universe=message.port_address, at=artnet.DMX_HEADER)
            return self._levels((host, port, message.port_address), cells, wait=True, varies=_numbers(ARTNET))
        return self._sync((host, port, _ART_SYNC)) if isinstance(message, artnet.ArtSync) else Reading(foreign=1)

    def _read_sacn(self, message: sacn.SacnMessage, host: str, port: int) -> Reading:
        if isinstance(message, sacn.SacnSync):
            return self._sync((host, port, message.sync_universe), varies=(sacn.SYNC_SEQUENCE_AT,))
        if not isinstance(message, sacn.SacnData):
            return Reading(foreign=1)
        if message.terminated:
            # Section 6.2.6: the levels of such a packet are not to be used.
            return Reading(terminated=1)
        if message.start_code == sacn.START_PRIORITIES:
            return Reading()  # there is no second source here to weigh against
        if message.start_code != sacn.START_LEVELS or message.preview:
            return Reading(foreign=1)
        cells = Cells(message.data, universe=message.universe, at=sacn.DATA_HEADER)
        key = (host, port, message.universe)
        return self._levels(key, cells, wait=message.sync_universe > 0, varies=_numbers(SACN))

    def _levels(self, key: Key, cells: Cells, *, wait: bool, varies: tuple[int, ...]) -> Reading:
        controller = self._data.get(key)
        if controller is None:
            return Reading(foreign=1)
        return Reading(tuple(_stretches(controller, cells)), wait=wait, varies=varies)

    def _sync(self, key: Key, *, varies: tuple[int, ...] = ()) -> Reading:
        controllers = self._syncs.get(key)
        return Reading(foreign=1) if controllers is None else Reading(shown=tuple(controllers), syncs=1, varies=varies)


def _read_other(controllers: Sequence[SimulatedController], data: bytes) -> Reading:
    """Read a packet of any protocol but those two: levels of a universe, or of a stretch of the whole run."""
    codec = controllers[0].codec
    found = codec.decode(data)
    taken: list[Taken] = []
    shown: list[SimulatedController] = []
    for cells in found:
        for controller in controllers:
            if cells.closes and controller.listens_to(cells):
                shown.append(controller)
            else:
                taken.extend(_stretches(controller, cells))
    return Reading(
        tuple(taken),
        shown=tuple(shown),
        syncs=sum(cells.closes for cells in found),
        foreign=int(not taken and not shown),
        varies=_numbers(codec),
    )


def _stretches(controller: SimulatedController, cells: Cells) -> Iterator[Taken]:
    for landing in controller.landings(cells):
        yield Taken(controller, cells, landing)


def _numbers(codec: Codec) -> tuple[int, ...]:
    return () if codec.sequence is None else (codec.sequence.at,)
