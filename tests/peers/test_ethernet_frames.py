"""Rows for Colorlight cards leave as bare Ethernet frames on a real interface; another host's kernel receives them."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
from uuid import UUID

import numpy as np
import pytest

from facade.config.controller import ControllerProfile
from facade.config.loader import Hardware
from facade.config.venue import Venue
from facade.core.clock import RealClock
from facade.core.health import State
from facade.delivery.dispatch import Dispatch
from facade.mapping.compile import compile_venue
from facade.outputs.build import build_senders
from facade.outputs.ethernet import EthernetWire
from facade.outputs.sender import NetworkSender
from facade.outputs.slab import PacketSlab
from facade.protocols import colorlight
from facade.protocols.codec import Cells
from tests.support import olad
from tests.support.documents import shelf, venue_document

pytestmark = pytest.mark.timeout(60)

COLUMNS, ROWS = 20, 6

RECEIVER = """
import json, socket, sys
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
link.bind((sys.argv[1], 0))
link.settimeout(10)
print("ready", flush=True)
frames = []
while len(frames) < int(sys.argv[2]):
    frame = link.recv(2000)
    if frame.startswith(bytes.fromhex("112233445566")):
        frames.append(frame.hex())
print(json.dumps(frames), flush=True)
"""


def matrix(interface):
    hardware = shelf()
    card = ControllerProfile(id="card", protocol="colorlight", universe_size=1491, max_rate_hz=60.0, sync=True)
    wall = {
        "profile": "rgb",
        "surface": "wall",
        "shape": "grid",
        "columns": COLUMNS,
        "rows": ROWS,
        "at_m": (1.0, 1.0),
        "pitch_m": (0.1, 0.1),
        "wiring": {"start": "top-left"},
        "segment": ({"controller": "card", "universe": 0},),
    }
    mounted = {"profile": "card", "host": interface, "universe_size": COLUMNS * 3}
    venue = Venue.model_validate(venue_document(controller={"card": mounted}, fixture={"wall": wall}))
    return compile_venue(venue, Hardware(hardware.fixtures, {"card": card}))


def test_every_row_arrives_and_then_the_frame_that_shows_them():
    with olad.network() as net:
        tag = net.name.removeprefix("facade")
        pixels, patch = matrix(f"fc{tag}")
        slab = PacketSlab(patch, cid=UUID(int=5))
        senders = build_senders(slab, clock=RealClock())
        light = np.random.default_rng(1).integers(0, 256, pixels.n_levels, np.uint8)
        levels = np.append(light, np.arange(256, dtype=np.uint8))
        command = ["ip", "netns", "exec", net.name, sys.executable, "-c", RECEIVER, f"fd{tag}", str(ROWS + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver:
            assert receiver.stdout.readline() == "ready\n"
            Dispatch(slab, senders, rate_hz=40.0, always_send=True).send(levels, now=0.0, frame=0)
            frames = [bytes.fromhex(frame) for frame in json.loads(receiver.communicate(timeout=20)[0])]
        assert senders[0].health().packets == ROWS + 1
        for sender in senders:
            sender.close()
    shown = [colorlight.decode(frame)[0] for frame in frames]
    assert shown[-1] == Cells(b"", closes=True)
    width = COLUMNS * 3
    assert shown[:-1] == [Cells(levels[r * width : (r + 1) * width].tobytes(), universe=r) for r in range(ROWS)]


def test_without_the_right_to_send_raw_frames_the_controller_says_so(monkeypatch):
    def refused(*args):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(socket, "socket", refused)
    sender = NetworkSender("card", EthernetWire("lo"), kind="colorlight", universes=1, clock=RealClock())
    for _ in range(3):
        sender.begin()
        sender.put([(memoryview(b"x"), ("lo", 0))])
        sender.end()

    assert sender.health().state is State.FAILED
    assert "CAP_NET_RAW" in sender.health().problem


def test_an_interface_that_is_not_there_is_an_errno():
    wire = EthernetWire("nosuchif0")

    assert wire.open() in (errno.ENODEV, errno.EACCES)
