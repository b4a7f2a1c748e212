"""sACN per-address priority: beside its levels, a source says for every slot how important they are.

Start code 0xDD, a byte a slot: 1..200, or 0 for a slot that the source does not send. Receivers that know it then
merge slot by slot, so that another source may have the rest of a universe. Published by ETC; sent on a change and
about once a second.
"""

from __future__ import annotations

from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from facade.mapping.model import ControllerPatch
from facade.outputs.contract import TURN, Address, Burst
from facade.protocols import sacn

INTERVAL_S = 1.0


class Priorities:
    """The packets that go beside a controller's levels. bursts: all of them, one a universe."""

    def __init__(self, patch: ControllerPatch, addresses: tuple[Address, ...], *, cid: UUID, source: str) -> None:
        n, length = len(patch.universes), patch.length
        headers = [
            sacn.data_header(
                universe,
                length,
                cid=cid,
                source=source,
                priority=patch.controller.priority,
                start_code=sacn.START_PRIORITIES,
            )
            for universe in patch.universes
        ]
        rows = np.zeros((n, sacn.DATA_HEADER + length), np.uint8)
        rows[:, : sacn.DATA_HEADER] = np.frombuffer(b"".join(headers), np.uint8).reshape(n, -1)
        is_used = np.arange(length) < np.array(patch.used)[:, None]
        # 0 means "not mine" here, so a source of the lowest priority still says 1.
        rows[:, sacn.DATA_HEADER :] = is_used * max(1, patch.controller.priority)
        self._column = rows[:, sacn.SEQUENCE_AT]
        datagrams = [(row.data, address) for row, address in zip(rows, addresses, strict=True)]
        self.bursts = tuple(Burst(datagrams[i : i + TURN], lasting=True) for i in range(0, n, TURN))
        self._said_at = float("-inf")

    def due(self, now: float) -> bool:
        """Whether it is time to say them again; then they count as said."""
        if now - self._said_at < INTERVAL_S:
            return False
        self._said_at = now
        return True

    def number(self, sequence: NDArray[np.uint8]) -> None:
        """Give every packet the number that comes next in its universe: the levels' packets and these share one row."""
        self._column[:] = sequence
