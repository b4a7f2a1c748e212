"""One controller gets another address; the others neither notice nor lose a packet. Real sockets."""

from __future__ import annotations

import socket
from uuid import UUID

import numpy as np
import pytest

from facade.core.clock import StepClock
from facade.core.errors import FacadeError
from facade.core.frame import PixelFrame, Tick
from facade.delivery.build import build_delivery
from facade.protocols import artnet, sacn
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map


@pytest.fixture
def ports():
    links = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
    for link in links:
        link.bind(("127.0.0.1", 0))
        link.settimeout(5)
    yield links
    for link in links:
        link.close()


def engine_for(first, second, *, protocol="artnet"):
    pixels = pixel_map([RGB_LINEAR], [340])
    controllers = {
        name: {"host": "127.0.0.1", "port": link.getsockname()[1], "protocol": protocol}
        for name, link in {"moving": first, "staying": second}.items()
    }
    engine = build_delivery(
        pixels, patch_of(pixels, controllers=controllers), clock=StepClock(), cid=UUID(int=7), back_s=0.0
    )
    engine.offer(PixelFrame(Tick(0, 0.0, 0.025), np.full((340, 3), 0.5, np.float32)))
    return engine


def all_of(link):
    link.setblocking(False)
    found = []
    try:
        while True:
            found.append(link.recv(2000))
    except BlockingIOError:
        return found


def test_light_follows_and_the_device_that_is_left_goes_dark(ports):
    old, new, staying = ports
    engine = engine_for(old, staying)
    for _ in range(5):
        engine.step()

    engine.move("moving", {"port": new.getsockname()[1]})
    for _ in range(5):
        engine.step()

    before, after, others = all_of(old), all_of(new), all_of(staying)
    assert (len(before), len(after), len(others)) == (6, 5, 10)
    assert any(artnet.decode(before[4]).data)
    assert not any(artnet.decode(before[5]).data)
    assert artnet.decode(after[0]).data == artnet.decode(before[4]).data
    engine.close(fade_s=0.0)


def test_sacn_goes_on_counting_and_ends_its_stream_to_the_device_that_is_left(ports):
    old, new, staying = ports
    engine = engine_for(old, staying, protocol="sacn")
    for _ in range(3):
        engine.step()

    engine.move("moving", {"port": new.getsockname()[1], "priority": 90})
    engine.step()

    before, after = [sacn.decode(p) for p in all_of(old)], [sacn.decode(p) for p in all_of(new)]
    assert [m.terminated for m in before] == [False, False, False, True]
    assert (after[0].sequence - before[-1].sequence, after[0].priority, after[0].terminated) == (1, 90, False)
    engine.close(fade_s=0.0)


def test_an_address_that_cannot_be_one_changes_nothing(ports):
    old, _, staying = ports
    engine = engine_for(old, staying)

    for changes in ({"host": "239.255.0.1"}, {"host": "255.255.255.255"}, {"profile": "x"}):
        with pytest.raises(FacadeError):
            engine.move("moving", changes)
    with pytest.raises(FacadeError, match="not in the patch"):
        engine.move("nobody", {"port": 5})
    engine.step()

    assert (len(all_of(old)), len(all_of(staying))) == (1, 1)
    engine.close(fade_s=0.0)
