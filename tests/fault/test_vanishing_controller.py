"""One controller goes away while others stay on: nobody else loses a single packet. Real sockets; see also the
virtual network in tests/unit/delivery."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from uuid import uuid4

import numpy as np
import pytest

from facade.core.clock import RealClock, StepClock
from facade.core.frame import PixelFrame, Tick
from facade.core.health import State
from facade.delivery.build import build_delivery
from facade.outputs.identity import Identity
from facade.outputs.virtual import VirtualNetwork
from facade.protocols import artnet
from tests.support import olad
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

FRAMES = 200
PER_CONTROLLER = 4

# Counts ArtDmx packets until there has been none for a second, then prints how many there were.
COUNTER = """
import socket, sys
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
link.bind((sys.argv[1], 6454))
print("ready", flush=True)
link.settimeout(20)
n = 0
try:
    while True:
        n += link.recv(2000)[8:10] == b"\\x00\\x50"
        link.settimeout(1)
except TimeoutError:
    print(n, flush=True)
"""


def engine_for(controllers, clock):
    pixels = pixel_map([RGB_LINEAR], [170 * PER_CONTROLLER * len(controllers)])
    patch = patch_of(pixels, controllers={n: {"protocol": "artnet", **c} for n, c in controllers.items()})
    identity = Identity(uuid4(), kept=False)
    engine = build_delivery(pixels, patch, clock=clock, cid=identity.cid, back_s=0.0, identity=identity)
    engine.offer(PixelFrame(Tick(0, 0.0, 0.025), np.full((pixels.n_pixels, 3), 0.5, np.float32)))
    return engine


def states(engine):
    return {o.name: o.state for o in engine.health().outputs}


@pytest.fixture
def port():
    """A receiver on loopback; it is emptied only at the end, so its buffer is large."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        link.bind(("127.0.0.1", 0))
        link.setblocking(False)
        yield link


def test_receiver_that_closes_its_port_costs_the_other_nothing(port):
    clock = StepClock()
    leaving = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    leaving.bind(("127.0.0.1", 0))
    engine = engine_for(
        {
            "leaving": {"host": "127.0.0.1", "port": leaving.getsockname()[1]},
            "staying": {"host": "127.0.0.1", "port": port.getsockname()[1]},
        },
        clock,
    )

    arrived = 0
    for frame in range(FRAMES):
        if frame == 20:
            assert states(engine) == {"leaving": State.LIVE, "staying": State.LIVE}
            leaving.close()
        engine.step()
        clock.advance(0.025)
        arrived += drain(port)

    assert arrived == FRAMES * PER_CONTROLLER
    assert states(engine) == {"leaving": State.CONNECTING, "staying": State.LIVE}
    engine.close(fade_s=0.0)


def test_interface_that_is_gone_costs_the_other_nothing(port):
    clock = StepClock()
    # 198.51.100.0/24 is for documentation (RFC 5737): no interface has an address of it.
    lost = {"host": "198.51.100.1", "interface": "198.51.100.7"}
    engine = engine_for({"lost": lost, "staying": {"host": "127.0.0.1", "port": port.getsockname()[1]}}, clock)

    arrived = 0
    for _ in range(FRAMES):
        engine.step()
        clock.advance(0.025)
        arrived += drain(port)

    assert arrived == FRAMES * PER_CONTROLLER
    assert states(engine) == {"lost": State.FAILED, "staying": State.LIVE}
    engine.close(fade_s=0.0)


@pytest.mark.timeout(60)
def test_hosts_that_never_answer_cost_the_other_nothing():
    """Two addresses on a real wire where no one answers: the kernel queues and drops, and only theirs may be lost."""
    with olad.network() as net:
        other = net.nobody.rsplit(".", 1)[0] + ".8"
        command = ["ip", "netns", "exec", net.name, sys.executable, "-c", COUNTER, net.there]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver:
            assert receiver.stdout.readline() == "ready\n"
            clock = RealClock()
            engine = engine_for(
                {"dead": {"host": net.nobody}, "gone": {"host": other}, "alive": {"host": net.there}}, clock
            )
            deadline = clock.now()
            for _ in range(FRAMES):
                engine.step()
                deadline += 0.01
                clock.wait_until(deadline)
            engine.close(fade_s=0.0)
            count = int(receiver.communicate(timeout=30)[0])

    # Closing adds the last frame of the fade, one black frame and three more.
    assert count == (FRAMES + 5) * PER_CONTROLLER


@pytest.mark.parametrize(
    "error",
    [errno.EPERM, errno.EACCES, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EAGAIN, errno.ENOBUFS],
    ids=errno.errorcode.get,
)
def test_whatever_the_network_refuses_is_held_back_told_and_costs_the_other_nothing(error):
    clock, network = StepClock(), VirtualNetwork()
    pixels = pixel_map([RGB_LINEAR], [340])
    controllers = {
        name: {"host": f"10.0.0.{k}", "protocol": "artnet"} for k, name in enumerate(("lost", "staying"), 20)
    }
    engine = build_delivery(
        pixels, patch_of(pixels, controllers=controllers), clock=clock, cid=uuid4(), network=network, udp=False
    )

    network.unplug("lost", error=error)
    for _ in range(FRAMES):
        engine.step()
        clock.advance(0.025)
    lost = next(o for o in engine.health().outputs if o.name == "lost")

    assert network.received("staying") == FRAMES
    assert lost.state is State.FAILED
    assert lost.problem != os.strerror(error), "every common refusal is told in words of its own"
    # Three strikes, then pauses of 50 ms doubling to 1.6 s: five seconds hold ten tries at most, not two hundred.
    assert lost.errors <= 10

    network.plug("lost")
    for _ in range(80):
        engine.step()
        clock.advance(0.025)
    assert network.received("lost") > 0
    assert states(engine) == {"lost": State.LIVE, "staying": State.LIVE}
    engine.close(fade_s=0.0)


def test_controller_that_comes_back_is_lit_again():
    clock = StepClock()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        address = probe.getsockname()
    engine = engine_for({"main": {"host": address[0], "port": address[1]}}, clock)
    for _ in range(FRAMES):
        engine.step()
        clock.advance(0.025)
    before = states(engine)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
        back.bind(address)
        back.settimeout(5)
        for _ in range(80):  # two seconds: the longest pause is 1.6
            engine.step()
            clock.advance(0.025)
        messages = [artnet.decode(back.recv(2000)) for _ in range(PER_CONTROLLER)]

    assert before == {"main": State.CONNECTING}
    assert [m.port_address for m in messages] == [1, 2, 3, 4]
    assert states(engine) == {"main": State.LIVE}
    engine.close(fade_s=0.0)


def drain(link):
    n = 0
    while True:
        try:
            n += link.recv(2000)[8:10] == artnet.OP_DMX.to_bytes(2, "little")
        except BlockingIOError:
            return n
