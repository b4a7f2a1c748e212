"""What leaves for each frame: a packet a universe and one to close it, in no more system calls than packets."""

from __future__ import annotations

import socket
from collections import Counter
from uuid import UUID

import pytest

from facade.app.bench.subjects import load_subject
from facade.app.engines import offline_engine
from facade.core.clock import StepClock
from facade.delivery.dispatch import Dispatch
from facade.light.pipeline import LightPipeline
from facade.outputs import express, udp
from facade.outputs.build import build_senders
from facade.outputs.slab import PacketSlab
from facade.outputs.virtual import VirtualNetwork
from facade.protocols import artnet

FRAMES = 4


@pytest.fixture
def prado():
    """26,688 pixels on 157 universes of four Art-Net controllers, all at one address."""
    return load_subject("medialab_prado")


@pytest.fixture
def calls(monkeypatch):
    """Every send call of a UDP wire, counted by name; nothing leaves."""
    counted = Counter()

    class CountingSocket(socket.socket):
        def send(self, data, flags=0):
            counted["calls"] += 1
            return len(data)

        def sendto(self, data, address):
            counted["calls"] += 1
            return len(data)

        def sendmsg(self, buffers, ancdata=(), flags=0, address=None):
            counted["calls"] += 1
            return sum(len(b) for b in buffers)

    def sendmmsg(fd, at, n, flags):
        counted["calls"] += 1
        return n

    monkeypatch.setattr(udp.socket, "socket", CountingSocket)
    if express.IS_AVAILABLE:
        # The plain function, so that what it calls can be counted.
        monkeypatch.setattr(express, "_send", express._send.py_func)
        monkeypatch.setattr(express, "_sendmmsg", sendmmsg)
    return counted


def test_a_frame_has_a_packet_for_each_universe_and_one_that_closes_it(prado):
    heard = Counter()
    network = VirtualNetwork()
    network.listen(lambda packet, host, port: heard.update([type(artnet.decode(packet)).__name__]))
    clock = StepClock()
    engine = offline_engine(prado.pixels, prado.patch, clock, network=network)

    for _ in range(FRAMES):
        clock.advance(1 / engine.rate_hz)
        engine.step()

    assert heard == {"ArtDmx": 157 * FRAMES, "ArtSync": 1 * FRAMES}


def test_a_frame_takes_no_more_send_calls_than_it_has_packets(prado, calls):
    slab = PacketSlab(prado.patch, cid=UUID(int=1))
    senders = build_senders(slab, clock=StepClock())
    dispatch = Dispatch(slab, senders, rate_hz=40.0, always_send=True)
    levels = LightPipeline(prado.pixels).levels

    for frame in range(FRAMES):
        dispatch.send(levels, now=frame / 40.0, frame=frame)

    assert dispatch.packets() == (157 + 1) * FRAMES
    # Of four controllers with 40, 40, 40 and 37 universes, in turns of sixteen packets a call; and one that closes.
    assert 0 < calls["calls"] <= (157 + 1) * FRAMES
    if express.IS_AVAILABLE:
        assert calls["calls"] == (3 + 3 + 3 + 3 + 1) * FRAMES


def test_unchanged_universes_cost_no_calls_between_keep_alives(prado, calls):
    slab = PacketSlab(prado.patch, cid=UUID(int=1))
    dispatch = Dispatch(slab, build_senders(slab, clock=StepClock()), rate_hz=40.0, always_send=False)
    levels = LightPipeline(prado.pixels).levels
    for frame in range(8):
        dispatch.send(levels, now=frame / 40.0, frame=frame)
    calls.clear()

    dispatch.send(levels, now=8 / 40.0, frame=8)

    assert calls["calls"] == 0
