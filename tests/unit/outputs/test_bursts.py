"""Bursts leave whole, in order and with the same bytes, whichever way the kernel lets them: all on loopback."""

from __future__ import annotations

import errno
import socket
import sys
from uuid import UUID

import numpy as np
import pytest

from facade.outputs.contract import TURN, Burst
from facade.outputs.slab import PacketSlab
from facade.outputs.udp import UDP_SEGMENT, UdpWire
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

SO_NO_CHECK = 11
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="segments and sendmmsg are Linux's")


class Socket(socket.socket):
    """A socket whose kernel refuses segments with a given error; counts the calls that send."""

    refusal = 0
    calls = 0

    def sendmsg(self, buffers, ancdata=(), *rest):
        self.calls += 1
        if self.refusal and any(kind == UDP_SEGMENT for _, kind, _ in ancdata):
            raise OSError(self.refusal, "injected")
        return super().sendmsg(buffers, ancdata, *rest)

    def send(self, *given):
        self.calls += 1
        return super().send(*given)


class AncientSocket(Socket):
    """A socket of a kernel that has never heard of segments."""

    def getsockopt(self, level, option, *rest):
        if (level, option) == (socket.IPPROTO_UDP, UDP_SEGMENT):
            raise OSError(errno.ENOPROTOOPT, "injected")
        return super().getsockopt(level, option, *rest)


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        link.settimeout(5)
        yield link


def slab_to(receiver, *, universes=40, protocol="artnet"):
    host, port = receiver.getsockname()
    pixels = pixel_map([RGB_LINEAR], [universes * 170])
    controllers = {"main": {"host": host, "port": port, "protocol": protocol}}
    slab = PacketSlab(patch_of(pixels, controllers=controllers), cid=UUID(int=5))
    levels = np.random.default_rng(7).integers(0, 256, pixels.n_levels + 256, dtype=np.uint8)
    slab.blocks[0].fill(levels)
    return slab.blocks[0], levels


def send_all(wire, block):
    return [wire.send(burst) for burst in block.turns]


def arrived(receiver, block):
    return [receiver.recv(2000) for _ in block.outgoing]


def made(kind, **fields):
    sockets = []

    def make():
        link = kind(socket.AF_INET, socket.SOCK_DGRAM)
        for name, value in fields.items():
            setattr(link, name, value)
        sockets.append(link)
        return link

    return make, sockets


@LINUX
@pytest.mark.parametrize("protocol", ["artnet", "sacn"])
def test_a_turn_is_one_system_call_and_arrives_as_packets(receiver, protocol):
    block, _ = slab_to(receiver, protocol=protocol)
    make, sockets = made(Socket)
    wire = UdpWire(receiver.getsockname(), make_socket=make)

    results = send_all(wire, block)

    assert arrived(receiver, block) == [bytes(packet) for packet, _ in block.outgoing]
    assert [n for n, _, _ in results] == [16, 16, 8]
    assert sum(n for _, n, _ in results) == sum(len(packet) for packet, _ in block.outgoing)
    assert (sockets[0].calls, wire.way) == (3, "segments")
    wire.close()


@LINUX
@pytest.mark.parametrize("refusal", [errno.EIO, errno.EINVAL, errno.EMSGSIZE, errno.ENOPROTOOPT])
def test_refused_segments_leave_another_way_and_are_not_tried_again(receiver, refusal):
    block, _ = slab_to(receiver)
    make, sockets = made(Socket, refusal=refusal)
    wire = UdpWire(receiver.getsockname(), make_socket=make)

    results = send_all(wire, block)

    assert [(n, error) for n, _, error in results] == [(16, 0), (16, 0), (8, 0)]
    assert arrived(receiver, block) == [bytes(packet) for packet, _ in block.outgoing]
    assert (sockets[0].calls, wire.way) == (1, "batch")
    wire.close()


@LINUX
def test_kernel_that_refuses_segments_itself_gets_single_packets(receiver):
    """udp(7): a socket without checksums cannot segment; this is the kernel's own EINVAL, nothing injected."""
    block, _ = slab_to(receiver)

    def make():
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
        return link

    wire = UdpWire(receiver.getsockname(), make_socket=make)
    before = wire.way
    results = send_all(wire, block)

    assert (before, wire.way) == ("segments", "batch")
    assert all(error == 0 for _, _, error in results)
    assert arrived(receiver, block) == [bytes(packet) for packet, _ in block.outgoing]
    wire.close()


