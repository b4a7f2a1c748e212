"""Packets a second, and processor time for each, through facade's own way out and through the machine's barest.

Every way sends the same prebuilt packets over loopback to a process that reads them; the figures of loopback hold the
kernel's half of receiving too, so a network card needs less. The last limit is the wire's (``gigabit_packets_per_s``).
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import uuid4

import numpy as np

from facade.app.bench.drain import Drain
from facade.app.bench.figures import Aim
from facade.app.bench.machine import own_cpu_s
from facade.app.bench.subjects import LARGE, WALL, Subject, load_subject, on_loopback, packets_of
from facade.core.clock import Clock, RealClock
from facade.delivery.dispatch import TURN, Dispatch
from facade.outputs.batch import Batch, find_sendmmsg
from facade.outputs.build import build_senders
from facade.outputs.contract import Address, Burst
from facade.outputs.slab import PacketSlab

_OVERHEAD_BYTES = 8 + 20 + 38
"""UDP, IPv4, and Ethernet with preamble, checksum and the gap between two frames."""

DEFAULT_SECONDS = 1.0
ROUNDS = 3
_VENUES = (LARGE, WALL)
_SEND_BUFFER = 4 << 20
_UDP_SEGMENT = 103

Way = Callable[[int], int]
"""Sends one frame, whose number it is given; returns how many packets left."""


@dataclass(frozen=True, slots=True)
class SendRate:
    """One way of sending.

    facade       filling packets, turns, connected sockets, accounts: what delivery does
    send         a bare loop over connected sockets
    sendto       a bare loop over one socket
    sendmmsg     up to 1,024 packets a call
    UDP_SEGMENT  sixteen packets a call, cut apart by the kernel

    received: share that the receiving process read. of_gigabit: packets_per_s of the wire's."""

    way: str
    packets_per_s: float
    cpu_us: float
    received: float
    of_gigabit: float


@dataclass(frozen=True, slots=True)
class SendCost:
    """One venue. packets: a frame has, synchronisation included; packet_bytes: of a data packet.

    needed_per_s: packets a second at the venue's rate. gigabit_per_s: how many of them 1 Gb/s carries.
    """

    venue: str
    pixels: int
    packets: int
    packet_bytes: int
    needed_per_s: float
    gigabit_per_s: float
    ways: tuple[SendRate, ...]


def measure(
    venue: str | None = None, *, seconds: float | None = None, say: Callable[[str], None] = lambda text: None
) -> list[SendCost]:
    """Measure one venue, or a large one and the wall. seconds: for each way of sending."""
    results = []
    for name in _VENUES if venue is None else (venue,):
        subject = load_subject(name)
        with Drain(len(subject.patch.controllers)) as drain:
            results.append(_measure(on_loopback(subject, drain.ports), drain, seconds or DEFAULT_SECONDS, say))
    return results


def aims(results: Sequence[SendCost]) -> list[Aim]:
    """A venue's packets must fit many times into what the machine can send."""
    found = []
    for result in results:
        rate, need = result.ways[0].packets_per_s, result.needed_per_s
        found.append(Aim(f"packets/s on {result.venue}", f"> {need:,.0f}", f"{rate:,.0f}", rate > need))
    return found


def gigabit_packets_per_s(packet_bytes: int) -> float:
    """Return how many UDP packets of this many bytes 1 Gb/s carries; 209,732 of full Art-Net's 530."""
    return 1e9 / 8 / (packet_bytes + _OVERHEAD_BYTES)


def _measure(subject: Subject, drain: Drain, seconds: float, say: Callable[[str], None]) -> SendCost:
    clock = RealClock()
    roads = ways(subject, clock)
    slab = PacketSlab(subject.patch, cid=uuid4())
    n_packets = len(packets_of(slab))
    totals = {name: [0.0, 0.0, 0.0, 0.0] for name in roads}
    for round_ in range(ROUNDS):
        for name, way in roads.items():
            say(f"send: {subject.name} by {name}, round {round_ + 1} of {ROUNDS}")
            for total, value in enumerate(_run(way, drain, clock, seconds / ROUNDS)):
                totals[name][total] += value
    n_bytes = len(slab.blocks[0].outgoing[0][0])
    limit = gigabit_packets_per_s(n_bytes)
    return SendCost(
        venue=subject.name,
        pixels=subject.pixels.n_pixels,
        packets=n_packets,
        packet_bytes=n_bytes,
        needed_per_s=n_packets * subject.pixels.venue.venue.rate_hz,
        gigabit_per_s=limit,
        ways=tuple(_rate(name, *total, limit=limit) for name, total in totals.items()),
    )


