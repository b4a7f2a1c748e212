"""An example of a driver: a controller that reads 'LAMP', a strip number, levels, and their sum.

A driver is for the rare controller that no protocol of facade fits. A profile names it:

    protocol = "driver"
    driver = "example"          # this file, in hardware/drivers

It makes a ``CODEC`` and nothing else. facade runs this file with all rights it has itself: put only files here that you
have read. What a codec may say is in facade/protocols/codec.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.core.errors import InputError
from facade.protocols.codec import Cells, Codec, Window

MAGIC = b"LAMP"
HEADER = 5


def header(window: Window) -> bytes:
    """What comes before the levels of a packet, the same in every frame."""
    return MAGIC + bytes((window.universe,))


def trailer(window: Window) -> bytes:
    """What comes behind them: a byte that finish fills in."""
    return bytes(1)


def finish(packets: NDArray[np.uint8]) -> None:
    """Called every frame with all packets, (universes, bytes): write the sum of the levels into the last byte."""
    np.sum(packets[:, HEADER:-1], axis=1, dtype=np.uint8, out=packets[:, -1])


def decode(data: bytes) -> tuple[Cells, ...]:
    """For the simulator: what a packet carries. Raises InputError if it is not sound."""
    if len(data) <= HEADER or not data.startswith(MAGIC):
        raise InputError(f"{data[:4]!r}: packets start with {MAGIC!r}.")
    levels = data[HEADER:-1]
    if sum(levels) % 256 != data[-1]:
        raise InputError(f"sum {data[-1]}: it should be {sum(levels) % 256}.")
    return (Cells(levels, universe=data[4]),)


CODEC = Codec(
    label="Example",
    medium="udp",
    port=7777,
    universes=(0, 15),
    most_slots=480,
    header=header,
    trailer=trailer,
    finish=finish,
    decode=decode,
    trim="none",
)
