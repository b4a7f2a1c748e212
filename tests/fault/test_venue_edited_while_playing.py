"""The venue's document is edited while the show plays: an address and a smaller supply count at once, a mistake changes
nothing.
"""

from __future__ import annotations

import time

import pytest

from tests.support.running import (
    Receiver,
    RunningShow,
    free_port,
    is_lit,
    page_state,
    send_osc,
    show_at,
    shows,
    two_nodes_at,
    wait_for_control,
    wait_until,
)

pytestmark = pytest.mark.timeout(90)

RATE_HZ = 40.0


def test_a_controller_moves_while_the_other_gets_its_every_frame(tmp_path):
    east, west, spare = Receiver(), Receiver(), Receiver()
    port = free_port()
    document = show_at(tmp_path / "show", port, piece="signal")
    venue = two_nodes_at(tmp_path, east.port, west.port)
    good = venue.read_text()
    with RunningShow(document, "--venue", venue) as show:
        page = show.page_port()
        east.wait_for(is_lit, 40.0, "the first light")
        wait_for_control(east, port)

        start = time.monotonic()
        venue.write_text(good.replace(f"port = {west.port}", "port = many"))
        wait_until(lambda: "controller.west.port" in show.said() or "line" in show.said(), what="the words about it")
        wait_until(lambda: (page_state(page)["message"] or {}).get("level") == "error", what="the message on the page")
        west.wait_for(is_lit, what="light as before")

        venue.write_text(good.replace(f"port = {west.port}", f"port = {spare.port}"))
        spare.wait_for(is_lit, what="light at the new address")
        wait_until(lambda: "west moves to 127.0.0.1" in show.said(), what="the words about the move")
        end = time.monotonic()

        frames = [p for p in east.since(start) if p.at_s <= end]
        assert abs(len(frames) - (end - start) * RATE_HZ) <= 2
        assert not any(west.newest.data), "the device that was left must go dark"
    for node in (east, west, spare):
        node.close()


SUPPLY = '[power.lower]\namps = {amps}\nfixtures = ["lower"]\n\n[safe]'


def test_a_smaller_supply_dims_at_once_a_larger_one_waits_and_a_mistake_changes_nothing(tmp_path):
    east, west = Receiver(), Receiver()
    port = free_port()
    document = show_at(tmp_path / "show", port, piece="signal")
    venue = two_nodes_at(tmp_path, east.port, west.port)
    plain = venue.read_text()

    def save(amps):
        venue.write_text(plain.replace("[safe]", SUPPLY.format(amps=amps)))

    def says(level, words):
        message = page_state(page)["message"] or {}
        return message.get("level") == level and words in message.get("text", "")

    # Six pixels draw 0.12 A in full red, and 6 mA when black.
    save(1.0)
    with RunningShow(document, "--venue", venue) as show:
        page = show.page_port()
        east.wait_for(is_lit, 40.0, "the first light")
        wait_for_control(east, port)
        send_osc(port, "/piece/signal/level", 1.0)
        east.wait_for(shows(1.0), what="all of the light")

        save(0.066)
        dim = east.wait_for(lambda p: p.data[0] < 200, what="the supply's share")
        assert 0.4 < (dim.data[0] / 255) ** 2.2 < 0.501
        wait_until(lambda: says("info", 'supply "lower" gives 0.066 A at once'), what="the message on the page")
        wait_until(lambda: page_state(page)["delivery"]["tightened"], what="the page's health")
        assert page_state(page)["delivery"]["tightened"] == 'supply "lower" 0.066 A instead of 1 A'
        assert 'supply "lower" gives 0.066 A at once' in show.said()
        west.wait_for(shows(1.0), what="all of the light beside it")

        for mistake, words in (("0.001", "draw 0.006 A when black"), ("-3", "power.lower.amps")):
            save(mistake)
            wait_until(lambda words=words: says("error", words), what="the message about the mistake")
            end = time.monotonic()
            assert max(p.data[0] for p in east.since(dim.at_s) if p.at_s < end) < 200
        assert east.longest_gap_s(dim.at_s, end) < 0.25

        save(5.0)
        wait_until(lambda: says("info", "gives 5 A from the next start, 1 A until then"), what="the message about more")
        east.wait_for(shows(1.0), what="what there was at the start")
        assert show.stop() == 0
    for node in (east, west):
        node.close()
