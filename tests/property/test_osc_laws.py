"""Laws of the OSC codec: it never raises anything but InputError, and what it writes it reads back."""

from __future__ import annotations

import fnmatch
import math
import struct

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage as PeerMessage

from facade.core.errors import InputError
from facade.protocols import osc
from facade.protocols.osc_pattern import AddressPattern

names = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/#"), min_size=1)
addresses = st.lists(names, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts)[:200])
floats = st.floats(width=32, allow_nan=False).filter(lambda x: x != math.inf)
args = st.lists(
    st.one_of(
        st.integers(-(2**63), 2**63 - 1),
        floats,
        st.booleans(),
        st.none(),
        st.just(math.inf),
        st.binary(max_size=40),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
    ),
    max_size=20,
)
messages = st.builds(osc.encode, addresses, args)


@given(addresses, args)
def test_what_is_written_is_read_back(address: str, sent: list[osc.OscArg]) -> None:
    message = osc.decode(osc.encode(address, sent))
    assert isinstance(message, osc.OscMessage)
    assert message.address == address
    assert list(message.args) == sent
    assert [type(a) for a in message.args] == [type(a) for a in sent]


@given(addresses, st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), floats, st.booleans(), st.none()), max_size=9))
def test_another_library_reads_the_same(address: str, sent: list[osc.OscArg]) -> None:
    assert PeerMessage(osc.encode(address, sent)).params == sent


@settings(max_examples=500)
@given(st.binary(max_size=300))
@example(b"#bundle\0" * 40)
def test_any_bytes_are_read_or_refused(packet: bytes) -> None:
    try:
        osc.decode(packet)
    except InputError:
        return


@settings(max_examples=500)
@given(st.lists(messages, min_size=1, max_size=4), st.data())
def test_a_damaged_packet_is_read_or_refused(parts: list[bytes], data: st.DataObject) -> None:
    packet = bytearray(osc.encode_bundle(parts))
    for _ in range(data.draw(st.integers(1, 4))):
        packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(packet)))
    for damaged in (bytes(packet), bytes(packet[:cut])):
        try:
            found = list(osc.messages(osc.decode(damaged)))
        except InputError:
            continue
        assert all(m.address.startswith("/") for _, m in found)


@given(st.lists(messages, max_size=5), st.integers(0, 2**64 - 1))
def test_a_bundle_keeps_its_messages_and_its_time(parts: list[bytes], timetag: int) -> None:
    found = list(osc.messages(osc.decode(osc.encode_bundle(parts, timetag=timetag))))
    assert [m for _, m in found] == [osc.decode(p) for p in parts]
    assert {t for t, _ in found} <= {timetag}


words = st.text(alphabet="abc", max_size=12)
tokens = st.one_of(st.sampled_from(["*", "?", "a", "b", "c", "[ab]", "[!ab]", "[a-c]", "[!c]"]))


@given(st.lists(tokens, max_size=10), words)
def test_patterns_agree_with_the_shells(parts: list[str], word: str) -> None:
    pattern = "x" + "".join(parts)
    assert AddressPattern("/" + pattern).matches("/x" + word) is fnmatch.fnmatchcase("x" + word, pattern)


@given(st.lists(st.text(alphabet="ab", max_size=3), min_size=1, max_size=4), words, words)
def test_braces_reach_exactly_their_alternatives(choices: list[str], before: str, word: str) -> None:
    if choices == [""]:
        choices = ["", "a"]
    pattern = AddressPattern("/" + before + "{" + ",".join(choices) + "}")
    assert pattern.matches("/" + word) is (word in {before + c for c in choices})


@given(st.text(max_size=140))
def test_any_text_is_a_pattern_or_refused(text: str) -> None:
    try:
        AddressPattern(text).matches("/piece/ember/heat")
    except InputError:
        return


def test_float_bits_survive() -> None:
    packet = osc.encode("/f", (struct.unpack(">f", b"\x3d\xcc\xcc\xcd")[0],))
    assert packet[-4:] == b"\x3d\xcc\xcc\xcd"
