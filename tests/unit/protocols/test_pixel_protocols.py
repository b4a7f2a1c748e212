"""Protocols that address pixels by byte offset, port or strip, against published layouts and bytes seen on the wire."""

from __future__ import annotations

import numpy as np
import pytest

from facade.core.errors import InputError, OutputError
from facade.protocols import adalight, aec, blinkenlights, colorlight, ddp, dmx512, enttec, kinet, opc, tpm2, wled
from facade.protocols.codec import Cells, Options, Window
from facade.protocols.registry import CODECS


def window(universe=0, *, first=0, length=6, index=0, count=1, **options):
    return Window(universe, first, length, index, count, Options(**options))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        # 3waylabs: flags, sequence, type, id, offset (4), length (2)
        (window(length=6), "41 00 0b 01 00000000 0006"),
        (window(1, first=1440, length=1440, index=1, count=3), "40 00 0b 01 000005a0 05a0"),
        (window(2, first=2880, length=4, index=2, count=3, pixel_channels=4), "41 00 1b 01 00000b40 0004"),
        (window(length=2, destination=5, pixel_channels=2), "41 00 00 05 00000000 0002"),
    ],
)
def test_ddp_header(given, wanted):
    assert ddp.header(given) == bytes.fromhex(wanted)


def test_ddp_reads_what_other_senders_write():
    plain = bytes.fromhex("41 07 01 01 0000000c 0003") + b"abc"
    with_timecode = bytes.fromhex("51 07 01 01 0000000c 0003 11223344") + b"abc"

    assert ddp.decode(plain) == ddp.decode(with_timecode) == (Cells(b"abc", first=12, destination=1),)
    assert ddp.decode(bytes.fromhex("42 00 00 fb 00000000 0000")) == ()


@pytest.mark.parametrize("destination", [246, 250, 251])
def test_ddp_ids_of_other_services_are_refused(destination):
    with pytest.raises(OutputError, match="displays are"):
        ddp.header(window(destination=destination))


def test_kinet_v1_is_what_olad_sends():
    # Captured from olad 0.10.9's KiNET output, but for the sequence number.
    assert kinet.dmxout_header(window()) == bytes.fromhex("0401dc4a 0100 0101 00000000 00 00 0000 ffffffff 00")


def test_kinet_v2_names_its_port_and_length():
    header = kinet.portout_header(window(3, length=150))

    assert header == bytes.fromhex("0401dc4a 0100 0801 00000000 ffffffff 03 00 0000 9600 0000")
    assert kinet.decode(header + bytes(range(150))) == (Cells(bytes(range(150)), universe=3),)


def test_kinet_v2_waits_for_a_sync_packet_where_the_profile_says_so():
    header = kinet.portout_header(window(3, length=24, sync=True))

    assert header == bytes.fromhex("0401dc4a 0100 0801 00000000 ffffffff 03 00 0400 1800 0000")
    assert kinet.sync_packet(Options(sync=True)) == bytes.fromhex("0401dc4a 0100 0901 00000000 00000000")
    assert kinet.sync_packet(Options()) == b""
    assert kinet.decode(kinet.sync_packet(Options(sync=True))) == (Cells(b"", closes=True),)


def test_colorlight_rows_and_the_frame_that_shows_them():
    row = colorlight.row_header(window(0x0102, length=6)) + b"abcdef"

    assert row == bytes.fromhex("112233445566 222233445566 55 0102 0000 0002 0888") + b"abcdef"
    assert colorlight.decode(row) == (Cells(b"abcdef", universe=0x0102),)
    show = colorlight.show_packet(Options())
    assert len(show) == 112
    assert show[12:14] == bytes((0x01, 0x07))
    assert show[13 + 22 : 13 + 28] == bytes.fromhex("ff05 00 ffffff")
    assert colorlight.decode(show) == (Cells(b"", closes=True),)


def test_colorlight_reads_rows_in_parts_and_minds_what_is_cut_off():
    part = bytes.fromhex("112233445566 222233445566 55 0003 01f1 0001 0888") + b"xyz"

    assert colorlight.decode(part) == (Cells(b"xyz", universe=3, first=497 * 3),)
    with pytest.raises(InputError, match="declares 1 pixels"):
        colorlight.decode(part[:-1])
    with pytest.raises(InputError, match="receivers are 11:22:33:44:55:66"):
        colorlight.decode(bytes(40))
    with pytest.raises(OutputError, match="pixels are RGB"):
        colorlight.row_header(window(length=4))


def test_a_dmx_packet_is_a_start_code_and_levels():
    assert dmx512.header(window(length=24)) == bytes(1)
    assert dmx512.decode(bytes(1) + b"abc") == (Cells(b"abc", universe=0),)
    assert dmx512.decode(bytes.fromhex("17 00")) == ()


def test_kinet_discovery_carries_no_levels():
    assert kinet.decode(bytes.fromhex("0401dc4a 0100 0100 2a000000 0a0101de 0000")) == ()


