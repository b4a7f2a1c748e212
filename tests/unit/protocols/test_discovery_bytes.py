"""Universe discovery and ArtPoll: against the standards' layouts and against encoders written elsewhere."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest

from facade.core.errors import InputError
from facade.protocols import artnet_poll, sacn_discovery
from facade.protocols.artnet_poll import ArtPollReply

CID = UUID("00112233-4455-6677-8899-aabbccddeeff")


def test_discovery_packet_is_what_the_sacn_package_makes():
    messages = pytest.importorskip("sacn.messages.universe_discovery")
    theirs = messages.UniverseDiscoveryPacket(tuple(CID.bytes), "north tower", (1, 5, 900), page=0, lastPage=0)

    (ours,) = sacn_discovery.discovery_packets([900, 1, 5, 5], cid=CID, source="north tower")

    assert ours == bytes(theirs.getBytes())


def test_many_universes_go_out_in_pages():
    packets = sacn_discovery.discovery_packets(range(1, 1100), cid=CID, source="x")
    found = [sacn_discovery.decode(packet) for packet in packets]

    assert [(d.page, d.last, len(d.universes)) for d in found] == [(0, 2, 512), (1, 2, 512), (2, 2, 75)]
    assert [u for d in found for u in d.universes] == list(range(1, 1100))
    assert {(d.cid, d.source) for d in found} == {(CID, "x")}


def test_source_of_nothing_says_so():
    (packet,) = sacn_discovery.discovery_packets([], cid=CID, source="x")

    assert len(packet) == 120
    assert sacn_discovery.decode(packet).universes == ()


def test_harmed_discovery_packets_are_refused():
    (packet,) = sacn_discovery.discovery_packets([1, 2, 3], cid=CID, source="x")
    for at in (0, 17, 21, 39, 43, 113):
        harmed = bytearray(packet)
        harmed[at] ^= 0x07
        with pytest.raises(InputError):
            sacn_discovery.decode(bytes(harmed))
    for length in range(len(packet)):
        with pytest.raises(InputError):
            sacn_discovery.decode(packet[:length])


def test_poll_is_fourteen_bytes():
    assert artnet_poll.poll_packet() == b"Art-Net\0" + bytes.fromhex("0020 000e 0000")


REPLY = ArtPollReply(
    address="10.0.0.7",
    port=6454,
    name="node",
    long_name="A node on the roof",
    report="#0001 [0001] fine",
    firmware=0x0102,
    oem=0x2828,
    manufacturer=0x4D4C,
    outputs=(0x123, 0x124, 0x12F),
    mac="02:00:00:00:00:07",
    bind_index=1,
)


def test_reply_is_read_as_it_was_written():
    packet = artnet_poll.reply_packet(REPLY)

    assert len(packet) == 239
    assert artnet_poll.decode_reply(packet) == REPLY
    # Net, sub-net and the ports' own numbers, where the specification says.
    assert (packet[18], packet[19], packet[190:193]) == (0x01, 0x2, bytes((3, 4, 15)))
    assert artnet_poll.decode_reply(packet[:207]) is not None


def test_whatever_answers_is_read_or_refused():
    rng = np.random.default_rng(5)
    packet = artnet_poll.reply_packet(REPLY)
    for _ in range(300):
        harmed = bytearray(packet[: rng.integers(0, 240)])
        for at in rng.integers(10, 240, 20):
            if at < len(harmed):
                harmed[at] = rng.integers(0, 256)
        try:
            reply = artnet_poll.decode_reply(bytes(harmed))
        except InputError:
            continue
        assert reply is None or reply.name.isprintable()
    assert artnet_poll.decode_reply(artnet_poll.poll_packet()) is None
