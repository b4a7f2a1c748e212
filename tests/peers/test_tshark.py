"""Wireshark's dissectors read what delivery sends: every field of both protocols, and no complaint.

Its version 4.0 does not know the synchronisation packet of sACN; that one is checked against the sacn package's encoder
(tests/unit/protocols/test_sacn.py).
"""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest

from facade.core.clock import StepClock
from facade.core.frame import PixelFrame, Tick
from facade.delivery.build import build_delivery
from facade.outputs.virtual import VirtualNetwork
from facade.protocols import artnet
from tests.support.tshark import complaints, dissect, fields, flat, write_pcap
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

CID = UUID("00112233-4455-6677-8899-aabbccddeeff")
N_PIXELS = 250  # one full universe and 240 slots of a second


def capture(controller, path, *, frames=1, close=False):
    """Deliver random light; return the levels of the last frame and what tshark makes of all packets."""
    packets = []
    network, clock = VirtualNetwork(), StepClock()
    network.listen(lambda packet, host, port: packets.append((bytes(packet), host, port)))
    pixels = pixel_map([RGB_LINEAR], [N_PIXELS])
    patch = patch_of(pixels, controllers={"main": controller}, first_universe=258)
    engine = build_delivery(
        pixels, patch, clock=clock, cid=CID, network=network, udp=False, source="north tower", back_s=0.0
    )
    rgb = np.random.default_rng(9).random((N_PIXELS, 3), dtype=np.float32)
    engine.offer(PixelFrame(Tick(0, 0.0, 0.025), rgb))
    for _ in range(frames):
        engine.step()
        clock.advance(0.025)
    levels = engine.levels[: pixels.n_levels].tobytes()
    if close:
        engine.close(fade_s=0.0)
    write_pcap(path, packets)
    return levels, dissect(path)


def slots(levels, index):
    return list(levels[index * 510 : (index + 1) * 510].ljust(510, b"\0"))


@pytest.mark.parametrize("index", [0, 1])
def test_every_field_of_artdmx_is_what_was_meant(tmp_path, index):
    levels, found = capture({"host": "10.1.2.3", "protocol": "artnet"}, tmp_path / "a.pcap", frames=3)
    packet = found[4 + index]  # the third frame

    assert fields(packet["artnet"]) == {
        "artnet.header.id": "Art-Net",
        "artnet.header.opcode": "0x5000",
        "artnet.header.protver": "14",
        "artnet.output.sequence": "3",
        "artnet.output.physical": "0",
        "artnet.output.universe": str(258 + index),
        "artnet.output.length": "510",
    }
    shown = fields(packet["dmx_chan"])["dmx_chan.data_filter"]
    assert [int(byte, 16) for byte in shown.split(":")] == slots(levels, index)
    assert complaints(packet) == []


def test_artsync_closes_a_frame(tmp_path):
    _, found = capture({"host": "10.1.2.3", "protocol": "artnet", "sync": True}, tmp_path / "a.pcap")

    assert [fields(p["artnet"])["artnet.header.opcode"] for p in found] == ["0x5000", "0x5000", "0x5200"]
    assert fields(found[2]["artnet"])["artnet.data"] == "00:00"
    assert [complaints(p) for p in found] == [[], [], []]


@pytest.mark.parametrize("index", [0, 1])
def test_every_field_of_a_sacn_data_packet_is_what_was_meant(tmp_path, index):
    controller = {"host": "multicast", "protocol": "sacn", "priority": 120, "sync_universe": 8000}
    levels, found = capture(controller, tmp_path / "s.pcap", frames=2)
    packet = found[3 + index]  # the second frame: each is two data packets and a sync packet

    assert without_data(packet["acn"]) == {
        "acn.preamble_size": "16",
        "acn.postamble_size": "0",
        "acn.packet_identifier": "ASC-E1.17",
        "acn.pdu.flags": ["0x70"] * 3,
        "acn.pdu.flag_l": ["0"] * 3,
        "acn.pdu.flag_v": ["1"] * 3,
        "acn.pdu.flag_h": ["1"] * 3,
        "acn.pdu.flag_d": ["1"] * 3,
        "acn.pdu.length": [str(126 + 510 - at) for at in (16, 38, 115)],
        "acn.protocol_id": "4",
        "acn.cid": str(CID),
        "acn.dmx_vector": "2",
        "acn.dmx.source_name": "north tower",
        "acn.dmx.priority": "120",
        "acn.dmx.reserved": "8000",  # the synchronisation address, under the name of the 2009 edition
        "acn.dmx.seq_number": "2",
        "acn.dmx.options": "0",
        "acn.dmx.option_p": "0",
        "acn.dmx.option_s": "0",
        "acn.dmx.universe": str(258 + index),
        "acn.dmp_vector": "2",
        "acn.dmp_adt_v": "1",
        "acn.dmp_adt_r": "0",
        "acn.dmp_adt_d": "2",
        "acn.dmp_adt_x": "0",
        "acn.dmp_adt_a": "1",
        "acn.dmx.first_property_address": "0",
        "acn.dmx.increment": "1",
        "acn.dmx.count": "511",
        "acn.dmx.start_code2": "0",
    }
    assert shown_levels(packet["acn"]) == slots(levels, index)
    assert complaints(packet) == []
    assert packet["ip"]["ip.dst"] == f"239.255.1.{2 + index}"


def test_the_end_of_a_stream_is_announced_three_times(tmp_path):
    _, found = capture({"host": "multicast", "protocol": "sacn"}, tmp_path / "s.pcap", close=True)

    terminated = [fields(p["acn"])["acn.dmx.option_s"] for p in found]
    assert terminated[-6:] == ["1"] * 6
    assert set(terminated[:-6]) == {"0"}
    assert all(complaints(p) == [] for p in found)


def without_data(acn):
    return {name: value for name, value in fields(acn).items() if name != "acn.dmx.data"}


def shown_levels(acn):
    """The levels as tshark prints them, twenty a line after a heading."""
    lines = [value for name, value in flat(acn) if name == "acn.dmx.data"][1:]
    return [int(value) for line in lines for value in line.split(":")[1].replace("|", " ").split()]


def test_tshark_does_complain_about_a_torn_packet(tmp_path):
    """Without this, silence above would prove nothing."""
    levels, _ = capture({"host": "10.1.2.3", "protocol": "artnet"}, tmp_path / "a.pcap")
    torn = artnet.dmx_header(1, 512) + levels[:100]
    write_pcap(tmp_path / "torn.pcap", [(torn, "10.1.2.3", artnet.PORT)])

    assert complaints(dissect(tmp_path / "torn.pcap")[0])
