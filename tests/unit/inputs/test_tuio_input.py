"""A TUIO sender on the network becomes points and places; whatever else arrives there is counted."""

from __future__ import annotations

import socket

import numpy as np
import pytest

from facade.config.input import TuioInput as TuioConfig
from facade.control.tracking import Tracked
from facade.core.clock import RealClock
from facade.core.health import State
from facade.inputs.tuio import TuioInput, messages_of
from facade.inputs.worker import Backoff
from facade.protocols import osc, tuio
from facade.protocols.tuio import TuioAlive, TuioFrame, TuioMessage, TuioSet
from tests.support.arrivals import running, wait_for_health, wait_for_state
from tests.support.running import free_port


def an_input(port: int) -> TuioInput:
    config = TuioConfig(type="tuio", port=port)
    return TuioInput("floor", config, clock=RealClock(), backoff=Backoff(np.random.default_rng(0)))


def send(port: int, *packets: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        for packet in packets:
            end.sendto(packet, ("127.0.0.1", port))


def bundle(*messages: TuioMessage) -> bytes:
    return osc.encode_bundle([tuio.encode(message) for message in messages])


def test_a_frame_is_said_as_points_and_as_places() -> None:
    port = free_port()
    each = an_input(port)
    with running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        send(port, bundle(TuioAlive("2Dcur", (4,)), TuioSet("2Dcur", 4, 0.25, 0.25), TuioFrame("2Dcur", 1)))
        arrivals.wait_for_address("/cursor/1/y")
        assert wait_for_state(each, State.LIVE).kind == "tuio"
        said = {e.address: e.args for e in arrivals.events}
    assert said["/points"] == said["/cursors"] == (1, 0.25, 0.75, 0.0)
    assert said["/objects"] == said["/blobs"] == ()
    assert (said["/count"], said["/cursor/1"], said["/cursor/1/x"]) == ((1,), (0.25, 0.75), (0.25,))


def test_a_sender_that_stops_leaves_an_empty_floor() -> None:
    port = free_port()
    each = an_input(port)
    with running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        send(port, bundle(TuioAlive("2Dcur", (4,)), TuioSet("2Dcur", 4, 0.25, 0.25), TuioFrame("2Dcur", 1)))
        arrivals.wait_for(lambda e: e.address == "/count" and e.args == (1,), "somebody")
        arrivals.wait_for(lambda e: e.address == "/count" and e.args == (0,), "nobody")
        assert arrivals.wait_for(lambda e: e.address == "/points" and e.args == (), "no points")


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"garbage",
        bundle(TuioFrame("2Dcur", 1))[:-3],
        osc.encode("/fader/1", (0.5,)),
        osc.encode("/tuio/2Dcur", (7,)),
    ],
)
def test_garbage_is_counted_and_the_next_frame_is_heard(packet: bytes) -> None:
    port = free_port()
    each = an_input(port)
    with running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        send(port, packet)
        wait_for_health(each, lambda h: h.rejected == 1, "counted")
        send(port, bundle(TuioAlive("2Dcur", ()), TuioFrame("2Dcur", 1)))
        arrivals.wait_for_address("/count")


def test_an_object_is_addressed_by_its_marker() -> None:
    point = Tracked(9, "2Dobj", 0.5, 0.25, symbol=7, angle=0.125, born_s=1.0)
    said = dict(messages_of([point], 3.0))
    assert said["/object/7"] == (0.5, 0.25)
    assert said["/object/7/angle"] == (0.125,)
    assert said["/points"] == said["/objects"] == (9, 0.5, 0.25, 2.0)
    assert "/cursor/1" not in said
