"""What the kernel's tables say, read from samples of them and from this machine's own."""

from __future__ import annotations

import errno

import pytest

from facade.outputs import interfaces

ARP = """\
IP address       HW type     Flags       HW address            Mask     Device
10.0.0.20        0x1         0x2         02:00:00:00:00:20     *        eth1
10.0.0.21        0x1         0x0         00:00:00:00:00:00     *        eth1
rubbish
"""
ROUTE = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth1\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
torn
"""
SNMP = """\
Ip: Forwarding OutRequests OutDiscards OutNoRoutes
Ip: 1 100 3 4
Udp: InDatagrams NoPorts OutDatagrams SndbufErrors
Udp: 1 2 3 5
UdpLite: InDatagrams SndbufErrors
UdpLite: 0 90
"""


def table(tmp_path, text):
    path = tmp_path / "table"
    path.write_text(text)
    return path


def test_neighbours_are_those_that_were_looked_for(tmp_path):
    assert interfaces.neighbours(table(tmp_path, ARP)) == {"10.0.0.20": True, "10.0.0.21": False}


@pytest.mark.parametrize(
    ("host", "interface", "direct"), [("10.0.0.20", "eth1", True), ("198.51.100.1", "eth0", False)]
)
def test_the_narrowest_route_leads_to_a_host(tmp_path, host, interface, direct):
    found = interfaces.route_to(host, interfaces.routes(table(tmp_path, ROUTE)))

    assert (found.interface, found.direct) == (interface, direct)


def test_broadcast_addresses_are_those_of_networks_without_a_gateway(tmp_path, monkeypatch):
    card = interfaces.Interface("eth2", "10.9.0.1", "10.9.0.127", True)
    monkeypatch.setattr(interfaces, "interfaces", lambda: (card,))

    assert interfaces.broadcasts(table(tmp_path, ROUTE)) == {"10.9.0.127": "eth2", "10.0.0.255": "eth1"}


def test_drops_of_ip_and_udp_are_added_up(tmp_path):
    assert interfaces.dropped(table(tmp_path, SNMP)) == 12


def test_tables_that_are_not_there_say_nothing(tmp_path):
    none = tmp_path / "none"

    assert (interfaces.neighbours(none), interfaces.routes(none), interfaces.dropped(none)) == ({}, (), 0)
    assert interfaces.has_cable("no such card") is None


def test_this_machine_has_a_loopback_with_its_address():
    found = {each.name: each for each in interfaces.interfaces()}

    assert found["lo"].address == "127.0.0.1"
    assert interfaces.local_address("lo") == "127.0.0.1"
    assert interfaces.local_address("10.0.0.5") == "10.0.0.5"
    with pytest.raises(OSError, match="assign") as caught:
        interfaces.local_address("no such card")
    assert caught.value.errno == errno.EADDRNOTAVAIL
