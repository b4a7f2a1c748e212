"""Sound and points on their way through real processes: from a file and a socket to the bytes that leave."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from facade.protocols import osc, tuio
from facade.protocols.tuio import TuioAlive, TuioFrame, TuioSet
from tests.support.playable import piece_at
from tests.support.running import Receiver, RunningShow, free_port, show_at, shows, venue_at
from tests.support.sound import tone, write_wav

pytestmark = pytest.mark.timeout(120)

EAR = """
#include "sound.glsl"
#include "points.glsl"
vec4 piece(vec2 uv) {
    return vec4(slow_mid(sound) > 0.5 ? 1.0 : 0.0, point_count(people) == 1 ? point_at(people, 0).x : 0.0, 0.0, 1.0);
}
"""
MANIFEST = """\
domain = "pixel"
[parameter.sound]
type = "audio"
form = "levels"
[parameter.people]
type = "points"
default = "test"
"""
MORE = """
[input.mic]
type = "audio"
file = "tone.wav"

[input.floor]
type = "tuio"
port = {port}

[[binding]]
from = "floor/points"
to = "/piece/ear/people"
"""


def test_a_tone_and_a_finger_are_seen_in_the_light_that_leaves(tmp_path: Path) -> None:
    node, port = Receiver(), free_port()
    show = show_at(tmp_path / "show", free_port(), piece="ear", more=MORE.format(port=port))
    piece_at(show.parent, "ear", EAR, manifest=MANIFEST)
    write_wav(show.parent / "tone.wav", tone(1000.0, seconds=1.0, amplitude=0.5))
    finger = [TuioAlive("2Dcur", (1,)), TuioSet("2Dcur", 1, 0.5, 0.5), TuioFrame("2Dcur", tuio.REPEATED)]
    packet = osc.encode_bundle([tuio.encode(message) for message in finger])
    with (
        RunningShow(show, "--venue", venue_at(tmp_path, node.port), "--no-page"),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        node.wait_for(shows(1.0), what="the tone")
        assert shows(0.0, channel=1)(node.packets[-1]), "nobody is there while nobody touches"
        end = time.monotonic() + 20.0
        while not shows(0.5, channel=1)(node.packets[-1]):
            assert time.monotonic() < end, "the finger was never seen"
            sender.sendto(packet, ("127.0.0.1", port))
            time.sleep(0.05)
        node.wait_for(shows(0.0, channel=1), what="the floor empty again")
    node.close()
