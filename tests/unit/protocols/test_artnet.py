"""ArtDmx and ArtSync against bytes written out by hand from the standard's field tables."""

from __future__ import annotations

import pytest

from facade.core.errors import InputError, OutputError
from facade.protocols import artnet

# "ArtDmx packet definition": ID, OpCode 0x5000 low byte first, ProtVer 14 high byte first, Sequence, Physical,
# SubUni 0x34, Net 0x12, Length 4 high byte first, data.
GOLDEN_DMX = bytes.fromhex("4172742d4e657400 0050 000e 07 02 34 12 0004 ff800100".replace(" ", ""))
GOLDEN_SYNC = bytes.fromhex("4172742d4e657400 0052 000e 00 00".replace(" ", ""))


def test_dmx_packet_is_the_standards_layout():
    assert artnet.dmx_packet(0x1234, b"\xff\x80\x01\x00", sequence=7, physical=2) == GOLDEN_DMX


def test_sync_packet_is_the_standards_layout():
    assert artnet.sync_packet() == GOLDEN_SYNC
    assert len(GOLDEN_SYNC) == artnet.SYNC_LENGTH


def test_dmx_packet_is_read_back():
    assert artnet.decode(GOLDEN_DMX) == artnet.ArtDmx(
        port_address=0x1234, sequence=7, physical=2, data=b"\xff\x80\x01\x00"
    )


def test_sync_packet_is_read_back():
    assert artnet.decode(GOLDEN_SYNC) == artnet.ArtSync()


def test_full_universe_has_530_bytes_and_the_sequence_where_it_is_promised():
    packet = artnet.dmx_packet(0, bytes(512), sequence=200)

    assert len(packet) == 530
    assert packet[artnet.SEQUENCE_AT] == 200


def test_other_kinds_of_packet_are_named_not_refused():
    poll = artnet.ID + (0x2000).to_bytes(2, "little") + bytes((0, 14, 0, 0))

    assert artnet.decode(poll) == artnet.ArtOther(opcode=0x2000)


def test_trailing_bytes_are_ignored_and_odd_lengths_accepted():
    odd = GOLDEN_DMX[:16] + b"\x00\x03" + b"\x01\x02\x03" + b"rest"

    message = artnet.decode(odd)

    assert isinstance(message, artnet.ArtDmx)
    assert message.data == b"\x01\x02\x03"


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (b"", "starts with"),
        (b"Art-Net", "starts with"),
        (b"Bad-Net\0" + GOLDEN_DMX[8:], "starts with"),
        (GOLDEN_DMX[:10] + b"\x00\x0d" + GOLDEN_DMX[12:], "revision 13"),
        (GOLDEN_DMX[:17], "header alone has 18"),
        (GOLDEN_DMX[:-1], "torn"),
        (GOLDEN_DMX[:16] + b"\x02\x01" + bytes(513), "513 slots"),
        (GOLDEN_DMX[:16] + b"\x00\x00", "0 slots"),
        (GOLDEN_DMX[:15] + b"\xff" + GOLDEN_DMX[16:], "bit 15"),
        (GOLDEN_SYNC[:13], "ArtSync of 13 bytes"),
    ],
)
def test_broken_packet_is_refused_with_the_rule(broken, rule):
    with pytest.raises(InputError, match=rule):
        artnet.decode(broken)


@pytest.mark.parametrize(("universe", "length"), [(-1, 2), (32768, 2), (0, 0), (0, 3), (0, 514)])
def test_header_that_the_protocol_cannot_say_is_refused(universe, length):
    with pytest.raises(OutputError):
        artnet.dmx_header(universe, length)
