"""The arithmetic of measurements, and the ways of sending that they compare: all must send the same bytes."""

from __future__ import annotations

import socket
from uuid import UUID

import pytest

from facade.app.bench import edits, send
from facade.app.bench.drain import Drain, universe_at
from facade.app.bench.figures import slope, spread
from facade.app.bench.latency import write_piece
from facade.app.bench.subjects import load_subject, on_loopback, packets_of
from facade.core.clock import RealClock
from facade.outputs.slab import PacketSlab
from facade.pieces.library import PieceLibrary
from facade.protocols import artnet, sacn


def test_percentiles_are_values_that_occurred():
    found = spread([float(i) for i in range(1, 101)])

    assert (found.n, found.p50, found.p99, found.max) == (100, 51.0, 100.0, 100.0)
    assert spread([7.0]).p99 == 7.0


def test_the_slope_of_a_line_is_found():
    assert slope([0.0, 1.0, 2.0, 3.0], [5.0, 7.0, 9.0, 11.0]) == pytest.approx(2.0)
    assert slope([1.0], [5.0]) == 0.0


def test_a_gigabit_carries_what_the_reference_says():
    assert round(send.gigabit_packets_per_s(530)) == 209_732


def test_the_universe_of_a_packet_is_found_where_its_protocol_has_it():
    dmx = artnet.dmx_packet(0x1234, bytes(512))
    e131 = sacn.data_header(0x1234, 512, cid=UUID(int=1), source="facade") + bytes(512)

    assert dmx[universe_at(dmx)] == b"\x34\x12"
    assert e131[universe_at(e131)] == b"\x12\x34"
    assert universe_at(artnet.sync_packet()) is None


@pytest.fixture
def node():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        end.bind(("127.0.0.1", 0))
        end.settimeout(5.0)
        yield end


@pytest.mark.parametrize("name", ["send", "sendto", "sendmmsg", "UDP_SEGMENT"])
def test_every_way_sends_the_packets_of_a_frame(node, name):
    here = on_loopback(load_subject("imal_minimal"), [node.getsockname()[1]])
    ways = send.ways(here, RealClock())
    if name not in ways:
        pytest.skip(f"this system has no {name}")
    expected = [bytes(packet) for packet, _ in packets_of(PacketSlab(here.patch, cid=UUID(int=1)))]

    n = ways[name](0)

    assert n == len(expected) == here.packets()
    assert [node.recv(2048) for _ in expected] == expected


def test_a_wall_of_several_controllers_reaches_each_of_its_ports():
    subject = load_subject("medialab_prado")
    with Drain(len(subject.patch.controllers)) as drain:
        here = on_loopback(subject, drain.ports)
        sent = send.ways(here, RealClock())["facade"](0)
        got = 0
        for _ in range(100):
            got += drain.take().packets
            if got >= sent:
                break

    assert sent == here.packets() == 157 + 4
    assert got == sent
    assert [c.controller.port for c in here.patch.controllers] == list(drain.ports)


def test_the_receiving_process_times_the_first_universe_and_counts_from_zero_again():
    with Drain() as drain, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.connect(("127.0.0.1", drain.ports[0]))
        for universe in (3, 4, 3, 4, 3):
            end.send(artnet.dmx_packet(universe, bytes(512)))
        first = drain.take()
        second = drain.take()

    assert (first.packets, len(first.frames_at)) == (5, 3)
    assert list(first.frames_at) == sorted(first.frames_at)
    assert second == type(second)(0, 0, ())


def test_the_piece_that_latency_is_measured_with_is_a_sound_one(tmp_path):
    write_piece(tmp_path)
    piece = PieceLibrary((tmp_path / "pieces",)).get("jump")

    assert piece.manifest.parameter["level"].smooth_s == 0.0
    assert piece.manifest.domain == "pixel"


def test_an_edit_that_is_measured_is_seen_and_new_to_every_driver(tmp_path):
    spreads = edits.measure(RealClock(), edits=1)

    assert spreads.n == 1
    assert spreads.p50 > 0
    assert edits.shader(0.5) != edits.shader(0.5)