def test_opc_message():
    # openpixelcontrol.org: channel, command, length; the data of two pixels
    assert opc.header(window(1, length=6)) == bytes.fromhex("01 00 0006")
    assert opc.header(window(1, length=65535)) == bytes.fromhex("01 00 ffff")
    assert opc.decode(bytes.fromhex("01 ff 0002 0001")) == ()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (window(length=1470), "02 02"),
        (window(length=1468, pixel_channels=4), "03 02"),
        (window(length=1467, count=2), "04 02 0000"),
        (window(1, first=1467, length=30, index=1, count=2), "04 02 01e9"),
        (window(1, first=1468, length=40, index=1, count=2, pixel_channels=4), "05 02 016f"),
        (window(1, first=1467, length=30), "04 02 01e9"),
    ],
)
def test_wled_header(given, wanted):
    assert wled.header(given) == bytes.fromhex(wanted)


@pytest.mark.parametrize(
    "given",
    [
        window(length=1470, count=2),
        window(first=1440, length=12, pixel_channels=5),
        window(1, first=1000, length=9, count=2),
        window(1, first=1467 * 200, length=9, count=2),
    ],
)
def test_wled_packets_that_no_device_reads_are_refused(given):
    with pytest.raises(OutputError):
        wled.header(given)


def test_tpm2_net_packet():
    head, end = tpm2.net_header(window(1, length=3, index=1, count=4)), tpm2.end(window())

    assert head + b"abc" + end == bytes.fromhex("9c da 0003 02 04") + b"abc" + b"\x36"
    assert tpm2.decode_net(head + b"abc" + end) == (Cells(b"abc", universe=1),)


def test_tpm2_serial_frame():
    assert tpm2.serial_header(window(length=600)) == bytes.fromhex("c9 da 0258")


def test_enttec_message_is_the_api_specifications():
    head, end = enttec.header(window(length=512)), enttec.end(window())

    assert head == bytes.fromhex("7e 06 01 02 00")  # 513 bytes with the start code, low byte first
    assert end == b"\xe7"
    assert enttec.decode(head + bytes(512) + end) == (Cells(bytes(512)),)
    assert enttec.decode(bytes.fromhex("7e 0a 00 00 e7")) == ()


def test_adalight_header_is_the_sketchs():
    # LEDstream: 25 pixels are count 24; 0 xor 24 xor 55 is 4d
    assert adalight.header(window(length=75)) == b"Ada" + bytes.fromhex("00 18 4d")
    with pytest.raises(OutputError, match="RGB"):
        adalight.header(window(length=8))


def test_aec_gives_every_window_its_number():
    assert aec.decode(bytes.fromhex("0000 010203 3d04 ffeedd")) == (
        Cells(b"\x01\x02\x03", first=0),
        Cells(b"\xff\xee\xdd", first=1085 * 3),
    )


def test_blinkenlights_headers():
    haus = {"size_px": (18, 8), "pixel_channels": 1}

    assert blinkenlights.blp_header(window(length=144, **haus)) == bytes.fromhex("deadbeef 00000000 0012 0008")
    assert blinkenlights.mcuf_header(window(length=144, **haus)) == bytes.fromhex("23542666 0008 0012 0001 00ff")
    with pytest.raises(OutputError, match="size_px"):
        blinkenlights.blp_header(window(length=143, **haus))


def test_blp_windows_are_on_from_half():
    packets = np.zeros((1, 16), np.uint8)
    packets[0, 12:] = [0, 127, 128, 255]

    blinkenlights.switch(packets)

    assert packets[0].tolist() == [0] * 12 + [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("decode", "packet"),
    [
        (ddp.decode, "41 00 0b 01 00000000 0006 00"),
        (ddp.decode, "81 00 0b 01 00000000 0000"),
        (kinet.decode, "0401dc4b 0100 0101 00000000"),
        (kinet.decode, "0401dc4a 0100 0801 00000000 ffffffff 03 00 0000 9600 0000 00"),
        (opc.decode, "01 00 0006 00"),
        (wled.decode, "01 02 00 00 00 00"),
        (wled.decode, "04 02 00"),
        (tpm2.decode_net, "9c da 0003 01 01 000000 37"),
        (tpm2.decode_net, "9c da 0003 01 01 0000"),
        (tpm2.decode_serial, "9c da 0003 000000 36"),
        (enttec.decode, "7e 06 0300 000102 00"),
        (adalight.decode, "416461 00 18 4c"),
        (aec.decode, "0000 0102"),
        (blinkenlights.decode, "deadbeef 00000000 0012 0008 00"),
        (blinkenlights.decode, "00000000 00000000 0012 0008"),
    ],
)
def test_torn_or_foreign_packet_is_refused(decode, packet):
    with pytest.raises(InputError):
        decode(bytes.fromhex(packet))


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS.keys())
def test_whatever_arrives_is_read_or_refused(codec):
    rng = np.random.default_rng(11)
    for length in (0, 1, 3, 11, 12, 20, 30, 600):
        for _ in range(50):
            data = bytearray(rng.integers(0, 256, length, dtype=np.uint8).tobytes())
            data[:1] = bytes((rng.choice([0x41, 0x7E, 0x9C, 0xC9, 4, 2]),))[: len(data)]
            try:
                cells = codec.decode(bytes(data))
            except InputError:
                continue
            assert all(len(c.data) <= length for c in cells)
