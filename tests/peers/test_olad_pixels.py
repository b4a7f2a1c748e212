"""The Open Lighting daemon as an OPC server that reads us, and as a KiNET sender whose bytes ours must equal."""

from __future__ import annotations

import socket
from uuid import uuid4

import numpy as np
import pytest

from facade.core.clock import RealClock
from facade.core.frame import PixelFrame, Tick
from facade.core.health import State
from facade.delivery.build import build_delivery
from facade.protocols import kinet, opc
from facade.protocols.codec import Options, Window
from tests.support import olad
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

pytestmark = pytest.mark.timeout(90)

CHANNEL, UNIVERSE = 2, 7


@pytest.fixture(scope="module")
def daemon():
    with olad.network() as net:
        opc_server = f"listen = {net.there}:{opc.PORT}\nlisten_{net.there}:{opc.PORT}_channel = {CHANNEL}\n"
        plugins = {"openpixelcontrol": opc_server, "kinet": f"power_supply = {net.here}\n"}
        with olad.running(net, plugins) as running:
            running.listen("OPC Server", UNIVERSE)
            yield running


def test_opc_over_tcp_arrives_as_sent(daemon):
    pixels = pixel_map([RGB_LINEAR], [170])
    controller = {"host": daemon.net.there, "protocol": "opc", "max_rate_hz": 100.0}
    patch = patch_of(pixels, controllers={"main": controller}, first_universe=CHANNEL)
    engine = build_delivery(pixels, patch, clock=RealClock(), cid=uuid4(), back_s=0.0)
    rgb = np.random.default_rng(8).random((170, 3), dtype=np.float32)

    def send():
        engine.offer(PixelFrame(Tick(0, 0.0, 0.025), rgb))
        engine.step()

    send()
    wanted = engine.levels[: pixels.n_levels].tobytes()

    shown = daemon.wait_for(UNIVERSE, wanted, again=send)

    assert shown[:510] == wanted
    assert len(set(wanted)) > 100, "the light that was sent says nothing"
    send()
    assert engine.health().outputs[0].state is State.LIVE
    engine.blackout = True
    # Before the end: the daemon drops what it has not read when a connection is closed.
    assert daemon.wait_for(UNIVERSE, bytes(510), again=engine.step)[:510] == bytes(510)
    engine.close(fade_s=0.0)


def test_kinet_v1_bytes_are_the_daemons(daemon):
    levels = bytes(np.random.default_rng(9).integers(0, 256, 512, dtype=np.uint8))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((daemon.net.here, kinet.PORT))
        link.settimeout(10)
        for _ in range(50):
            daemon.say("KiNet", 9, levels)
            packet = link.recv(2000)
            if packet.endswith(levels):
                break

    header = bytearray(kinet.dmxout_header(Window(0, 0, 512, 0, 1, Options())))
    header[8:12] = packet[8:12]  # the sequence number

    assert packet == bytes(header) + levels
    (cells,) = kinet.decode(packet)
    assert cells.data == levels
