"""The Open Lighting daemon receives what delivery sends, over a real interface, and shows the same DMX values."""

from __future__ import annotations

from uuid import uuid4

import numpy as np
import pytest

from facade.core.clock import RealClock
from facade.core.frame import PixelFrame, Tick
from facade.delivery.build import build_delivery
from facade.outputs.discovery import discover_artnet
from facade.outputs.survey import survey
from tests.support import olad
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

pytestmark = pytest.mark.timeout(90)

ARTNET_UNIVERSES = (1, 2)
SACN_UNIVERSES = (101, 102)


@pytest.fixture(scope="module")
def daemon():
    with olad.network() as net, olad.running(net) as running:
        for universe in ARTNET_UNIVERSES:
            running.listen("ArtNet", universe)
        for universe in SACN_UNIVERSES:
            running.listen("E1.31", universe)
        yield running


class Show:
    """An engine that sends random light to one controller."""

    def __init__(self, controller, *, first_universe, seed):
        self.pixels = pixel_map([RGB_LINEAR], [300])  # 900 slots: one full universe and a part of the next
        patch = patch_of(self.pixels, controllers={"main": controller}, first_universe=first_universe)
        self.engine = build_delivery(
            self.pixels, patch, clock=RealClock(), cid=uuid4(), back_s=0.0, first_sequence=seed % 256
        )
        rgb = np.random.default_rng(seed).random((300, 3), dtype=np.float32)
        self._frame = PixelFrame(Tick(0, 0.0, 0.025), rgb)

    def send(self):
        self.engine.offer(self._frame)
        self.engine.step()

    def universe(self, index):
        """The 512 slots that a universe must show."""
        levels = self.engine.levels[: self.pixels.n_levels].tobytes()
        return levels[index * 510 : (index + 1) * 510].ljust(510, b"\0")


def assert_daemon_shows(daemon, show, universes):
    for index, universe in enumerate(universes):
        show.send()
        wanted = show.universe(index)
        shown = daemon.wait_for(universe, wanted, again=show.send)
        assert shown == wanted
        assert len(set(shown)) > 100, "the light that was sent says nothing"


def test_artnet_unicast_arrives_as_sent(daemon):
    show = Show({"host": daemon.net.there, "protocol": "artnet", "sync": True}, first_universe=1, seed=1)

    assert_daemon_shows(daemon, show, ARTNET_UNIVERSES)


def test_sacn_unicast_arrives_as_sent(daemon):
    show = Show({"host": daemon.net.there, "protocol": "sacn", "priority": 120}, first_universe=101, seed=2)

    assert_daemon_shows(daemon, show, SACN_UNIVERSES)
    show.engine.close(fade_s=0.1)


def test_sacn_multicast_from_a_chosen_interface_arrives_as_sent(daemon):
    controller = {"host": "multicast", "protocol": "sacn", "interface": daemon.net.here}
    show = Show(controller, first_universe=101, seed=3)

    assert_daemon_shows(daemon, show, SACN_UNIVERSES)
    show.engine.close(fade_s=0.1)


def test_new_run_is_heard_at_once_after_the_old_one_said_it_ends(daemon):
    controller = {"host": daemon.net.there, "protocol": "sacn"}
    first = Show(controller, first_universe=101, seed=4)
    assert_daemon_shows(daemon, first, SACN_UNIVERSES)
    first.engine.close(fade_s=0.0)

    second = Show(controller, first_universe=101, seed=5)

    assert_daemon_shows(daemon, second, SACN_UNIVERSES)
    second.engine.close(fade_s=0.0)


def test_closing_leaves_the_daemon_dark(daemon):
    show = Show({"host": daemon.net.there, "protocol": "artnet"}, first_universe=1, seed=6)
    assert_daemon_shows(daemon, show, ARTNET_UNIVERSES)

    show.engine.close(fade_s=0.2)

    for universe in ARTNET_UNIVERSES:
        dark = daemon.wait_for(universe, bytes(510), again=lambda: None)
        assert dark == bytes(510)


@pytest.mark.parametrize("question", ["itself", "everybody"])
def test_daemon_answers_when_nodes_are_looked_for(daemon, question):
    host = daemon.net.there if question == "itself" else f"{daemon.net.there.rpartition('.')[0]}.255"

    nodes = discover_artnet([host], clock=RealClock(), seconds=2.5)

    (node,) = [node for node in nodes if node.answered_from == daemon.net.there]
    assert "OLA" in node.name + node.long_name
    assert set(node.outputs) >= set(ARTNET_UNIVERSES)


@pytest.mark.parametrize(("n_pixels", "state"), [(340, "ok"), (510, "universes")])
def test_daemon_is_held_against_the_patch(daemon, n_pixels, state):
    controllers = {"node": {"host": daemon.net.there, "protocol": "artnet"}}
    patch = patch_of(pixel_map([RGB_LINEAR], [n_pixels]), controllers=controllers, first_universe=1)

    _, remarks = survey(patch, RealClock(), own={daemon.net.here}, seconds=1.5)

    (remark,) = [remark for remark in remarks if remark.name == "node"]
    assert (remark.state, "OLA" in remark.found) == (state, True)


def test_a_second_machine_of_lower_priority_takes_over_when_the_first_falls_silent(daemon):
    """The daemon forgets a source that is silent for 2.5 seconds, and shows the one of the highest priority."""
    controller = {"host": daemon.net.there, "protocol": "sacn"}
    first = Show({**controller, "priority": 100}, first_universe=101, seed=7)
    second = Show({**controller, "priority": 99}, first_universe=101, seed=8)

    def shown_after(seconds, *sending):
        clock = RealClock()
        end = clock.now() + seconds
        while clock.now() < end:
            for show in sending:
                show.send()
            clock.wait_until(clock.now() + 0.025)
        return {show for show in (first, second) if is_close(daemon.dmx(101), show.universe(0))}

    assert shown_after(1.0, first, second) == {first}
    assert shown_after(4.0, second) == {second}
    assert shown_after(1.0, first, second) == {first}
    for show in (second, first):
        show.engine.close(fade_s=0.0)


def is_close(shown, wanted):
    """Whether levels are the same but for dither."""
    pair = [np.frombuffer(levels, np.uint8).astype(int) for levels in (shown, wanted)]
    return len(shown) == len(wanted) and bool(np.all(np.abs(pair[0] - pair[1]) <= 1))