def _rate(name: str, sent: float, received: float, wall_s: float, cpu_s: float, *, limit: float) -> SendRate:
    rate = sent / wall_s
    return SendRate(
        way=name,
        packets_per_s=rate,
        cpu_us=cpu_s / sent * 1e6,
        received=received / sent,
        of_gigabit=rate / limit,
    )


def _run(way: Way, drain: Drain, clock: Clock, seconds: float) -> tuple[float, float, float, float]:
    """Return packets sent and received, and the seconds and processor seconds it took."""
    way(0)
    drain.take()
    sent, frame = 0, 0
    started, cpu = clock.now(), own_cpu_s()
    while clock.now() - started < seconds:
        frame += 1
        sent += way(frame)
    wall_s, cpu_s = clock.now() - started, own_cpu_s() - cpu
    return float(sent), float(drain.take().packets), wall_s, cpu_s


def ways(subject: Subject, clock: Clock) -> dict[str, Way]:
    """Return every way of sending a frame of a venue that this system has, facade's own first."""
    slab = PacketSlab(subject.patch, cid=uuid4())
    packets = packets_of(slab)
    found = {"facade": _facade(subject, clock), "send": _send_loop(packets)}
    found["sendto"] = _sendto_loop(packets)
    many = _sendmmsg(packets)
    if many is not None:
        found["sendmmsg"] = many
    if sys.platform == "linux" and can_segment():
        found["UDP_SEGMENT"] = _segments(slab)
    return found


def _facade(subject: Subject, clock: Clock) -> Way:
    slab = PacketSlab(subject.patch, cid=uuid4())
    senders = build_senders(slab, clock=clock)
    dispatch = Dispatch(slab, senders, rate_hz=subject.pixels.venue.venue.rate_hz, always_send=True)
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, subject.pixels.n_levels + 256, dtype=np.uint8) for _ in range(2)]
    n_packets = len(packets_of(slab))

    def send(frame: int) -> int:
        dispatch.send(frames[frame % 2], now=clock.now(), frame=frame, everything=True)
        return n_packets

    return send


def _socket(address: Address | None) -> socket.socket:
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    if address is not None:
        end.connect(address)
    return end


def _send_loop(packets: Sequence[tuple[memoryview, Address]]) -> Way:
    ends = {address: _socket(address) for _, address in packets}
    calls = [(ends[address].send, packet) for packet, address in packets]

    def send(frame: int) -> int:
        for call, packet in calls:
            call(packet)
        return len(calls)

    return send


def _sendto_loop(packets: Sequence[tuple[memoryview, Address]]) -> Way:
    end = _socket(None)

    def send(frame: int) -> int:
        for packet, address in packets:
            end.sendto(packet, address)
        return len(packets)

    return send


def _sendmmsg(packets: Sequence[tuple[memoryview, Address]]) -> Way | None:
    """The system call that sends many packets at once, on headers made beforehand; None where there is none."""
    call = find_sendmmsg()
    if call is None:
        return None
    end, batch, n = _socket(None), Batch(Burst(packets), named=True), len(packets)

    def send(frame: int) -> int:
        done, _, code = batch.send(call, end.fileno())
        if done < n:
            raise OSError(code, os.strerror(code))
        return n

    return send


def can_segment() -> bool:
    """Whether the kernel cuts one buffer into many packets (Linux 4.18 and newer)."""
    with _socket(None) as end:
        try:
            end.setsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT, 512)
        except OSError:
            return False
    return True


def _segments(slab: PacketSlab) -> Way:
    """Sixteen packets a call, as delivery takes turns; they lie one behind the other already."""
    calls: list[tuple[socket.socket, list[memoryview], list[tuple[int, int, bytes]], int]] = []
    single: list[tuple[memoryview, Address]] = []
    for block in slab.blocks:
        end = _socket(block.address) if block.address else None
        for start in range(0, len(block.outgoing), TURN):
            chunk = block.outgoing[start : start + TURN]
            if end is None:
                single.extend(chunk)
                continue
            ancillary = [(socket.IPPROTO_UDP, _UDP_SEGMENT, struct.pack("=H", len(chunk[0][0])))]
            calls.append((end, [packet for packet, _ in chunk], ancillary, len(chunk)))
    syncs = dict.fromkeys(block.sync for block in slab.blocks if block.sync is not None)
    rest = _sendto_loop(single + [packet for sync in syncs for packet in sync.datagrams])

    def send(frame: int) -> int:
        n = 0
        for end, buffers, ancillary, n_packets in calls:
            end.sendmsg(buffers, ancillary)
            n += n_packets
        return n + rest(frame)

    return send
