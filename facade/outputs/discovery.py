"""What is on a network: asks once and listens for a while. Nothing a show depends on.

Art-Net nodes answer ArtPoll. sACN receivers never say that they exist, but sources announce their universes every ten
seconds. DDP displays may answer a status query; WLED tells its state over HTTP. Of anything else on this wire the
kernel finds out the hardware address once something is sent to it.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from facade.core.clock import Clock
from facade.core.errors import FacadeError, OutputError
from facade.core.holders import holder_words
from facade.outputs.ears import GroupEar
from facade.outputs.interfaces import neighbours
from facade.protocols import artnet, ddp, sacn, sacn_discovery
from facade.protocols.artnet_poll import ArtPollReply, decode_reply, poll_packet

ANSWER_S = 3.0
"""Nodes answer after a random pause of up to a second; three seconds is how often controllers ask ("ArtPoll")."""

ANNOUNCED_S = sacn_discovery.INTERVAL_S + 0.5
"""By then every sACN source has announced itself once."""

MOST_ANSWERS = 4096

_DISCARD_PORT = 9
"""RFC 863: what arrives there is thrown away. The kernel looks for the host's hardware address all the same."""

_HTTP_S = 1.5
_STEP_S = 0.25


@dataclass(frozen=True, slots=True)
class ArtNode:
    """One node. answered_from: where its answers came from; outputs, inputs, merging: port-addresses, ascending."""

    answered_from: str
    name: str
    long_name: str
    firmware: int
    mac: str
    outputs: tuple[int, ...]
    inputs: tuple[int, ...] = ()
    merging: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SacnSource:
    """One source that announces itself. universes: ascending."""

    where: str
    name: str
    cid: str
    universes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """One device that told what it is. firmware: as it writes it. n_pixels: 0 where it does not say."""

    where: str
    name: str
    firmware: str
    mac: str = ""
    n_pixels: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """All that was found. on_the_wire: hosts this machine looked for: whether they answered ARP."""

    nodes: tuple[ArtNode, ...] = ()
    sources: tuple[SacnSource, ...] = ()
    devices: tuple[Device, ...] = ()
    on_the_wire: dict[str, bool] = field(default_factory=dict)


def discover(
    clock: Clock,
    *,
    artnet_hosts: Sequence[str] = (),
    ddp_hosts: Sequence[str] = (),
    wled_hosts: Sequence[str] = (),
    other_hosts: Sequence[str] = (),
    interfaces: Sequence[str] = ("",),
    own_cid: str = "",
    seconds: float = ANSWER_S,
) -> Found:
    """Ask all hosts at once, listen for some seconds, and return what was heard.

    artnet_hosts: controllers, and broadcast addresses of networks. interfaces: where sACN announcements are heard,
    by address or name. own_cid: a source that is nobody else. Raises OutputError if nothing can be heard at all.
    """
    sources: dict[str, tuple[str, str, set[int]]] = {}
    statuses: dict[str, Device] = {}
    ear = GroupEar(sacn_discovery.GROUP, sacn.PORT, interfaces)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.setblocking(False)
        for host in ddp_hosts:
            _send(asking, ddp.status_query(), (host, ddp.PORT))
        for host in (*ddp_hosts, *wled_hosts, *other_hosts):
            _send(asking, b"", (host, _DISCARD_PORT))

        def listen() -> None:
            for data, sender, _ in ear.hear():
                _take_source(sources, data, sender, own_cid)
            with contextlib.suppress(BlockingIOError):
                while True:
                    _take_status(statuses, *asking.recvfrom(4096))

        try:
            nodes = discover_artnet(artnet_hosts, clock=clock, seconds=seconds, meanwhile=listen)
        finally:
            ear.close()
    told = [_ask_wled(host) for host in dict.fromkeys((*wled_hosts, *(h for h in ddp_hosts if h not in statuses)))]
    return Found(
        nodes=nodes,
        sources=tuple(
            SacnSource(where, name, cid, tuple(sorted(universes)))
            for cid, (where, name, universes) in sorted(sources.items(), key=lambda item: item[1][0])
        ),
        devices=(*statuses.values(), *(device for device in told if device is not None)),
        on_the_wire=neighbours(),
    )


def discover_artnet(
    hosts: Sequence[str],
    *,
    clock: Clock,
    seconds: float = ANSWER_S,
    port: int = artnet.PORT,
    meanwhile: Callable[[], None] = lambda: None,
) -> tuple[ArtNode, ...]:
    """Ask hosts (controllers, or broadcast addresses of networks) and return who answers, by address.

    meanwhile: called a few times a second. A host that nothing can be sent to is one that does not answer.
    Raises OutputError if Art-Net's port is taken by a program that does not share it.
    """
    replies: list[tuple[str, ArtPollReply]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        link.setblocking(False)
        try:
            # Many nodes answer to the port, wherever the question came from, and by broadcast.
            link.bind(("", port))
        except OSError as error:
            who = holder_words(port, otherwise="End the other program that uses the port.")
            raise OutputError(f"Art-Net discovery on port {port}: {error.strerror}. {who}") from error
        for host in hosts:
            _send(link, poll_packet(), (host, port))
        deadline = clock.now() + seconds
        while (left := deadline - clock.now()) > 0 and len(replies) < MOST_ANSWERS:
            if select.select([link], [], [], min(left, _STEP_S))[0]:
                data, (sender, _) = link.recvfrom(2048)
                replies.extend(_read(data, sender))
            meanwhile()
    return _nodes(replies)


def _send(link: socket.socket, packet: bytes, address: tuple[str, int]) -> None:
    with contextlib.suppress(OSError):
        link.sendto(packet, address)


def _read(data: bytes, sender: str) -> list[tuple[str, ArtPollReply]]:
    try:
        reply = decode_reply(data)
    except FacadeError:
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
        first = own[0]
        nodes.append(
            ArtNode(
                answered_from=sender,
                name=first.name,
                long_name=first.long_name,
                firmware=first.firmware,
                mac=first.mac,
                outputs=_ascending(port for reply in own for port in reply.outputs),
                inputs=_ascending(port for reply in own for port in reply.inputs),
                merging=_ascending(port for reply in own for port in reply.merging),
            )
        )
    return tuple(nodes)


def _ascending(ports: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(set(ports)))


def _take_source(found: dict[str, tuple[str, str, set[int]]], data: bytes, sender: str, own_cid: str) -> None:
    try:
        page = sacn_discovery.decode(data)
    except FacadeError:
        return
    if str(page.cid) != own_cid:
        found.setdefault(str(page.cid), (sender, page.source, set()))[2].update(page.universes)


def _take_status(found: dict[str, Device], data: bytes, address: Any) -> None:
    with contextlib.suppress(FacadeError):
        status = ddp.decode_status(data)
        found[address[0]] = Device(address[0], status.name, status.firmware, status.mac)


def _ask_wled(host: str) -> Device | None:
    """Return what WLED says of itself (its JSON API, /json/info), or None."""
    try:
        with urllib.request.urlopen(f"http://{host}/json/info", timeout=_HTTP_S) as answer:
            told = json.loads(answer.read(65_536))
        return Device(
            host,
            str(told.get("name", "WLED")),
            f"{told.get('brand', 'WLED')} {told.get('ver', '')}".strip(),
            str(told.get("mac", "")),
            int(told["leds"]["count"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
