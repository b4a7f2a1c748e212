"""Heartbeats as bytes: every message comes back, nothing else is believed."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facade.core.errors import InputError
from facade.protocols.heartbeat import LENGTH, Doing, Heartbeat, Role, decode, encode, make_key

KEY = make_key("house", "")


@given(
    st.builds(
        Heartbeat,
        role=st.sampled_from(Role),
        doing=st.sampled_from(Doing),
        cid=st.uuids(),
        run=st.integers(0, 2**64 - 1),
        sequence=st.integers(0, 2**32 - 1),
        master=st.sampled_from([k / 65535 for k in (0, 1, 32768, 65535)]),
        blackout=st.booleans(),
        reads=st.integers(0, 255),
    )
)
def test_every_message_comes_back(message):
    packet = encode(message, KEY)

    assert len(packet) == LENGTH
    assert decode(packet, KEY) == message


MESSAGE = Heartbeat(Role.MAIN, Doing.SENDING, UUID(int=5), run=7, sequence=9)


@given(st.integers(0, LENGTH * 8 - 1))
def test_no_flipped_bit_is_believed(bit):
    packet = bytearray(encode(MESSAGE, KEY))
    packet[bit // 8] ^= 1 << bit % 8

    with pytest.raises(InputError):
        decode(bytes(packet), KEY)


@given(st.binary(max_size=100))
def test_no_noise_is_believed(noise):
    with pytest.raises(InputError):
        decode(noise, KEY)


@pytest.mark.parametrize("other", [make_key("house", "word"), make_key("other house", "")])
def test_another_venue_or_key_is_not_believed(other):
    with pytest.raises(InputError, match="another"):
        decode(encode(MESSAGE, other), KEY)
