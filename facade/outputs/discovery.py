"""Which Art-Net nodes are on a network: asks once and listens for a while. Nothing a show depends on."""

from __future__ import annotations

import select
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from facade.core.clock import Clock
from facade.core.errors import InputError, OutputError
from facade.protocols import artnet
from facade.protocols.artnet_poll import ArtPollReply, decode_reply, poll_packet

ANSWER_S = 3.0
"""Nodes answer after a random pause of up to a second; three seconds is how often controllers ask ("ArtPoll")."""

MOST_ANSWERS = 4096


@dataclass(frozen=True, slots=True)
class ArtNode:
    """One node. answered_from: where its answers came from; outputs: all its port-addresses, ascending."""

    answered_from: str
    name: str
    long_name: str
    firmware: int
    mac: str
    outputs: tuple[int, ...]


def discover_artnet(
    hosts: Sequence[str], *, clock: Clock, seconds: float = ANSWER_S, interface: str = "", port: int = artnet.PORT
) -> tuple[ArtNode, ...]:
    """Ask hosts (controllers, or broadcast addresses of networks) and return who answers, by address.

    Raises OutputError if Art-Net's port is taken by a program that does not share it, or nothing can be sent.
    """
    replies: list[tuple[str, ArtPollReply]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        link.setblocking(False)
        try:
            # Many nodes answer to the port, wherever the question came from, and by broadcast.
            link.bind(("", port))
            if interface:
                link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
            for host in hosts:
                link.sendto(poll_packet(), (host, port))
        except OSError as error:
            raise OutputError(
                f"Art-Net discovery on port {port}: {error.strerror}. End the other program that uses the port, and "
                "check the address of the network."
            ) from error
        deadline = clock.now() + seconds
        while (left := deadline - clock.now()) > 0 and len(replies) < MOST_ANSWERS:
            if select.select([link], [], [], left)[0]:
                data, (sender, _) = link.recvfrom(2048)
                replies.extend(_read(data, sender))
    return _nodes(replies)


def _read(data: bytes, sender: str) -> list[tuple[str, ArtPollReply]]:
    try:
        reply = decode_reply(data)
    except InputError:
        return []  # not Art-Net's: anybody may send anything to this port
    return [] if reply is None else [(sender, reply)]


def _nodes(replies: Sequence[tuple[str, ArtPollReply]]) -> tuple[ArtNode, ...]:
    """Put the answers of one node, one for every four ports, together."""
    by_sender: dict[str, list[ArtPollReply]] = {}
    for sender, reply in replies:
        by_sender.setdefault(sender, []).append(reply)
    nodes = []
    for sender in sorted(by_sender, key=socket.inet_aton):
        own = sorted(by_sender[sender], key=lambda reply: reply.bind_index)
        outputs = sorted({output for reply in own for output in reply.outputs})
        first = own[0]
        nodes.append(ArtNode(sender, first.name, first.long_name, first.firmware, first.mac, tuple(outputs)))
    return tuple(nodes)