@LINUX
def test_kernel_before_segments_is_never_asked_for_them(receiver):
    block, _ = slab_to(receiver)
    make, sockets = made(AncientSocket)
    wire = UdpWire(receiver.getsockname(), make_socket=make)

    send_all(wire, block)

    assert arrived(receiver, block) == [bytes(packet) for packet, _ in block.outgoing]
    assert (sockets[0].calls, wire.way) == (0, "batch")
    wire.close()


def test_machine_with_neither_sends_packet_by_packet(receiver, monkeypatch):
    monkeypatch.setattr("facade.outputs.udp.sys.platform", "elsewhere")
    monkeypatch.setattr("facade.outputs.batch.IS_LAID_OUT", False)
    block, _ = slab_to(receiver)
    make, sockets = made(Socket)
    wire = UdpWire(receiver.getsockname(), make_socket=make)

    send_all(wire, block)

    assert arrived(receiver, block) == [bytes(packet) for packet, _ in block.outgoing]
    assert (sockets[0].calls, wire.way) == (40, "single")
    wire.close()


@LINUX
def test_universes_that_changed_leave_together_though_they_lie_apart(receiver):
    block, levels = slab_to(receiver)
    for frame in range(6):
        block.fill_changed(levels, now=frame * 0.025, keep_alive_s=0.775)
    for universe in (3, 4, 9, 30):
        levels[universe * 510] ^= 255
    block.fill_changed(levels, now=0.15, keep_alive_s=0.775)
    make, sockets = made(Socket)
    wire = UdpWire(receiver.getsockname(), make_socket=make)

    results = send_all(wire, block)

    assert [n for n, _, _ in results] == [4]
    assert sockets[0].calls == 1
    assert arrived(receiver, block) == [bytes(packet) for packet, _ in block.outgoing]
    assert len(block.outgoing) == 4
    wire.close()


@LINUX
def test_multicast_burst_is_one_call_with_a_group_for_every_packet():
    groups = [f"239.255.77.{n}" for n in range(1, 9)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("", 0))
        link.settimeout(5)
        for group in groups:
            member = socket.inet_aton(group) + socket.inet_aton("127.0.0.1")
            link.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        port = link.getsockname()[1]
        make, sockets = made(Socket)
        wire = UdpWire(None, interface="127.0.0.1", make_socket=make)
        payloads = [memoryview(bytes([n]) * 638) for n in range(8)]
        burst = Burst([(p, (g, port)) for p, g in zip(payloads, groups, strict=True)], lasting=True)

        assert wire.send(burst) == (8, 8 * 638, 0)

        assert [link.recv(1000) for _ in groups] == [bytes(p) for p in payloads]
        assert (sockets[0].calls, wire.way) == (0, "batch")
        wire.close()


def test_burst_that_no_way_can_send_says_why_and_segments_stay_on(receiver):
    """A packet too large for any datagram is no fault of the segments."""
    wire = UdpWire(receiver.getsockname())
    before = wire.way
    burst = Burst([(memoryview(bytes(70_000)), receiver.getsockname())] * 2, lasting=True)

    assert wire.send(burst) == (0, 0, errno.EMSGSIZE)
    assert wire.way == before
    wire.close()


@pytest.mark.parametrize(
    ("sizes", "size"), [([10, 10, 10], 10), ([10, 10, 4], 10), ([10, 4, 10], 0), ([4, 10], 0), ([], 0)]
)
def test_only_the_last_packet_of_a_segmented_burst_may_be_shorter(sizes, size):
    assert Burst([(memoryview(bytes(n)), ("10.0.0.1", 1)) for n in sizes]).size == size


def test_whole_frame_lies_in_one_piece_a_turn(receiver):
    block, _ = slab_to(receiver)

    for burst in block.turns:
        assert len(burst) <= TURN
        assert bytes(burst.memory) == b"".join(bytes(packet) for packet in burst.packets)
