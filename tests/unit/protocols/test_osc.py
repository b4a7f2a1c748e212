"""OSC bytes to messages and back, against python-osc as an independent reader and writer."""

from __future__ import annotations

import math
import struct

import pytest
from pythonosc.osc_bundle import OscBundle as PeerBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY as PEER_NOW
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage as PeerMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from facade.core.errors import InputError
from facade.protocols import osc


def peer_message(address: str, *args: tuple[object, str]) -> bytes:
    builder = OscMessageBuilder(address)
    for value, tag in args:
        builder.add_arg(value, tag)  # type: ignore[arg-type]
    return builder.build().dgram


def test_every_type_another_library_writes_is_read() -> None:
    packet = peer_message(
        "/all",
        (7, "i"),
        (0.5, "f"),
        ("text", "s"),
        (b"\x01\x02\x03", "b"),
        (True, "T"),
        (False, "F"),
        (None, "N"),
        (2**40, "h"),
        (0.1, "d"),
        (0xFF8800FF, "r"),
    )
    message = osc.decode(packet)
    assert isinstance(message, osc.OscMessage)
    assert message.address == "/all"
    assert message.types == "ifsbTFNhdr"
    assert message.args == (7, 0.5, "text", b"\x01\x02\x03", True, False, None, 2**40, 0.1, "#ff8800ff")


def test_the_other_types_of_the_standard_are_read() -> None:
    body = struct.pack(">Q", 5) + struct.pack(">I", ord("x")) + b"sym\0" + bytes([0, 0x90, 60, 100])
    message = osc.decode(b"/o\0\0" + b",ItcSm\0\0" + body)
    assert isinstance(message, osc.OscMessage)
    assert message.args == (math.inf, 5, "x", "sym", bytes([0, 0x90, 60, 100]))


def test_arrays_are_read_in_line() -> None:
    message = osc.decode(b"/a\0\0" + b",i[ff]\0\0" + struct.pack(">iff", 1, 2.0, 3.0))
    assert isinstance(message, osc.OscMessage)
    assert (message.args, message.types) == ((1, 2.0, 3.0), "i[ff]")


def test_a_message_without_type_tags_is_one_without_arguments() -> None:
    assert osc.decode(b"/go\0") == osc.OscMessage("/go")


def test_another_library_reads_what_is_written() -> None:
    peer = PeerMessage(osc.encode("/x", (7, 0.5, "häuser", b"\x01\x02", True, False, None, 2**40)))
    assert peer.address == "/x"
    assert peer.params == [7, 0.5, "häuser", b"\x01\x02", True, False, None, 2**40]


def test_another_library_reads_a_written_bundle() -> None:
    peer = PeerBundle(osc.encode_bundle([osc.encode("/a", (1,)), osc.encode("/b", (0.5,))]))
    assert [(m.address, m.params) for m in peer] == [("/a", [1]), ("/b", [0.5])]


def test_nested_bundles_keep_their_own_times() -> None:
    inner = OscBundleBuilder(1_800_000_000.5)  # type: ignore[arg-type]
    inner.add_content(PeerMessage(peer_message("/late", (1, "i"))))
    outer = OscBundleBuilder(PEER_NOW)
    outer.add_content(PeerMessage(peer_message("/now")))
    outer.add_content(inner.build())
    (now_tag, now), (late_tag, late) = osc.messages(osc.decode(outer.build().dgram))
    assert (now_tag, now.address) == (osc.IMMEDIATELY, "/now")
    assert late.address == "/late"
    assert osc.unix_s_of(late_tag) == pytest.approx(1_800_000_000.5, abs=1e-6)


def test_color_is_never_written_as_the_type_that_liblo_refuses() -> None:
    packet = osc.encode("/c", (1.0, 0.5, 0.0))
    assert packet[4:8] == b",fff"


@pytest.mark.parametrize(
    ("packet", "says"),
    [
        (b"", "starts with /"),
        (b"hello\0\0\0", "starts with /"),
        (b"/abc", "no NUL"),
        (b"/ab\0,", "multiple of 4"),
        (b"/\xff\xfe\0,\0\0\0", "UTF-8"),
        (b"/a\n\0,\0\0\0", "printable"),
        (b"/a\0\0ifs\0", "comma"),
        (b"/a\0\0,i\0\0", "ends inside"),
        (b"/a\0\0,i\0\0\0\0\0\1\0\0\0\1", "follow the last"),
        (b"/a\0\0,X\0\0", "none of"),
        (b"/a\0\0,s\0\0abcd", "no NUL"),
        (b"/a\0\0,b\0\0\0\0\0\5abcd", "blob"),
        (b"/a\0\0,b\0\0\xff\xff\xff\xff", "blob"),
        (b"/a\0\0,[i\0\0\0\0\1", "pair"),
        (b"/a\0\0,]\0\0", "pair"),
        (b"/a\0\0,c\0\0\0\1\0\0", "ASCII"),
        (b"#bundle\0", "at least 16"),
        (b"#bundle\0" + bytes(8) + b"\0\0", "inside the size"),
        (b"#bundle\0" + bytes(8) + b"\0\0\0\3abc", "multiple of 4"),
        (b"#bundle\0" + bytes(8) + b"\0\0\0\0", "positive"),
        (b"#bundle\0" + bytes(8) + b"\0\0\1\0", "fit the packet"),
        (b"/" + b"x" * 299 + bytes(4), "at most 255"),
        (b"/a\0\0," + b"T" * 65 + bytes(2), "at most 64"),
        (b"/a\0\0," + b"[" * 160 + bytes(3), "at most 64"),
    ],
)
def test_a_malformed_packet_is_refused_with_its_rule(packet: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        osc.decode(packet)


def test_bundles_nest_only_so_deep() -> None:
    packet = osc.encode("/a")
    for _ in range(osc.MAX_DEPTH):
        packet = osc.encode_bundle([packet])
    assert len(list(osc.messages(osc.decode(packet)))) == 1
    with pytest.raises(InputError, match="nested deeper"):
        osc.decode(osc.encode_bundle([packet]))


def test_a_packet_holds_only_so_many_messages() -> None:
    osc.decode(osc.encode_bundle([osc.encode("/a")] * osc.MAX_MESSAGES))
    with pytest.raises(InputError, match="more than 1024"):
        osc.decode(osc.encode_bundle([osc.encode("/a")] * (osc.MAX_MESSAGES + 1)))


def test_an_integer_no_type_can_hold_is_refused() -> None:
    with pytest.raises(InputError, match="64 bits"):
        osc.encode("/a", (2**64,))


def test_time_tags_go_both_ways() -> None:
    assert osc.unix_s_of(osc.timetag_of(1_700_000_000.25)) == 1_700_000_000.25
