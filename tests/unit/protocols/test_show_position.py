"""Show positions as bytes: every one comes back, none is longer than a network carries, nothing else is believed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.core.errors import InputError
from facade.protocols.heartbeat import Role, digest, make_key
from facade.protocols.show_position import (
    MOST_BYTES,
    PositionMessage,
    ShowPosition,
    decode,
    encode,
    room_for,
    size_of,
)

KEY = make_key("house", "")

numbers = st.integers(-(2**31), 2**31) | st.floats(-1e6, 1e6)
values = st.booleans() | numbers | st.text(max_size=12) | st.lists(numbers, max_size=4).map(tuple)
positions = st.builds(
    ShowPosition,
    show=st.text(max_size=16),
    cue=st.text(min_size=1, max_size=40),
    index=st.integers(0, 100_000),
    age_s=st.integers(0, 10**9).map(lambda ms: ms / 1000),
    holding=st.booleans(),
    paused=st.booleans(),
    values=st.dictionaries(st.text(max_size=20), values, max_size=5),
)
messages = st.builds(
    PositionMessage,
    role=st.sampled_from(Role),
    run=st.integers(0, 2**64 - 1),
    sequence=st.integers(0, 2**32 - 1),
    position=positions,
)


@given(messages)
def test_every_message_comes_back_and_fits_one_packet(message):
    packet = encode(message, KEY)

    assert len(packet) <= MOST_BYTES
    assert decode(packet, KEY) == message


@given(positions, st.text(max_size=30), values)
def test_what_a_value_takes_is_known_before(position, address, value):
    more = dict(position.values)
    if address in more:
        return
    more[address] = value
    grown = ShowPosition(position.show, position.cue, values=more)
    plain = ShowPosition(position.show, position.cue, values=position.values)

    assert 0 <= room_for(plain) - room_for(grown) <= size_of(address, value)


def test_what_does_not_fit_is_refused():
    crowd = ShowPosition("", "dusk", values={f"/piece/ember/p{k}": 0.123456 for k in range(60)})

    with pytest.raises(InputError, match="fewer values"):
        encode(PositionMessage(Role.MAIN, 1, 1, crowd), KEY)


MESSAGE = PositionMessage(Role.MAIN, 7, 9, ShowPosition("ab", "dusk", 3, 12.5, values={"/piece/ember/warmth": 0.5}))


@given(st.data())
def test_no_flipped_bit_is_believed(data):
    packet = bytearray(encode(MESSAGE, KEY))
    bit = data.draw(st.integers(0, 8 * len(packet) - 1))
    packet[bit // 8] ^= 1 << bit % 8

    with pytest.raises(InputError):
        decode(bytes(packet), KEY)


@given(st.binary(max_size=1300))
def test_no_noise_is_believed(noise):
    with pytest.raises(InputError):
        decode(b"FACADESP" + noise, KEY)


def signed(body: bytes, *, length: int | None = None, version: int = 1) -> bytes:
    head = b"FACADESP" + bytes((version, 0)) + (len(body) if length is None else length).to_bytes(2, "big") + bytes(12)
    return head + body + digest(head + body, KEY)


def test_keys_of_a_later_facade_are_passed_over():
    body = json.dumps({"cue": "dusk", "tempo": 120, "values": {}}).encode()

    assert decode(signed(body), KEY).position == ShowPosition("", "dusk")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"cue":""}',
        b'{"cue":7}',
        b'{"cue":"a","age":-1}',
        b'{"cue":"a","age":NaN}',
        b'{"cue":"a","age":1e400}',
        b'{"cue":"a","age":true}',
        b'{"cue":"a","index":1000000}',
        b'{"cue":"a","index":1.5}',
        b'{"cue":"a","values":[]}',
        b'{"cue":"a","values":{"/x":null}}',
        b'{"cue":"a","values":{"/x":[[1]]}}',
        b'{"cue":"a","values":{"/x":[Infinity]}}',
        b'{"cue":"\xff"}',
        b"[" * 1100,
    ],
)
def test_nonsense_with_a_good_signature_is_refused_in_words(body):
    with pytest.raises(InputError):
        decode(signed(body), KEY)


def test_another_version_and_a_wrong_length_are_refused():
    body = b'{"cue":"a"}'
    with pytest.raises(InputError, match="version 2"):
        decode(signed(body, version=2), KEY)
    with pytest.raises(InputError, match="length"):
        decode(signed(body, length=3), KEY)
