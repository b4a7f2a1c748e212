"""Two whole deliveries and one controller: real sockets on two loopback addresses, time in steps. Real processes are in
tests/fault/test_standby_takes_over.py.
"""

from __future__ import annotations

import socket
from uuid import uuid4

import numpy as np
import pytest

from facade.config.venue import Standby
from facade.core.clock import StepClock
from facade.core.errors import OutputError
from facade.core.frame import PixelFrame, Tick
from facade.delivery.build import build_delivery
from facade.delivery.duty import SETTLE_S
from facade.delivery.pair import Pair
from facade.delivery.relay import ShowRelay
from facade.protocols import artnet, heartbeat, sacn, show_position
from facade.protocols.heartbeat import Role
from facade.protocols.show_position import ShowPosition
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

MAIN, STANDBY = Role.MAIN, Role.STANDBY
LEVEL = {MAIN: 0.8, STANDBY: 0.4}
PERIOD_S = 0.025


class House:
    """A controller, a clock, and the machines that run. Each lights the controller in a level of its own."""

    def __init__(self, protocol):
        self.clock = StepClock()
        self.node = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.node.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.node.bind(("127.0.0.1", 0))
        self.node.setblocking(False)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.table = Standby(main="127.0.0.1", standby="127.0.0.2", port=probe.getsockname()[1])
        self.controller = {"host": "127.0.0.1", "port": self.node.getsockname()[1], "protocol": protocol}
        self.decode = artnet.decode if protocol == "artnet" else sacn.decode
        self.machines = {}
        self.gone = []
        self.able = True
        self.relays = {}
        self.blind = set()

    def start(self, role):
        pixels = pixel_map([RGB_LINEAR], [18])
        cid = uuid4()
        patch = patch_of(pixels, controllers={"main": self.controller})
        engine = build_delivery(pixels, patch, clock=self.clock, cid=cid, back_s=0.0)
        run = len(self.machines) + round(self.clock.now() * 1000)
        self.relays[role] = ShowRelay("a show")
        pair = Pair(
            self.table,
            venue="house",
            role=role,
            cid=cid,
            run=run,
            now=self.clock.now(),
            able=lambda: self.able,
            relay=self.relays[role],
        )
        engine.silent = True
        self.machines[role] = (engine, pair)

    def vanish(self, role):
        """End a machine as a power cut does."""
        engine, pair = self.machines.pop(role)
        pair.close()
        self.gone.append(engine)

    def play(self, seconds):
        """Run everybody. Return the messages that the controller got."""
        for _ in range(round(seconds / PERIOD_S)):
            self.clock.advance(PERIOD_S)
            for role, (engine, pair) in self.machines.items():
                if role not in self.blind:
                    engine.offer(PixelFrame(Tick(0, 0.0, PERIOD_S), np.full((18, 3), LEVEL[role], np.float32)))
                engine.step()
                pair.step(engine, self.clock.now())
        found = []
        try:
            while True:
                found.append(self.decode(self.node.recv(2000)))
        except BlockingIOError:
            return found

    def close(self):
        for role in list(self.machines):
            self.vanish(role)
        self.node.close()
        for engine in self.gone:
            engine.close(fade_s=0.0)


@pytest.fixture(params=["artnet", "sacn"])
def house(request):
    made = House(request.param)
    yield made
    made.close()


def senders(messages):
    """Who lit the controller, by the brightness; those that end a stream are left out."""
    level = [m.data[0] for m in messages if not getattr(m, "terminated", False)]
    return {MAIN if value > 150 else STANDBY for value in level}


def test_the_standby_is_silent_takes_over_and_gives_back(house):
    house.start(MAIN)
    house.start(STANDBY)
    first = house.play(5.0)
    assert senders(first) == {MAIN}

    house.vanish(MAIN)
    # The last heartbeat was up to half a second before.
    gap = house.play(0.9)
    house.play(0.6)
    after = house.play(1.0)
    assert (gap, senders(after)) == ([], {STANDBY})

    house.start(MAIN)
    waiting = house.play(SETTLE_S - 1.0)
    house.play(2.0)
    again = house.play(1.0)
    assert (senders(waiting), senders(again)) == ({STANDBY}, {MAIN})


def test_giving_back_ends_a_sacn_stream_and_puts_nothing_out(house):
    house.start(STANDBY)
    house.play(3.0)
    house.start(MAIN)

    messages = house.play(SETTLE_S + 3.0)

    assert not any(m.data[0] == 0 for m in messages)
    if house.decode is sacn.decode:
        assert sum(m.terminated for m in messages) == 3


def test_the_standby_follows_master_and_blackout_while_it_waits(house):
    house.start(MAIN)
    house.start(STANDBY)
    house.play(2.0)
    house.machines[MAIN][0].blackout = True
    house.machines[MAIN][0].master = 0.5
    house.play(2.0)

    house.vanish(MAIN)
    house.play(1.5)
    dark = house.play(2.0)

    assert dark
    assert not any(m.data[0] for m in dark)
    assert house.machines[STANDBY][0].master == pytest.approx(0.5, abs=1e-4)


def test_a_main_machine_that_comes_back_follows_too(house):
    house.start(STANDBY)
    house.play(2.0)
    house.machines[STANDBY][0].blackout = True
    house.start(MAIN)

    messages = house.play(SETTLE_S + 4.0)

    assert house.machines[MAIN][0].blackout
    assert not house.machines[MAIN][0].silent
    assert not any(m.data[0] for m in messages[-40:])


