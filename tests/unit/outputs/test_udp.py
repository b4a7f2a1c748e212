"""UDP wires on loopback: what arrives, what is refused at load, what an absent receiver looks like."""

from __future__ import annotations

import errno
import socket

import pytest

from facade.core.clock import StepClock
from facade.core.errors import OutputError
from facade.core.health import State
from facade.outputs.sender import NetworkSender
from facade.outputs.udp import UdpWire, resolve


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        link.settimeout(5)
        yield link


@pytest.fixture
def closed_port():
    """A port of this machine where nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("127.0.0.1", 0))
        return link.getsockname()[1]


def datagrams(address, *payloads):
    return [(memoryview(p), address) for p in payloads]


def test_packets_arrive_in_order(receiver):
    wire = UdpWire(receiver.getsockname())

    assert wire.send(datagrams(receiver.getsockname(), b"one", b"two", b"three")) == (3, 11, 0)

    assert [receiver.recv(100) for _ in range(3)] == [b"one", b"two", b"three"]
    wire.close()


def test_multicast_goes_to_the_group_of_each_packet():
    group = "239.255.77.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(("", 0))
        member = socket.inet_aton(group) + socket.inet_aton("127.0.0.1")
        link.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        link.settimeout(5)
        wire = UdpWire(None, interface="127.0.0.1")

        assert wire.send(datagrams((group, link.getsockname()[1]), b"hello")) == (1, 5, 0)

        assert link.recv(100) == b"hello"
        wire.close()


def test_port_that_nobody_listens_on_is_connecting_not_failed(closed_port):
    clock = StepClock()
    wire = UdpWire(("127.0.0.1", closed_port))
    sender = NetworkSender("main", wire, kind="artnet", universes=1, clock=clock)

    for _ in range(8):
        sender.begin()
        sender.put(datagrams(("127.0.0.1", closed_port), b"x"))
        sender.end()
        clock.advance(0.025)

    health = sender.health()
    assert health.state is State.CONNECTING
    assert health.problem == f"nobody listens on 127.0.0.1:{closed_port}"
    sender.close()


def test_receiver_that_appears_later_is_served(closed_port):
    clock = StepClock()
    address = ("127.0.0.1", closed_port)
    sender = NetworkSender("main", UdpWire(address), kind="artnet", universes=1, clock=clock)

    def frames(n):
        for _ in range(n):
            sender.begin()
            sender.put(datagrams(address, b"x"))
            sender.end()
            clock.advance(0.025)

    frames(100)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind(address)
        link.settimeout(5)
        frames(70)
        assert link.recv(10) == b"x"
        assert sender.health().state is State.LIVE
    sender.close()


@pytest.mark.parametrize("host", ["255.255.255.255", "127.255.255.255"])
def test_broadcast_address_is_refused_unless_asked_for(host):
    with pytest.raises(OutputError, match="broadcast"):
        UdpWire((host, 6454))

    UdpWire((host, 6454), broadcast=True).close()


@pytest.mark.parametrize("host", ["239.255.0.1", "0.0.0.0", "north-tower"])
def test_address_that_is_no_single_host_is_refused(host):
    with pytest.raises(OutputError, match="address"):
        UdpWire((host, 6454))


def test_interface_that_is_not_here_is_an_error_number_and_no_exception():
    wire = UdpWire(("127.0.0.1", 6454), interface="198.51.100.7")

    assert wire.open() == errno.EADDRNOTAVAIL
    assert wire.send(datagrams(("127.0.0.1", 6454), b"x")) == (0, 0, errno.ENOTCONN)
    wire.close()


def test_packet_larger_than_the_link_carries_stops_there(receiver):
    wire = UdpWire(receiver.getsockname())

    sent, n_bytes, error = wire.send(datagrams(receiver.getsockname(), b"ok", bytes(70_000), b"never"))

    assert (sent, n_bytes, error) == (1, 2, errno.EMSGSIZE)
    wire.close()


def test_name_is_resolved_once_at_load():
    assert resolve("localhost", controller="main") == "127.0.0.1"
    with pytest.raises(OutputError, match=r"controller 'main' has host 'nowhere\.invalid'"):
        resolve("nowhere.invalid", controller="main")


def test_a_way_that_is_prohibited_now_is_no_broadcast_address_and_no_reason_not_to_start():
    class Prohibited(socket.socket):
        def connect(self, address):
            raise PermissionError(errno.EACCES, "Permission denied")

    wire = UdpWire(("127.0.0.1", 6454), make_socket=lambda: Prohibited(socket.AF_INET, socket.SOCK_DGRAM))

    assert wire.open() == errno.EACCES
    wire.close()
