"""Laws of the Art-Net codec: what is written is read, and no bytes whatever make it stumble."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from facade.core.errors import InputError
from facade.protocols import artnet

UNIVERSES = st.integers(0, artnet.MAX_PORT_ADDRESS)
LEVELS = st.binary(min_size=1, max_size=256).map(lambda half: half + half)
BYTE = st.integers(0, 255)


@given(UNIVERSES, LEVELS, BYTE, BYTE)
def test_what_is_written_is_read(universe, levels, sequence, physical):
    packet = artnet.dmx_packet(universe, levels, sequence=sequence, physical=physical)

    assert artnet.decode(packet) == artnet.ArtDmx(universe, sequence, physical, levels)


@given(UNIVERSES, LEVELS, st.integers(0, 529), BYTE, st.integers(0, 530))
def test_damaged_packets_are_read_or_refused(universe, levels, at, value, cut):
    packet = bytearray(artnet.dmx_packet(universe, levels))
    packet[at % len(packet)] = value

    read_or_refuse(bytes(packet[:cut]))


@given(st.binary(max_size=600), st.booleans())
def test_noise_is_read_or_refused(noise, named):
    read_or_refuse(artnet.ID + noise if named else noise)


def read_or_refuse(packet: bytes) -> None:
    try:
        message = artnet.decode(packet)
    except InputError:
        return
    assert isinstance(message, artnet.ArtDmx | artnet.ArtSync | artnet.ArtOther)
