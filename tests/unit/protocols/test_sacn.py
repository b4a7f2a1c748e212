"""sACN packets against the tables of ANSI E1.31-2018 written out by hand, and against the sacn package."""

from __future__ import annotations

from uuid import UUID

import pytest
from sacn.messages.data_packet import DataPacket
from sacn.messages.sync_packet import SyncPacket

from facade.core.errors import InputError, OutputError
from facade.protocols import sacn

CID = UUID("00112233-4455-6677-8899-aabbccddeeff")
HEAD = "0010 0000 4153432d45312e3137000000"  # table 5-4: preamble, postamble, "ASC-E1.17" and three zeros
CID_HEX = CID.hex

# Table 4-1 for three slots: 129 bytes, so root 113 = 0x071, framing 91 = 0x05b, DMP 14 = 0x00e.
GOLDEN_DATA = bytes.fromhex(
    (
        f"{HEAD} 7071 00000004 {CID_HEX}"
        f" 705b 00000002 {b'north tower'.hex()} {'00' * 53} 78 1f40 2a 00 0102"
        " 700e 02 a1 0000 0001 0004 00 ff8001"
    ).replace(" ", "")
)
# Table 4-2: 49 bytes, so root 33 = 0x021, framing 11 = 0x00b.
GOLDEN_SYNC = bytes.fromhex(f"{HEAD} 7021 00000008 {CID_HEX} 700b 00000001 09 1f40 0000".replace(" ", ""))


def encoded(slots: bytes = b"\xff\x80\x01", *, universe: int = 0x0102, options: int = 0) -> bytes:
    header = sacn.data_header(
        universe,
        len(slots),
        cid=CID,
        source="north tower",
        priority=120,
        sync_universe=8000,
        sequence=42,
        options=options,
    )
    return header + slots


def test_data_packet_is_the_standards_layout():
    assert encoded() == GOLDEN_DATA


def test_sync_packet_is_the_standards_layout():
    assert sacn.sync_packet(8000, cid=CID, sequence=9) == GOLDEN_SYNC


def test_data_packet_is_read_back():
    assert sacn.decode(GOLDEN_DATA) == sacn.SacnData(
        cid=CID,
        source="north tower",
        universe=0x0102,
        sequence=42,
        priority=120,
        sync_universe=8000,
        data=b"\xff\x80\x01",
    )


def test_sync_packet_is_read_back():
    assert sacn.decode(GOLDEN_SYNC) == sacn.SacnSync(cid=CID, sequence=9, sync_universe=8000)


@pytest.mark.parametrize(
    ("option", "name"),
    [
        (sacn.OPTION_PREVIEW, "preview"),
        (sacn.OPTION_TERMINATED, "terminated"),
        (sacn.OPTION_FORCE_SYNC, "force_sync"),
    ],
)
def test_each_option_bit_is_its_own(option, name):
    message = sacn.decode(encoded(options=option))

    assert isinstance(message, sacn.SacnData)
    assert [n for n in ("preview", "terminated", "force_sync") if getattr(message, n)] == [name]


def test_full_universe_has_638_bytes_with_fields_where_they_are_promised():
    packet = encoded(bytes(512), options=sacn.OPTION_TERMINATED)

    assert len(packet) == 638
    assert packet[sacn.SEQUENCE_AT] == 42
    assert packet[sacn.OPTIONS_AT] == 0x40
    assert GOLDEN_SYNC[sacn.SYNC_SEQUENCE_AT] == 9


def test_multicast_group_holds_the_universe_in_its_last_two_bytes():
    assert sacn.multicast_group(1) == "239.255.0.1"
    assert sacn.multicast_group(63999) == "239.255.249.255"


def test_another_encoder_makes_the_same_data_packet():
    theirs = DataPacket(
        cid=tuple(CID.bytes),
        sourceName="north tower",
        universe=258,
        dmxData=tuple(range(256)) * 2,
        priority=120,
        sequence=42,
        sync_universe=8000,
    )

    assert encoded(bytes(range(256)) * 2) == bytes(theirs.getBytes())


def test_another_encoder_makes_the_same_sync_packet():
    theirs = SyncPacket(cid=tuple(CID.bytes), syncAddr=8000, sequence=9)

    assert sacn.sync_packet(8000, cid=CID, sequence=9) == bytes(theirs.getBytes())


def test_another_decoder_reads_our_data_packet():
    packet = DataPacket.make_data_packet(tuple(encoded(bytes(range(256)) * 2, options=sacn.OPTION_TERMINATED)))

    assert (packet.universe, packet.priority, packet.sequence, packet.syncAddr) == (258, 120, 42, 8000)
    assert packet.option_StreamTerminated
    assert not packet.option_PreviewData
    assert bytes(packet.dmxData) == bytes(range(256)) * 2


def test_long_source_name_is_cut_between_characters_and_ends_in_zero():
    header = sacn.data_header(1, 1, cid=CID, source="é" * 60)

    message = sacn.decode(header + b"\0")

    assert header[107] == 0
    assert isinstance(message, sacn.SacnData)
    assert message.source == "é" * 31


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (b"", "starts with"),
        (GOLDEN_DATA[:40], "torn"),
        (GOLDEN_DATA[:-1], "torn"),
        (GOLDEN_DATA[:16] + b"\x00\x71" + GOLDEN_DATA[18:], "flags must be 0x7"),
        (GOLDEN_DATA[:38] + b"\x70\x5a" + GOLDEN_DATA[40:], "framing layer does not end"),
        (GOLDEN_DATA[:115] + b"\x70\x0d" + GOLDEN_DATA[117:], "DMP layer does not end"),
        (GOLDEN_DATA[:117] + b"\x03" + GOLDEN_DATA[118:], "DMP header"),
        (GOLDEN_DATA[:123] + b"\x00\x05" + GOLDEN_DATA[125:], "property count 5"),
        (GOLDEN_DATA[:113] + b"\x00\x00" + GOLDEN_DATA[115:], "universe 0"),
        (GOLDEN_DATA[:113] + b"\xff\xff" + GOLDEN_DATA[115:], "universe 65535"),
        (GOLDEN_DATA[:16] + b"\x70\x02", "framing layer must fit"),
    ],
)
def test_broken_packet_is_refused_with_the_rule(broken, rule):
    with pytest.raises(InputError, match=rule):
        sacn.decode(broken)


def test_universe_discovery_is_named_not_refused():
    packet = bytearray(GOLDEN_SYNC)
    packet[43] = 2

    assert sacn.decode(packet) == sacn.SacnOther(root_vector=8, framing_vector=2)


@pytest.mark.parametrize(
    "fields", [{"universe": 0}, {"universe": 64000}, {"priority": 201}, {"length": 0}, {"length": 513}]
)
def test_header_that_the_standard_forbids_is_refused(fields):
    given = {"universe": 1, "length": 512, **fields}

    with pytest.raises(OutputError):
        sacn.data_header(given.pop("universe"), given.pop("length"), cid=CID, source="", **given)
