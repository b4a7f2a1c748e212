"""Laws of the sACN codec: what is written is read, and no bytes whatever make it stumble."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from facade.core.errors import InputError
from facade.protocols import sacn

CID = UUID(int=0x1234)
BYTE = st.integers(0, 255)
UNIVERSES = st.integers(sacn.MIN_UNIVERSE, sacn.MAX_UNIVERSE)
LEVELS = st.binary(min_size=1, max_size=512)
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=15)


@given(UNIVERSES, LEVELS, NAMES, st.integers(0, 200), st.just(0) | UNIVERSES, BYTE, BYTE)
def test_what_is_written_is_read(universe, levels, source, priority, sync_universe, sequence, options):
    header = sacn.data_header(
        universe,
        len(levels),
        cid=CID,
        source=source,
        priority=priority,
        sync_universe=sync_universe,
        sequence=sequence,
        options=options,
    )

    assert sacn.decode(header + levels) == sacn.SacnData(
        cid=CID,
        source=source,
        universe=universe,
        sequence=sequence,
        priority=priority,
        sync_universe=sync_universe,
        data=levels,
        preview=bool(options & 0x80),
        terminated=bool(options & 0x40),
        force_sync=bool(options & 0x20),
    )


@given(UNIVERSES, BYTE)
def test_sync_that_is_written_is_read(universe, sequence):
    assert sacn.decode(sacn.sync_packet(universe, cid=CID, sequence=sequence)) == sacn.SacnSync(CID, sequence, universe)


@given(LEVELS, st.lists(st.tuples(st.integers(0, 637), BYTE), max_size=4), st.integers(0, 640))
def test_damaged_packets_are_read_or_refused(levels, damage, cut):
    packet = bytearray(sacn.data_header(1, len(levels), cid=CID, source="x") + levels)
    for at, value in damage:
        packet[at % len(packet)] = value

    read_or_refuse(bytes(packet[:cut]))


@given(st.binary(max_size=660), st.booleans())
def test_noise_is_read_or_refused(noise, named):
    read_or_refuse(sacn.sync_packet(1, cid=CID)[:16] + noise if named else noise)


def read_or_refuse(packet: bytes) -> None:
    try:
        message = sacn.decode(packet)
    except InputError:
        return
    assert isinstance(message, sacn.SacnData | sacn.SacnSync | sacn.SacnOther)
