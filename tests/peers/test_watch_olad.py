"""The network is watched beside a show: the Open Lighting daemon answers as a node, and rivals as a sACN source.

A wire into a network of its own, so that cables can be pulled and addresses changed.
"""

from __future__ import annotations

import subprocess

import pytest

from facade.core.health import Presence, State
from tests.support import olad
from tests.support.running import Receiver, wait_until
from tests.support.watched import Show

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def daemon():
    with olad.network() as net, olad.running(net) as running:
        yield running


@pytest.fixture
def play(tmp_path):
    shows = []

    def start(**controllers):
        shows.append(Show(tmp_path, controllers))
        return shows[-1]

    yield start
    for show in shows:
        show.engine.close(fade_s=0.0)


def test_a_node_that_answers_is_live_with_the_age_and_the_way_of_its_answer(daemon, play):
    other = daemon.net.nobody.rsplit(".", 1)[0] + ".8"
    artnet = {"protocol": "artnet"}
    show = play(node={"host": daemon.net.there, **artnet}, dead={"host": other, **artnet})

    assert show.until(
        lambda: (
            show.output("node").round_trip_ms is not None
            and show.output("node").presence is Presence.LIVE
            and show.output("dead").presence is Presence.GONE
        ),
        seconds=20,
    ), show.engine.health().outputs

    node, dead = show.output("node"), show.output("dead")
    assert (node.state, node.problem) == (State.LIVE, "")
    assert 0.0 <= node.reply_age_s < 8.0
    assert node.packets == show.frames
    assert dead.state in (State.ABSENT, State.FAILED)
    assert "has its address" in dead.problem or "does not answer" in dead.problem
    assert (dead.reply_age_s, dead.round_trip_ms) == (None, None)


def test_another_sacn_source_on_our_universe_is_noticed_with_its_name_and_priority(daemon, play):
    card = f"fc{daemon.net.name.removeprefix('facade')}"
    show = play(gateway={"host": "multicast", "interface": card, "protocol": "sacn", "priority": 99})

    def noticed():
        # The daemon sends when it is told to, and not by itself.
        daemon.say("E1.31", 1, bytes([show.frames % 256] * 24))
        return any(o.priority for o in show.engine.health().others)

    assert show.until(noticed, seconds=15)

    (other,) = show.engine.health().others
    assert (other.where, other.protocol, other.universes, other.priority) == (daemon.net.there, "sacn", (1,), 100)
    assert other.name
    assert other.says.endswith("priority 100: receivers show it and not this show, which has 99")


def test_a_cable_that_is_pulled_is_named_and_the_light_is_back_with_it(daemon, play):
    card = f"fc{daemon.net.name.removeprefix('facade')}"
    staying = Receiver()
    other = {"host": "127.0.0.1", "port": staying.port, "protocol": "artnet"}
    show = play(node={"host": daemon.net.there, "protocol": "artnet"}, other=other)
    assert show.until(lambda: show.output("node").presence is Presence.LIVE, seconds=10)

    far_end(daemon.net, "down")
    try:
        assert show.until(lambda: show.output("node").presence is Presence.GONE, seconds=10)
        problem = show.output("node").problem
    finally:
        far_end(daemon.net, "up")

    assert card in problem or "does not answer" in problem or "no network" in problem
    assert show.until(
        lambda: show.output("node").state is State.LIVE and show.output("node").presence is Presence.LIVE, seconds=20
    )
    wait_until(lambda: len(staying.packets) == show.frames, what="the other controller's every frame")
    staying.close()


def test_light_follows_the_address_of_a_card_that_is_given_by_name(daemon, play):
    card = f"fc{daemon.net.name.removeprefix('facade')}"
    show = play(node={"host": daemon.net.there, "protocol": "artnet", "interface": card})
    assert show.until(lambda: show.output("node").packets > 3, seconds=5)

    new = daemon.net.here.rsplit(".", 1)[0] + ".3"
    swap(card, daemon.net.here, new)
    try:
        sent = show.output("node").packets
        assert show.until(lambda: show.output("node").packets > sent + 20, seconds=10), show.output("node")
        assert show.output("node").state is State.LIVE
    finally:
        swap(card, new, daemon.net.here)


def swap(card, old, new):
    for what in (("add", f"{new}/24", "brd", "+"), ("del", f"{old}/24")):
        subprocess.run(["ip", "addr", *what, "dev", card], check=True, timeout=10)
    # The kernel drops the second address with the first of its network, unless told otherwise.
    subprocess.run(["ip", "addr", "replace", f"{new}/24", "brd", "+", "dev", card], check=True, timeout=10)


def far_end(net, state):
    inside = ["ip", "-n", net.name, "link", "set", f"fd{net.name.removeprefix('facade')}", state]
    subprocess.run(inside, check=True, timeout=10)
