"""A receiver behind a wire of its own gets every packet, in order, with the bytes that were meant.

The way out is a veth pair into a network namespace: a real interface with an MTU, unlike loopback. Its MTU can be made
too small for a packet, and then the kernel refuses segments and cuts single packets into fragments.
"""

from __future__ import annotations

import json
import subprocess
import sys
from uuid import UUID

import numpy as np
import pytest

from facade.core.clock import RealClock
from facade.delivery.dispatch import Dispatch
from facade.outputs.sender import NetworkSender
from facade.outputs.slab import PacketSlab
from facade.outputs.udp import UdpWire
from tests.support import olad
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

pytestmark = pytest.mark.timeout(90)

PORTS = (6454, 6455)
UNIVERSES = 64
FRAMES = 20

RECEIVER = """
import hashlib, json, select, socket, sys
links = []
for port in map(int, sys.argv[2:]):
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)
    link.bind(("", port))
    links.append(link)
print("ready", flush=True)
found = {link.getsockname()[1]: [0, hashlib.sha256(), []] for link in links}
left = int(sys.argv[1])
while left:
    ready = select.select(links, [], [], 5)[0]
    if not ready:
        break
    for link in ready:
        packet = link.recv(2000)
        entry = found[link.getsockname()[1]]
        entry[0] += 1
        entry[1].update(packet)
        left -= 1
print(json.dumps({port: [n, digest.hexdigest()] for port, (n, digest, _) in found.items()}), flush=True)
"""


@pytest.fixture(scope="module")
def net():
    with olad.network() as made:
        yield made


@pytest.mark.parametrize(("mtu", "way"), [(1500, "segments"), (500, "batch")])
def test_every_packet_arrives_in_order_with_its_bytes(net, mtu, way):
    tag = net.name.removeprefix("facade")
    subprocess.run(["ip", "link", "set", f"fc{tag}", "mtu", str(mtu)], check=True, timeout=10)
    command = ["ip", "netns", "exec", net.name, sys.executable, "-c", RECEIVER, str(UNIVERSES * FRAMES)]
    with subprocess.Popen([*command, *map(str, PORTS)], stdout=subprocess.PIPE, text=True) as receiver:
        assert receiver.stdout.readline() == "ready\n"

        digests, ways, counts = deliver(net.there)

        found = json.loads(receiver.communicate(timeout=30)[0])
    assert set(ways) == {way}
    assert sum(counts) == UNIVERSES * FRAMES
    assert {int(port): tuple(pair) for port, pair in found.items()} == digests


def deliver(host):
    """Send frames to two controllers; return the number and digest of each one's packets, ways and counts."""
    import hashlib

    pixels = pixel_map([RGB_LINEAR], [UNIVERSES * 170])
    fields = {"host": host, "protocol": "artnet", "max_rate_hz": 1000.0}
    patch = patch_of(pixels, controllers={f"c{port}": {**fields, "port": port} for port in PORTS})
    slab, clock = PacketSlab(patch, cid=UUID(int=1)), RealClock()
    wires = [UdpWire(block.address) for block in slab.blocks]
    senders = [
        NetworkSender(b.name, w, kind="artnet", universes=32, clock=clock)
        for b, w in zip(slab.blocks, wires, strict=True)
    ]
    dispatch = Dispatch(slab, senders, rate_hz=40.0, always_send=True)
    rng, hashes, start = np.random.default_rng(3), {port: hashlib.sha256() for port in PORTS}, clock.now()
    for frame in range(FRAMES):
        levels = rng.integers(0, 256, pixels.n_levels + 256, dtype=np.uint8)
        dispatch.send(levels, now=clock.now(), frame=frame)
        for block, port in zip(slab.blocks, PORTS, strict=True):
            hashes[port].update(block.turns[0].memory.obj)
        clock.wait_until(start + 0.02 * (frame + 1))
    counts = [h.packets for h in dispatch.health()]
    ways = [wire.way for wire in wires]
    dispatch.close()
    return {port: (UNIVERSES * FRAMES // 2, digest.hexdigest()) for port, digest in hashes.items()}, ways, counts