def test_a_main_machine_without_pictures_is_not_given_the_facade_back(house):
    house.start(STANDBY)
    house.play(2.0)
    house.blind.add(MAIN)
    house.start(MAIN)
    assert senders(house.play(2.0 * SETTLE_S)) == {STANDBY}

    house.blind.clear()
    house.play(SETTLE_S + 2.0)

    assert senders(house.play(1.0)) == {MAIN}


def test_the_show_of_the_machine_that_sends_is_told_and_a_new_cue_at_once(house):
    house.start(MAIN)
    house.start(STANDBY)
    main, standby = house.relays[MAIN], house.relays[STANDBY]
    main.moved("/piece/ember/warmth", 0.7)
    standby.stands(ShowPosition("", "other"), house.clock.now())
    house.play(2.0)
    assert (standby.heard(), main.heard()) == (None, None), "no picture has been rendered yet"

    main.stands(ShowPosition("", "dusk", 3, age_s=10.0), house.clock.now())
    house.play(2 * PERIOD_S)
    at_once = standby.heard()
    house.play(1.0)
    later = standby.heard()
    since_s = house.clock.now() - later.at

    assert at_once.position == ShowPosition("a show", "dusk", 3, age_s=pytest.approx(10.0, abs=2 * PERIOD_S))
    assert later.position.values == {"/piece/ember/warmth": 0.7}
    assert later.position.age_s == pytest.approx(11.0 + 2 * PERIOD_S - since_s, abs=2 * PERIOD_S)
    assert main.heard() is None


def test_a_standby_from_before_gets_heartbeats_alone(house):
    house.start(MAIN)
    house.relays[MAIN].stands(ShowPosition("", "dusk"), house.clock.now())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as old:
        old.bind((house.table.standby, house.table.port))
        old.setblocking(False)
        key = heartbeat.make_key("house", "")
        for sequence in range(8):
            message = heartbeat.Heartbeat(STANDBY, heartbeat.Doing.SILENT, uuid4(), run=1, sequence=sequence)
            old.sendto(heartbeat.encode(message, key), (house.table.main, house.table.port))
            house.play(0.5)
        packets = []
        try:
            while True:
                packets.append(old.recv(2000))
        except BlockingIOError:
            pass

    assert len(packets) >= 8
    # Whatever else it were sent, it would refuse.
    assert {heartbeat.decode(packet, key).doing for packet in packets} == {heartbeat.Doing.SENDING}


def test_a_position_that_comes_late_or_from_another_start_is_passed_over(house):
    house.start(STANDBY)
    house.play(0.1)
    key = heartbeat.make_key("house", "")
    standby = house.relays[STANDBY]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as main:
        main.bind((house.table.main, house.table.port))

        def say(packet):
            main.sendto(packet, (house.table.standby, house.table.port))
            house.play(PERIOD_S)
            heard = standby.heard()
            return None if heard is None else heard.position.cue

        def told(sequence, *, run=5, role=MAIN):
            position = ShowPosition("a show", f"cue{sequence}")
            return say(show_position.encode(show_position.PositionMessage(role, run, sequence, position), key))

        assert told(1) is None, "from nobody that was heard"
        say(heartbeat.encode(heartbeat.Heartbeat(MAIN, heartbeat.Doing.SENDING, uuid4(), run=5, sequence=2), key))
        assert [told(3), told(3), told(2), told(4, run=6), told(5, role=STANDBY), told(6)] == [
            "cue3",
            None,
            None,
            None,
            None,
            "cue6",
        ]


def test_a_show_that_is_ended_stays_dark(house):
    house.start(MAIN)
    house.start(STANDBY)
    house.play(2.0)
    engine, pair = house.machines[MAIN]
    pair.end(engine)
    house.vanish(MAIN)
    house.play(0.1)

    assert house.play(10.0) == []
    assert house.machines[STANDBY][1].words(house.clock.now()) == "standby, silent: 127.0.0.1 was ended on purpose"


def test_a_main_machine_that_reaches_no_controller_hands_over(house):
    house.start(MAIN)
    house.start(STANDBY)
    house.play(2.0)

    house.able = False
    assert STANDBY in senders(house.play(3.0))
    house.able = True
    house.play(1.0)

    assert senders(house.play(1.0)) == {MAIN}


def test_noise_and_strangers_are_counted_and_not_believed(house, caplog):
    house.start(MAIN)
    house.start(STANDBY)
    house.play(2.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.3", 0))
        for noise in (b"", b"FACADEHB" + bytes(52), bytes(200)):
            for address in (house.table.main, house.table.standby):
                stranger.sendto(noise, (address, house.table.port))

    assert senders(house.play(3.0)) == {MAIN}
    assert [pair.ignored for _, pair in house.machines.values()] == [3, 3]
    assert len([r for r in caplog.records if "not believed" in r.getMessage()]) == 2


def test_an_address_that_is_not_on_this_machine_is_refused():
    table = Standby(main="198.51.100.1", standby="198.51.100.2")

    with pytest.raises(OutputError, match=r'standby\.main = "198\.51\.100\.1"'):
        Pair(table, venue="house", role=MAIN, cid=uuid4(), run=1, now=0.0, able=lambda: True)
